public import Core
internal import POSIX
public import Postgres
public import Storage

/// Lessons in PostgreSQL and, without a row, on disk.
public final class PostgresPlaybackStore: PlaybackStore {
    private let connection: Connection
    private let tree: DataTree

    /// - Parameters:
    ///   - connection: shared with the other stores of the process.
    ///   - tree: where lessons lie.
    public init(_ connection: Connection, tree: DataTree) {
        self.connection = connection
        self.tree = tree
    }

    /// See `PlaybackStore`.
    public func watchable(_ rel: RelPath) throws(DatabaseError) -> Watchable? {
        let rows = try connection.query(
            "select duration, rules, deleted_at is not null as deleted from videos where rel = \(rel.description)")
        guard let row = rows.first else {
            return Files.isDirectory(tree.lesson(rel)) ? Watchable(duration: nil) : nil
        }
        return try row.value("deleted")
            ? nil : Watchable(duration: try row.optional("duration"), rules: try row.optional("rules"))
    }

    /// See `PlaybackStore`.
    public func rules(_ video: VideoReference) throws(DatabaseError) -> LessonRules? {
        let rows =
            switch video {
            case .id(let id):
                try connection.query(
                    "select rel, rules from videos where id = \(id.description)::uuid and deleted_at is null")
            case .rel(let rel):
                try connection.query(
                    "select rel, rules from videos where rel = \(rel.description) and deleted_at is null")
            }
        guard let row = rows.first else { return nil }
        guard let rel = RelPath(stored: try row.value("rel")) else { throw .column("rel") }
        return LessonRules(rel: rel, rules: try row.optional("rules"))
    }

    /// See `PlaybackStore`.
    public func setRules(_ rules: String?, _ rel: RelPath) throws(DatabaseError) {
        try connection.query("update videos set rules = \(rules) where rel = \(rel.description)")
    }
}
