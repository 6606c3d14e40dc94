import Core
import Testing
import Tokens

@testable import Gate

private let now: Int64 = 1_800_000_000
private let keys = KeyRing(secret: Array("a-Fairly-Long-and-Random-0123-text-1".utf8))
private let keeper = Gatekeeper(
    keys: keys, referrers: ["https://good.example"].compactMap { Origin($0) }, longest: 86_400)
private let file = "/download2/t1/c1/m1/l1/l1_lesson.mp4"

private func token(_ path: String = file, name: String? = nil, lifetime: Int64 = 300) -> String {
    DownloadToken.mint(user: "u1", path: path, name: name, issued: now, lifetime: lifetime, keys: keys)
}

private func playback(_ platform: Platform = .web, path: Bool = false) -> String {
    guard let rel = RelPath("t1/c1/m1/l1") else { return "" }
    return PlaybackToken.mint(
        user: "u1", rel: rel, platform: platform, session: "s", pathOnly: path, issued: now, lifetime: 300, keys: keys)
}

private func older(_ user: String = "u1", _ video: String = "film", _ platform: Platform = .web) -> String {
    guard let user = Slug(user), let video = Slug(video), let name = FileName("film.mp4") else { return "" }
    return OlderToken.mint(
        RelPath(user: user, video: video), filename: name, platform: platform, session: "s", pathOnly: false,
        issued: now, lifetime: 300, keys: keys)
}

private func failure<T>(_ result: Result<T, Refusal>) -> Refusal? {
    switch result {
    case .success: nil
    case .failure(let refusal): refusal
    }
}

@Suite struct DownloadTests {
    private func ask(
        _ path: String, raw: String? = nil, method: String = "GET", bearer: String? = nil, query: String = "",
        repeated: Bool = false, later: Int64 = 0
    ) -> Refusal? {
        failure(
            keeper.admitDownload(
                path: Array(path.utf8).span, raw: Array((raw ?? path).utf8).span, method: Array(method.utf8).span,
                authorization: Array(bearer.map { "Bearer \($0)" }?.utf8 ?? "".utf8).span,
                query: Array(query.utf8).span, repeated: repeated, now: now + later))
    }

    @Test("a token downloads its file, in a header or the query, and no other") func own() {
        #expect(ask(file, bearer: token()) == nil)
        #expect(ask(file, query: "token=\(token())") == nil)
        #expect(ask(file, method: "HEAD", bearer: token()) == nil)
        #expect(ask(file) == .tokenMissing)
        #expect(ask(file, bearer: token(), query: "token=\(token())") == .tokenMalformed)
        let same = token()
        #expect(ask(file, bearer: same, query: "token=\(same)") == nil)
        #expect(ask(file, query: "token=\(token())&token=\(token())") == .tokenMalformed)
        #expect(ask(file, bearer: token(), repeated: true) == .tokenMalformed)
        #expect(ask(file, bearer: token(), later: 299) == nil)
        #expect(ask(file, bearer: token(), later: 300) == .tokenExpired)
        #expect(ask(file, method: "POST", bearer: token()) == .method)
        for other in [
            "/download2/t1/c1/m1/l1/l1_lesson.mov", "/download2/t1/c1/m1/l10/l1_lesson.mp4",
            "/download2/course/c1/l1_lesson.mp4", "/api/download/t1/l1_lesson.mp4",
        ] {
            #expect(ask(other, bearer: token()) == .rel)
        }
    }

    @Test("a token for a directory downloads its files, and nothing deeper or beside") func directory() {
        let wide = token("/download2/t1/c1/m1/l1/")
        #expect(ask(file, bearer: wide) == nil)
        #expect(ask("/download2/t1/c1/m1/l10/l1_lesson.mp4", bearer: wide) == .rel)
        #expect(ask("/download2/t1/c1/m1/l1/", bearer: wide) == .path)
        #expect(ask("/api/download/u1/a.mp4", bearer: token("/api/download/u1/")) == nil)
        #expect(ask("/api/download/u10/a.mp4", bearer: token("/api/download/u1/")) == .rel)
    }

