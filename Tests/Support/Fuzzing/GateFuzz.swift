internal import Core
internal import Gate
internal import Tokens

enum GateFuzz {
    static let lesson = "t1/course1/m1/l1"
    private static let keeper = Gatekeeper(
        keys: TokenFuzz.keys,
        referrers: ["https://good.example", "https://*.school.example"].compactMap { Origin($0) },
        longest: TokenFuzz.longest)
    /// What bytes 1, 2 and 3 stand for: the fuzzer can't make a MAC.
    private static let tokens = [
        mint(.web, pathOnly: false), mint(.mobile, pathOnly: false), mint(.web, pathOnly: true),
    ]

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
            case 1...3: fields[fields.count - 1] += tokens[Int(input[index]) - 1]
            case let byte: fields[fields.count - 1].append(byte)
            }
        }
        // nginx sends no parameter with a NUL, and one ends there for libfcgi's reader.
        fields = fields.map { Array($0.prefix { $0 != 0 }) }
        while fields.count < 10 { fields.append([]) }
        let (kind, path, raw, method, authorization) = (fields[0], fields[1], fields[2], fields[3], fields[4])
        let (cookie, query, referrer, agent, client) = (fields[5], fields[6], fields[7], fields[8], fields[9])
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
        let parts = path.split(separator: 47, omittingEmptySubsequences: false)
        let first = parts.count > 1 && parts[1].elementsEqual("hls2".utf8) ? 2 : 3
        guard parts.count > first + 4 else { return "let through without a lesson" }
        let named = Array(parts[first..<(first + 4)].joined(separator: [47]))
        guard claims.isFor(named.span), named == Array(lesson.utf8) else { return "let through to another lesson" }
        return fields.count > 10 ? "let through with a header that stands twice" : nil
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
