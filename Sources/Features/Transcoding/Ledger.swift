internal import Core
internal import Helper
internal import Jobs
internal import Media
internal import Postgres
internal import Storage

/// The statements of a task's jobs. All writes happen while the task's row is locked.
struct Ledger {
    let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    // MARK: Tasks

    /// Locks the video's and the task's row, always in this order.
    func lock(_ task: UUID) throws(DatabaseError) -> LessonTask? {
        try connection.query(
            """
            select v.id from videos v join tasks t on t.video_id = v.id where t.id = \(task.description)::uuid
            for update of v
            """)
        try connection.query("select id from tasks where id = \(task.description)::uuid for update")
        return try read(task)
    }

    /// The task as it is.
    func read(_ task: UUID) throws(DatabaseError) -> LessonTask? {
        let rows = try connection.query(
            """
            select t.id, t.video_id, t.state, t.stage, t.playable, t.extension, t.facts, t.choices, t.probe, t.wishes,
                   t.kind, t.publication, v.rel, v.owner,
                   v.publication as playing, v.task_id = t.id as newest
            from tasks t join videos v on v.id = t.video_id where t.id = \(task.description)::uuid
            """)
        guard let row = rows.first else { return nil }
        guard let rel = RelPath(stored: try row.value("rel")) else { throw .column("rel") }
        guard let state = TaskState(rawValue: try row.value("state")) else { throw .column("state") }
        guard let kind = FileExtension(rawValue: try row.value("extension")) else { throw .column("extension") }
        let facts = try row.optional("facts", as: String.self).flatMap { try? SourceFacts(parsing: Array($0.utf8)) }
        let choices = try choices(try row.optional("choices", as: String.self))
        return LessonTask(
            id: task, video: try row.value("video_id"), rel: rel, owner: try row.value("owner"), state: state,
            stage: try row.value("stage"), playable: try row.value("playable"), fileExtension: kind,
            facts: choices.flatMap { facts?.levelled(to: $0.loudness) } ?? facts, choices: choices,
            probe: try row.optional("probe", as: String.self).flatMap { try? ContentProbe(parsing: Array($0.utf8)) },
            wishes: try row.optional("wishes", as: String.self).flatMap { try? JSON(parsing: $0) },
            isTranscode: try row.value("kind", as: String.self) == "transcode",
            publication: try row.optional("publication", as: String.self).flatMap { PublicationName($0) },
            isNewest: try row.optional("newest", as: Bool.self) ?? false,
            playing: try row.optional("playing", as: String.self).flatMap { PublicationName($0) })
    }

    private func choices(_ text: String?) throws(DatabaseError) -> EncodingChoices? {
        guard let text else { return nil }
        guard let read = try? EncodingChoices(parsing: Array(text.utf8)) else { throw .column("choices") }
        return read
    }

    /// Tasks of the same video that a newer one supersedes.
    func older(than task: LessonTask) throws(DatabaseError) -> [UUID] {
        try connection.query(
            """
            select id from tasks where video_id = \(task.video)::uuid and id <> \(task.id.description)::uuid
                and state in ('queued', 'running')
            """
        ).map { (row) throws(DatabaseError) in UUID(try row.value("id", as: String.self)) }.compactMap { $0 }
    }

    func begin(_ task: UUID, stage: String) throws(DatabaseError) {
        try connection.query(
            """
            update tasks set state = 'running', stage = \(stage), started_at = coalesce(started_at, now()),
                             error_code = null, error_detail = null, finished_at = null
            where id = \(task.description)::uuid
            """)
    }

    func stage(_ task: UUID, _ stage: String) throws(DatabaseError) {
        try connection.query("update tasks set stage = \(stage) where id = \(task.description)::uuid")
    }

    func note(_ facts: SourceFacts, of task: UUID) throws(DatabaseError) {
        try connection.query(
            "update tasks set facts = \(facts.json.description)::jsonb where id = \(task.description)::uuid")
    }

    func note(_ probe: ContentProbe, of task: UUID) throws(DatabaseError) {
        try connection.query(
            "update tasks set probe = \(probe.json.description)::jsonb where id = \(task.description)::uuid")
    }

    func note(_ kind: FileExtension, of task: UUID) throws(DatabaseError) {
        try connection.query("update tasks set extension = \(kind.rawValue) where id = \(task.description)::uuid")
    }

