import Core
import Serving
import Testing
import Tokens
import Web

@Suite struct OutsideCallersTests {
    private final class Nobody: KeyDirectory, PeopleDirectory {
        func key(_ id: String) throws(Problem) -> KeyRecord? { nil }
        func role(_ claims: AccessClaims) throws(Problem) -> Role? { claims.role }
    }

    private final class Outside: OutsideCallers {
        var seen: [String] = []
        func caller(_ token: String) throws(Problem) -> Caller {
            seen.append(token)
            if token.hasSuffix(".good") { return .user(id: "outside", role: .viewer) }
            throw Problem(.credentialsInvalid)
        }
    }

    private let tokens = AccessTokens(secret: Array("a secret of more than 32 bytes, surely".utf8))

    private func text(_ header: String, _ end: String) -> String {
        Base64URL.encode(Array(header.utf8).span) + ".e30." + end
    }

    private func caller(_ credential: String, _ outside: Outside?) throws(Problem) -> Caller {
        try Authentication(keys: Nobody(), people: Nobody(), tokens: tokens, outside: outside)
            .caller(Headers([("authorization", "Bearer " + credential)]), now: 1050)
    }

    @Test("F04 E03 a token's algorithm says who judges it, and nobody else does") func algorithms() throws {
        let outside = Outside()
        let own = tokens.mint(AccessClaims(subject: "u1", role: .instructor), issued: 1000, lifetime: 100)
        let good = text("{\"alg\":\"RS256\",\"kid\":\"k1\"}", "good")
        #expect(try caller(own, outside) == .user(id: "u1", role: .instructor) && outside.seen.isEmpty)
        #expect(try caller(good, outside) == .user(id: "outside", role: .viewer) && outside.seen == [good])
        for (header, isAsked) in [
            ("{\"alg\":\"RS256\",\"kid\":\"k1\"}", true), ("{\"alg\":\"HS256\",\"kid\":\"k1\"}", false),
            ("{\"alg\":\"none\"}", false), ("{\"alg\":\"RS512\"}", false), ("{\"alg\":\"rs256\"}", false), ("x", false),
        ] {
            outside.seen = []
            let bad = text(header, "bad")
            #expect(throws: Problem.self, "\(header)") { _ = try caller(bad, outside) }
            #expect(outside.seen == (isAsked ? [bad] : []), "\(header)")
        }
        #expect(throws: Problem.self) { _ = try caller(good, nil) }
    }
}
