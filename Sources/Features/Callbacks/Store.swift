public import Core
public import Postgres

/// Keeps what callbacks there are to make.
public protocol CallbackStore: AnyObject {
    /// What a task that is over wants delivered; `nil` when it wants nothing.
    func delivery(for task: UUID) throws(DatabaseError) -> Delivery?
    /// Notes how the delivery ended.
    func note(_ state: CallbackState, code: Refusal?, of task: UUID) throws(DatabaseError)
}

/// How a callback stands, as the task shows it.
public enum CallbackState: String, Sendable {
    case pending, delivered, failed, refused
}
