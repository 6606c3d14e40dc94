internal import Core
public import Crypto

/// The certificates that sign ID tokens, by `kid`, and how long they count.
///
/// Google publishes the set as one JSON object, kid to PEM, with `Cache-Control: max-age`. We keep it for as long as that
/// says, but never for less than five minutes or more than a day, and go on with it for a day when there is no newer one.
public struct CertificateSet: Sendable {
    /// Bytes of the largest document.
    public static let largest = 65_536
    /// Seconds a set counts at least.
    public static let shortest: Int64 = 300
    /// Seconds a set counts at most.
    public static let longest: Int64 = 86_400
    /// Seconds a set that has had its time goes on to count while there is no newer one.
    public static let grace: Int64 = 86_400

    /// How good a set is at a time.
    public enum Age: Sendable, Equatable {
        /// Within its time.
        case fresh
        /// Past its time for less than a day.
        case stale
        /// Older, or from the future: the clock was set.
        case spent
    }

    /// When it was fetched; wall-clock seconds.
    public let fetched: Int64
    /// Until when it is fresh.
    public let until: Int64
    private let document: JSON
    private let certificates: [(kid: [UInt8], certificate: RSACertificate)]

    /// Reads an answer of the server.
    ///
    /// - Parameters:
    ///   - body: the document.
    ///   - cacheControl: what the answer said of how long it holds.
    ///   - now: wall-clock seconds.
    /// - Returns: `nil` unless it is one JSON object of 1 to 32 texts with at least one certificate that can be used.
    public init?(answer body: [UInt8], cacheControl: String?, now: Int64) {
        guard body.count <= Self.largest, let document = try? JSON(parsing: body) else { return nil }
        self.init(document, fetched: now, until: now + Self.lifetime(cacheControl))
    }

    /// Reads what `stored` wrote; `nil` for anything else.
    public init?(stored bytes: [UInt8]) {
        guard let all = try? JSON(parsing: bytes), let fetched = all["fetched"]?.integer,
            let until = all["until"]?.integer, let document = all["certificates"], fetched >= 0,
            until >= fetched, until - fetched <= Self.longest
        else { return nil }
        self.init(document, fetched: fetched, until: until)
    }

    private init?(_ document: JSON, fetched: Int64, until: Int64) {
        guard case .object(let members) = document, (1...32).contains(members.count) else { return nil }
        var certificates: [(kid: [UInt8], certificate: RSACertificate)] = []
        for member in members {
            guard PlaybackToken.isName(member.name), let pem = member.value.string else { return nil }
            // One that can't be used, as of another kind of key, leaves the others good.
            guard let certificate = try? RSACertificate(pem: Array(pem.utf8).span) else { continue }
            certificates.append((Array(member.name.utf8), certificate))
        }
        if certificates.isEmpty { return nil }
        self.document = document
        self.fetched = fetched
        self.until = until
        self.certificates = certificates
    }

    /// How many certificates can be used.
    public var count: Int { certificates.count }

    /// The certificate of that name.
    public subscript(_ kid: String) -> RSACertificate? {
        certificates.first { $0.kid.elementsEqual(kid.utf8) }?.certificate
    }

    /// How good it is at a time, in wall-clock seconds.
    public func age(at now: Int64) -> Age {
        if now < fetched - IDClaims.skew { return .spent }
        if now < until { return .fresh }
        return now < until + Self.grace ? .stale : .spent
    }

    /// The set as a file, for the other processes of the host.
    public var stored: [UInt8] {
        ([
            "fetched": .integer(fetched), "until": .integer(until), "certificates": document,
        ] as JSON).bytes
    }

    /// Seconds an answer holds by its `max-age` (RFC 9111 §5.2.2.1), within our bounds; the shortest time where nothing is
    /// said.
    public static func lifetime(_ cacheControl: String?) -> Int64 {
        let text = (cacheControl ?? "").utf8.filter { $0 != 32 && $0 != 9 }
        for directive in text.split(separator: UInt8(ascii: ",")) {
            let parts = directive.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, String(decoding: parts[0], as: UTF8.self).lowercased() == "max-age" else {
                continue
            }
            let digits = parts[1]
            guard !digits.isEmpty, digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return shortest }
            let significant = digits.drop { $0 == 48 }
            if significant.count > 6 { return longest }
            return min(max(significant.reduce(0) { $0 * 10 + Int64($1 - 48) }, shortest), longest)
        }
        return shortest
    }
}
