public import Core
public import Tokens

/// What somebody asks a token for.
public struct TokenWish: Sendable, Equatable {
    /// Who watches: whom limits count for.
    public let user: String
    /// The lesson.
    public let rel: RelPath
    /// The kind of player.
    public let platform: Platform
    /// Seconds asked for, if any.
    public let ttl: Int64?
    /// The playback session that goes on, if any.
    public let session: String?
    /// What the user is held to.
    public let limits: TokenLimits

    /// - Parameters: as the properties.
    public init(
        user: String, rel: RelPath, platform: Platform, ttl: Int64?, session: String?,
        limits: TokenLimits = TokenLimits()
    ) {
        self.user = user
        self.rel = rel
        self.platform = platform
        self.ttl = ttl
        self.session = session
        self.limits = limits
    }
}

/// What is known of a lesson that somebody wants to watch.
public struct Watchable: Sendable, Equatable {
    /// Seconds it plays, once known.
    public let duration: Double?

    /// - Parameter duration: seconds, if known.
    public init(duration: Double?) { self.duration = duration }
}

/// How long the two tokens of an answer hold, in seconds.
public struct Lifetimes: Sendable, Equatable {
    /// The one for the header.
    public let header: Int64
    /// The one for the path.
    public let path: Int64
}
