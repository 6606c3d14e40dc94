import Core
import Crypto
import Testing
import Tokens

private let now: Int64 = 1_800_000_000
private let secret = Array("a-Fairly-Long-and-Random-0123-text-1".utf8)
private let other = Array("the-second-Key-Long-and-Random-98765".utf8)
private let keys = KeyRing(secret: secret, others: ["k2": other])

private func sign(_ header: String, _ claims: String, key: [UInt8] = secret, tag: (([UInt8]) -> String)? = nil)
    -> String
{
    let signed = Base64URL.encode(Array(header.utf8).span) + "." + Base64URL.encode(Array(claims.utf8).span)
    let code = HMACSHA256(key: key.span).code(for: Array(signed.utf8).span).bytes
    return signed + "." + (tag?(code) ?? Base64URL.encode(code.span))
}

private func claims(_ more: String = "", rel: String = "t1/course1/m1/l1", exp: String = "1800000300") -> String {
    "{\"user_id\":\"u1\",\"rel\":\"\(rel)\",\"exp\":\(exp)\(more)}"
}

private let header = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

private func refusal(_ token: String) -> Refusal? {
    switch PlaybackToken.verify(Array(token.utf8).span, keys: keys, now: now, longest: 86_400) {
    case .success: nil
    case .failure(let refusal): refusal
    }
}

