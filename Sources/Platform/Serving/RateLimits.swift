public import Core
internal import Crypto
public import POSIX
public import Web

/// How often somebody may call: an address without credentials, an API key, an account, and an account for tokens.
public final class RateLimits {
    private let table: RateTable
    private let rates: Settings.Rates
    private let hash: HMACSHA256

    /// - Parameters:
    ///   - file: the table that all processes of this host share.
    ///   - rates: requests a minute.
    ///   - secret: keeps outsiders from choosing names that share a place.
    public init(_ file: borrowing Descriptor, rates: Settings.Rates, secret: [UInt8]) throws(SystemError) {
        table = try RateTable(file)
        self.rates = rates
        hash = HMACSHA256(key: secret.span)
    }

    /// Counts a request.
    ///
    /// - Parameters:
    ///   - caller: who asks.
    ///   - address: from where.
    ///   - rate: what the route counts against besides.
    ///   - now: monotonic seconds.
    /// - Throws: 429 when a limit is reached.
    public func admit(_ caller: Caller, address: String, rate: RateClass, now: Int64) throws(Problem) {
        switch rate {
        case .usual, .tokens: break
        case .signIns:
            try count("sign-ins", ClientAddress.prefix(address), rates.signIns, now)
            // Few guesses from each of very many addresses are many guesses.
            try count("all sign-ins", [], rates.allSignIns, now)
        case .registrations: try count("registrations", ClientAddress.prefix(address), rates.registrations, now)
        }
        switch caller {
        case .anyone: try count("address", ClientAddress.prefix(address), rates.anonymous, now)
        case .key(let id, _): try count("key", Array(id.utf8), rates.key, now)
        case .user(let id, _):
            if rate == .tokens { try count("tokens", Array(id.utf8), rates.tokens, now) }
            try count("account", Array(id.utf8), rates.account, now)
        }
    }

    private func count(_ kind: StaticString, _ name: [UInt8], _ limit: Int64, _ now: Int64) throws(Problem) {
        let code = hash.code(for: (Array("\(kind):".utf8) + name).span)
        let word = code.withBytes { bytes in
            var word: UInt64 = 0
            for index in 0..<8 { word = word << 8 | UInt64(bytes[index]) }
            return word
        }
        if let wait = table.admit(word, limit: limit, now: now) { throw Problem(.tooMany, retryAfter: wait) }
    }
}
