/// What a statement can end in. The description says nothing of values; `detail` is for the log.
public enum DatabaseError: Error, Equatable, CustomStringConvertible {
    /// No connection, or it broke: try again later.
    case unavailable(detail: String)
    /// A named constraint refused a write; the feature knows what the name means.
    case constraint(String)
    /// A serialisation conflict or deadlock: the transaction may be run again.
    case conflict
    /// Anything else: a bug of ours. `state` is SQLSTATE.
    case failed(state: String, detail: String)
    /// A column was NULL, missing or not of the asked type.
    case column(String)
    /// A text parameter held a NUL byte.
    case unrepresentable

    /// For logs: the server's words, no parameter.
    public var description: String {
        switch self {
        case .unavailable(let detail): "database unavailable: \(detail)"
        case .constraint(let name): "constraint \(name)"
        case .conflict: "conflict with another transaction"
        case .failed(let state, let detail): "statement failed (\(state)): \(detail)"
        case .column(let name): "column \(name)"
        case .unrepresentable: "text with a NUL byte"
        }
    }
}