@Suite struct PlaybackTokenTests {
    @Test(
        "E01 a valid token passes",
        arguments: [
            sign(header, claims()), sign("{\"alg\":\"HS256\"}", claims()),
            sign("{\"alg\":\"HS256\",\"kid\":\"k2\"}", claims(), key: other),
            sign(
                header,
                claims(
                    ",\"iat\":1799999999,\"nbf\":1800000030,\"lim\":15,\"aud\":[\"x\",{\"y\":1}],\"platform\":\"mobile\""
                )),
        ])
    func valid(token: String) { #expect(refusal(token) == nil) }

    @Test(
        "E02–E07 headers",
        arguments: [
            ("E02", "{\"alg\":\"none\"}", Refusal.tokenMalformed), ("E02", "{\"alg\":\"None\"}", .tokenMalformed),
            ("E02", "{\"alg\":\"nOnE\"}", .tokenMalformed), ("E04", "{\"alg\":\"HS256 \"}", .tokenMalformed),
            ("E04", "{\"alg\":\"hs256\"}", .tokenMalformed), ("E05", "{\"alg\":\"HS512\"}", .tokenMalformed),
            ("E03", "{\"alg\":\"RS256\"}", .tokenMalformed), ("E06", "{\"alg\":\"HS256\",\"jwk\":{}}", .tokenMalformed),
            ("E06", "{\"alg\":\"HS256\",\"jku\":\"https://x\"}", .tokenMalformed),
            ("E06", "{\"alg\":\"HS256\",\"crit\":[\"b64\"],\"b64\":false}", .tokenMalformed),
            ("E06", "{\"alg\":\"HS256\",\"zip\":\"DEF\"}", .tokenMalformed),
            ("E06", "{\"alg\":\"HS256\",\"x5c\":[]}", .tokenMalformed),
            ("E07", "{\"alg\":\"HS256\",\"kid\":\"../../dev/null\"}", .tokenKey),
            ("E07", "{\"alg\":\"HS256\",\"kid\":\"' OR 1=1--\"}", .tokenKey),
            ("E07", "{\"alg\":\"HS256\",\"kid\":\"\"}", .tokenKey),
            ("E07", "{\"alg\":\"HS256\",\"kid\":7}", .tokenMalformed),
            ("E07", "{\"alg\":\"HS256\",\"kid\":\"k2\",\"kid\":\"k2\"}", .tokenMalformed),
            ("E16", "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", .tokenType),
            ("-", "[]", .tokenMalformed), ("-", "{\"typ\":\"JWT\"}", .tokenMalformed),
            ("-", "{\"alg\":\"HS256\",\"alg\":\"none\"}", .tokenMalformed),
            ("-", "{\"\\u0061lg\":\"HS256\"}", .tokenMalformed),
        ])
    func headers(row: String, header: String, expected: Refusal) {
        #expect(refusal(sign(header, claims())) == expected, "\(row)")
    }

    @Test("E05 tags of another length or key") func tags() {
        #expect(
            refusal(sign(header, claims(), tag: { Base64URL.encode(Array($0.prefix(16)).span) })) == .tokenSignature)
        #expect(
            refusal(sign(header, claims(), tag: { Base64URL.encode(Array($0.prefix(31)).span) })) == .tokenSignature)
        #expect(refusal(sign(header, claims(), tag: { Base64URL.encode(($0 + [0]).span) })) == .tokenSignature)
        #expect(refusal(sign(header, claims(), tag: { _ in "" })) == .tokenSignature)
        #expect(refusal(sign(header, claims(), key: other)) == .tokenSignature)
        #expect(refusal(sign("{\"alg\":\"HS256\",\"kid\":\"k2\"}", claims())) == .tokenSignature)
    }

    @Test("E08 E09 other serialisations") func forms() {
        let token = sign(header, claims())
        let parts = token.split(separator: ".").map(String.init)
        let last = parts[2].dropLast() + (parts[2].hasSuffix("A") ? "B" : "A")
        let forms: [(String, Refusal)] = [
            ("", .tokenMissing), ("a", .tokenMalformed), (parts[0] + "." + parts[1], .tokenMalformed),
            (token + ".", .tokenMalformed),
            ("." + token, .tokenMalformed), (" " + token, .tokenMalformed), (token + "\n", .tokenSignature),
            (token + "=", .tokenSignature),
            (parts[0] + "=." + parts[1] + "." + parts[2], .tokenMalformed), ("..", .tokenMalformed),
            ("{\"payload\":\"\"}", .tokenMalformed),
            (parts[0] + "." + parts[1] + "." + last, .tokenSignature),
        ]
        for (text, expected) in forms { #expect(refusal(text) == expected, "\(text)") }
    }

    @Test(
        "E10–E12 E14 E22 claims",
        arguments: [
            ("E10", claims(",\"rel\":\"t2/course9/m1/l1\""), Refusal.tokenMalformed),
            ("E10", claims(",\"re\\u006c\":\"t2/c/m/l\""), .tokenMalformed),
            ("E11", "{\"user_id\":\"u\",\"rel\":\"a/b/c/d\"}", .tokenMalformed),
            ("E11", claims(exp: "\"1800000300\""), .tokenMalformed),
            ("E11", claims(exp: "1800000300.0"), .tokenMalformed), ("E11", claims(exp: "1e308"), .tokenMalformed),
            ("E11", claims(exp: "1" + String(repeating: "0", count: 60)), .tokenMalformed),
            ("E11", claims(exp: "-1"), .tokenMalformed),
            ("E11", claims(exp: "null"), .tokenMalformed), ("E11", claims(exp: "9223372036854775807"), .tokenMalformed),
            ("E12", claims(exp: "1799999999"), .tokenExpired), ("E12", claims(exp: "1800000000"), .tokenExpired),
            ("E12", claims(",\"nbf\":1800000031"), .tokenNotYet), ("E12", claims(",\"iat\":1800000031"), .tokenNotYet),
            ("E12", claims(",\"iat\":1799000000", exp: "1900000000"), .tokenExpired),
            ("E11", claims(",\"nbf\":\"x\""), .tokenMalformed),
            ("E11", claims(",\"nbf\":-9223372036854775808"), .tokenMalformed),
            ("E14", claims(rel: ""), .tokenMalformed), ("E14", claims(rel: "/"), .tokenMalformed),
            ("E14", claims(rel: "t1/"), .tokenMalformed),
            ("E14", claims(rel: "t1/course1"), .tokenMalformed),
            ("E14", claims(rel: "t1//course1/m1"), .tokenMalformed),
            ("E14", claims(rel: "t1/./course1/m"), .tokenMalformed),
            ("E14", claims(rel: "t1/course1/m/.."), .tokenMalformed),
            ("E14", claims(rel: "*"), .tokenMalformed), ("E14", claims(rel: "t1/course1/m1/l1/x"), .tokenMalformed),
            ("E22", claims(rel: "t1/course1/m1/l\u{e9}"), .tokenMalformed),
            ("E22", claims(rel: "t1/course1/m1/l\\u0000"), .tokenMalformed),
            ("E22", "{\"user_id\":\"\\ud800\",\"rel\":\"a/b/c/d\",\"exp\":1800000300}", .tokenMalformed),
            ("E16", "{\"user_id\":\"u\",\"filename\":\"x.mp4\",\"exp\":1800000300}", .tokenType),
            ("E16", "{\"sub\":\"u\",\"role\":\"admin\",\"exp\":1800000300}", .tokenType),
            ("-", claims(",\"platform\":\"tv\""), .tokenMalformed), ("-", claims(",\"lim\":0"), .tokenMalformed),
            ("-", claims(",\"lim\":16"), .tokenMalformed),
            ("-", claims(",\"tr\":\"query\""), .tokenMalformed), ("-", claims() + " x", .tokenMalformed),
            ("-", "{\"exp\":1800000300,\"rel\":\"a/b/c/d\"}", .tokenMalformed),
        ])
    func claimsTable(row: String, text: String, expected: Refusal) {
        #expect(refusal(sign(header, text)) == expected, "\(row) \(text)")
    }

    @Test("E21 too long") func long() {
        #expect(refusal(sign(header, claims(",\"x\":\"\(String(repeating: "a", count: 2048))\""))) == .tokenMalformed)
        #expect(refusal(String(repeating: "a", count: 65_536)) == .tokenMalformed)
    }

    @Test("E13 only its own lesson") func rel() throws {
        let token = sign(header, claims())
        let found = try PlaybackToken.verify(Array(token.utf8).span, keys: keys, now: now, longest: 86_400).get()
        for (path, same) in [
            ("t1/course1/m1/l1", true), ("t1/course10/m1/l1", false), ("t1/course1/m1/l", false),
            ("T1/course1/m1/l1", false),
        ] {
            #expect(found.isFor(Array(path.utf8).span) == same)
        }
    }

    @Test func whatIsMintedPasses() throws {
        let rel = try #require(RelPath("t1/c1/m1/l1"))
        let token = PlaybackToken.mint(
            user: "u1", rel: rel, platform: .web, session: "s1", pathOnly: true, issued: now, lifetime: 60, keys: keys)
        let found = try PlaybackToken.verify(Array(token.utf8).span, keys: keys, now: now + 59, longest: 86_400).get()
        #expect(found.pathOnly)
        #expect(found.expiry == now + 60)
        #expect(refusal(token) == nil)
        switch PlaybackToken.verify(Array(token.utf8).span, keys: keys, now: now + 60, longest: 86_400) {
        case .success: Issue.record("an expired token passed")
        case .failure(let refusal): #expect(refusal == .tokenExpired)
        }
    }

    @Test("E24 E02 every byte counts: no altered token passes") func mutations() {
        let token = Array(sign(header, claims()).utf8)
        for index in token.indices {
            for change in [1, 2, 0x20, 0x80] as [UInt8] {
                var altered = token
                altered[index] ^= change
                if case .success = PlaybackToken.verify(altered.span, keys: keys, now: now, longest: 86_400) {
                    Issue.record("accepted with byte \(index) changed by \(change)")
                }
            }
        }
    }
}

