public import Core
internal import Crypto

/// How a token is written.
public enum TokenFormat: String, Sendable {
    /// JSON Web Token (RFC 7519).
    case jwt
    /// Common Access Token (CTA-5007).
    case cat
}

/// Playback tokens: JWTs (RFC 7519) or Common Access Tokens (CTA-5007), signed with HS256.
public enum PlaybackToken {
    /// The longest token that is read, in bytes.
    public static let longest = JWS.longest

    /// Clock difference that `nbf` and `iat` are forgiven; `exp` is forgiven none.
    static let skew: Int64 = 30

    /// Checks a token.
    ///
    /// - Parameters:
    ///   - token: the compact form, as it came: one with dots is a JWT, one without a CAT.
    ///   - keys: the keys it may be signed with.
    ///   - now: wall-clock seconds.
    ///   - longest: seconds a token may hold after its issue.
    ///   - judge: what speaks against a term of the token; the first such is the claims' `objection`.
    /// - Returns: its claims, or why it is refused.
    public static func verify(
        _ token: Span<UInt8>, keys: KeyRing, now: Int64, longest: Int64, judge: (TokenTerm, Span<UInt8>) -> Refusal?
    ) -> Result<PlaybackClaims, Refusal> {
        if token.isEmpty { return .failure(.tokenMissing) }
        let claims =
            if token.firstIndex(of: UInt8(ascii: ".")) == nil {
                CommonAccessToken.open(token, key: { keys.key($0) }, judge: judge) { claims in
                    read(claims, now: now, longest: longest, judge)
                }
            } else {
                JWS.open(token, key: { keys.key($0) }) { claims in read(claims, now: now, longest: longest, judge) }
            }
        guard case .success(var claims) = claims, claims.session.isEmpty else { return claims }
        claims.session = name(of: token)
        return .success(claims)
    }

    /// Checks a token where nothing is known of a viewer: one with terms is refused.
    ///
    /// - Parameters: as above.
    public static func verify(
        _ token: Span<UInt8>, keys: KeyRing, now: Int64, longest: Int64
    ) -> Result<PlaybackClaims, Refusal> {
        let result = verify(token, keys: keys, now: now, longest: longest) { _, _ in .tokenType }
        if case .success(let claims) = result, let objection = claims.objection { return .failure(objection) }
        return result
    }

    /// A session for a token that names none: the beginning of its SHA-256 in hexadecimal digits.
    private static func name(of token: Span<UInt8>) -> ClaimText {
        SHA256.digest(token).withBytes { digest in
            var digits = InlineArray<32, UInt8>(repeating: 0)
            for index in 0..<16 {
                digits[2 * index] = Hex.digit(digest[index] >> 4)
                digits[2 * index + 1] = Hex.digit(digest[index] & 15)
            }
            return ClaimText(digits.span) ?? ClaimText()
        }
    }

    private static func read(
        _ bytes: Span<UInt8>, now: Int64, longest: Int64, _ judge: (TokenTerm, Span<UInt8>) -> Refusal?
    ) -> Result<PlaybackClaims, Refusal> {
        var rel: Range<Int>?
        var video: Range<Int>?
        var user: Range<Int>?
        var session: Range<Int>?
        var id: Range<Int>?
        var device: Range<Int>?
        var rules: Range<Int>?
        var network: Range<Int>?
        var streams: Int64 = 0
        var devices: Int64 = 0
        var older = false
        var malformed = false
        var platform = Platform.web
        var pathOnly = false
        var exp: Int64?
        var iat: Int64?
        var nbf: Int64?
        let whole = FlatObject.scan(bytes) { name, value in
            let name = bytes.extracting(name)
            switch value {
            case .text(let range):
                let text = bytes.extracting(range)
                if name.equals("rel") {
                    rel = range
                } else if name.equals("user_id") {
                    user = range
                } else if name.equals("platform") {
                    if text.equals("web") {
                        platform = .web
                    } else if text.equals("mobile") {
                        platform = .mobile
                    } else {
                        malformed = true
                    }
                } else if name.equals("tr") {
                    if text.equals("path") { pathOnly = true } else { malformed = true }
                } else if name.equals("video_id") {
                    video = range
                } else if name.equals("filename") {
                    older = true
                } else if name.equals("sid") {
                    session = range
                } else if name.equals("jti") {
                    id = range
                } else if name.equals("dev") {
                    device = range
                } else if name.equals("rules") {
                    rules = range
                } else if name.equals("ip") {
                    network = range
                } else if isNumeric(name) {
                    malformed = true
                }
            case .integer(let number):
                if name.equals("exp") {
                    exp = number
                } else if name.equals("iat") {
                    iat = number
                } else if name.equals("nbf") {
                    nbf = number
                } else if name.equals("lim") {
                    streams = number
                    if number < 1 || number > 15 { malformed = true }
                } else if name.equals("devs") {
                    devices = number
                    if number < 1 || number > 15 { malformed = true }
                } else if isTextual(name) {
                    malformed = true
                }
            case .other:
                if isTextual(name) || isNumeric(name) { malformed = true }
            }
        }
        guard whole, !malformed, let exp, exp >= 0, iat ?? 0 >= 0 else { return .failure(.tokenMalformed) }
        if rel != nil, older || video != nil { return .failure(.tokenMalformed) }
        // What the older routes hand out names its video by two claims (`OlderToken`).
        guard rel != nil || video != nil else { return .failure(.tokenType) }
        func text(_ range: Range<Int>?) -> ClaimText? {
            guard let range else { return ClaimText() }
            return range.isEmpty ? nil : ClaimText(bytes.extracting(range))
        }
        var path = InlineArray<259, UInt8>(repeating: 0)
        var pathCount = 0
        func put(_ range: Range<Int>) -> Bool {
            guard pathCount + range.count <= 259 else { return false }
            for index in range {
                path[pathCount] = bytes[index]
                pathCount += 1
            }
            return true
        }
        if let rel {
            guard RelPath.prefixLength(of: bytes.extracting(rel)) == rel.count, put(rel) else {
                return .failure(.tokenMalformed)
            }
        } else if let user, let video {
            guard Slug.isValid(bytes.extracting(user)), Slug.isValid(bytes.extracting(video)), put(user) else {
                return .failure(.tokenMalformed)
            }
            path[pathCount] = UInt8(ascii: "/")
            pathCount += 1
            guard put(video) else { return .failure(.tokenMalformed) }
        }
        guard let user, let user = text(user), let session = text(session ?? id), let id = text(id),
            let device = text(device)
        else { return .failure(.tokenMalformed) }
        let expiry: Int64
        switch held(exp: exp, iat: iat, nbf: nbf, now: now, longest: longest) {
        case .success(let until): expiry = until
        case .failure(let refusal): return .failure(refusal)
        }
        var objection: Refusal?
        if let network { objection = judge(.network, bytes.extracting(network)) }
        if let rules, objection == nil { objection = judge(.rules, bytes.extracting(rules)) }
        if objection == .tokenMalformed { return .failure(.tokenMalformed) }
        return .success(
            PlaybackClaims(
                rel: path, relCount: pathCount, expiry: expiry, issued: iat ?? 0, platform: platform,
                pathOnly: pathOnly, user: user, session: session, id: id, device: device, streams: Int(streams),
                devices: Int(devices), objection: objection))
    }

