public import Core
public import Postgres

/// Knows which lessons there are.
public protocol PlaybackStore: AnyObject {
    /// The lesson, or `nil` when there is none or it was deleted; one of an older tree has no row, but a directory.
    func watchable(_ rel: RelPath) throws(DatabaseError) -> Watchable?
    /// The lesson's path and rules, or `nil` when there is no such video.
    func rules(_ video: VideoReference) throws(DatabaseError) -> LessonRules?
    /// Sets a lesson's rules, or takes them away.
    func setRules(_ rules: String?, _ rel: RelPath) throws(DatabaseError)
}

/// Knows who is shut out: a fact of another feature.
public protocol Suspensions: AnyObject {
    /// Whether there is such a user and he is shut out.
    func isSuspended(_ user: String) throws(DatabaseError) -> Bool
}
