import Core
import Testing
import Tokens

@testable import Gate

private let now: Int64 = 1_800_000_000
private let keys = KeyRing(secret: Array("a-Fairly-Long-and-Random-0123-text-1".utf8))
private let keeper = Gatekeeper(
    keys: keys, referrers: ["https://good.example", "https://*.school.example"].compactMap { Origin($0) },
    longest: 86_400)
private let own = "t1/course1/m1/l1"
private let publication = "_0123456789ab-k1-d6000"

private func token(_ rel: String = own, _ platform: Platform = .web, path: Bool = false) -> String {
    guard let rel = RelPath(rel) else { return "" }
    return PlaybackToken.mint(
        user: "u1", rel: rel, platform: platform, session: "s", pathOnly: path, issued: now, lifetime: 300, keys: keys)
}

private func ask(
    _ path: String, kind: String = "f", raw: String? = nil, query: String = "", method: String = "GET",
    authorization: String = "", cookie: String = "", referrer: String = "https://good.example/", agent: String = "",
    client: String = "127.0.0.1", repeated: Bool = false
) -> Refusal? {
    let bytes = Array(path.utf8)
    switch keeper.locate(
        question: Array(kind.utf8).span, path: bytes.span, raw: Array((raw ?? path).utf8).span,
        method: Array(method.utf8).span)
    {
    case .failure(let refusal): return refusal
    case .success((_, let place)):
        switch keeper.admit(
            place, path: bytes.span, authorization: Array(authorization.utf8).span, cookie: Array(cookie.utf8).span,
            query: Array(query.utf8).span, referrer: Array(referrer.utf8).span, agent: Array(agent.utf8).span,
            client: Array(client.utf8).span, repeated: repeated, now: now)
        {
        case .success: return nil
        case .failure(let refusal): return refusal
        }
    }
}

@Suite struct GatekeeperTests {
    private let bearer = "Bearer " + token()

    @Test(
        "A01 what the product writes is let through",
        arguments: [
            ("/output.m3u8", "l"), ("/master.m3u8", "l"), ("/\(publication)/720p/index.m3u8", "f"),
            ("/\(publication)/720p/0.ts", "f"),
            ("/\(publication)/audio/113.ts", "f"), ("/\(publication)/720p/init.mp4", "f"),
            ("/\(publication)/720p/7.m4s", "f"),
            ("/\(publication)/en/0.vtt", "f"), ("/\(publication)/stills/0.jpg", "f"),
            ("/\(publication)/key/65536", "k"),
            ("/segment_000.ts", "f"), ("/enc.key", "k"), ("/key", "k"),
        ])
    func known(tail: String, kind: String) {
        #expect(ask("/hls2/\(own)\(tail)", kind: kind, authorization: bearer) == nil)
    }

    @Test(
        "A02–A23 A62 no shape of ours",
        arguments: [
            "/hls2/\(own)", "/hls2/\(own)/", "/hls2/\(own)/x/0.ts", "/hls2/\(own)/\(publication)/0.ts",
            "/hls2/\(own)/\(publication)/720p/00.ts",
            "/hls2/\(own)/\(publication)/720p/-1.ts", "/hls2/\(own)/\(publication)/720p/0.ts/",
            "/hls2/\(own)/\(publication)/720p/0.mp4",
            "/hls2/\(own)/\(publication)/720p/x.ts", "/hls2/\(own)/\(publication)/720p/0.key",
            "/hls2/\(own)/\(publication)/../0.ts",
            "/hls2/\(own)/.pending", "/hls2/\(own)/source.mp4", "/hls2/\(own)/job.json", "/hls2/\(own)/x.tmp",
            "/hls2/\(own)/_x.ts",
            "/hls2/\(own)/\(publication)/key/4294967296", "/hls2/\(own)/\(publication)/key/01",
            "/hls2/\(own)/\(publication)/key/",
            "/hls2/t1/course1/output.m3u8", "/hls2/t1/course1/m1/output.m3u8", "/hls2//t1/course1/m1/l1/output.m3u8",
            "/hls2/t1/course1/m1/../m1/l1/output.m3u8", "/hls2/t1/course1/./m1/output.m3u8", "/HLS2/\(own)/output.m3u8",
            "/hls2/\(own)/a..ts",
            "/hls2/\(own)/out put.m3u8", "/hls2/\(own)/output.m3u8\n", "/hls2/\(own)/%6futput.m3u8",
            "/play//\(own)/output.m3u8", "/hls/u/v/x/output.m3u8", "",
        ])
    func unknown(path: String) {
        for kind in ["f", "k", "l"] { #expect(ask(path, kind: kind, authorization: bearer) == .path) }
    }

    @Test(
        "A03–A09 A19 A22 A23 the raw path must be the path",
        arguments: [
            "/hls2/t1/course1/../course1/m1/l1/output.m3u8", "/hls2/%74%31/course1/m1/l1/output.m3u8",
            "//hls2/\(own)/output.m3u8",
            "/hls2/\(own)/output.m3u8#x", "/hls2/\(own)/output.m3u8%20", "/hls2/\(own)/./output.m3u8",
            "/hls2/\(own)/output.m3u8/",
        ])
    func raw(raw: String) {
        #expect(ask("/hls2/\(own)/output.m3u8", kind: "l", raw: raw, authorization: bearer) == .path)
        #expect(
            ask("/hls2/\(own)/output.m3u8", kind: "l", raw: "/hls2/\(own)/output.m3u8?x=1", authorization: bearer)
                == nil)
    }

