import Core
import Testing
import Tokens
import Web

@Suite("Router") struct RouterTests {
    static func route(_ method: Web.Method, _ pattern: StaticString, _ name: String) -> Route<Void> {
        Route(method, pattern, by: .anyone, to: { (_: Void, _: Request) throws(Problem) in .json(.string(name)) })
    }

    static var router: Router {
        Router([
            route(.get, "/api/videos", "list"),
            Route(
                .get, "/api/videos/:id", by: .anyone,
                to: { (_: Void, _: Request, id: String) throws(Problem) in .json(.string("video " + id)) }),
            route(.post, "/api/videos/upload", "upload"),
            Route(
                .get, "/rel/:rel", by: .anyone,
                to: { (_: Void, _: Request, rel: RelPath) throws(Problem) in .json(.string("\(rel)")) }),
            Route(
                .get, "/m/:course/:module", by: .anyone,
                to: { (_: Void, _: Request, c: Slug, m: Slug) throws(Problem) in .json(.string("\(c)+\(m)")) }),
            Route(
                .delete, "/api/videos/:id", by: .anyone,
                to: { (_: Void, _: Request, id: String) throws(Problem) in .json(.string("gone " + id)) }),
        ])
    }

    static func answer(_ method: Web.Method, _ raw: String) -> String {
        do throws(Problem) {
            let path = try Path(raw.utf8)
            let request = Request(
                method: method, path: path, query: try Query("".utf8), headers: Headers(),
                body: Body(nil, declared: nil),
                address: "", id: "")
            let match = try router.find(method, path)
            let response = try match.answer(request)
            return String(decoding: response.body, as: UTF8.self)
        } catch {
            return "\(error.refusal.status) \(error.refusal.code) \(error.allow ?? "")"
        }
    }

    static let cases: [(Web.Method, String, String)] = [
        (Web.Method.get, "/api/videos", "\"list\""),
        (.head, "/api/videos", "\"list\""),
        (.get, "/api/videos/7", "\"video 7\""),
        (.get, "/api/videos/a%2Fb", "\"video a/b\""),
        (.delete, "/api/videos/7", "\"gone 7\""),
        (.get, "/api/videos/upload", "405 method POST"),
        (.put, "/api/videos/7", "405 method GET, HEAD, DELETE"),
        (.get, "/api/videos/", "404 not_found "),
        (.get, "/api//videos", "404 not_found "),
        (.get, "/api/../api/videos", "404 not_found "),
        (.get, "/API/videos", "404 not_found "),
        (.get, "/api/videos/%zz", "400 bad_request "),
        (.get, "/api/videos/%0", "400 bad_request "),
        (.get, "/api/videos/%00", "400 bad_request "),
        (.get, "/api/videos/%ff", "400 bad_request "),
        (.get, "api/videos", "400 bad_request "),
        (.get, "/rel/t%2Fc%2Fm%2Fl", "\"t/c/m/l\""),
        (.get, "/rel/t%2Fc%2Fm", "404 not_found "),
        (.get, "/rel/t%2Fc%2F..%2Fl", "404 not_found "),
        (.get, "/m/c1/m1", "\"c1+m1\""),
        (.get, "/m/c1/m%201", "404 not_found "),
        (.get, "/m/\u{212A}/m1", "404 not_found "),
    ]

    @Test("J15 D02 a path is split before it is unescaped and compared by bytes", arguments: cases)
    func finds(method: Web.Method, raw: String, expected: String) { #expect(Self.answer(method, raw) == expected) }

    @Test("D08 D14 a parameter that is read stands once, in one spelling")
    func queries() throws {
        let query = try Query("rel=a%2Fb&ttl=05&to%6ben=1&token=2&x=%2B+y".utf8)
        #expect(try query.one("rel") == "a/b")
        #expect(try query.one("none") == nil)
        #expect(try query.one("x") == "+ y")
        #expect(throws: Problem.self) { try query.one("token") }
        #expect(throws: Problem.self) { try query.number("ttl") }
        for bad in ["a=%", "a=%2", "a=%gg", "a=%00", "%ff=1"] {
            #expect(throws: Problem.self) { try Query(bad.utf8) }
        }
    }

    @Test("A route says who may call it") func access() throws {
        let access = Access.key(.tokens, or: .admin)
        try access.check(.key(id: "k", scopes: [.tokens, .upload]))
        try access.check(.user(id: "u", role: .admin))
        for (caller, status) in [
            (Caller.anyone, 401), (.key(id: "k", scopes: [.upload]), 403), (.user(id: "u", role: .viewer), 403),
        ] {
            do throws(Problem) {
                try access.check(caller)
                Issue.record("\(caller) passed")
            } catch { #expect(error.refusal.status == status) }
        }
    }
}
