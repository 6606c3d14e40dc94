internal import Core
internal import POSIX
internal import Postgres
internal import Sessions
internal import Viewing
internal import Watching

/// Ends a session on the hosts whose gates know it, as an operator would: by a revocation, which their keepers take to
/// them within a second.
final class SessionsElsewhere: SessionRevoking {
    private let store: any WatchingStore

    /// - Parameter connection: shared with the other stores of the process.
    init(_ connection: Connection) { store = PostgresWatchingStore(connection) }

    func revoke(session: UUID) throws(DatabaseError) {
        // One that no keeper has seen never played anywhere.
        guard try store.knows(session: session.description) else { return }
        let revocation = Revocation(kind: .session, value: session.description, time: Clocks.wallSeconds())
        try store.revoke(revocation, reason: "stopped by its viewer", author: "viewer")
    }
}
