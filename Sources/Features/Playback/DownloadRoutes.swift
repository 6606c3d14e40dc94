internal import Core
internal import Postgres
internal import Storage
internal import Tokens
internal import Web

/// Routes that hand out download tokens, and the older ones that hand out playback tokens.
func downloadRoutes() -> [Route<Playback>] {
    let access = Access.key(.tokens, or: .viewer, .instructor, .admin)
    return [
        Route(.get, "/api/get-download-token/v2", by: access, rate: .tokens, to: downloadToken),
        Route(.get, "/api/get-download-token/:user/:file", by: access, rate: .tokens, to: olderDownloadToken),
        Route(.get, "/api/get-video-token/:user/:file", by: access, rate: .tokens, to: olderVideoToken),
        Route(
            .get, "/api/get-video-token/mobile/:user/:file/:video", by: access, rate: .tokens,
            to: olderMobileToken),
    ]
}

// MARK: GET /api/get-download-token/v2

private func downloadToken(_ playback: Playback, _ request: Request) throws(Problem) -> Response {
    let wish = try DownloadRules.wish(request.query, request.caller, needsName: playback.namesDownloads)
    return try playback.download(wish, request.caller)
}

// MARK: GET /api/get-download-token/:user/:file

private func olderDownloadToken(
    _ playback: Playback, _ request: Request, _ user: Slug, _ file: String
) throws(Problem) -> Response {
    // What was asked for by the name it was sent with is downloaded by the name it has.
    let known = try asking { () throws(DatabaseError) in try playback.downloads.original(of: user, named: file) }
    let wish = DownloadWish(
        user: user.description, subject: .older(user: user),
        filename: try DownloadRules.name(known?.description ?? file),
        ttl: try PlaybackRules.seconds(request.query.one("ttl")))
    return try playback.download(wish, request.caller)
}

extension Playback {
    /// The answer to a wish that was read.
    fileprivate func download(_ wish: DownloadWish, _ caller: Caller) throws(Problem) -> Response {
        try DownloadRules.mayDownload(wish, caller)
        try mustNotBeSuspended(wish.user)
        let file = try asking { () throws(DatabaseError) in try downloads.file(wish.subject, named: wish.filename) }
        guard let file else { throw Problem(.notFound) }
        let lifetime = min(max(1, wish.ttl ?? usual), longest)
        let path = wish.subject.directory + (wish.filename?.description ?? "")
        let token = DownloadToken.mint(
            user: wish.user, path: path, name: file.title.map { DownloadRules.escaped($0) }, issued: now(),
            lifetime: lifetime, keys: keys())
        let answer: [JSON.Member] = [.init("token", .string(token)), .init("expires_in", .integer(lifetime))]
        let place: [JSON.Member] =
            wish.filename == nil
            ? [
                .init("download_base_url", .string(baseURL + path)), .init("filename", .string(file.name.description)),
                .init("extension", .string(file.name.fileExtension)),
            ] : [.init("download_url", .string(baseURL + path))]
        return .json(.object(answer + place))
    }
}

// MARK: GET /api/get-video-token/:user/:file

private func olderVideoToken(
    _ playback: Playback, _ request: Request, _ user: Slug, _ file: String
) throws(Problem) -> Response {
    // Sites that kept the id may say it: in trees of the older server it can't be told from the file's name.
    let video = try request.query.one("video_id").map { (text) throws(Problem) in
        guard let video = Slug(text) else { throw Problem(.badRequest, detail: "video_id is not valid.") }
        return video
    }
    return try playback.older(request, user: user, file: file, video: video, .web)
}

// MARK: GET /api/get-video-token/mobile/:user/:file/:video

private func olderMobileToken(
    _ playback: Playback, _ request: Request, _ user: Slug, _ file: String, _ video: Slug
) throws(Problem) -> Response {
    try playback.older(request, user: user, file: file, video: video, .mobile)
}

extension Playback {
    /// A token for a video of two parts, and where it plays.
    fileprivate func older(
        _ request: Request, user: Slug, file: String, video: Slug?, _ platform: Platform
    ) throws(Problem) -> Response {
        let found =
            if let video { video } else {
                try asking { () throws(DatabaseError) in try downloads.original(of: user, named: file)?.video }
            }
        guard let found else { throw Problem(.notFound) }
        let wish = TokenWish(
            user: user.description, rel: RelPath(user: user, video: found), platform: platform,
            ttl: try PlaybackRules.seconds(request.query.one("ttl")), session: nil)
        try PlaybackRules.mayWatch(wish, request.caller)
        try mustNotBeSuspended(wish.user)
        let lesson = try asking { () throws(DatabaseError) in try store.watchable(wish.rel) }
        guard let lesson else { throw Problem(.notFound) }
        let lifetimes = PlaybackRules.lifetimes(wish, duration: lesson.duration, usual: usual, longest: longest)
        let session = UUID().description
        let now = now()
        let keys = keys()
        func token(path: Bool, _ lifetime: Int64) -> String {
            OlderToken.mint(
                wish.rel, filename: FileName(file), platform: platform, session: session, pathOnly: path, issued: now,
                lifetime: lifetime, keys: keys, rules: lesson.rules)
        }
        let header = token(path: false, lifetimes.header)
        let inPath = platform == .mobile ? header : token(path: true, lifetimes.path)
        return .json([
            "token": .string(header), "expires_in": .integer(lifetimes.header), "video_id": .string(found.description),
            "playlist_url": .string("\(baseURL)\(platform == .mobile ? "/mobile" : "")\(wish.rel.playlistPath)"),
            "path_playlist_url": .string("\(baseURL)/play/\(inPath)/\(wish.rel)/output.m3u8"),
            "session_id": .string(session),
        ])
    }
}
