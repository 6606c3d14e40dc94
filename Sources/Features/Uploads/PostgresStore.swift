public import Core
internal import Media
public import Postgres

/// Uploads in PostgreSQL.
public final class PostgresUploadStore: UploadStore {
    private let connection: Connection
    private let maker: any LessonMaker

    /// - Parameters:
    ///   - connection: shared with `maker`, so that both write in one transaction.
    ///   - maker: makes tasks.
    public init(_ connection: Connection, maker: any LessonMaker) {
        self.connection = connection
        self.maker = maker
    }

    /// See `UploadStore`.
    public func accept<E: Error>(
        _ upload: AcceptedUpload, place: () throws(E) -> Void
    ) throws(DatabaseError) -> E? {
        var failure: E?
        do throws(DatabaseError) {
            try connection.transaction { () throws(DatabaseError) in
                let video = try lockedVideo(upload)
                do throws(E) { try place() } catch {
                    failure = error
                    throw DatabaseError.conflict
                }
                try maker.make(upload, video: video)
            }
        } catch {
            if failure == nil { throw error }
        }
        return failure
    }

    /// The video's row, made where there is none, and locked until the transaction ends.
    private func lockedVideo(_ upload: AcceptedUpload) throws(DatabaseError) -> String {
        let rows = try connection.query(
            """
            insert into videos (id, rel, owner, title, duration)
            values (coalesce(\(upload.video?.description)::uuid, gen_random_uuid()), \(upload.rel.description),
                    \(upload.owner.description), \(upload.title),
                    \(upload.facts.map { Double($0.duration) / Double(Ticks.perSecond) })::double precision)
            on conflict (rel) do update
                set title = case when excluded.title = '' then videos.title else excluded.title end,
                    duration = case when videos.publication is null then excluded.duration else videos.duration end,
                    updated_at = now(), deleted_at = null
                -- A lesson is replaced; a video of two parts is always a new one.
                where not \(upload.rel.isOlder)
            returning id
            """)
        guard let row = rows.first else { throw .conflict }
        return try row.value("id")
    }

    /// See `UploadStore`.
    public func trainers(ofCourse course: Slug) throws(DatabaseError) -> [String] {
        let rows = try connection.query(
            """
            select distinct split_part(rel, '/', 1) as trainer from videos
            where split_part(rel, '/', 2) = \(course.description) and deleted_at is null
            """)
        return try rows.map { (row) throws(DatabaseError) in try row.value("trainer") }
    }
}