    @Test("E16 what plays never downloads, what downloads never plays") func kinds() {
        #expect(ask(file, bearer: playback()) == .tokenType)
        #expect(ask(file, bearer: older()) == .tokenType)
        for text in [token(), token("/hls2/t1/c1/m1/l1/output.m3u8")] {
            #expect(
                failure(PlaybackToken.verify(Array(text.utf8).span, keys: keys, now: now, longest: 86_400))
                    == .tokenType)
        }
        #expect(
            AccessTokens(secret: Array("a-Fairly-Long-and-Random-0123-text-1".utf8)).verify(token(), now: now) == nil)
    }

    @Test(
        "A03–A22 K05 paths that no download has",
        arguments: [
            "/download2/", "/download2/t1/c1/m1/l1", "/download2/t1/c1/m1/l1/", "/download2/t1/c1/m1/l1/a/b.mp4",
            "/download2/t1/c1/m1/l1/../l1_lesson.mp4", "/download2/t1/c1/m1/l1/.env", "/download2/t1/c1/m1/l1/a",
            "/download2/t1/c1/m1/l1/a%2e.mp4", "/download2/course/c1/m1/l1/l1_lesson.mp4", "/download2/course/c1",
            "/download2/module/c1/presentation.mp4", "/api/download/u1/d/a.mp4", "/api/download/a.mp4",
            "/api/download/u1/", "/api/download/u.1/a.mp4", "/api/download//a.mp4", "/download2/t1/c1/m1/l1/a b.mp4",
        ])
    func shapes(path: String) { #expect(ask(path, bearer: token(path)) == .path) }

    @Test(
        "which lesson a download belongs to, for revocations",
        arguments: [
            (file, "t1/c1/m1/l1"), ("/api/download/u1/film.mp4", "u1/film"),
            ("/download2/course/c1/presentation.mp4", ""),
            ("/download2/module/c1/m1/presentation.mp4", ""),
        ])
    func lessons(path: String, rel: String) {
        let bytes = Array(path.utf8)
        #expect(String(decoding: bytes[DownloadPath.rel(bytes.span)], as: UTF8.self) == rel)
    }

    @Test("A19 A23 the raw path must be the path")
    func raw() {
        #expect(ask(file, raw: file + "?x=1", bearer: token()) == nil)
        #expect(ask(file, raw: "/" + file, bearer: token()) == .path)
        #expect(ask(file, raw: "/download2/t1/c1/m1/%6c1/l1_lesson.mp4", bearer: token()) == .path)
    }

    @Test("what a file is called can't leave its header") func disposition() throws {
        func field(_ name: String?) -> String? {
            let text = Array(token(name: name).utf8)
            guard case .success(let claims) = DownloadToken.verify(text.span, keys: keys, now: now, longest: 86_400)
            else { return nil }
            return Disposition.field(Array(file.utf8).span, claims)
        }
        let plain = "Content-Disposition: attachment; filename=\"l1_lesson.mp4\""
        #expect(field(nil) == plain)
        #expect(field("L%27%C3%A9t%C3%A9.mp4") == plain + "; filename*=UTF-8''L%27%C3%A9t%C3%A9.mp4")
        for bad in ["a b", "a\"b", "a;b", "a\r\nX: y", "a%", "a%2", "a%zz", "é", String(repeating: "a", count: 385)] {
            #expect(field(bad) == nil, "\(bad)")
        }
    }
}

@Suite struct CookieTests {
    private func ask(
        _ path: String = "/hls2/t1/c1/m1/l1/segment_000.ts", authorization: String = "", cookie: String = "",
        referrer: String = "https://good.example/"
    ) -> Refusal? {
        let bytes = Array(path.utf8)
        guard let place = MediaPath(bytes.span) else { return .path }
        let empty: [UInt8] = []
        return failure(
            keeper.admit(
                place, path: bytes.span, authorization: Array(authorization.utf8).span,
                cookie: Array(cookie.utf8).span, query: empty.span, referrer: Array(referrer.utf8).span,
                agent: empty.span, client: empty.span, repeated: false, now: now))
    }

