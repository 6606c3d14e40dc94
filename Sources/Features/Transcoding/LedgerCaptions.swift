internal import Core
internal import Jobs
internal import Media
internal import Postgres
internal import Storage

/// Captions of a lesson as publishing needs them.
struct CaptionRow: Sendable, Equatable {
    let version: String
    let language: String
    let label: String
    let describesSound: Bool
    let isDefault: Bool

    /// Its directory in a publication.
    var directory: RenditionName? { RenditionName.captions(language, version) }

    /// As the master lists it.
    var listed: MasterPlaylist.Captions? {
        directory.map {
            MasterPlaylist.Captions(
                name: $0.description, language: language, label: label, isDefault: isDefault,
                describesSound: describesSound)
        }
    }
}

extension Ledger {
    /// What a publication lists: uploaded captions, and those found in the file of its task in other languages.
    func captions(_ task: LessonTask) throws(DatabaseError) -> [CaptionRow] {
        try connection.query(
            """
            select c.version, c.language, c.label, c.kind = 'captions' as sound, c.is_default from captions c
            where c.video_id = \(task.video)::uuid and c.removed_at is null
                and (c.task_id is null or c.task_id = \(task.id.description)::uuid and not exists (
                    select from captions u where u.video_id = c.video_id and u.language = c.language
                        and u.task_id is null and u.removed_at is null))
            order by c.language, c.kind desc, c.track
            """
        ).map { (row) throws(DatabaseError) in
            CaptionRow(
                version: try row.value("version"), language: try row.value("language"), label: try row.value("label"),
                describesSound: try row.value("sound"), isDefault: try row.value("is_default"))
        }
    }

    /// The cues of a version; `nil` when it is gone.
    func captionText(_ version: String) throws(DatabaseError) -> String? {
        try connection.query("select body from captions where version = \(version)").first?.value("body")
    }

    /// The task whose publication plays.
    func playingTask(ofVideo video: String) throws(DatabaseError) -> UUID? {
        let rows = try connection.query(
            """
            select t.id from tasks t join videos v on v.id = t.video_id and v.publication = t.publication
            where v.id = \(video)::uuid order by t.created_at desc limit 1
            """)
        return try rows.first.flatMap { (row) throws(DatabaseError) in UUID(try row.value("id", as: String.self)) }
    }

    /// Keeps what was found in a task's file; what was kept before stays as it is.
    func keep(_ captions: CaptionFacts, track: Int, _ cues: [Cue], of task: LessonTask) throws(DatabaseError) {
        let tag = Languages.tag(captions.language)
        let label = captions.title.isEmpty ? tag.map { Languages.name($0) } ?? "Subtitles" : captions.title
        try connection.query(
            """
            insert into captions (version, video_id, task_id, track, language, kind, label, cues, body)
            values (\(String(UUID().description.suffix(12))), \(task.video)::uuid, \(task.id.description)::uuid,
                    \(track)::integer, \(tag?.description ?? "und"),
                    \(captions.describesSound ? "captions" : "subtitles"), \(label), \(cues.count)::integer,
                    \(CaptionFile.write(cues)))
            on conflict (task_id, track) where task_id is not null do nothing
            """)
    }

    /// A master lists these versions now, and nothing of what was removed; what older files held is over.
    func noteListed(_ versions: [String], _ task: LessonTask, in name: PublicationName) throws(DatabaseError) {
        try connection.query(
            """
            update captions set published_in = \(name.description)
            where version = any(\(versions)::text[]) and published_in is distinct from \(name.description)
            """)
        try connection.query(
            """
            update captions set removed_at = now() where video_id = \(task.video)::uuid and removed_at is null
                and task_id in (select o.id from tasks o join tasks t on t.video_id = o.video_id
                                where t.id = \(task.id.description)::uuid and o.created_at < t.created_at)
            """)
        try noteUnlisted(ofVideo: task.video)
    }

    /// No master lists what was removed.
    func noteUnlisted(ofVideo video: String) throws(DatabaseError) {
        try connection.query(
            """
            update captions set published_in = null, unlisted_at = now()
            where video_id = \(video)::uuid and removed_at is not null and unlisted_at is null
            """)
    }

    /// Asks for captions to be published, unless somebody has.
    func wantCaptions(_ task: LessonTask) throws(DatabaseError) {
        let waiting = try connection.query(
            """
            select from jobs where kind = 'captions' and state = 'queued' and payload->>'video' = \(task.video)
            limit 1
            """)
        if waiting.count == 0 {
            try Queue.enqueue(.captions(video: task.video, owner: task.owner), on: connection)
        }
    }

    /// Whether a slice makes nothing but sound tracks besides the preferred one: a lesson is whole without.
    func isFurtherSound(_ slice: Slice, _ task: UUID) throws(DatabaseError) -> Bool {
        let made = try renditions(task).filter { slice.ordinals.contains($0.ordinal) }
        return !made.isEmpty && made.allSatisfy { $0.kind == .audio && ($0.track ?? 0) > 0 }
    }
}