@Suite struct AccessTokenTests {
    private let tokens = AccessTokens(secret: other)

    @Test(
        "E16 the kinds of tokens don't mix",
        arguments: [
            (sign(header, "{\"sub\":\"u1\",\"exp\":1800000300}", key: other), true),
            (sign(header, "{\"id\":\"u1\",\"role\":\"instructor\",\"exp\":1800000300}", key: other), true),
            (sign(header, "{\"sub\":\"u1\",\"exp\":1800000300}"), false), (sign(header, claims(), key: other), false),
            (sign(header, "{\"sub\":\"u1\",\"exp\":1800000000}", key: other), false),
            (sign(header, "{\"sub\":\"u1\"}", key: other), false),
            (sign(header, "{\"sub\":\"\",\"exp\":1800000300}", key: other), false),
            (sign(header, "{\"sub\":7,\"exp\":1800000300}", key: other), false),
            (sign(header, "{\"sub\":\"u1\",\"role\":\"root\",\"exp\":1800000300}", key: other), false),
            (sign("{\"alg\":\"HS256\",\"kid\":\"k2\"}", "{\"sub\":\"u1\",\"exp\":1800000300}", key: other), false),
            (sign(header, "{\"sub\":\"u1\",\"exp\":1800000300,\"nbf\":1800000031}", key: other), false),
            (sign(header, "{\"sub\":\"u1\",\"exp\":1800000300,\"aud\":\"elsewhere\"}", key: other), false),
            (sign(header, "{\"sub\":\"u1\",\"exp\":1800000300,\"aud\":7}", key: other), false),
            (sign(header, "{\"sub\":\"u1\",\"exp\":1800000300,\"aud\":\"reelgate-api\"}", key: other), true),
            (sign(header, "{\"sub\":\"u1\",\"exp\":1800000300,\"aud\":[\"x\",\"reelgate-api\"]}", key: other), true),
            (sign(header, "{\"sub\":\"u1\",\"exp\":1800000300,\"typ\":\"refresh\"}", key: other), false),
            (sign(header, "{\"sub\":\"u1\",\"exp\":1800000300,\"typ\":\"access\"}", key: other), true),
            (
                sign(
                    header, "{\"sub\":\"u1\",\"exp\":1800000300,\"typ\":\"access\",\"aud\":\"reelgate-api\"}",
                    key: other),
                false
            ),
        ])
    func kinds(token: String, valid: Bool) { #expect((tokens.verify(token, now: now) != nil) == valid) }

    @Test func minted() {
        let claims = AccessClaims(subject: "u1", role: .admin)
        #expect(tokens.verify(tokens.mint(claims, issued: now, lifetime: 900), now: now + 899) == claims)
        #expect(tokens.verify(tokens.mint(claims, issued: now, lifetime: 900), now: now + 900) == nil)
        let ours = AccessClaims(subject: "u1", role: .viewer, signIn: UUID())
        #expect(tokens.verify(tokens.mint(ours, issued: now, lifetime: 900), now: now) == ours)
    }
}

@Suite struct KeyTests {
    @Test func apiKeys() throws {
        let key = try APIKey.generate()
        let again = try #require(APIKey(key.revealed()))
        #expect(again.id == key.id)
        #expect(again.matches(key.hash))
        #expect(try !APIKey.generate().matches(key.hash))
        #expect(!"\(key)".contains(key.revealed().suffix(43)))
        for text in [
            "", "rgk_", "rgk_abcdefghijkl_" + String(repeating: "A", count: 42),
            "rgk_ABCDEFGHIJKL_" + String(repeating: "A", count: 43),
            key.revealed() + "A", " " + key.revealed(),
        ] { #expect(APIKey(text) == nil) }
    }

    @Test("K12 keys of lessons, publications and numbers are unrelated") func mediaKeys() throws {
        let media = MediaKeys(masters: [1: Array(0..<32), 2: Array(32..<64)])
        let one = try #require(PublicationName("_0123456789ab-k1-d6000"))
        let two = try #require(PublicationName("_0123456789ab-k2-d6000"))
        var seen: Set<[UInt8]> = []
        for rel in ["a/b/c/d", "a/b/c/e", "a/b/cd/"] {
            for publication in [one, two] {
                for number in 0..<50 as Range<UInt32> {
                    seen.insert(try #require(media.key(rel: rel, publication: publication, number: number)))
                }
            }
        }
        #expect(seen.count == 300)
        #expect(media.newest == 2)
        let unknown = try #require(PublicationName("_0123456789ab-k3-d6000"))
        #expect(media.key(rel: "a/b/c/d", publication: unknown, number: 0) == nil)
        // RFC 5869 worked by hand with Python's hmac: HKDF-SHA-256, zero salt, info as documented.
        #expect(
            Hex.encode(try #require(media.key(rel: "a/b/c/d", publication: one, number: 65_537)))
                == "44ad7321f7030e335157eec761b300cc")
    }
}
