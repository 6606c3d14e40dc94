public import Core
public import Postgres
public import Sessions
public import Web

/// Sessions and revocations.
public protocol WatchingStore: AnyObject {
    /// Writes down what changed, and adds to its users' days.
    func note(_ notes: [SessionNote], host: String) throws(DatabaseError)
    /// Every stream of users who have some on more than one host, while it counts: not after it was revoked.
    ///
    /// - Parameter window: seconds a stream counts after its last media.
    func rivals(window: Int64) throws(DatabaseError) -> [Rival]
    /// Seconds that lessons play, where that is known.
    func durations(_ rels: Set<String>) throws(DatabaseError) -> [String: Double]
    /// Seconds of different media that users were sent today.
    func today(_ users: Set<String>) throws(DatabaseError) -> [String: Double]
    /// Sessions, the last seen first.
    func sessions(_ filter: SessionFilter, window: Int64, _ page: Page) throws(DatabaseError) -> [SeenSession]
    /// Whether there is such a session.
    func knows(session: String) throws(DatabaseError) -> Bool

    /// Revokes; what was revoked before is revoked up to the later time.
    @discardableResult
    func revoke(_ revocation: Revocation, reason: String, author: String) throws(DatabaseError) -> RevocationEntry
    /// Takes a revocation back.
    ///
    /// - Returns: whether there was one.
    func lift(_ id: UUID) throws(DatabaseError) -> Bool
    /// Revocations, the newest first.
    func revocations(_ page: Page) throws(DatabaseError) -> [RevocationEntry]
    /// All that can still refuse a token.
    func standing() throws(DatabaseError) -> [Revocation]
    /// Changes whenever the revocations do.
    func mark() throws(DatabaseError) -> String
    /// Forgets revocations whose tokens have all expired, and sessions of long ago.
    ///
    /// - Parameter longest: seconds a token holds at most.
    func forget(longest: Int64) throws(DatabaseError)
}