    private func grant(
        _ authorization: String, method: String = "POST", path: String = "/api/playback-cookie",
        referrer: String = "https://good.example/"
    ) -> Refusal? {
        failure(
            keeper.grantCookie(
                path: Array(path.utf8).span, raw: Array(path.utf8).span, method: Array(method.utf8).span,
                authorization: Array(authorization.utf8).span, referrer: Array(referrer.utf8).span, repeated: false,
                now: now))
    }

    @Test("B30 a cookie plays where no header is; two tokens that differ do not") func carrying() {
        let own = playback()
        let cookie = "reelgate_play=\(own)"
        for header in [cookie, "a=b; \(cookie)", "\(cookie); c=d", "a=b;\(cookie) ;c", "xreelgate_play=1; \(cookie)"] {
            #expect(ask(cookie: header) == nil, "\(header)")
        }
        #expect(ask(authorization: "Bearer \(own)", cookie: cookie) == nil)
        #expect(ask(authorization: "Bearer \(playback())", cookie: "a=b") == nil)
        #expect(ask(authorization: "Bearer \(playback())", cookie: cookie) == .tokenMalformed)
        #expect(ask(authorization: "Basic x", cookie: cookie) == .tokenMalformed)
        #expect(ask(cookie: "\(cookie); \(cookie)") == .tokenMalformed)
        #expect(ask(cookie: "reelgate_play=; \(cookie)") == .tokenMalformed)
        #expect(ask(authorization: "Bearer \(own)", cookie: "\(cookie); \(cookie)") == .tokenMalformed)
        #expect(ask(cookie: "reelgate_play=") == .tokenMissing)
        #expect(ask(cookie: "Reelgate_play=\(own)") == .tokenMissing)
        #expect(ask(cookie: "reelgate_play=\"\(own)\"") == .tokenMalformed)
        #expect(ask(cookie: "reelgate_play=\(playback(path: true))") == .transport)
        #expect(ask(cookie: "reelgate_play=\(older())") == .rel)
        #expect(ask("/hls/u1/film/output.m3u8", cookie: "reelgate_play=\(older())") == nil)
        #expect(ask("/hls2/t1/c1/m1/l2/output.m3u8", cookie: cookie) == .rel)
        #expect(
            ask("/mobile/hls2/t1/c1/m1/l1/output.m3u8", cookie: "reelgate_play=\(playback(.mobile))") == .tokenMissing)
    }

    @Test("B12 B31 a web token in a cookie still needs a listed page") func referrers() {
        let cookie = "reelgate_play=\(playback())"
        #expect(ask(cookie: cookie, referrer: "") == .referrerMissing)
        #expect(ask(cookie: cookie, referrer: "https://evil.example/") == .referrer)
        #expect(ask(cookie: "reelgate_play=\(playback(.mobile))", referrer: "") == nil)
    }

    @Test("what becomes a cookie") func granting() {
        #expect(grant("Bearer \(playback())") == nil)
        #expect(grant("Bearer \(playback(.mobile))", referrer: "") == nil)
        #expect(grant("Bearer \(older())") == nil)
        #expect(grant("Bearer \(playback())", method: "GET") == .method)
        #expect(grant("Bearer \(playback())", path: "/api/playback-cookie/") == .path)
        #expect(grant("") == .tokenMissing)
        #expect(grant("Basic x") == .tokenMalformed)
        #expect(grant("Bearer \(playback(path: true))") == .transport)
        #expect(grant("Bearer \(playback())", referrer: "") == .referrerMissing)
        #expect(grant("Bearer \(playback())", referrer: "https://evil.example/") == .referrer)
        #expect(grant("Bearer \(token())") == .tokenType)
    }

    @Test(
        "the field's marks follow the site",
        arguments: [
            (false, false, "HttpOnly; SameSite=Lax; "), (true, false, "HttpOnly; Secure; SameSite=Lax; "),
            (true, true, "HttpOnly; Secure; SameSite=None; Partitioned; "),
            (false, true, "HttpOnly; Secure; SameSite=None; Partitioned; "),
        ])
    func field(secure: Bool, crossSite: Bool, marks: String) throws {
        for (text, place) in [(playback(), "/hls2/t1/c1/m1/l1/"), (older(), "/hls/u1/film/")] {
            let bytes = Array(text.utf8)
            let claims = try PlaybackToken.verify(bytes.span, keys: keys, now: now, longest: 86_400).get()
            let cookie = PlaybackCookie(isSecure: secure, isCrossSite: crossSite)
            #expect(
                cookie.field(bytes.span, claims, now: now + 20)
                    == "Set-Cookie: reelgate_play=\(text); \(marks)Path=\(place); Max-Age=280")
        }
    }
}

