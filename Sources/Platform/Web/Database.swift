internal import Core
public import Postgres

extension Problem {
    /// What a client is told of a statement that failed: to come again when the database is away or busy, else nothing
    /// but that something went wrong. The log gets the server's words, never a parameter.
    public init(_ error: DatabaseError) {
        switch error {
        case .unavailable, .conflict: self.init(.apiUnavailable, retryAfter: 2, inside: "\(error)")
        case .unrepresentable: self.init(.badRequest, inside: "\(error)")
        case .constraint, .failed, .column: self.init(.internalError, inside: "\(error)")
        }
    }
}

/// Asks a store: `let video = try asking { () throws(DatabaseError) in try store.video(rel) }`.
public func asking<T>(_ body: () throws(DatabaseError) -> T) throws(Problem) -> T {
    do throws(DatabaseError) {
        return try body()
    } catch {
        throw Problem(error)
    }
}
