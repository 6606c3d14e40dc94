import Core
import Testing
import Tokens
import Web

@testable import Serving

@Suite("Heads and requests") struct EncodingTests {
    @Test(
        "C25 C26 C27 C28 a head that could be read as something else is never written",
        arguments: [
            ("ok", true), ("a\r\nX-Accel-Redirect: /secret", false), ("a\nb", false), ("a\rb", false),
            ("a\u{0}b", false),
            ("a\u{7f}", false), ("a\u{9}b", false), (String(repeating: "x", count: 4000), false), ("é", true),
        ])
    func heads(value: String, written: Bool) {
        #expect((ResponseEncoding.head(of: Response(status: 200, fields: [.init("X-Test", value)])) != nil) == written)
    }

    @Test("C27 C28 one status, one length, no field twice") func once() throws {
        let head = try #require(ResponseEncoding.head(of: .json(["a": 1], status: 202)))
        let text = String(decoding: head, as: UTF8.self)
        #expect(text.hasPrefix("Status: 202 Accepted\r\n"))
        #expect(text.contains("\r\nContent-Length: 7\r\n"))
        for field in [Response.Field("Content-Length", "1"), .init("Status", "200"), .init("", "x"), .init("a b", "x")]
        {
            #expect(ResponseEncoding.head(of: Response(status: 200, fields: [field])) == nil)
        }
        #expect(
            ResponseEncoding.head(of: Response(status: 200, fields: [.init("X-A", "1"), .init("x-a", "2")])) == nil)
    }

    @Test("C09 C10 D13 what nginx sent becomes a request, or a 400") func decoding() throws {
        func decode(_ extra: [(String, String?)]) throws(Problem) -> Request {
            try RequestDecoding.request(
                [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/a%2Fb/c?x=1&x=2"), ("REMOTE_ADDR", "192.0.2.1")] + extra,
                body: nil, id: "1")
        }
        let request = try decode([("HTTP_X_API_KEY", "k"), ("HTTP_REMOTE_ADDR", "6.6.6.6"), ("CONTENT_TYPE", "a/b")])
        #expect(request.path.segments == ["a/b", "c"])
        #expect(request.address == "192.0.2.1")
        #expect(try request.headers.one("x-api-key") == "k")
        #expect(try request.headers.one("content-type") == "a/b")
        #expect(throws: Problem.self) { try request.query.one("x") }
        #expect(throws: Problem.self) { try decode([("CONTENT_LENGTH", "+5")]) }
        #expect(throws: Problem.self) { try decode([("CONTENT_LENGTH", "05")]) }
        let twice = try decode([("HTTP_AUTHORIZATION", "Bearer a"), ("HTTP_AUTHORIZATION", "Bearer b")])
        #expect(throws: Problem.self) { try twice.headers.one("authorization") }
        let broken = try decode([("HTTP_X_API_KEY", nil)])
        #expect(throws: Problem.self) { try broken.headers.one("x-api-key") }
        #expect(throws: Problem.self) {
            try RequestDecoding.request([("REQUEST_METHOD", "BREW"), ("REQUEST_URI", "/")], body: nil, id: "1")
        }
    }

    @Test("D02 E01 who asks: a key, a user, or a 401") func callers() throws {
        final class Keys: KeyDirectory {
            let key: APIKey
            init(_ key: APIKey) { self.key = key }
            func key(_ id: String) throws(Problem) -> KeyRecord? {
                id == key.id ? KeyRecord(hash: key.hash, scopes: [.upload]) : nil
            }
        }
        final class People: PeopleDirectory {
            var ended = false
            func role(_ claims: AccessClaims) throws(Problem) -> Role? {
                claims.signIn == nil ? claims.role : ended ? nil : .viewer
            }
        }
        let people = People()
        let key = try APIKey.generate()
        let other = try APIKey.generate()
        let tokens = AccessTokens(secret: Array("a secret of more than 32 bytes, surely".utf8))
        let authentication = Authentication(keys: Keys(key), people: people, tokens: tokens)
        let user = tokens.mint(AccessClaims(subject: "t1", role: .instructor), issued: 1000, lifetime: 100)
        let service = Caller.key(id: key.id, scopes: [.upload])
        func caller(_ fields: [(String, String?)]) throws(Problem) -> Caller {
            try authentication.caller(Headers(fields), now: 1050)
        }
        #expect(try caller([]) == .anyone)
        #expect(try caller([("x-api-key", key.revealed())]) == service)
        #expect(try caller([("authorization", "bearer " + key.revealed())]) == service)
        #expect(try caller([("authorization", "Bearer site"), ("x-api-key", key.revealed())]) == service)
        #expect(try caller([("authorization", "Bearer " + user)]) == .user(id: "t1", role: .instructor))
        // Ours: what the person may do is asked each time, and an ended sign-in ends it.
        let ours = tokens.mint(
            AccessClaims(subject: "t1", role: .admin, signIn: Core.UUID()), issued: 1000, lifetime: 100)
        #expect(try caller([("authorization", "Bearer " + ours)]) == .user(id: "t1", role: .viewer))
        people.ended = true
        #expect(throws: Problem.self) { try caller([("authorization", "Bearer " + ours)]) }
        let swapped = String(key.revealed().prefix(17)) + String(other.revealed().suffix(43))
        for fields: [(String, String?)] in [
            [("x-api-key", other.revealed())], [("x-api-key", swapped)], [("x-api-key", "")],
            [("authorization", "Bearer")],
            [("authorization", "Basic abc")], [("authorization", "Bearer " + user + "x")],
        ] {
            do throws(Problem) {
                _ = try caller(fields)
                Issue.record("\(fields) passed")
            } catch { #expect(error.refusal == .credentialsInvalid) }
        }
        #expect(throws: Problem.self) {
            try authentication.caller(Headers([("authorization", "Bearer " + user)]), now: 1100)
        }
    }
}
