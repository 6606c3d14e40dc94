public import Core
internal import Jobs
internal import Media
public import Postgres

/// Captions in PostgreSQL.
public final class PostgresCaptionStore: CaptionStore {
    private let connection: Connection

    /// - Parameter connection: shared with the other stores of the process.
    public init(_ connection: Connection) { self.connection = connection }

    /// See `CaptionStore`.
    public func video(_ reference: VideoReference) throws(DatabaseError) -> CaptionedVideo? {
        let rows =
            switch reference {
            case .id(let id):
                try connection.query(
                    "select id, rel from videos where id = \(id.description)::uuid and deleted_at is null")
            case .rel(let rel):
                try connection.query(
                    "select id, rel from videos where rel = \(rel.description) and deleted_at is null")
            }
        guard let row = rows.first else { return nil }
        guard let id = UUID(try row.value("id", as: String.self)), let rel = RelPath(stored: try row.value("rel"))
        else {
            throw .column("rel")
        }
        return CaptionedVideo(id: id, rel: rel)
    }

    /// See `CaptionStore`.
    public func list(_ video: UUID) throws(DatabaseError) -> [CaptionEntry] {
        try connection.query(
            """
            select c.language, c.kind, c.label, c.is_default, c.cues, c.task_id is null as uploaded,
                   coalesce(c.published_in = v.publication, false) as published,
                   extract(epoch from c.created_at)::bigint as created
            from captions c join videos v on v.id = c.video_id left join tasks t on t.id = c.task_id
            where c.video_id = \(video.description)::uuid and c.removed_at is null
                and (c.task_id is null or t.publication = v.publication or c.task_id = v.task_id)
                and (c.task_id is null or not exists (
                    select from captions u where u.video_id = c.video_id and u.language = c.language
                        and u.task_id is null and u.removed_at is null))
            order by c.task_id is not null, c.language, c.track
            """
        ).map { (row) throws(DatabaseError) in
            CaptionEntry(
                language: try row.value("language"), purpose: try row.value("kind"), label: try row.value("label"),
                isDefault: try row.value("is_default"), cues: try row.value("cues"),
                isUploaded: try row.value("uploaded"), isPublished: try row.value("published"),
                created: UnixTime(try row.value("created")))
        }
    }

    /// See `CaptionStore`.
    public func text(_ video: UUID, _ language: LanguageTag) throws(DatabaseError) -> String? {
        try connection.query(
            """
            select c.body from captions c join videos v on v.id = c.video_id left join tasks t on t.id = c.task_id
            where c.video_id = \(video.description)::uuid and c.language = \(language.description)
                and c.removed_at is null
                and (c.task_id is null or t.publication = v.publication or c.task_id = v.task_id)
            order by c.task_id is not null, c.track limit 1
            """
        ).first?.value("body")
    }

    /// See `CaptionStore`.
    public func put(_ captions: NewCaptions, _ video: CaptionedVideo) throws(DatabaseError) -> Bool? {
        try connection.transaction { () throws(DatabaseError) in
            // Whoever changes captions or publishes holds the video's row: the count holds, and so does the order.
            try lock(video)
            let replaced = try connection.query(
                """
                update captions set removed_at = now()
                where video_id = \(video.id.description)::uuid and language = \(captions.language.description)
                    and task_id is null and removed_at is null
                """
            ).affected
            if replaced == 0 {
                let rows = try connection.query(
                    """
                    select count(*) as count from captions
                    where video_id = \(video.id.description)::uuid and task_id is null and removed_at is null
                    """)
                guard let count = try rows.first?.value("count", as: Int.self), count < CaptionRules.most else {
                    return nil
                }
            }
            if captions.isDefault {
                // One at most is shown by itself: the newest that says so.
                try connection.query(
                    "update captions set is_default = false where video_id = \(video.id.description)::uuid")
            }
            try connection.query(
                """
                insert into captions (version, video_id, language, kind, label, is_default, cues, body)
                values (\(Self.newVersion()), \(video.id.description)::uuid, \(captions.language.description),
                        \(captions.purpose.rawValue), \(captions.label), \(captions.isDefault),
                        \(captions.cues.count)::integer, \(CaptionFile.write(captions.cues)))
                """)
            try Queue.enqueue(
                .captions(video: video.id.description, owner: video.rel.trainer.description), on: connection)
            return replaced > 0
        }
    }

    /// See `CaptionStore`.
    public func remove(_ language: LanguageTag, _ video: CaptionedVideo) throws(DatabaseError) -> Bool {
        try connection.transaction { () throws(DatabaseError) in
            try lock(video)
            let gone = try connection.query(
                """
                update captions set removed_at = now()
                where video_id = \(video.id.description)::uuid and language = \(language.description)
                    and removed_at is null
                """
            ).affected
            if gone > 0 {
                try Queue.enqueue(
                    .captions(video: video.id.description, owner: video.rel.trainer.description), on: connection)
            }
            return gone > 0
        }
    }

    private func lock(_ video: CaptionedVideo) throws(DatabaseError) {
        try connection.query("select from videos where id = \(video.id.description)::uuid for update")
    }

    /// Twelve hexadecimal digits nobody has used.
    private static func newVersion() -> String { String(UUID().description.suffix(12)) }
}