@Suite struct OlderPathTests {
    private func ask(_ path: String, _ token: String) -> Refusal? {
        let bytes = Array(path.utf8)
        guard let place = MediaPath(bytes.span) else { return .path }
        let query = place.transport == .query ? Array("token=\(token)".utf8) : []
        let header = place.transport == .header ? Array("Bearer \(token)".utf8) : []
        let empty: [UInt8] = []
        return failure(
            keeper.admit(
                place, path: bytes.span, authorization: header.span, cookie: empty.span, query: query.span,
                referrer: Array("https://good.example/".utf8).span, agent: empty.span, client: empty.span,
                repeated: false, now: now))
    }

    private static let publication = "_0123456789ab-k1-d6000"

    @Test(
        "a token of two parts reaches its video's files and publications, and nothing deeper",
        arguments: [
            ("/output.m3u8", true), ("/segment_000.ts", true), ("/enc.key", true), ("/key", true),
            ("/\(publication)/720p/0.ts", true), ("/\(publication)/key/3", true), ("/m1/l1/output.m3u8", false),
            ("/x/0.ts", false), ("/\(publication)/720p/x/0.ts", false), ("/../film2/output.m3u8", false), ("/", false),
            ("", false), ("/.pending", false), ("/film.mp4", false),
        ])
    func files(tail: String, known: Bool) {
        for (prefix, token) in [("/hls/", older()), ("/mobile/hls/", older("u1", "film", .mobile))] {
            #expect(ask("\(prefix)u1/film\(tail)", token) == (known ? nil : .path))
            if known {
                #expect(ask("\(prefix)u1/film2\(tail)", token) == .rel)
                #expect(ask("\(prefix)u2/film\(tail)", token) == .rel)
            }
        }
        let mobile = older("u1", "film", .mobile)
        let found = ask("/play/\(mobile)/u1/film\(tail)", mobile)
        // With four parts the path is a lesson's, and the token is not for it.
        #expect(found == (known ? nil : tail == "/m1/l1/output.m3u8" ? .rel : .path))
    }

    @Test("below /hls2 a video of two parts has its key, and nothing else") func keys() {
        #expect(ask("/hls2/u1/film/key", older()) == nil)
        #expect(ask("/hls2/u1/film/enc.key", older()) == nil)
        #expect(ask("/mobile/hls2/u1/film/key", older("u1", "film", .mobile)) == nil)
        #expect(ask("/hls2/u2/film/key", older()) == .rel)
        for tail in ["output.m3u8", "segment_000.ts", "\(Self.publication)/720p/0.ts", "\(Self.publication)/key/1"] {
            #expect(ask("/hls2/u1/film/\(tail)", older()) == .path)
        }
    }

    @Test("E13 E16 tokens of two parts and of four are not for each other's paths") func apart() {
        #expect(ask("/hls2/t1/c1/m1/l1/output.m3u8", older("t1", "c1")) == .rel)
        #expect(ask("/hls/t1/c1/output.m3u8", playback()) == .rel)
    }

    @Test(
        "the file itself, while it waits",
        arguments: [
            ("/videos-user/u1/film.mp4", nil), ("/videos-user/u1/film.mov", nil), ("/videos-user/u1/film2.mp4", .rel),
            ("/videos-user/u2/film.mp4", .rel), ("/videos-user/u1/film", .path), ("/videos-user/u1/a.b.mp4", .path),
            ("/videos-user/u1/x/film.mp4", .path), ("/videos-user/film.mp4", .path), ("/videos-user/u1/.mp4", .path),
            ("/videos-user/u1/", .path), ("/videos-user/", .path),
        ] as [(String, Refusal?)])
    func waiting(path: String, expected: Refusal?) { #expect(ask(path, older()) == expected) }
}
