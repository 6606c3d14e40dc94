import Core
import Crypto
import POSIX
import Testing

@testable import Tokens

private typealias W = CBORWriter

private let now: Int64 = 1_800_000_000
private let secret = Array("a-Fairly-Long-and-Random-0123-text-1".utf8)
private let other = Array("the-second-Key-Long-and-Random-98765".utf8)
private let keys = KeyRing(secret: secret, others: ["k2": other], signing: "k2")
private let path = "/hls2/t1/course1/m1/l1/_0123456789ab-k1-d6000/720p/0.ts"
private let hs256: [UInt8] = [0xA1, 1, 5]

/// Claims by label, written in canonical order.
private func claims(_ more: [(Int64, [UInt8])] = [], without: Set<Int64> = []) -> [UInt8] {
    let usual: [(Int64, [UInt8])] = [
        (2, W.text("u1")), (4, W.number(now + 300)), (-65537, W.text("t1/course1/m1/l1")),
    ]
    let kept = usual.filter { claim in !without.contains(claim.0) && !more.contains { $0.0 == claim.0 } }
    return W.map((kept + more).map { (W.number($0.0), $0.1) })
}

/// COSE_Mac0 by the text of RFC 9052 §6.2, independent of what is tested.
private func token(
    _ payload: [UInt8], header: [UInt8] = hs256, open: [UInt8] = [0xA0], key: [UInt8] = secret,
    tags: [UInt64] = [61, 17],
    tail: [UInt8] = [], tag change: ([UInt8]) -> [UInt8] = { $0 }
) -> [UInt8] {
    let structure = W.array([W.text("MAC0"), W.bytes(header), W.bytes([]), W.bytes(payload)])
    let mac = change(HMACSHA256(key: key.span).code(for: structure.span).bytes)
    var whole = W.array([W.bytes(header), open, W.bytes(payload), W.bytes(mac)])
    for tag in tags.reversed() { whole = W.tag(tag, whole) }
    return whole + tail
}

private func refusal(
    _ token: [UInt8], client: String = "203.0.113.7", referrer: String = "https://good.example/x",
    agent: String = "curl/8",
    path: String = path, country: UInt16? = 0x4445
) -> Refusal? {
    let text = Array(Base64URL.encode(token.span).utf8)
    let result = PlaybackToken.verify(text.span, keys: keys, now: now, longest: 86_400) { term, value in
        term.objection(
            value, path: Array(path.utf8).span, client: Array(client.utf8).span, referrer: Array(referrer.utf8).span,
            agent: Array(agent.utf8).span, country: { _ in country })
    }
    switch result {
    case .success(let claims): return claims.objection
    case .failure(let refusal): return refusal
    }
}

private func address(_ tag: UInt64, _ bits: Int64, _ bytes: [UInt8]) -> [UInt8] {
    W.tag(tag, W.array([W.number(bits), W.bytes(bytes)]))
}

private func match(_ part: [UInt8], _ kind: Int64, _ text: String) -> [UInt8] {
    W.map([(part, W.map([(W.number(kind), W.text(text))]))])
}

@Suite struct CommonAccessTokenTests {
    @Test("E01 what is right passes, with one tag or two, and the claims are the JWT's") func valid() throws {
        #expect(refusal(token(claims())) == nil)
        #expect(refusal(token(claims(), tags: [17])) == nil)
        let kid = W.map([(W.number(4), W.bytes(Array("k2".utf8)))])
        #expect(refusal(token(claims(), open: kid, key: other)) == nil)
        let inside = W.map([(W.number(1), W.number(5)), (W.number(4), W.bytes(Array("k2".utf8)))])
        #expect(refusal(token(claims(), header: inside, key: other)) == nil)
        let full = token(
            claims([
                (1, W.text("a site")), (5, W.number(now)), (6, W.number(now - 5)), (7, W.bytes([0xAB, 0x01])),
                (308, W.number(0)),
                (310, W.number(1)), (320, W.text("x")), (323, W.map([])), (-65538, W.text("mobile")),
                (-65539, W.text("s1")),
                (-65540, W.number(3)), (-65541, W.text("d1")), (-65542, W.text("path")), (70_000, W.array([W.map([])])),
            ]))
        let text = Array(Base64URL.encode(full.span).utf8)
        let found = try PlaybackToken.verify(text.span, keys: keys, now: now, longest: 86_400).get()
        #expect(found.user.text == "u1" && found.session.text == "s1" && found.device.text == "d1")
        #expect(found.id.text == "ab01" && found.streams == 3 && found.platform == .mobile && found.pathOnly)
        #expect(found.issued == now - 5 && found.expiry == now + 300 && found.objection == nil)
        let own = found.isFor(Array("t1/course1/m1/l1".utf8).span)
        #expect(own)
    }

