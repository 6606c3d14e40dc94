public import Core

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
    public internal(set) var session: ClaimText
    /// The token's own id (`jti`); empty without one.
    public private(set) var id: ClaimText
    /// The device it names (`dev`); empty without one.
    public private(set) var device: ClaimText
    /// Streams the user may have at once, 1…15; 0 without a limit.
    public private(set) var streams: Int
    /// Devices the user may have, 1…15; 0 without a limit.
    public private(set) var devices: Int
    /// What the token's own terms (networks, rules, what a CAT demands) say against the request that brings it.
    public internal(set) var objection: Refusal?

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
