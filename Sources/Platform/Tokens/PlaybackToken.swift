public import Core
internal import Crypto

/// Which kind of player a playback token is for.
public enum Platform: String, Sendable {
    /// A browser, whose pages send a referrer.
    case web
    /// A native app.
    case mobile
}

/// A short text of a token, held in place: at most 128 bytes.
public struct ClaimText: Sendable {
    private var bytes = InlineArray<128, UInt8>(repeating: 0)
    /// How many bytes it has.
    public private(set) var count = 0

    /// No text.
    public init() {}

    /// A copy of at most 128 bytes; what is longer is `nil`.
    public init?(_ text: Span<UInt8>) {
        guard text.count <= 128 else { return nil }
        for index in text.indices { bytes[index] = text[index] }
        count = text.count
    }

    /// Whether it has no bytes.
    public var isEmpty: Bool { count == 0 }

    /// The bytes for the time of the call.
    public func withBytes<R>(_ body: (Span<UInt8>) -> R) -> R { body(bytes.span.extracting(0..<count)) }

    /// The text; tokens hold ASCII or UTF-8.
    public var text: String { withBytes { String(decoding: $0.copied, as: UTF8.self) } }
}

/// What a playback token says, once its MAC and its times hold.
public struct PlaybackClaims: Sendable {
    /// The lesson's path, as bytes.
    public private(set) var rel: InlineArray<259, UInt8>
    /// How many bytes of `rel` count.
    public private(set) var relCount: Int
    /// When it ends, seconds since 1970: the earlier of `exp` and `iat` + the longest time allowed.
    public private(set) var expiry: Int64
    /// When it was issued; 0 when it does not say.
    public private(set) var issued: Int64
    /// The kind of player.
    public private(set) var platform: Platform
    /// Whether it may be carried in a path, and nowhere else (`tr: "path"`).
    public private(set) var pathOnly: Bool
    /// Who watches: whom limits count for.
    public private(set) var user: ClaimText
    /// The playback session: `sid`, else `jti`, else 32 digits of the token's own hash.
    public fileprivate(set) var session: ClaimText
    /// The token's own id (`jti`); empty without one.
    public private(set) var id: ClaimText
    /// The device it names (`dev`); empty without one.
    public private(set) var device: ClaimText
    /// Streams the user may have at once, 1…15; 0 without a limit.
    public private(set) var streams: Int
    /// Devices the user may have, 1…15; 0 without a limit.
    public private(set) var devices: Int

    /// The lesson's path as bytes, for the time of the call.
    public func withRel<R>(_ body: (Span<UInt8>) -> R) -> R { body(rel.span.extracting(0..<relCount)) }

    /// Whether it is for the lesson at these bytes.
    public func isFor(_ path: Span<UInt8>) -> Bool { rel.span.extracting(0..<relCount).equals(path) }
}

/// What a token holds its user to.
public struct TokenLimits: Sendable, Equatable {
    /// Streams at once, 1…15; 0 without a limit.
    public let streams: Int
    /// Devices, 1…15; 0 without a limit.
    public let devices: Int
    /// The device the token is for, as `PlaybackToken.isName` allows; `nil`: told by program and network.
    public let device: String?

    /// - Parameters: as the properties.
    public init(streams: Int = 0, devices: Int = 0, device: String? = nil) {
        self.streams = streams
        self.devices = devices
        self.device = device
    }
}

/// Playback tokens: JWTs (RFC 7519) signed with HS256.
public enum PlaybackToken {
    /// Clock difference that `nbf` and `iat` are forgiven; `exp` is forgiven none.
    static let skew: Int64 = 30

    /// Checks a token.
    ///
    /// - Parameters:
    ///   - token: the compact form, as it came.
    ///   - keys: the keys it may be signed with.
    ///   - now: wall-clock seconds.
    ///   - longest: seconds a token may hold after its issue.
    /// - Returns: its claims, or why it is refused.
    public static func verify(
        _ token: Span<UInt8>, keys: KeyRing, now: Int64, longest: Int64
    ) -> Result<PlaybackClaims, Refusal> {
        if token.isEmpty { return .failure(.tokenMissing) }
        let claims = JWS.open(token, key: { keys.key($0) }) { claims in read(claims, now: now, longest: longest) }
        guard case .success(var claims) = claims, claims.session.isEmpty else { return claims }
        claims.session = name(of: token)
        return .success(claims)
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

    private static func read(_ bytes: Span<UInt8>, now: Int64, longest: Int64) -> Result<PlaybackClaims, Refusal> {
        var rel: Range<Int>?
        var video: Range<Int>?
        var user: Range<Int>?
        var session: Range<Int>?
        var id: Range<Int>?
        var device: Range<Int>?
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
        return .success(
            PlaybackClaims(
                rel: path, relCount: pathCount, expiry: expiry, issued: iat ?? 0, platform: platform,
                pathOnly: pathOnly, user: user, session: session, id: id, device: device, streams: Int(streams),
                devices: Int(devices)))
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
    public static func mint(
        user: String, rel: RelPath, platform: Platform, session: String, pathOnly: Bool,
        limits: TokenLimits = TokenLimits(), issued: Int64, lifetime: Int64, keys: KeyRing
    ) -> String {
        var claims: [JSON.Member] = [
            .init("user_id", .string(user)), .init("rel", .string(rel.description)),
            .init("platform", .string(platform.rawValue)), .init("iat", .integer(issued)),
            .init("exp", .integer(issued + lifetime)), .init("jti", .string(UUID().description)),
            .init("sid", .string(session)),
        ]
        if pathOnly { claims.append(.init("tr", "path")) }
        if limits.streams > 0 { claims.append(.init("lim", .integer(Int64(limits.streams)))) }
        if limits.devices > 0 { claims.append(.init("devs", .integer(Int64(limits.devices)))) }
        if let device = limits.device { claims.append(.init("dev", .string(device))) }
        return JWS.sign(.object(claims), key: keys.signing)
    }

    /// Whether a text can be a token's `user_id`, `sid` or `dev`: 1…128 printable ASCII characters, no quote, no backslash.
    public static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        return bytes.count >= 1 && bytes.count <= 128
            && bytes.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }
}
