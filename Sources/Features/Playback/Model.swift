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
    /// The network the token is bound to, if any.
    public let network: NetworkPrefix?
    /// Who may use the token, if that was said; see `ViewerRules`.
    public let rules: String?
    /// How the token is written.
    public let format: TokenFormat

    /// - Parameters: as the properties.
    public init(
        user: String, rel: RelPath, platform: Platform, ttl: Int64?, session: String?,
        limits: TokenLimits = TokenLimits(), network: NetworkPrefix? = nil, rules: String? = nil,
        format: TokenFormat = .jwt
    ) {
        self.user = user
        self.rel = rel
        self.platform = platform
        self.ttl = ttl
        self.session = session
        self.limits = limits
        self.network = network
        self.rules = rules
        self.format = format
    }
}

/// What is known of a lesson that somebody wants to watch.
public struct Watchable: Sendable, Equatable {
    /// Seconds it plays, once known.
    public let duration: Double?
    /// Who may watch it, if that was said; see `ViewerRules`.
    public let rules: String?

    /// - Parameters: as the properties.
    public init(duration: Double?, rules: String? = nil) {
        self.duration = duration
        self.rules = rules
    }
}