    @Test("E02–E07 headers, keys and tags") func headers() {
        let kid = { (id: String) in W.map([(W.number(4), W.bytes(Array(id.utf8)))]) }
        let cases: [(String, [UInt8], Refusal)] = [
            ("no algorithm", token(claims(), header: [0xA0]), .tokenMalformed),
            ("no header", token(claims(), header: []), .tokenMalformed),
            ("HMAC 256/64", token(claims(), header: [0xA1, 1, 4]), .tokenMalformed),
            ("HS512", token(claims(), header: [0xA1, 1, 7]), .tokenMalformed),
            ("ES256", token(claims(), header: [0xA1, 1, 0x26]), .tokenMalformed),
            ("algorithm in the open", token(claims(), header: [0xA0], open: hs256), .tokenMalformed),
            ("algorithm twice", token(claims(), open: hs256), .tokenMalformed),
            (
                "crit",
                token(claims(), header: W.map([(W.number(1), W.number(5)), (W.number(2), W.array([W.number(1)]))])),
                .tokenMalformed
            ),
            ("another parameter", token(claims(), open: W.map([(W.number(5), W.bytes([1]))])), .tokenMalformed),
            ("kid text", token(claims(), open: W.map([(W.number(4), W.text("k2"))]), key: other), .tokenMalformed),
            (
                "kid in both",
                token(
                    claims(), header: W.map([(W.number(1), W.number(5)), (W.number(4), W.bytes([1]))]), open: kid("k2")),
                .tokenMalformed
            ),
            ("unknown kid", token(claims(), open: kid("../../dev/null")), .tokenKey),
            ("empty kid", token(claims(), open: kid("")), .tokenKey),
            ("kid of another key", token(claims(), open: kid("k2")), .tokenSignature),
            ("no kid, another key", token(claims(), key: other), .tokenSignature),
            ("tag 16", token(claims(), tag: { Array($0.prefix(16)) }), .tokenSignature),
            ("tag 31", token(claims(), tag: { Array($0.prefix(31)) }), .tokenSignature),
            ("tag 33", token(claims(), tag: { $0 + [0] }), .tokenSignature),
            ("no tag", token(claims(), tag: { _ in [] }), .tokenSignature),
            ("not tagged", token(claims(), tags: []), .tokenMalformed),
            ("Sign1", token(claims(), tags: [18]), .tokenMalformed),
            ("61 alone", token(claims(), tags: [61]), .tokenMalformed),
            ("61 twice", token(claims(), tags: [61, 61, 17]), .tokenMalformed),
            ("55799", token(claims(), tags: [55799, 61, 17]), .tokenMalformed),
            ("something behind", token(claims(), tail: [0]), .tokenMalformed),
            ("empty", [], .tokenMissing),
        ]
        for (name, bytes, expected) in cases { #expect(refusal(bytes) == expected, "\(name)") }
    }

    @Test("E10–E12 E14 E22 claims") func claimsTable() {
        let cases: [(String, [UInt8], Refusal)] = [
            ("no exp", claims(without: [4]), .tokenMalformed),
            ("exp float", claims([(4, [0xFB, 0x41, 0xDA, 0xD2, 0, 0, 0, 0, 0])]), .tokenMalformed),
            ("exp half", claims([(4, [0xF9, 0x7C, 0])]), .tokenMalformed),
            ("exp text", claims([(4, W.text("1800000300"))]), .tokenMalformed),
            ("exp tagged", claims([(4, W.tag(1, W.number(now + 300)))]), .tokenMalformed),
            ("exp negative", claims([(4, W.number(-1))]), .tokenMalformed),
            ("exp null", claims([(4, [0xF6])]), .tokenMalformed),
            ("exp 2^63", claims([(4, W.head(0, 1 << 63))]), .tokenMalformed),
            ("exp far, no iat", claims([(4, W.number(now + 86_401))]), .tokenMalformed),
            ("exp past", claims([(4, W.number(now))]), .tokenExpired),
            ("older than a token may be", claims([(6, W.number(now - 86_400))]), .tokenExpired),
            ("nbf", claims([(5, W.number(now + 31))]), .tokenNotYet),
            ("iat", claims([(6, W.number(now + 31))]), .tokenNotYet),
            ("no rel", claims(without: [-65537]), .tokenType), ("no user", claims(without: [2]), .tokenMalformed),
            ("rel", claims([(-65537, W.text("t1/course1"))]), .tokenMalformed),
            ("rel with NUL", claims([(-65537, W.text("t1/course1/m1/l\0"))]), .tokenMalformed),
            ("rel bytes", claims([(-65537, W.bytes(Array("t1/course1/m1/l1".utf8)))]), .tokenMalformed),
            ("user quoted", claims([(2, W.text("a\"b"))]), .tokenMalformed),
            ("user not UTF-8", claims([(2, [0x62, 0xC3, 0x28])]), .tokenMalformed),
            ("user too long", claims([(2, W.text(String(repeating: "u", count: 129)))]), .tokenMalformed),
            ("platform", claims([(-65538, W.text("tv"))]), .tokenMalformed),
            ("lim", claims([(-65540, W.number(16))]), .tokenMalformed),
            ("cti text", claims([(7, W.text("x"))]), .tokenMalformed),
            ("cti empty", claims([(7, W.bytes([]))]), .tokenMalformed),
            ("cti long", claims([(7, W.bytes([UInt8](repeating: 1, count: 65)))]), .tokenMalformed),
            ("same claim twice", [0xA4] + W.number(2) + W.text("u1") + claims().dropFirst(), .tokenMalformed),
            ("no map", W.array([]), .tokenMalformed), ("something behind", claims() + [0], .tokenMalformed),
            ("longer number", [0xA4, 0x18, 0x01] + W.text("x") + claims().dropFirst(), .tokenMalformed),
            ("longer length", [0xA4, 1, 0x78, 1, 0x61] + claims().dropFirst(), .tokenMalformed),
            ("indefinite map", [0xBF] + claims().dropFirst() + [0xFF], .tokenMalformed),
            ("indefinite text", [0xA4, 1, 0x7F, 0x61, 0x61, 0xFF] + claims().dropFirst(), .tokenMalformed),
            ("label bytes", [0xA4, 0x41, 1, 1] + claims().dropFirst(), .tokenMalformed),
            ("label null", [0xA4, 0xF6, 1] + claims().dropFirst(), .tokenMalformed),
            ("undefined", claims([(70_000, [0xF7])]), .tokenMalformed),
            ("simple(255)", claims([(70_000, [0xF8, 0xFF])]), .tokenMalformed),
            ("a tag inside", claims([(70_000, W.tag(0, W.text("x")))]), .tokenMalformed),
            ("same key twice, deeper", claims([(70_000, [0xA2, 1, 1, 1, 2])]), .tokenMalformed),
            ("too deep", claims([(70_000, [UInt8](repeating: 0x81, count: 200) + [0])]), .tokenMalformed),
            ("bad network", claims([(-65543, W.text("allow net:x"))]), .tokenMalformed),
        ]
        for (name, bytes, expected) in cases { #expect(refusal(token(bytes)) == expected, "\(name)") }
    }

    @Test(
        "claims that restrict and can't be checked here are refused",
        arguments: [3, 8, 282, 309, 314, 317, 318, 319, 321, 322, 324, 330] as [Int64])
    func unknown(label: Int64) { #expect(refusal(token(claims([(label, W.text("x"))]))) == .tokenType) }

    @Test("catreplay, catv: what can't be kept is refused") func versions() {
        #expect(refusal(token(claims([(308, W.number(1))]))) == .tokenType)
        #expect(refusal(token(claims([(310, W.number(2))]))) == .tokenType)
        #expect(refusal(token(claims([(310, W.text("1"))]))) == .tokenMalformed)
    }

    @Test("catnip: one of the networks must hold the viewer") func networks() {
        func with(_ items: [[UInt8]]) -> [UInt8] { token(claims([(311, W.array(items))])) }
        let cases: [(String, [[UInt8]], String, Refusal?)] = [
            ("address", [W.tag(52, W.bytes([203, 0, 113, 7]))], "203.0.113.7", nil),
            ("another", [W.tag(52, W.bytes([203, 0, 113, 8]))], "203.0.113.7", .address),
            ("prefix", [address(52, 24, [203, 0, 113])], "203.0.113.7", nil),
            ("prefix, mapped", [address(52, 24, [203, 0, 113])], "::ffff:203.0.113.7", nil),
            ("prefix with its zeros", [address(52, 24, [203, 0, 113, 0])], "203.0.113.7", nil),
            ("prefix elsewhere", [address(52, 24, [203, 0, 114])], "203.0.113.7", .address),
            ("second", [W.number(64500), address(54, 32, [0x20, 1, 0x0D, 0xB8])], "2001:db8::9", nil),
            ("v6 for v4", [address(54, 0, [])], "203.0.113.7", .address),
            ("a system alone", [W.number(64500)], "203.0.113.7", .address), ("nobody", [], "203.0.113.7", .address),
            ("unknown viewer", [address(52, 0, [])], "unix:", .address),
            ("bits beyond", [address(52, 24, [203, 0, 113, 1])], "203.0.113.1", .tokenMalformed),
            ("too many bits", [address(52, 33, [203])], "203.0.113.7", .tokenMalformed),
            ("too many bytes", [W.tag(52, W.bytes([1, 2, 3, 4, 5]))], "203.0.113.7", .tokenMalformed),
            (
                "an interface", [W.tag(52, W.array([W.bytes([203, 0, 113, 7]), W.number(24)]))], "203.0.113.7",
                .tokenMalformed
            ),
            ("text", [W.text("203.0.113.7")], "203.0.113.7", .tokenMalformed),
            ("behind a good one", [address(52, 24, [203, 0, 113]), W.text("x")], "203.0.113.7", .tokenMalformed),
        ]
        for (name, items, client, expected) in cases {
            #expect(refusal(with(items), client: client) == expected, "\(name)")
        }
        #expect(refusal(token(claims([(311, W.text("x"))]))) == .tokenMalformed)
    }

    @Test("catu, catm, cath, catgeoiso3166") func terms() {
        let cases: [(String, Int64, [UInt8], Refusal?)] = [
            ("path prefix", 312, match(W.number(3), 1, "/hls2/t1/course1/m1/l1/"), nil),
            ("path prefix", 312, match(W.number(3), 1, "/hls2/t1/course10/"), .rel),
            ("path exact", 312, match(W.number(3), 0, path), nil),
            ("path exact", 312, match(W.number(3), 0, path + "x"), .rel),
            ("path contains", 312, match(W.number(3), 3, "/t1/course1/m1/l1/"), nil),
            ("contains", 312, match(W.number(3), 3, "zz"), .rel),
            ("directory", 312, match(W.number(5), 2, "/720p"), nil), ("file", 312, match(W.number(6), 0, "0.ts"), nil),
            ("stem", 312, match(W.number(7), 0, "0"), nil), ("extension", 312, match(W.number(8), 0, ".ts"), nil),
            ("extension", 312, match(W.number(8), 0, ".m3u8"), .rel),
            ("host", 312, match(W.number(1), 0, "a.example"), .tokenType),
            ("scheme", 312, match(W.number(0), 0, "https"), .tokenType),
            ("query", 312, match(W.number(4), 0, ""), .tokenType),
            ("regular expression", 312, match(W.number(3), 4, ".*"), .tokenType),
            ("hash", 312, W.map([(W.number(3), W.map([(W.number(-1), W.bytes([1]))]))]), .tokenType),
            ("part as text", 312, match(W.text("path"), 0, path), .tokenMalformed),
            ("no map", 312, W.array([]), .tokenMalformed),
            (
                "two of a part", 312,
                W.map([(W.number(3), W.map([(W.number(1), W.text("/hls2/")), (W.number(2), W.text(".mp4"))]))]), .rel
            ),
            ("methods", 313, W.array([W.text("POST"), W.text("GET")]), nil),
            ("methods", 313, W.array([W.text("POST")]), .method),
            ("methods", 313, W.array([]), .method), ("methods", 313, W.text("GET"), .tokenMalformed),
            ("methods", 313, W.array([W.number(1)]), .tokenMalformed),
            ("Referer", 315, match(W.text("Referer"), 1, "https://good.example/"), nil),
            ("Referer", 315, match(W.text("referer"), 1, "https://evil.example/"), .referrer),
            ("User-Agent", 315, match(W.text("USER-AGENT"), 1, "curl/"), nil),
            ("User-Agent", 315, match(W.text("user-agent"), 1, "VLC"), .agent),
            ("another header", 315, match(W.text("x-id"), 0, "1"), .tokenType),
            ("header as number", 315, match(W.number(1), 0, "1"), .tokenMalformed),
            ("country", 316, W.array([W.text("FR"), W.text("DE")]), nil),
            ("country", 316, W.array([W.text("FR")]), .country),
            ("a part of it", 316, W.array([W.text("DE-BY")]), .country), ("country", 316, W.number(1), .tokenMalformed),
        ]
        for (name, label, value, expected) in cases {
            #expect(refusal(token(claims([(label, value)]))) == expected, "\(name) \(label)")
        }
        let germany = token(claims([(316, W.array([W.text("DE")]))]))
        #expect(refusal(germany, country: nil) == .country)
        #expect(
            refusal(token(claims([(315, match(W.text("referer"), 1, "https://"))])), referrer: "") == .referrerMissing)
        #expect(refusal(token(claims([(-65543, W.text("deny cc:DE;allow *"))]))) == .country)
    }

    @Test("minted and read; what it says for an edge; every bit of it counts") func minted() throws {
        let rel = try #require(RelPath("t1/course1/m1/l1"))
        let network = NetworkPrefix(around: try #require(NetworkAddress("203.0.113.7")))
        let text = PlaybackToken.mint(
            user: "u1", rel: rel, platform: .web, session: "s1", pathOnly: false, issued: now, lifetime: 60, keys: keys,
            network: network, rules: "deny cc:FR;allow *", format: .cat)
        let bytes = try #require(Base64URL.decode(text))
        #expect(refusal(bytes) == nil)
        #expect(refusal(bytes, client: "203.0.114.7") == .address)
        #expect(refusal(bytes, country: 0x4652) == .country)
        #expect(refusal(bytes, path: "/hls2/t1/course1/m1/l10/0.ts") == .rel)
        #expect(!text.contains(".") && !text.contains("="))
        for index in bytes.indices {
            for bit in 0..<8 {
                var altered = bytes
                altered[index] ^= 1 << UInt8(bit)
                #expect(refusal(altered) != nil, "byte \(index), bit \(bit)")
            }
        }
        let spelled = Array(text.utf8)
        for index in spelled.indices {
            for bit in 0..<8 {
                var altered = spelled
                altered[index] ^= 1 << UInt8(bit)
                if case .success = PlaybackToken.verify(
                    altered.span, keys: keys, now: now, longest: 86_400, judge: { _, _ in nil })
                {
                    Issue.record("accepted with bit \(bit) of letter \(index) changed")
                }
            }
        }
    }

    @Test("E21 two kilobytes and no more") func long() {
        #expect(refusal(token(claims([(70_000, W.text(String(repeating: "x", count: 1300)))]))) == nil)
        #expect(refusal(token(claims([(70_000, W.text(String(repeating: "x", count: 1500)))]))) == .tokenMalformed)
    }

    @Test("E23 nothing random is a token, and nothing random crashes the reader") func random() {
        // A million of each are tried by REELGATE_RANDOM_ROUNDS=2000000.
        let rounds = Int(Host.environment()["REELGATE_RANDOM_ROUNDS"] ?? "") ?? 20_000
        var generator = SystemRandomNumberGenerator()
        let good = token(
            claims([(311, W.array([address(52, 24, [203, 0, 113])])), (312, match(W.number(3), 1, "/hls2/"))]),
            tags: [17])
        for round in 0..<rounds {
            var bytes: [UInt8]
            if round % 2 == 0 {
                bytes = (0..<Int.random(in: 1...96, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                if round % 4 == 0 { bytes = [0xD1, 0x84, 0x43, 0xA1, 1, 5, 0xA0] + bytes }
            } else {
                bytes = good
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<3, using: &generator) {
                    case 0: bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
                    case 1: bytes.remove(at: place)
                    default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                    }
                }
            }
            if bytes != good, refusal(bytes) == nil { Issue.record("accepted: \(Hex.encode(bytes))") }
            // The same with a MAC that holds: what a key's owner may write by mistake.
            let signed = token(bytes.count > 60 ? Array(bytes.prefix(60)) : bytes)
            if refusal(signed) == nil { Issue.record("accepted: \(Hex.encode(signed))") }
        }
    }
}
