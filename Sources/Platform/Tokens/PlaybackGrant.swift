public import Core

/// What a player is given for a lesson: a token for the header, one for the path, and where it plays with each.
public struct PlaybackGrant: Sendable, Equatable {
    /// For the header, a cookie or `?token=`.
    public let token: String
    /// For the path; the same where an app plays.
    public let pathToken: String
    /// Seconds that `token` holds.
    public let lifetime: Int64
    private let rel: RelPath
    private let platform: Platform

    /// Makes the tokens.
    ///
    /// - Parameters:
    ///   - user: whom limits count for.
    ///   - rel: the lesson, of four parts.
    ///   - platform: the kind of player.
    ///   - session: the `sid` that the tokens belong to.
    ///   - limits: how many streams and devices the user may have.
    ///   - network: what the tokens are bound to, if anything.
    ///   - rules: who may watch the lesson; see `ViewerRules`.
    ///   - format: how they are written.
    ///   - lifetimes: how long they hold.
    ///   - issued: wall-clock seconds.
    ///   - keys: the ring whose signer signs.
    /// - Returns: `nil` when long names and long rules together make a token that no gate would read.
    public init?(
        user: String, rel: RelPath, platform: Platform, session: String, limits: TokenLimits,
        network: NetworkPrefix? = nil, rules: String?, format: TokenFormat = .jwt, lifetimes: Lifetimes, issued: Int64,
        keys: KeyRing
    ) {
        func mint(pathOnly: Bool, _ lifetime: Int64) -> String {
            PlaybackToken.mint(
                user: user, rel: rel, platform: platform, session: session, pathOnly: pathOnly, limits: limits,
                issued: issued, lifetime: lifetime, keys: keys, network: network, rules: rules, format: format)
        }
        lifetime = lifetimes.header
        token = mint(pathOnly: false, lifetime)
        pathToken = platform == .mobile ? token : mint(pathOnly: true, lifetimes.path)
        guard max(token.utf8.count, pathToken.utf8.count) <= PlaybackToken.longest else { return nil }
        self.rel = rel
        self.platform = platform
    }

    /// Where it plays with `token` beside it.
    ///
    /// - Parameter base: the base of every URL.
    public func playlistURL(base: String) -> String {
        "\(base)\(platform == .mobile ? "/mobile" : "")/hls2/\(rel)/output.m3u8"
    }

    /// Where it plays with the token in its path.
    ///
    /// - Parameter base: the base of every URL.
    public func pathPlaylistURL(base: String) -> String { "\(base)/play/\(pathToken)/\(rel)/output.m3u8" }

    /// As answers carry it.
    ///
    /// - Parameter base: the base of every URL.
    public func members(base: String) -> [JSON.Member] {
        [
            .init("token", .string(token)), .init("expires_in", .integer(lifetime)),
            .init("playlist_url", .string(playlistURL(base: base))),
            .init("path_playlist_url", .string(pathPlaylistURL(base: base))),
        ]
    }
}
