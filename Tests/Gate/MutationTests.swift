import Core
import Testing
import Tokens

@testable import Gate

private let now: Int64 = 1_800_000_000
private let keys = KeyRing(secret: Array("a-Fairly-Long-and-Random-0123-text-1".utf8))
private let keeper = Gatekeeper(
    keys: keys, referrers: ["https://good.example"].compactMap { Origin($0) }, longest: 86_400)
private let lesson = "/hls2/t1/course1/m1/l1"
private let file = lesson + "/_0123456789ab-k1-d6000/720p/0.ts"

private func token(_ rel: String = "t1/course1/m1/l1", lifetime: Int64 = 300, path: Bool = false) -> String {
    guard let rel = RelPath(rel) else { return "" }
    return PlaybackToken.mint(
        user: "u1", rel: rel, platform: .web, session: "s", pathOnly: path, issued: now - 60, lifetime: lifetime + 60,
        keys: keys)
}

private func ask(_ path: String, raw: String? = nil, token: String) -> Refusal? {
    let bytes = Array(path.utf8)
    let empty: [UInt8] = []
    let located = keeper.locate(
        question: Array("f".utf8).span, path: bytes.span, raw: Array((raw ?? path).utf8).span,
        method: Array("GET".utf8).span)
    switch located {
    case .failure(let refusal): return refusal
    case .success((_, let place)):
        let verdict = keeper.admit(
            place, path: bytes.span, authorization: Array("Bearer \(token)".utf8).span, cookie: empty.span,
            query: empty.span, referrer: Array("https://good.example/".utf8).span, agent: empty.span,
            client: Array("127.0.0.1".utf8).span, repeated: false, now: now)
        if case .failure(let refusal) = verdict { return refusal }
        return nil
    }
}

@Suite struct MutationTests {
    /// A path as nginx understood it, and as the client wrote it where that is something else.
    private static let paths: [(path: String, raw: String?, refusal: Refusal?)] = [
        (file, nil, nil), (file, file + "?x=1", nil),
        (lesson + "0/_0123456789ab-k1-d6000/720p/0.ts", nil, .rel),
        (lesson + "-x/_0123456789ab-k1-d6000/720p/0.ts", nil, .rel),
        ("/hls2/t1/course1/m1/l/_0123456789ab-k1-d6000/720p/0.ts", nil, .rel),
        ("/hls2/t1/course1/m1/L1/_0123456789ab-k1-d6000/720p/0.ts", nil, .rel),
        ("/hls2/t1/course10/m1/l1/_0123456789ab-k1-d6000/720p/0.ts", nil, .rel),
        ("/hls2/t2/course1/m1/l1/_0123456789ab-k1-d6000/720p/0.ts", nil, .rel),
        (file, lesson + "/../l1/_0123456789ab-k1-d6000/720p/0.ts", .path),
        (file, lesson + "/_0123456789ab-k1-d6000/720p/%30.ts", .path),
        (file, "/" + file, .path), (file, file + "#", .path), (file, file + "%00", .path),
        (file, "/hls2/t1/course1/./m1/l1/_0123456789ab-k1-d6000/720p/0.ts", .path),
        (file + ".tmp", nil, .path), (file + "/", nil, .path), (lesson + "/source.mp4", nil, .path),
        (lesson + "/_0123456789ab-k1-d6000/720p/00.ts", nil, .path),
        (lesson + "/_0123456789AB-k1-d6000/720p/0.ts", nil, .path),
        (lesson + "/_0123456789ab-k1-d6000/key/0", nil, .path),
        ("/hls2/t1/course1/m1/l1/../l10/_0123456789ab-k1-d6000/720p/0.ts", nil, .path),
        ("/HLS2" + file.dropFirst(5), nil, .path),
    ]

    /// A token, and what it is refused for before its lesson is looked at.
    private static let tokens: [(token: String, refusal: Refusal?)] = {
        let good = token()
        let parts = good.split(separator: ".").map(String.init)
        let other = token("t2/c/m/l").split(separator: ".").map(String.init)
        return [
            (good, nil), ("", .tokenMalformed), (String(good.dropLast()), .tokenSignature),
            (good + "A", .tokenSignature),
            (parts[0] + "." + other[1] + "." + parts[2], .tokenSignature),
            (parts[0] + "." + parts[1] + "." + other[2], .tokenSignature),
            (parts[0] + "." + parts[1] + ".", .tokenSignature), (parts[0] + "." + parts[1], .tokenMalformed),
            ("eyJhbGciOiJub25lIn0." + parts[1] + ".", .tokenMalformed), (good.uppercased(), .tokenMalformed),
            (token(lifetime: 0), .tokenExpired), (" " + good, .tokenMalformed),
        ]
    }()

    @Test("A02 A03 E02 E05 E13 every pair of a path and a token, one or both of them altered")
    func pairs() {
        var refused = 0
        for (path, raw, pathRefusal) in Self.paths {
            for (token, tokenRefusal) in Self.tokens {
                // A path without a shape of ours is refused before the token is read, a lesson behind it.
                let expected = pathRefusal == .path ? .path : tokenRefusal ?? pathRefusal
                let found = ask(path, raw: raw, token: token)
                #expect(found == expected, "\(raw ?? path) with \(token)")
                refused += found == nil ? 0 : 1
            }
        }
        #expect(Self.paths.count * Self.tokens.count >= 60)
        #expect(refused == Self.paths.count * Self.tokens.count - 2)
    }

    @Test("E05 E09 every single bit of a token counts, wherever it is carried") func bits() {
        let good = Array(token().utf8)
        let inPath = Array(token(path: true).utf8)
        #expect(ask(file, token: String(decoding: good, as: UTF8.self)) == nil)
        for bit in 0..<(8 * good.count) {
            var altered = good
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            switch PlaybackToken.verify(altered.span, keys: keys, now: now, longest: 86_400) {
            case .success: Issue.record("accepted with bit \(bit) changed")
            case .failure: break
            }
        }
        for bit in 0..<(8 * inPath.count) {
            var altered = inPath
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            let path = Array("/play/".utf8) + altered + Array(file.utf8.dropFirst(5))
            let empty: [UInt8] = []
            let located = keeper.locate(
                question: Array("f".utf8).span, path: path.span, raw: path.span, method: Array("GET".utf8).span)
            guard case .success((_, let place)) = located else { continue }
            let verdict = keeper.admit(
                place, path: path.span, authorization: empty.span, cookie: empty.span, query: empty.span,
                referrer: empty.span, agent: empty.span, client: empty.span, repeated: false, now: now)
            if case .success = verdict { Issue.record("accepted in the path with bit \(bit) changed") }
        }
    }

    @Test(
        "E23 nothing of the claims is looked at before the MAC holds",
        arguments: [
            "{\"exp\":1}", "{\"rel\":\"../..\",\"exp\":1800000300,\"user_id\":\"u\"}", "not JSON", "",
            "{\"exp\":1e999}",
            "{\"user_id\":\"u\",\"rel\":\"t1/course1/m1/l1\",\"exp\":1}",
            "{\"user_id\":\"u\",\"rel\":\"t1/course1/m1/l1\",\"exp\":1800000300,\"nbf\":1900000000}",
        ])
    func order(claims: String) {
        let header = Base64URL.encode(Array("{\"alg\":\"HS256\"}".utf8).span)
        let forged = header + "." + Base64URL.encode(Array(claims.utf8).span) + "." + String(repeating: "A", count: 43)
        #expect(ask(file, token: forged) == .tokenSignature)
    }
}
