internal import Core
public import FastCGI
internal import POSIX
public import Sessions
public import Tokens

/// Answers nginx, one request at a time.
public final class GateLoop {
    private var keeper: Gatekeeper
    private let keys: MediaKeys
    private let sessions: Sessions
    private let lessons: String
    private let unauthorized: Int
    private let cookies: PlaybackCookie
    private var olderTrees = OlderTrees()

    /// - Parameters:
    ///   - keeper: decides.
    ///   - keys: answers keys.
    ///   - sessions: who is watching, and what limits hold.
    ///   - dataDirectory: below it `hls/<rel>/` holds the playlists.
    ///   - unauthorized: the status of a missing or bad token: 401, or 403 as the older server had it.
    ///   - cookies: how tokens become cookies.
    public init(
        keeper: Gatekeeper, keys: MediaKeys, sessions: Sessions, dataDirectory: String, unauthorized: Int,
        cookies: PlaybackCookie
    ) {
        self.cookies = cookies
        self.keeper = keeper
        self.keys = keys
        self.sessions = sessions
        lessons = dataDirectory + "/hls/"
        self.unauthorized = unauthorized
    }

    /// From now on tokens are checked with other keys.
    public func use(_ keys: KeyRing) { keeper.use(keys) }

    /// What goes back to nginx.
    private enum Answer {
        case allowed
        case refused(Refusal)
        case paced(seconds: Int)
        case missing(Refusal)
        case key([UInt8])
        case playlist([UInt8])
        case cues([UInt8])
        /// It may be done, with one more field in the answer.
        case allowedWith(field: String)
    }

    /// Answers one request.
    ///
    /// - Parameter now: the moment, by both clocks.
    public func answer(_ exchange: consuming Exchange, now: Moment) {
        let repeated = exchange.count(of: "HTTP_AUTHORIZATION") > 1 || exchange.count(of: "HTTP_COOKIE") > 1
        let repeatedReferrer = exchange.count(of: "HTTP_REFERER") > 1
        let answer: Answer = exchange.withParameters("RG_KIND", "RG_URI", "RG_RAW", "RG_METHOD") {
            kind, path, raw, method in
            if let errand = Errand(kind, path) {
                return exchange.withParameters("HTTP_AUTHORIZATION", "HTTP_REFERER", "RG_ARGS", "RG_CLIENT") {
                    authorization, referrer, query, _ in
                    if repeatedReferrer { return .refused(.referrer) }
                    return run(
                        errand, path: path, raw: raw, method: method, authorization: authorization, query: query,
                        referrer: referrer, repeated: repeated, now: now.wall)
                }
            }
            switch keeper.locate(question: kind, path: path, raw: raw, method: method) {
            case .failure(let refusal): return .refused(refusal)
            case .success((let question, let place)):
                return exchange.withParameters(
                    "HTTP_AUTHORIZATION", "HTTP_COOKIE", "RG_ARGS", "HTTP_REFERER", "HTTP_USER_AGENT", "RG_CLIENT"
                ) { authorization, cookie, query, referrer, agent, client in
                    if repeatedReferrer { return .refused(.referrer) }
                    let verdict = keeper.admit(
                        place, path: path, authorization: authorization, cookie: cookie, query: query,
                        referrer: referrer, agent: agent, client: client, repeated: repeated, now: now.wall)
                    switch verdict {
                    case .failure(let refusal): return .refused(refusal)
                    case .success(let claims):
                        switch sessions.visit(
                            claims, use(place, path, now), client: client, agent: agent,
                            device: claims.devices > 0 ? DeviceGuess.number(agent: agent, client: client) : 0, now: now)
                        {
                        case .allow: break
                        case .refuse(let refusal): return .refused(refusal)
                        case .wait(let seconds): return .paced(seconds: seconds)
                        }
                        if question == .file { return .allowed }
                        return fetch(place, path: path, authorization: authorization, query: query)
                    }
                }
            }
        }
        send(answer, to: exchange)
    }

    /// What is no fetching of a lesson's file.
    private func run(
        _ errand: Errand, path: Span<UInt8>, raw: Span<UInt8>, method: Span<UInt8>, authorization: Span<UInt8>,
        query: Span<UInt8>, referrer: Span<UInt8>, repeated: Bool, now: Int64
    ) -> Answer {
        switch errand {
        case .download:
            let verdict = keeper.admitDownload(
                path: path, raw: raw, method: method, authorization: authorization, query: query, repeated: repeated,
                now: now)
            switch verdict {
            case .failure(let refusal): return .refused(refusal)
            case .success(let claims):
                if sessions.isRevoked(claims, rel: path.extracting(DownloadPath.rel(path))) {
                    return .refused(.revoked)
                }
                return .allowedWith(field: Disposition.field(path, claims))
            }
        case .cookie:
            let verdict = keeper.grantCookie(
                path: path, raw: raw, method: method, authorization: authorization, referrer: referrer,
                repeated: repeated, now: now)
            switch verdict {
            case .failure(let refusal): return .refused(refusal)
            case .success(let claims):
                return .allowedWith(
                    field: cookies.field(authorization.extracting(7..<authorization.count), claims, now: now))
            }
        }
    }

