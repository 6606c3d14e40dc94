public import Core
public import Postgres
public import Storage

/// Tasks as their owners see and cancel them.
public protocol TaskStore: AnyObject {
    /// A task, or `nil`.
    func status(_ task: UUID) throws(DatabaseError) -> TaskStatus?
    /// Makes a task that encodes the original of a video anew; what plays goes on playing until that is complete.
    ///
    /// - Parameters:
    ///   - video: its id or its rel.
    ///   - wishes: `EncodingChoices` in part, as JSON.
    ///   - isKept: whether the original is there.
    func transcode(
        _ video: String, wishes: String, isKept: (RelPath, FileExtension) -> Bool
    ) throws(DatabaseError) -> TranscodeOutcome
    /// Cancels a task that is not over; its jobs stop and a later job clears up.
    ///
    /// - Returns: the state it was in, or `nil` when there is none.
    func cancel(_ task: UUID) throws(DatabaseError) -> TaskState?
}
