import Core
import Testing

@testable import ctl

@Suite("the site's doctor")
struct SiteTests {
    @Test("requests go out as they are written")
    func requests() {
        var request = SiteRequest("/a/%2e\u{ff}\u{1}//b", host: "h").with("X", "1").with("X", "2").by("FOO")
        #expect(Array("FOO /a/%2e".utf8) == Array(request.bytes.prefix(10)))
        #expect(request.bytes.contains(0xff) && request.bytes.contains(1))
        #expect(
            String(decoding: request.bytes.suffix(40), as: UTF8.self).hasSuffix(
                "X: 1\r\nX: 2\r\nConnection: close\r\n\r\n"))
        request.host = nil
        #expect(!String(decoding: request.bytes, as: UTF8.self).contains("Host"))
    }

    @Test("answers are read, chunks joined, and what is no answer has no status")
    func answers() {
        func answer(_ text: String) -> SiteAnswer { SiteAnswer(Array(text.utf8)) }
        let plain = answer("HTTP/1.1 403 Forbidden\r\nA: b\r\nX-Reelgate-Reason:  rel \r\nContent-Length: 2\r\n\r\nhi")
        #expect(
            plain.status == 403 && plain.reason == "rel" && plain.body == Array("hi".utf8)
                && plain.isWhole(toHead: false))
        #expect(!answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi").isWhole(toHead: false))
        #expect(answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n").isWhole(toHead: true))
        #expect(!answer("HTTP/1.1 200 OK\r\nContent-Le").isWhole(toHead: true))
        let chunked = answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1;x\r\n!\r\n0\r\n\r\n")
        #expect(chunked.body == Array("hi!".utf8))
        for text in ["", "hello", "HTTP/1.1", "HTTP/1.1 x y\r\n\r\n", "\r\n\r\n\r\n"] {
            #expect(answer(text).status == 0)
        }
        #expect(answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n").body.isEmpty)
        #expect(answer("HTTP/1.1 200 OK\r\n\r\n<!DOCTYPE html>").isHTML)
    }

    @Test(
        "where a site may be",
        arguments: [
            ("https://a.example", true), ("http://a.example:81/", true), ("https://a.example/x", false),
            ("ftp://a", false), ("a.example", false),
            ("https://*.example", false), ("", false),
        ])
    func bases(text: String, fine: Bool) {
        #expect((Site(text, address: nil, certificates: nil, milliseconds: 1) != nil) == fine)
    }

    @Test("references in playlists lead to files below the lesson or nowhere")
    func references() {
        #expect(SiteLesson.resolve("../key/0", at: "_p/720p") == "_p/key/0")
        #expect(SiteLesson.resolve("0.ts?token=x", at: "_p/720p") == "_p/720p/0.ts")
        for reference in ["/etc/passwd", "https://evil.example/x", "../../../x"] {
            #expect(SiteLesson.resolve(reference, at: "_p/720p") == nil)
        }
        var lesson = SiteLesson("a/b/c/d")
        lesson.read(
            playlist: "#EXTM3U\r\n#EXT-X-KEY:METHOD=AES-128,URI=\"../key/3\"\r\n#EXTINF:6,\r\n4.ts\r\n5.ts\r\n",
            at: "_p/720p/index.m3u8")
        #expect(lesson.files[.segment] == "_p/720p/4.ts" && lesson.files[.key] == "_p/key/3")
    }

    @Test("E25 a report holds no token")
    func hiding() {
        #expect(SiteTokens.hidden("/play/eyJhbGciOiJ.eyJ_x-y.z/a?token=eyJq.r.s&b") == "/play/…/a?token=…&b")
        #expect(SiteTokens.hidden("/hls2/x") == "/hls2/x" && SiteTokens.hidden("eyJ") == "…")
    }

    @Test("every cause says how it is mended, and its id is stable text")
    func causes() {
        for cause in Cause.allCases {
            #expect(cause.remedy.count > 30 && cause.rawValue.allSatisfy { $0.isLowercase || $0 == "-" || $0.isNumber })
        }
    }

    @Test("E02 bad tokens of every kind, none twice")
    func badTokens() {
        let tokens = SiteTokens(secret: Array("0123456789abcdef0123456789abcdef".utf8), given: [], now: 1_800_000_000)
        let all = tokens.bad("a/b/c/d", .hls2)
        #expect(Set(all.map { $0.name }).count == all.count && all.count >= 11)
        #expect(
            Set(all.map { $0.token }).count == all.count
                && !all.map { $0.token }.contains(tokens.good("a/b/c/d", .hls2) ?? ""))
        let bare = SiteTokens(secret: [], given: [], now: 1_800_000_000)
        #expect(bare.good("a/b/c/d", .hls2) == nil && !bare.bad("a/b/c/d", .play).isEmpty)
    }
}