    /// Until when a token holds that says these times, or why it does not.
    static func held(exp: Int64, iat: Int64?, nbf: Int64?, now: Int64, longest: Int64) -> Result<Int64, Refusal> {
        var expiry = exp
        if let iat {
            if iat > now + skew { return .failure(.tokenNotYet) }
            expiry = min(exp, iat + longest)
        } else if exp > now + longest {
            return .failure(.tokenMalformed)
        }
        if let nbf, nbf > now + skew { return .failure(.tokenNotYet) }
        return expiry <= now ? .failure(.tokenExpired) : .success(expiry)
    }

    private static func isNumeric(_ name: Span<UInt8>) -> Bool {
        name.equals("exp") || name.equals("iat") || name.equals("nbf") || name.equals("lim")
            || name.equals("devs")
    }

    private static func isTextual(_ name: Span<UInt8>) -> Bool {
        name.equals("rel") || name.equals("user_id") || name.equals("platform") || name.equals("tr")
            || name.equals("sid") || name.equals("jti") || name.equals("dev") || name.equals("filename")
            || name.equals("rules") || name.equals("ip")
            || name.equals("video_id")
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - user: whom limits count for; 1…128 printable ASCII characters.
    ///   - rel: the lesson.
    ///   - platform: the kind of player.
    ///   - session: the playback session it belongs to.
    ///   - pathOnly: good in a path, and nowhere else.
    ///   - limits: how many streams and devices the user may have.
    ///   - issued: wall-clock seconds.
    ///   - lifetime: seconds.
    ///   - keys: the ring whose signer signs.
    ///   - network: where the viewer must be, if that binds.
    ///   - rules: see `ViewerRules`.
    ///   - format: how it is written.
    public static func mint(
        user: String, rel: RelPath, platform: Platform, session: String, pathOnly: Bool,
        limits: TokenLimits = TokenLimits(), issued: Int64, lifetime: Int64, keys: KeyRing,
        network: NetworkPrefix? = nil, rules: String? = nil, format: TokenFormat = .jwt
    ) -> String {
        var claims: [JSON.Member] = [
            .init("user_id", .string(user)), .init("rel", .string(rel.description)),
            .init("platform", .string(platform.rawValue)), .init("iat", .integer(issued)),
            .init("exp", .integer(issued + lifetime)),
            .init("jti", .string(format == .cat ? Hex.encode(UUID().bytes) : UUID().description)),
            .init("sid", .string(session)),
        ]
        if pathOnly { claims.append(.init("tr", "path")) }
        if limits.streams > 0 { claims.append(.init("lim", .integer(Int64(limits.streams)))) }
        if limits.devices > 0 { claims.append(.init("devs", .integer(Int64(limits.devices)))) }
        if let device = limits.device { claims.append(.init("dev", .string(device))) }
        if let rules { claims.append(.init("rules", .string(rules))) }
        if format == .cat {
            // A web player asks under /hls2/ alone, unless the token stands in the path.
            let isWeb = platform == .web && !pathOnly
            return CommonAccessToken.sign(
                claims, path: isWeb ? (.prefix, "/hls2/\(rel)/") : (.contains, "/\(rel)/"), network: network,
                signer: keys.signer)
        }
        if let network { claims.append(.init("ip", .string(network.description))) }
        return JWS.sign(.object(claims), key: keys.signer.key, kid: keys.signer.id)
    }

    /// Whether a text can be a token's `user_id`, `sid` or `dev`: 1…128 printable ASCII characters, no quote, no backslash.
    public static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        return bytes.count >= 1 && bytes.count <= 128
            && bytes.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }
}
