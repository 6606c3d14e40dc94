public import Core
public import Postgres
public import Web

/// Sessions of people who watch by their accounts, and what there is to watch.
public protocol ViewingStore: AnyObject {
    /// The person, or `nil` when there is no such account.
    func viewer(_ user: UUID) throws(DatabaseError) -> Viewer?
    /// What is to be watched, or `nil` when there is none or it was deleted. A video that a title plays is that title; an
    /// episode is open while its series is, too, and needs the higher level of both.
    func playable(_ title: TitleReference) throws(DatabaseError) -> Playable?
    /// Where somebody's last report left him.
    func place(_ title: TitleKey, of user: UUID) throws(DatabaseError) -> HistoryPlace?
    /// Notes a session that begins.
    func start(_ viewing: NewViewing) throws(DatabaseError)
    /// Somebody's own session, or `nil`.
    func viewing(_ id: UUID, of user: UUID) throws(DatabaseError) -> Viewing?
    /// Takes one report of somebody's own session after the other: decides by `step` from how things stand, and notes
    /// the session, the history and the view, if it is one that counts, together.
    ///
    /// - Parameters:
    ///   - report: what the player said.
    ///   - duration: seconds the title plays, where that is known better than at the start.
    ///   - step: what the report changes; `nil` when it changes nothing.
    /// - Returns: where the session stands then; `nil` when there is none, or `step` gave `nil` for a report that does
    ///   not end it.
    func report(
        _ report: Report, of id: UUID, of user: UUID, duration: Double?, step: (Report, Standing) -> Step?
    ) throws(DatabaseError) -> ViewingPlace?
}

/// Where people stand in titles, and what they keep.
public protocol HistoryStore: AnyObject {
    /// Whether there is such an account.
    func knows(_ user: UUID) throws(DatabaseError) -> Bool
    /// What somebody watched, the last first, without what was deleted.
    ///
    /// - Parameter completed: only what he finished, or only the rest.
    func history(_ user: UUID, completed: Bool?, _ page: Page) throws(DatabaseError) -> [HistoryEntry]
    /// Forgets where somebody stands in everything.
    ///
    /// - Returns: in how many titles that was.
    func forgetAll(_ user: UUID) throws(DatabaseError) -> Int
    /// Forgets where somebody stands in a title or a lesson.
    ///
    /// - Returns: whether he stood anywhere.
    func forget(_ title: UUID, of user: UUID) throws(DatabaseError) -> Bool
    /// What somebody keeps, the newest first, without what was deleted.
    func favorites(_ user: UUID, _ page: Page) throws(DatabaseError) -> [Favorite]
    /// Keeps a title.
    ///
    /// - Returns: whether it was not kept before.
    func keep(_ content: UUID, for user: UUID) throws(DatabaseError) -> Bool
    /// Keeps it no more.
    ///
    /// - Returns: whether it was kept.
    func drop(_ content: UUID, for user: UUID) throws(DatabaseError) -> Bool
}

/// Ends sessions that gates of other hosts know.
public protocol SessionRevoking: AnyObject {
    /// Refuses the session's tokens on every host, and gives its place back there.
    func revoke(session: UUID) throws(DatabaseError)
}
