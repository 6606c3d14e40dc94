public import Core
public import Postgres

/// Knows which lessons there are.
public protocol PlaybackStore: AnyObject {
    /// The lesson, or `nil` when there is none or it was deleted; one of an older tree has no row, but a directory.
    func watchable(_ rel: RelPath) throws(DatabaseError) -> Watchable?
}
