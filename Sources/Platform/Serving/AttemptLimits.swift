internal import Core
internal import Crypto
internal import POSIX
public import Web

/// How often an account may be tried in a quarter of an hour: sign-ins that fail, and mail that is asked for. Counted by
/// the name that was tried, whether there is such an account or not.
///
/// A table of its own, whose minute is a quarter of an hour.
public final class AttemptLimits {
    /// Mails to one address.
    static let mails: Int64 = 5
    private static let scale: Int64 = 15

    private let path: String
    private let failures: Int64
    private let hash: HMACSHA256
    private var table: AttemptTable?

    /// - Parameters:
    ///   - path: the table that all processes of this host share; made when it is first needed.
    ///   - failures: sign-ins that may fail.
    ///   - secret: keeps outsiders from choosing names that share a place.
    public init(_ path: String, failures: Int64, secret: [UInt8]) {
        self.path = path
        self.failures = failures
        hash = HMACSHA256(key: secret.span)
    }

    /// Counts an attempt as one that fails, before it is known: of attempts at once no more than the limit run.
    ///
    /// - Parameter now: monotonic seconds.
    /// - Throws: 429 when the limit is reached, also for an attempt that would be right.
    public func begin(_ name: String, now: Int64) throws(Problem) {
        if let wait = try opened().admit(word("failure", name), limit: failures, now: now / Self.scale) {
            throw Problem(.tooMany, retryAfter: wait * Int(Self.scale))
        }
    }

    /// Takes an attempt back that did not fail.
    public func forgive(_ name: String, now: Int64) throws(Problem) {
        try opened().forgive(word("failure", name), now: now / Self.scale)
    }

    /// Whether one more mail may go to an address; counts it.
    public func mayMail(_ name: String, now: Int64) throws(Problem) -> Bool {
        try opened().admit(word("mail", name), limit: Self.mails, now: now / Self.scale) == nil
    }

    private func word(_ kind: StaticString, _ name: String) -> UInt64 {
        hash.code(for: Array("\(kind):\(name)".utf8).span).withBytes { bytes in
            var word: UInt64 = 0
            for index in 0..<8 { word = word << 8 | UInt64(bytes[index]) }
            return word
        }
    }

    private func opened() throws(Problem) -> AttemptTable {
        if let table { return table }
        let made = try orRefuse(.internalError) { () throws(SystemError) in
            try AttemptTable(Descriptor(updating: path, mode: 0o600))
        }
        table = made
        return made
    }
}

/// A table that can be kept in a variable.
private final class AttemptTable {
    private let table: RateTable

    init(_ file: borrowing Descriptor) throws(SystemError) { table = try RateTable(file) }

    func admit(_ name: UInt64, limit: Int64, now: Int64) -> Int? { table.admit(name, limit: limit, now: now) }
    func forgive(_ name: UInt64, now: Int64) { table.forgive(name, now: now) }
}
