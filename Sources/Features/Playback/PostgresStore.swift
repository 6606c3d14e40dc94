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
            "select duration, deleted_at is not null as deleted from videos where rel = \(rel.description)")
        guard let row = rows.first else {
            return Files.isDirectory(tree.lesson(rel)) ? Watchable(duration: nil) : nil
        }
        return try row.value("deleted") ? nil : Watchable(duration: try row.optional("duration"))
    }
}