    private func use(_ place: MediaPath, _ path: Span<UInt8>, _ now: Moment) -> MediaUse {
        place.use(path) { rel in
            olderTrees.segment(rel, now: now.ticks) {
                read(String(decoding: rel.copied, as: UTF8.self) + "/output.m3u8", limit: 4_194_304)
            }
        }
    }

    private func fetch(
        _ place: MediaPath, path: Span<UInt8>, authorization: Span<UInt8>, query: Span<UInt8>
    ) -> Answer {
        let rel = String(decoding: path.extracting(place.rel).copied, as: UTF8.self)
        let directory = lessons + rel
        switch place.target {
        case .key(let number):
            guard let publication = PublicationName(path.extracting(place.publication)),
                Files.isDirectory("\(directory)/\(publication)"),
                let key = keys.key(rel: rel, publication: publication, number: number)
            else { return .missing(.notFound) }
            return .key(key)
        case .fileKey:
            // A file that was cut short, or whose content a disk lost, is no key.
            guard let key = read("\(rel)/enc.key", limit: 16), key.count == 16, key.contains(where: { $0 != 0 }) else {
                return .missing(.notFound)
            }
            return .key(key)
        case .playlist, .mediaPlaylist, .file:
            var name = String(decoding: path.extracting(place.tail).copied, as: UTF8.self)
            if name == "playlist.m3u8" || name == "master.m3u8" { name = "output.m3u8" }
            guard let bytes = read("\(rel)/\(name)", limit: 4_194_304) else {
                return .missing(Files.exists("\(directory)/.pending") ? .notReady : .notFound)
            }
            var token = authorization.extracting(0..<0)
            if place.transport == .query {
                // What came in the header goes on in the query: the URIs inside have no other way to carry it.
                token =
                    authorization.isEmpty
                    ? query.extracting(Query.token(query) ?? 0..<0) : authorization.extracting(7..<authorization.count)
            }
            if name.hasSuffix(".vtt") { return .cues(PlaylistRewriter.rewrite(cues: bytes.span, adding: token)) }
            return .playlist(PlaylistRewriter.rewrite(bytes.span, adding: token))
        }
    }

    /// A file of a lesson by its path below all lessons; links are not followed.
    private func read(_ path: String, limit: Int) -> [UInt8]? {
        guard let file = try? Descriptor(reading: path, beneath: lessons) else { return nil }
        return try? file.readAll(limit: limit)
    }

    private func send(_ answer: Answer, to exchange: consuming Exchange) {
        switch answer {
        case .allowed: exchange.respond(head: "Status: 204 No Content\r\n")
        case .refused(let refusal): refuse(refusal, status: refusal.status == 401 ? unauthorized : 403, exchange)
        case .paced(let seconds): refuse(.paced, status: 403, exchange, retryAfter: seconds)
        case .missing(let refusal): refuse(refusal, status: 404, exchange)
        case .key(let key):
            let head = "Status: 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 16\r\n"
            exchange.respond(head: Array(head.utf8).span, body: key.span)
        case .allowedWith(let field):
            let empty: [UInt8] = []
            exchange.respond(head: Array("Status: 204 No Content\r\n\(field)\r\n".utf8).span, body: empty.span)
        case .cues(let bytes):
            let head = "Status: 200 OK\r\nContent-Type: text/vtt\r\nContent-Length: \(bytes.count)\r\n"
            exchange.respond(head: Array(head.utf8).span, body: bytes.span)
        case .playlist(let bytes):
            let head =
                "Status: 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\nContent-Length: \(bytes.count)\r\n"
            exchange.respond(head: Array(head.utf8).span, body: bytes.span)
        }
    }

    private func refuse(_ refusal: Refusal, status: Int, _ exchange: consuming Exchange, retryAfter: Int? = nil) {
        var head = "Status: \(status) \(Refusal.title(of: status))\r\nX-Reelgate-Reason: \(refusal.code)\r\n"
        if status == 401 { head += "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n" }
        if let retryAfter { head += "Retry-After: \(min(retryAfter, 9999))\r\n" }
        let empty: [UInt8] = []
        exchange.respond(head: Array(head.utf8).span, body: empty.span)
    }
}