    @Test("A33 methods", arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "get", "", "HEAD "])
    func methods(method: String) {
        #expect(ask("/hls2/\(own)/output.m3u8", kind: "l", method: method, authorization: bearer) == .method)
        #expect(ask("/hls2/\(own)/output.m3u8", kind: "l", method: "HEAD", authorization: bearer) == nil)
    }

    @Test(
        "A02 A42 E13 E15 another lesson",
        arguments: [
            "t1/course10/m1/l1", "t1/course1/m1/l10", "t1/course1/m1/l", "T1/course1/m1/l1", "t2/course9/m1/l1",
        ])
    func otherLesson(rel: String) {
        for (tail, kind) in [
            ("output.m3u8", "l"), ("\(publication)/720p/0.ts", "f"), ("\(publication)/key/0", "k"), ("enc.key", "k"),
        ] {
            #expect(ask("/hls2/\(rel)/\(tail)", kind: kind, authorization: bearer) == .rel)
        }
    }

    @Test func whatTheLocationAsksMustFit() {
        let path = "/hls2/\(own)/\(publication)"
        #expect(ask("\(path)/key/0", kind: "f", authorization: bearer) == .path)
        #expect(ask("\(path)/720p/0.ts", kind: "k", authorization: bearer) == .path)
        #expect(ask("\(path)/720p/0.ts", kind: "l", authorization: bearer) == .path)
        #expect(ask("\(path)/720p/0.ts", kind: "", authorization: bearer) == .path)
        #expect(ask("/hls2/\(own)/output.m3u8", kind: "f", authorization: bearer) == .path)
    }

    @Test(
        "B12 B14 E17 which token goes where",
        arguments: [
            ("/hls2/", Platform.web, false, "https://good.example/", nil),
            ("/hls2/", .web, false, "", Refusal.referrerMissing),
            ("/hls2/", .web, false, "https://evil.example/", .referrer),
            ("/hls2/", .web, false, "https://a.school.example/x", nil),
            ("/hls2/", .mobile, false, "", nil), ("/hls2/", .mobile, false, "https://evil.example/", nil),
            ("/hls2/", .web, true, "https://good.example/", .transport),
            ("/mobile/hls2/", .web, false, "https://good.example/", .platform),
            ("/mobile/hls2/", .mobile, false, "", nil),
            ("/mobile/hls2/", .mobile, true, "", .transport),
            ("/play/", .web, false, "https://good.example/", .transport), ("/play/", .web, true, "", nil),
            ("/play/", .web, true, "https://good.example/", nil),
            ("/play/", .web, true, "https://evil.example/", .referrer),
            ("/play/", .mobile, false, "https://evil.example/", nil),
        ] as [(String, Platform, Bool, String, Refusal?)])
    func transports(prefix: String, platform: Platform, pathOnly: Bool, referrer: String, expected: Refusal?) {
        let token = token(own, platform, path: pathOnly)
        let file = "\(own)/\(publication)/720p/0.ts"
        if prefix == "/play/" {
            #expect(ask("/play/\(token)/\(file)", referrer: referrer) == expected)
        } else {
            #expect(ask(prefix + file, authorization: "Bearer \(token)", referrer: referrer) == expected)
            if prefix == "/mobile/hls2/" {
                #expect(ask(prefix + file, query: "token=\(token)", referrer: referrer) == expected)
            }
        }
    }

    @Test("A43 D14 how a token is carried") func carrying() {
        let path = "/hls2/\(own)/\(publication)/720p/0.ts"
        let mobile = token(own, .mobile)
        #expect(ask(path) == .tokenMissing)
        #expect(ask(path, authorization: "Basic abc") == .tokenMalformed)
        #expect(ask(path, authorization: "Bearer  " + token()) == .tokenMalformed)
        #expect(ask(path, authorization: "bearer " + token()) == nil)
        #expect(ask(path, authorization: bearer, repeated: true) == .tokenMalformed)
        let query = "/mobile" + path
        #expect(ask(query, query: "token=\(mobile)&token=\(mobile)") == .tokenMalformed)
        #expect(ask(query, query: "to%6ben=\(mobile)&token=\(mobile)") == .tokenMalformed)
        #expect(ask(query, query: "x=1&token=\(mobile)&y") == nil)
        #expect(ask(query, query: "token=\(mobile)", authorization: "Bearer \(mobile)") == nil)
        #expect(ask(query, query: "token=\(mobile)", authorization: "Bearer \(token(own, .mobile))") == .tokenMalformed)
        #expect(ask(query, query: "") == .tokenMissing)
        #expect(ask(query, query: "tokens=\(mobile)") == .tokenMissing)
        #expect(ask("/play/\(mobile)x/\(own)/output.m3u8", kind: "l") == .tokenSignature)
    }
}

