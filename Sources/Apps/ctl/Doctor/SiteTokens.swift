internal import Core
internal import Crypto
internal import Foundation
internal import Tokens

/// Tokens for the probes: good ones of the host's own key or of the operator's hand, and bad ones of every kind.
struct SiteTokens {
    private let keys: KeyRing?
    private let session = "doctor-\(Core.UUID())"
    private let now: Int64
    /// Tokens given by hand, by the lesson they are for.
    private let given: [String: Given]

    private struct Given {
        let token: String
        let isMobile: Bool
        let isPathOnly: Bool
    }

    /// - Parameters:
    ///   - secret: `SECRET_KEY`, where the settings are there.
    ///   - given: tokens the operator gave.
    init(secret: [UInt8], given: [String], now: Int64) {
        keys = secret.isEmpty ? nil : KeyRing(secret: secret)
        self.now = now
        var found: [String: Given] = [:]
        for token in given {
            guard let claims = Self.claims(of: token), let rel = claims["rel"]?.string else { continue }
            found[rel] = Given(
                token: token, isMobile: claims["platform"]?.string == "mobile",
                isPathOnly: claims["tr"]?.string == "path")
        }
        self.given = found
    }

    /// What a token says of itself.
    static func claims(of token: String) -> JSON? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.decode(String(parts[1])) else { return nil }
        return try? JSON(parsing: bytes)
    }

    /// A token that plays a lesson in a transport; `nil` when there is none.
    func good(_ rel: String, _ transport: SiteTransport) -> String? {
        if let hand = given[rel] {
            let fits =
                switch transport {
                case .hls2: hand.isMobile || !hand.isPathOnly
                case .mobile: hand.isMobile && !hand.isPathOnly
                case .play: hand.isMobile || hand.isPathOnly
                }
            if fits { return hand.token }
        }
        return mint(rel, transport == .hls2 ? .web : .mobile)
    }

    /// A token for one kind of player: of the host's key, else the operator's where it is of that kind.
    func mint(_ rel: String, _ platform: Platform, pathOnly: Bool = false, after: Int64 = 0) -> String? {
        guard let keys else {
            guard let hand = given[rel], after == 0 else { return nil }
            return hand.isMobile == (platform == .mobile) && hand.isPathOnly == pathOnly ? hand.token : nil
        }
        guard let rel = RelPath(rel) else { return nil }
        return PlaybackToken.mint(
            user: "reelgate-doctor", rel: rel, platform: platform, session: session, pathOnly: pathOnly,
            issued: now + after, lifetime: 1800, keys: keys)
    }

    /// A token that must not be accepted.
    struct Bad {
        let name: String
        let title: String
        let token: String
        let cause: Cause
    }

    /// Bad tokens for a lesson, made beside a good one.
    func bad(_ rel: String, _ transport: SiteTransport) -> [Bad] {
        let good = good(rel, transport)
        let platform = transport == .hls2 ? "web" : "mobile"
        let claims = JSON.object([
            .init("user_id", "reelgate-doctor"), .init("rel", .string(rel)), .init("platform", .string(platform)),
            .init("iat", .integer(now)), .init("exp", .integer(now + 900)), .init("sid", .string(session)),
        ])
        let guessed = Array("reelgate-doctor-guesses-this-key".utf8)
        var all = [
            Bad(
                name: "wrong-key", title: "a token signed with another key", token: Self.sign(claims, guessed),
                cause: .tokenUnverified),
            Bad(
                name: "empty-key", title: "a token signed with an empty key", token: Self.sign(claims, []),
                cause: .tokenUnverified),
            Bad(
                name: "kid-path", title: "a token whose key id is a path",
                token: Self.sign(claims, [], header: [.init("alg", "HS256"), .init("kid", "../../../../dev/null")]),
                cause: .tokenUnverified),
        ]
        for algorithm in ["none", "None", "HS512", "RS256"] {
            let text = Self.unsigned(claims, header: [.init("alg", .string(algorithm)), .init("typ", "JWT")])
            all.append(
                Bad(
                    name: "alg-\(algorithm)", title: "a token with alg \(algorithm) and no signature",
                    token: text + ".",
                    cause: .tokenUnverified))
        }
        if let good {
            let parts = good.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
            if parts.count == 3, let old = Self.claims(of: good), case .object(let members) = old {
                let longer = members.map { $0.name == "exp" ? JSON.Member("exp", .integer(now + 1799)) : $0 }
                let payload = Base64URL.encode(JSON.object(longer + [.init("jti2", "x")]).bytes.span)
                all.append(
                    Bad(
                        name: "altered", title: "a token whose claims were changed after signing",
                        token: "\(parts[0]).\(payload).\(parts[2])", cause: .tokenUnverified))
                all.append(
                    Bad(
                        name: "unsigned", title: "a token without its signature", token: "\(parts[0]).\(parts[1]).",
                        cause: .tokenUnverified))
            }
        }
        let kind: Platform = transport == .hls2 ? .web : .mobile
        if let expired = mint(rel, kind, after: -7200) {
            all.append(Bad(name: "expired", title: "an expired token", token: expired, cause: .tokenExpired))
        }
        if let early = mint(rel, kind, after: 7200) {
            all.append(Bad(name: "not-yet", title: "a token of the future", token: early, cause: .tokenExpired))
        }
        return all
    }

    private static func unsigned(_ claims: JSON, header: [JSON.Member]) -> String {
        Base64URL.encode(JSON.object(header).bytes.span) + "." + Base64URL.encode(claims.bytes.span)
    }

    private static func sign(
        _ claims: JSON, _ key: [UInt8], header: [JSON.Member] = [.init("alg", "HS256"), .init("typ", "JWT")]
    ) -> String {
        let text = unsigned(claims, header: header)
        let code = HMACSHA256(key: key.span).code(for: Array(text.utf8).span)
        return text + "." + code.withBytes { Base64URL.encode($0) }
    }

    /// A text without anything that looks like a token: reports are mailed around.
    static func hidden(_ text: String) -> String {
        var out = ""
        var rest = text[...]
        while let start = rest.range(of: "eyJ") {
            out += rest[..<start.lowerBound] + "…"
            rest = rest[start.lowerBound...].drop { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        }
        return String((out + rest).prefix(160))
    }
}
