public import Core

/// What a player is given for a lesson: a token for the header, one for the path, and where it plays with each.
public struct PlaybackGrant: Sendable, Equatable {
    /// Seconds beyond its length that a lesson's token holds where the player can't renew it.
    private static let slack: Int64 = 7200

    /// For the header, a cookie or `?token=`.
    public let token: String
    /// For the path; the same where an app plays.
    public let pathToken: String
    /// Seconds that `token` holds.
    public let lifetime: Int64
    private let rel: RelPath
    private let platform: Platform

    /// Seconds that tokens hold.
    public struct Terms: Sendable, Equatable {
        /// Where nobody says otherwise.
        public let usual: Int64
        /// At most.
        public let longest: Int64

        /// - Parameters: as the properties.
        public init(usual: Int64, longest: Int64) {
            self.usual = usual
            self.longest = longest
        }
    }

    /// Makes the tokens.
    ///
    /// - Parameters:
    ///   - user: whom limits count for.
    ///   - rel: the lesson, of four parts.
    ///   - platform: the kind of player.
    ///   - session: the `sid` that the tokens belong to.
    ///   - limits: how many streams and devices the user may have.
    ///   - rules: who may watch the lesson; see `ViewerRules`.
    ///   - duration: seconds the lesson plays, if that is known.
    ///   - terms: how long tokens hold.
    ///   - issued: wall-clock seconds.
    ///   - keys: the ring whose signer signs.
    /// - Returns: `nil` when long names and long rules together make a token that no gate would read.
    public init?(
        user: String, rel: RelPath, platform: Platform, session: String, limits: TokenLimits, rules: String?,
        duration: Double?, terms: Terms, issued: Int64, keys: KeyRing
    ) {
        let whole = Self.wholeLifetime(duration, terms)
        func mint(pathOnly: Bool, _ lifetime: Int64) -> String {
            PlaybackToken.mint(
                user: user, rel: rel, platform: platform, session: session, pathOnly: pathOnly, limits: limits,
                issued: issued, lifetime: lifetime, keys: keys, rules: rules)
        }
        lifetime = platform == .mobile ? whole : min(terms.usual, terms.longest)
        token = mint(pathOnly: false, lifetime)
        pathToken = platform == .mobile ? token : mint(pathOnly: true, whole)
        guard max(token.utf8.count, pathToken.utf8.count) <= PlaybackToken.longest else { return nil }
        self.rel = rel
        self.platform = platform
    }

    /// Long enough for the whole lesson and a pause: for players that can't renew.
    private static func wholeLifetime(_ duration: Double?, _ terms: Terms) -> Int64 {
        let length = duration.flatMap { $0.isFinite ? Int64(exactly: $0.rounded(.up)) : nil } ?? 0
        return min(terms.longest, max(terms.usual, max(0, min(length, terms.longest)) + slack))
    }

    /// As answers carry it.
    ///
    /// - Parameter base: the base of every URL.
    public func members(base: String) -> [JSON.Member] {
        let place = platform == .mobile ? "/mobile/hls2/" : "/hls2/"
        return [
            .init("token", .string(token)), .init("expires_in", .integer(lifetime)),
            .init("playlist_url", .string("\(base)\(place)\(rel)/output.m3u8")),
            .init("path_playlist_url", .string("\(base)/play/\(pathToken)/\(rel)/output.m3u8")),
        ]
    }
}