    /// Ends a task.
    func end(_ task: UUID, _ state: TaskState, code: String? = nil, detail: String? = nil) throws(DatabaseError) {
        try connection.query(
            """
            update tasks set state = \(state.rawValue), finished_at = now(),
                             stage = case when \(state.rawValue) = 'done' then 'done' else stage end,
                             made_seconds = case when \(state.rawValue) = 'done' then media_seconds else made_seconds end,
                             error_code = \(code), error_detail = left(\(detail)::text, 4000)
            where id = \(task.description)::uuid
            """)
    }

    // MARK: The plan

    func plan(_ task: LessonTask, _ plan: WorkPlan, _ name: PublicationName) throws(DatabaseError) {
        for rendition in plan.renditions {
            try connection.query(
                """
                insert into renditions (task_id, ordinal, name, kind, copied, growing, width, height, cap, rate_factor,
                                        track, language, label)
                values (\(task.id.description)::uuid, \(Int(rendition.ordinal))::integer, \(rendition.name.description),
                        \(rendition.kind.rawValue), \(rendition.copied), \(rendition.growing),
                        nullif(\(rendition.width)::integer, 0), nullif(\(rendition.height)::integer, 0),
                        \(rendition.cap)::bigint, \(rendition.rateFactor)::integer, \(rendition.track)::integer,
                        \(rendition.language), \(rendition.label))
                """)
        }
        var seconds = 0.0
        if let facts = task.facts {
            let parts = plan.slices.filter { $0.kind.isEncoding }.map {
                Progress.Part(ordinals: $0.ordinals, range: $0.range, fraction: 0)
            }
            seconds = Progress.seconds(parts, plan: facts.plan).values.reduce(0) { $0 + $1.all }
        }
        for slice in plan.slices {
            let ordinals = slice.ordinals.map { "\($0)" }.joined(separator: ",")
            try connection.query(
                """
                insert into slices (task_id, number, kind, ordinals, first_segment, end_segment)
                values (\(task.id.description)::uuid, \(slice.number)::integer, \(slice.kind.rawValue), \(ordinals),
                        \(slice.range.lowerBound)::integer, \(slice.range.upperBound)::integer)
                """)
        }
        try connection.query(
            """
            update tasks set publication = \(name.description), key_version = \(name.keyVersion)::bigint,
                             choices = \(task.choices?.json.description)::jsonb,
                             made_seconds = case when media_seconds > 0
                                 then made_seconds / media_seconds * \(seconds)::double precision else 0 end,
                             media_seconds = \(seconds)::double precision, stage = 'packaging'
            where id = \(task.id.description)::uuid
            """)
    }

    /// Forgets what was planned and made, so that another plan takes its place; what was published of it is retired
    /// when the new publication plays, or here where it never played.
    func forgetPlan(_ task: LessonTask, facts: SourceFacts) throws(DatabaseError) {
        let id = task.id.description
        try connection.query("delete from slices where task_id = \(id)::uuid")
        try connection.query("delete from renditions where task_id = \(id)::uuid")
        if let name = task.publication, name != task.playing {
            try connection.query(
                """
                insert into retired_publications (rel, name, remove_after)
                values (\(task.rel.description), \(name.description), now()) on conflict do nothing
                """)
        }
        try connection.query(
            """
            update tasks set facts = \(facts.json.description)::jsonb, publication = null, key_version = null,
                             work = 0, worked = 0, pace_made = 0, pace_wall = 0, paced_at = null
            where id = \(id)::uuid
            """)
    }

    /// Takes the renditions of a slice out of the lesson.
    func drop(_ slice: Slice, of task: UUID) throws(DatabaseError) {
        for ordinal in slice.ordinals { try note(.dropped, of: ordinal, task) }
    }

