internal import Core
internal import Gate
internal import Tokens

enum GateFuzz {
    static let lesson = "t1/course1/m1/l1"
    private static let keeper = Gatekeeper(
        keys: TokenFuzz.keys,
        referrers: ["https://good.example", "https://*.school.example"].compactMap { Origin($0) },
        longest: TokenFuzz.longest)
    /// A path of two parts, as the older routes make them.
    private static let older = "u1/v1"
    private static let download = "/download2/t1/course1/m1/l1/a.mp4"
    /// What bytes 1…6 stand for: the fuzzer can't make a MAC.
    private static let tokens = [
        mint(.web, pathOnly: false), mint(.mobile, pathOnly: false), mint(.web, pathOnly: true),
        mintOlder(.web), mintOlder(.mobile),
        Array(
            DownloadToken.mint(
                user: "u1", path: download, name: nil, issued: TokenFuzz.now, lifetime: 300, keys: TokenFuzz.keys
            ).utf8),
    ]
    /// Behind what a lesson's path begins.
    private static let prefixes = ["/hls2/", "/mobile/hls2/", "/hls/", "/mobile/hls/", "/videos-user/"]

    private static func mintOlder(_ platform: Platform) -> [UInt8] {
        guard let rel = RelPath(older) else { return [] }
        let token = OlderToken.mint(
            rel, filename: nil, platform: platform, session: "s", pathOnly: false, issued: TokenFuzz.now,
            lifetime: 300, keys: TokenFuzz.keys)
        return Array(token.utf8)
    }

    private static func mint(_ platform: Platform, pathOnly: Bool) -> [UInt8] {
        guard let rel = RelPath(lesson) else { return [] }
        let token = PlaybackToken.mint(
            user: "u1", rel: rel, platform: platform, session: "s", pathOnly: pathOnly, issued: TokenFuzz.now,
            lifetime: 300, keys: TokenFuzz.keys)
        return Array(token.utf8)
    }

    static func run(_ input: Span<UInt8>) -> String? {
        var fields: [[UInt8]] = [[]]
        for index in input.indices {
            switch input[index] {
            case 10: fields.append([])
            case 1...6: fields[fields.count - 1] += tokens[Int(input[index]) - 1]
            case let byte: fields[fields.count - 1].append(byte)
            }
        }
        // nginx sends no parameter with a NUL, and one ends there for libfcgi's reader.
        fields = fields.map { Array($0.prefix { $0 != 0 }) }
        while fields.count < 10 { fields.append([]) }
        let (kind, path, raw, method, authorization) = (fields[0], fields[1], fields[2], fields[3], fields[4])
        let (cookie, query, referrer, agent, client) = (fields[5], fields[6], fields[7], fields[8], fields[9])
        let errand = keeper.admitDownload(
            path: path.span, raw: raw.span, method: method.span, authorization: authorization.span, query: query.span,
            repeated: fields.count > 10, now: TokenFuzz.now)
        if case .success = errand, path != Array(download.utf8) || raw.prefix(path.count) != path[...] {
            return "another file is downloaded"
        }
        guard
            case .success((_, let place)) = keeper.locate(
                question: kind.span, path: path.span, raw: raw.span, method: method.span)
        else { return nil }
        if let mistake = judge(kind, path, raw, method) { return mistake }
        let verdict = keeper.admit(
            place, path: path.span, authorization: authorization.span, cookie: cookie.span, query: query.span,
            referrer: referrer.span, agent: agent.span, client: client.span, repeated: fields.count > 10,
            now: TokenFuzz.now)
        guard case .success(let claims) = verdict else { return nil }
        let rel = [lesson, older].map { Array($0.utf8) }.first { claims.isFor($0.span) }
        guard let rel, behind(path).starts(with: rel) else { return "let through to another lesson" }
        let next = behind(path).dropFirst(rel.count).first
        let waiting = path.starts(with: Array("/videos-user/".utf8))
        guard next == (waiting ? 46 : 47) else { return "let through to a lesson whose path begins alike" }
        return fields.count > 10 ? "let through with a header that stands twice" : nil
    }

    /// The path behind its prefix.
    private static func behind(_ path: [UInt8]) -> ArraySlice<UInt8> {
        for prefix in prefixes where path.starts(with: Array(prefix.utf8)) { return path.dropFirst(prefix.utf8.count) }
        guard path.starts(with: Array("/play/".utf8)), let slash = path.dropFirst(6).firstIndex(of: 47) else {
            return []
        }
        return path[(slash + 1)...]
    }

    /// What is located is written in one way, and the way it is asked for fits.
    private static func judge(_ kind: [UInt8], _ path: [UInt8], _ raw: [UInt8], _ method: [UInt8]) -> String? {
        guard method == Array("GET".utf8) || method == Array("HEAD".utf8) else { return "another method" }
        guard Array(raw.prefix { $0 != 63 }) == path else { return "another path than the client's" }
        let parts = path.dropFirst().split(separator: 47, omittingEmptySubsequences: false)
        let odd = parts.contains { $0.isEmpty || $0.first == 46 || $0.contains { $0 <= 32 || $0 >= 127 || $0 == 37 } }
        // The token of /play/ is any bytes: its MAC is checked before anything else.
        if odd, !path.starts(with: Array("/play/".utf8)) { return "a path that is not canonical" }
        let last = parts.last.map { Array($0) } ?? []
        let key = last == Array("key".utf8) || last == Array("enc.key".utf8) || last.allSatisfy { $0 >= 48 && $0 <= 57 }
        return key == (kind == Array("k".utf8)) ? nil : "a key asked for as a file"
    }
}
