public import Core
internal import Postgres
public import Tokens
public import Web

/// A new session's tokens, and where they play.
public struct PlaybackPass: Sendable, Equatable {
    /// For the header.
    public let token: String
    /// Seconds it holds.
    public let lifetime: Int64
    /// With the token beside it.
    public let playlistURL: String
    /// With a token in its path.
    public let pathPlaylistURL: String
    /// The session that begins with them.
    public let session: String
}

extension Playback {
    /// Signs for somebody of whom was decided that he may watch.
    ///
    /// - Parameters:
    ///   - user: whom limits count for, as tokens carry a name.
    ///   - rel: the lesson.
    ///   - platform: the kind of player.
    ///   - streams: how many he may have at once; 0 without a limit.
    /// - Throws: 403 for somebody who is shut out; 404 when the lesson is gone; 400 when names and rules are too long for a token.
    public func pass(user: String, rel: RelPath, platform: Platform, streams: Int) throws(Problem) -> PlaybackPass {
        try pass(
            TokenWish(
                user: user, rel: rel, platform: platform, ttl: nil, session: nil,
                limits: TokenLimits(streams: streams, devices: 0, device: nil)))
    }

    /// Signs what was wished; see `PlaybackRules.mayWatch`.
    func pass(_ wish: TokenWish) throws(Problem) -> PlaybackPass {
        try mustNotBeSuspended(wish.user)
        let lesson = try asking { () throws(DatabaseError) in try store.watchable(wish.rel) }
        guard let lesson else { throw Problem(.notFound) }
        let lifetimes = PlaybackRules.lifetimes(wish, duration: lesson.duration, usual: usual, longest: longest)
        let session = wish.session ?? UUID().description
        let grant = PlaybackGrant(
            user: wish.user, rel: wish.rel, platform: wish.platform, session: session, limits: wish.limits,
            network: wish.network, rules: PlaybackRules.joined(lesson.rules, wish.rules), format: wish.format,
            lifetimes: lifetimes, issued: now(), keys: keys())
        guard let grant else {
            throw Problem(.badRequest, detail: "The token would be too long: use shorter names or rules.")
        }
        return PlaybackPass(
            token: grant.token, lifetime: grant.lifetime, playlistURL: grant.playlistURL(base: baseURL),
            pathPlaylistURL: grant.pathPlaylistURL(base: baseURL), session: session)
    }
}
