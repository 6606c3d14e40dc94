internal import Core
internal import Postgres
public import Tokens
public import Web

/// What the handlers need.
public struct Playback {
    let store: any PlaybackStore
    let downloads: any DownloadStore
    let suspensions: any Suspensions
    let namesDownloads: Bool
    let keys: () -> KeyRing
    let usual: Int64
    let longest: Int64
    let baseURL: String
    let streams: Int
    let now: () -> Int64

    /// - Parameters:
    ///   - store: knows which lessons there are.
    ///   - downloads: knows which files there are.
    ///   - suspensions: knows who is shut out.
    ///   - namesDownloads: whether every download token names its file.
    ///   - keys: sign tokens; asked for each.
    ///   - usual: seconds a token holds when nobody says otherwise.
    ///   - longest: seconds it holds at most.
    ///   - baseURL: the base of every URL in an answer.
    ///   - streams: streams a user may have at once where nobody says otherwise; 0 without a limit.
    ///   - now: wall-clock seconds.
    public init(
        store: any PlaybackStore, downloads: any DownloadStore, suspensions: any Suspensions, namesDownloads: Bool,
        keys: @escaping () -> KeyRing, usual: Int64, longest: Int64, baseURL: String, streams: Int,
        now: @escaping () -> Int64
    ) {
        self.suspensions = suspensions
        self.downloads = downloads
        self.namesDownloads = namesDownloads
        self.store = store
        self.keys = keys
        self.usual = usual
        self.longest = longest
        self.baseURL = baseURL
        self.streams = streams
        self.now = now
    }

    /// Lets pass who is not shut out, whoever asks for him.
    ///
    /// - Throws: 403 `suspended`.
    func mustNotBeSuspended(_ user: String) throws(Problem) {
        let isSuspended = try asking { () throws(DatabaseError) in try suspensions.isSuspended(user) }
        if isSuspended { throw Problem(.suspended) }
    }
}

/// The feature's routes.
public func playbackRoutes() -> [Route<Playback>] {
    [
        Route(
            .get, "/api/get-video-token/v2", by: .key(.tokens, or: .viewer, .instructor, .admin), rate: .tokens,
            to: videoToken)
    ] + downloadRoutes() + lessonRuleRoutes()
}

// MARK: GET /api/get-video-token/v2

private func videoToken(_ playback: Playback, _ request: Request) throws(Problem) -> Response {
    let wish = try PlaybackRules.wish(request.query, request.caller, streams: playback.streams)
    try PlaybackRules.mayWatch(wish, request.caller)
    try playback.mustNotBeSuspended(wish.user)
    let lesson = try asking { () throws(DatabaseError) in try playback.store.watchable(wish.rel) }
    guard let lesson else { throw Problem(.notFound) }
    let lifetimes = PlaybackRules.lifetimes(
        wish, duration: lesson.duration, usual: playback.usual, longest: playback.longest)
    let session = wish.session ?? UUID().description
    let now = playback.now()
    let keys = playback.keys()
    let rules = PlaybackRules.joined(lesson.rules, wish.rules)
    func token(path: Bool, _ lifetime: Int64) -> String {
        PlaybackToken.mint(
            user: wish.user, rel: wish.rel, platform: wish.platform, session: session, pathOnly: path,
            limits: wish.limits, issued: now, lifetime: lifetime, keys: keys, network: wish.network, rules: rules,
            format: wish.format)
    }
    let header = token(path: false, lifetimes.header)
    let inPath = wish.platform == .mobile ? header : token(path: true, lifetimes.path)
    // Long names and long rules together can make one that no gate would read.
    guard max(header.utf8.count, inPath.utf8.count) <= PlaybackToken.longest else {
        throw Problem(.badRequest, detail: "The token would be too long: use shorter names or rules.")
    }
    let place = wish.platform == .mobile ? "/mobile/hls2/" : "/hls2/"
    return .json([
        "token": .string(header), "expires_in": .integer(lifetimes.header),
        "playlist_url": .string("\(playback.baseURL)\(place)\(wish.rel)/output.m3u8"),
        "path_playlist_url": .string("\(playback.baseURL)/play/\(inPath)/\(wish.rel)/output.m3u8"),
        "session_id": .string(session),
    ])
}