    func renditions(_ task: UUID) throws(DatabaseError) -> [Rendition] {
        try connection.query(
            """
            select ordinal, name, kind, copied, growing, coalesce(width, 0) as width, coalesce(height, 0) as height,
                   cap, coalesce(rate_factor, 0) as rate_factor, state, facts, track, language, label
            from renditions where task_id = \(task.description)::uuid order by ordinal
            """
        ).map { (row) throws(DatabaseError) in
            guard let ordinal = UInt16(exactly: try row.value("ordinal", as: Int.self)),
                let name = RenditionName(try row.value("name")),
                let kind = Rendition.Kind(rawValue: try row.value("kind")),
                let state = Rendition.State(rawValue: try row.value("state"))
            else { throw .column("rendition") }
            return Rendition(
                ordinal: ordinal, name: name, kind: kind, copied: try row.value("copied"),
                growing: try row.value("growing"), width: try row.value("width"), height: try row.value("height"),
                cap: try row.value("cap"), rateFactor: try row.value("rate_factor"), track: try row.optional("track"),
                language: try row.value("language"), label: try row.value("label"), state: state,
                facts: try row.optional("facts", as: String.self).flatMap {
                    try? RenditionFacts(parsing: Array($0.utf8))
                })
        }
    }

    func slices(_ task: UUID) throws(DatabaseError) -> [Slice] {
        try connection.query(
            """
            select number, kind, ordinals, first_segment, end_segment, attempt, segments
            from slices where task_id = \(task.description)::uuid order by number
            """
        ).map { (row) throws(DatabaseError) in
            guard let kind = Slice.Kind(rawValue: try row.value("kind")) else { throw .column("kind") }
            let first: Int = try row.value("first_segment")
            return Slice(
                number: try row.value("number"), kind: kind,
                ordinals: try row.value("ordinals", as: String.self).split(separator: ",").compactMap { UInt16($0) },
                range: first..<max(first, try row.value("end_segment")), priority: nil,
                attempt: try row.optional("attempt"),
                made: try segments(try row.optional("segments", as: String.self)))
        }
    }

    private func segments(_ text: String?) throws(DatabaseError) -> [MadeSegment] {
        guard let text else { return [] }
        guard let list = (try? JSON(parsing: text))?.array else { throw .column("segments") }
        var all: [MadeSegment] = []
        for entry in list {
            let numbers = entry.array?.compactMap(\.integer) ?? []
            guard numbers.count == 5 || numbers.count == 6, let ordinal = UInt16(exactly: numbers[0]),
                let kind = numbers.count == 5
                    ? .picture : UInt16(exactly: numbers[5]).flatMap({ FrameKind(rawValue: $0) })
            else { throw .column("segments") }
            all.append(
                MadeSegment(
                    ordinal: ordinal, number: Int(numbers[1]), start: numbers[2], duration: numbers[3],
                    bytes: numbers[4], kind: kind))
        }
        return all
    }

    // MARK: Slices

    /// Notes whose files count; a slice that was noted before stays as it is.
    func note(_ slice: Int, of task: UUID, attempt: Int, _ result: HelperResult) throws(DatabaseError) {
        let made = JSON.array(
            result.segments.map {
                .array([
                    .integer(Int64($0.ordinal)), .integer(Int64($0.number)), .integer($0.start),
                    .integer($0.duration), .integer($0.bytes), .integer(Int64($0.kind.rawValue)),
                ])
            })
        try connection.query(
            """
            update slices set attempt = \(attempt)::integer, segments = \(made.description)::jsonb,
                bytes = \(result.segments.reduce(0) { $0 + $1.bytes })::bigint
            where task_id = \(task.description)::uuid and number = \(slice)::integer and attempt is null
            """)
        for facts in result.renditions {
            try connection.query(
                """
                update renditions set facts = coalesce(facts, \(facts.json.description)::jsonb),
                                      state = case when state = 'queued' then 'running' else state end
                where task_id = \(task.description)::uuid and ordinal = \(Int(facts.ordinal))::integer
                """)
        }
    }

    /// Adds the jobs of all slices that are not made and have none.
    func enqueueSlices(_ task: LessonTask, _ plan: WorkPlan) throws(DatabaseError) {
        let waiting = try connection.query(
            """
            select number from slices where task_id = \(task.id.description)::uuid and attempt is null and job_id is null
            order by number
            """
        ).map { (row) throws(DatabaseError) in try row.value("number", as: Int.self) }
        for number in waiting where number < plan.slices.count {
            let job = try Queue.enqueue(
                NewJob(
                    "slice", ["task": .string(task.id.description), "slice": .integer(Int64(number))], task: task.id,
                    owner: task.owner, priority: plan.slices[number].priority ?? WorkPlan.soon, maxAttempts: 20),
                on: connection)
            try connection.query(
                """
                update slices set job_id = \(job)::bigint
                where task_id = \(task.id.description)::uuid and number = \(number)::integer
                """)
        }
    }
}