@Suite struct PlaylistRewriterTests {
    @Test("cues of small pictures carry the token to the images, and nothing else does") func cues() {
        let cues =
            "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n0.jpg#xywh=0,0,160,90\n\n00:00:02.000 --> 00:00:04.000\nhttps://a/0.jpg#x\n"
        let found = String(
            decoding: PlaylistRewriter.rewrite(cues: Array(cues.utf8).span, adding: Array("abc".utf8).span),
            as: UTF8.self)
        #expect(found == cues.replacing("\n0.jpg#", with: "\n0.jpg?token=abc#"))
        let nothing: [UInt8] = []
        let same = String(
            decoding: PlaylistRewriter.rewrite(cues: Array(cues.utf8).span, adding: nothing.span), as: UTF8.self)
        #expect(same == cues)
    }

    private func rewrite(_ text: String, _ token: String) -> String {
        String(decoding: PlaylistRewriter.rewrite(Array(text.utf8).span, adding: Array(token.utf8).span), as: UTF8.self)
    }

    @Test("E25 E26 every relative URI gets the token, none that leads away") func mobile() {
        let master = """
            #EXTM3U
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x,URI=no",URI="_p/audio/index.m3u8"
            #EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1,mp4a",AUDIO="a"
            _p/720p/index.m3u8
            https://elsewhere.example/x.m3u8
            /root.m3u8
            """
        let out = rewrite(master, "T.o.k")
        #expect(out.contains("NAME=\"x,URI=no\",URI=\"_p/audio/index.m3u8?token=T.o.k\""))
        #expect(out.contains("_p/720p/index.m3u8?token=T.o.k\n"))
        #expect(out.contains("https://elsewhere.example/x.m3u8\n"))
        #expect(out.contains("/root.m3u8\n"))
        #expect(out.components("token=") == 2)
    }

    @Test func keys() {
        let media = "#EXTM3U\r\n#EXT-X-KEY:METHOD=AES-128,URI=\"../key/0\",IV=0x1\r\n#EXTINF:6,\r\n0.ts\r\n"
        #expect(rewrite(media, "") == String(decoding: media.utf8.filter { $0 != 13 }, as: UTF8.self))
        #expect(
            rewrite(media, "T")
                == "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"../key/0?token=T\",IV=0x1\n#EXTINF:6,\n0.ts?token=T\n")
        let old = "#EXT-X-KEY:METHOD=AES-128,URI=\"https://old.example/hls2/a/b/c/d/key\",IV=0x0\nsegment_000.ts\n"
        #expect(rewrite(old, "") == "#EXT-X-KEY:METHOD=AES-128,URI=\"enc.key\",IV=0x0\nsegment_000.ts\n")
        #expect(
            rewrite(old, "T") == "#EXT-X-KEY:METHOD=AES-128,URI=\"enc.key?token=T\",IV=0x0\nsegment_000.ts?token=T\n")
    }
}

extension String {
    fileprivate func components(_ part: String) -> Int {
        var count = 0
        var rest = utf8[...]
        let wanted = Array(part.utf8)
        while rest.count >= wanted.count {
            if rest.starts(with: wanted) { count += 1 }
            rest = rest.dropFirst()
        }
        return count
    }
}
