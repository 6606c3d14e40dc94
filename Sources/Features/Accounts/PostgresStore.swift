internal import Core
public import Postgres

/// Accounts in PostgreSQL: the statements stand by noun in the files beside this one.
public final class PostgresAccountStore: AccountStore {
    let connection: Connection
    let playback: (any PlaybackEnding)?

    /// - Parameters:
    ///   - connection: shared with the other stores of the process.
    ///   - playback: ends what somebody plays who is shut out; works on the same connection.
    public init(_ connection: Connection, playback: (any PlaybackEnding)? = nil) {
        self.connection = connection
        self.playback = playback
    }
}
