import Core
import Crypto
import POSIX
import TestKeys
import Testing
import Tokens

/// An hour from now: the certificates, made when a test first needs them, hold by then.
private let now = Clocks.wallSeconds() + 3600
private let project = "demo-proj"
private let key = try? TestKey()
private let other = try? TestKey()

/// The claims of a good token by name, as JSON.
private let good: [(String, String)] = [
    ("iss", "\"https://securetoken.google.com/demo-proj\""), ("aud", "\"demo-proj\""), ("auth_time", "\(now - 100)"),
    ("sub", "\"uid1\""), ("iat", "\(now - 10)"), ("exp", "\(now + 3590)"), ("email", "\"a@b.example\""),
    ("email_verified", "true"), ("name", "\"Ann \\u00e9\""),
    ("firebase", "{\"identities\":{\"email\":[\"a@b.example\"]},\"sign_in_provider\":\"google.com\"}"),
]
private let header = "{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"JWT\"}"

/// The good claims with some of them changed or, where the value is empty, left out; new ones come last.
private func changed(_ changes: [(String, String)]) -> String {
    let kept = good.map { (name, value) in (name, changes.first { $0.0 == name }?.1 ?? value) }
    let new = changes.filter { change in !good.contains { $0.0 == change.0 } }
    return "{" + (kept + new).filter { !$0.1.isEmpty }.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
}

private func encoded(_ text: String) -> String { Base64URL.encode(Array(text.utf8).span) }

private func token(_ claims: String, header: String = header, by signer: TestKey? = key) throws -> String {
    let signed = encoded(header) + "." + encoded(claims)
    let signature = try #require(signer).sign(signed)
    return signed + "." + Base64URL.encode(signature.span)
}

private func certificate(of signer: TestKey? = key) throws -> RSACertificate {
    let pem = Array(try #require(signer).certificate.utf8)
    return try RSACertificate(pem: pem.span)
}

/// What is wrong with a token; `nil` when nothing is.
private func fault(_ token: String, under signer: TestKey? = key, now: Int64 = now) throws -> IDTokenFault? {
    let certificate = try certificate(of: signer)
    do throws(IDTokenFault) {
        _ = try IDToken(token).claims(under: certificate, project: project, now: now)
        return nil
    } catch { return error }
}

@Suite struct IDTokenTests {
    @Test("F01 a good token says who signed in") func good() throws {
        let text = try token(changed([]))
        #expect(IDToken.isOne(text))
        let certificate = try certificate()
        let claims = try IDToken(text).claims(under: certificate, project: project, now: now)
        #expect(claims.subject == "uid1" && claims.email == "a@b.example" && claims.isEmailVerified)
        #expect(claims.name == "Ann é" && claims.provider == "google.com")
        #expect(claims.issued == now - 10 && claims.authenticated == now - 100)
        #expect(try IDToken(text).kid == "k1")
    }

    @Test(
        "F02 F03 F10 F11 F15 D07 D08 E11 claims, one by one",
        arguments: [
            ([("aud", "\"other-proj\"")], .audience), ([("aud", "[\"demo-proj\"]")], .audience),
            ([("aud", "")], .audience),
            ([("aud", "\"demo-proj \"")], .audience), ([("aud", "null")], .audience),
            ([("iss", "\"http://securetoken.google.com/demo-proj\"")], .issuer),
            ([("iss", "\"https://securetoken.google.com/other-proj\"")], .issuer),
            ([("iss", "\"https://securetoken.google.com/demo-proj/\"")], .issuer),
            ([("iss", "\"https://session.firebase.google.com/demo-proj\"")], .issuer), ([("iss", "")], .issuer),
            ([("sub", "\"\"")], .subject), ([("sub", "")], .subject), ([("sub", "7")], .subject),
            ([("sub", "\"\(String(repeating: "x", count: 129))\"")], .subject),
            ([("sub", "\"\(String(repeating: "x", count: 128))\"")], nil),
            ([("sub", "\"uid\\u0000\"")], .malformed), ([("sub", "\"uid\\u212a\"")], .subject),
            ([("sub", "\"u\u{456}d1\"")], .subject), ([("sub", "\"uid 1\"")], .subject),
            ([("exp", "\(now - 59)")], nil), ([("exp", "\(now - 60)")], .expired),
            ([("exp", "\(now - 600)")], .expired),
            ([("exp", "\(now + 3660)")], nil), ([("exp", "\(now + 3661)")], .expired), ([("exp", "")], .expired),
            ([("exp", "\"\(now + 100)\"")], .expired), ([("exp", "1e300")], .expired), ([("exp", "1e3")], .expired),
            ([("exp", "\(now + 100).0")], .expired), ([("exp", "\(Int64.max)")], .expired),
            ([("exp", "null")], .expired),
            ([("exp", "9223372036854775808")], .expired), ([("exp", "-1")], .expired),
            ([("exp", "0\(now + 100)")], .malformed), ([("exp", "+\(now + 100)")], .malformed),
            ([("exp", "0x7fffffff")], .malformed), ([("exp", "1" + String(repeating: "0", count: 400))], .malformed),
            ([("iat", "\(now + 60)")], nil), ([("iat", "\(now + 61)")], .issued), ([("iat", "\(now + 600)")], .issued),
            ([("iat", "")], .issued), ([("iat", "\(Int64.min)")], .issued), ([("iat", "true")], .issued),
            ([("nbf", "-9223372036854775808")], .issued), ([("nbf", "\(now + 61)")], .issued),
            ([("nbf", "\(now)")], nil),
            ([("auth_time", "\(now + 60)")], nil), ([("auth_time", "\(now + 61)")], .authenticated),
            ([("auth_time", "")], .authenticated), ([("auth_time", "\"\(now)\"")], .authenticated),
            ([("auth_time", "0")], nil),
            ([("firebase", "")], .malformed), ([("firebase", "{}")], .malformed),
            ([("firebase", "{\"sign_in_provider\":\"password\",\"tenant\":\"t1\"}")], .tenant),
            ([("email", "7")], .malformed), ([("email", "null")], nil), ([("email_verified", "\"true\"")], .malformed),
            ([("email_verified", "")], nil), ([("name", "[]")], .malformed),
        ] as [([(String, String)], IDTokenFault?)])
    func claims(changes: [(String, String)], expected: IDTokenFault?) throws {
        #expect(try fault(token(changed(changes))) == expected, "\(changes)")
    }

    @Test("F12 an address is confirmed only where the token says so and has one") func verified() throws {
        let certificate = try certificate()
        for (changes, expected) in [
            ([("email_verified", "false")], false), ([("email_verified", "")], false), ([("email", "")], false),
            ([], true),
        ] {
            let claims = try IDToken(token(changed(changes))).claims(under: certificate, project: project, now: now)
            #expect(claims.isEmailVerified == expected)
        }
    }

    @Test(
        "F04 E02 E04 E06 E07 headers",
        arguments: [
            ("{\"alg\":\"RS512\",\"kid\":\"k1\"}", .algorithm), ("{\"alg\":\"PS256\",\"kid\":\"k1\"}", .algorithm),
            ("{\"alg\":\"HS256\",\"kid\":\"k1\"}", .algorithm), ("{\"alg\":\"none\"}", .algorithm),
            ("{\"alg\":\"rs256\",\"kid\":\"k1\"}", .algorithm), ("{\"alg\":\" RS256\",\"kid\":\"k1\"}", .algorithm),
            ("{\"kid\":\"k1\"}", .algorithm), ("{\"alg\":null,\"kid\":\"k1\"}", .algorithm),
            ("{\"alg\":\"RS256\"}", .key), ("{\"alg\":\"RS256\",\"kid\":7}", .key),
            ("{\"alg\":\"RS256\",\"kid\":\"\"}", .key),
            ("{\"alg\":\"RS256\",\"kid\":\"\(String(repeating: "k", count: 129))\"}", .key),
            ("{\"alg\":\"RS256\",\"kid\":\"\(String(repeating: "k", count: 10_000))\"}", .malformed),
            ("{\"alg\":\"RS256\",\"kid\":\"k1\",\"typ\":\"JOSE\"}", .malformed),
            ("{\"alg\":\"RS256\",\"kid\":\"k1\",\"crit\":[\"b64\"],\"b64\":false}", .malformed),
            ("{\"alg\":\"RS256\",\"kid\":\"k1\",\"jku\":\"https://evil.example\"}", .malformed),
            ("{\"alg\":\"RS256\",\"kid\":\"k1\",\"x5c\":[]}", .malformed),
            ("{\"alg\":\"RS256\",\"kid\":\"k1\",\"jwk\":{}}", .malformed),
            ("{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"k1\"}", .malformed), ("[]", .malformed), ("", .malformed),
            ("{\"alg\":\"RS256\",\"kid\":\"k1\"}", nil),
        ] as [(String, IDTokenFault?)])
    func headers(header: String, expected: IDTokenFault?) throws {
        #expect(try fault(token(changed([]), header: header)) == expected, "\(header)")
    }

    @Test("F04 E03 E05 what isn't the certificate's signature") func signatures() throws {
        let signer = try #require(key)
        let text = try token(changed([]))
        let signed = String(text.prefix(upTo: try #require(text.lastIndex(of: "."))))
        func with(_ signature: [UInt8]) -> String { signed + "." + Base64URL.encode(signature.span) }
        let right = try signer.sign(signed)
        #expect(try fault(with(right)) == nil)
        var flipped = right
        flipped[0] ^= 1
        let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
        func mac(_ message: String) -> [UInt8] {
            let (key, bytes) = (Array(signer.certificate.utf8), Array(message.utf8))
            return HMACSHA256(key: key.span).code(for: bytes.span).bytes
        }
        let others: [[UInt8]] = [
            flipped, right.dropLast(), right + [0], [0] + right, mac(signed), [UInt8](repeating: 0, count: 256), [1],
            try signer.sign(signed, digest: "-sha512"), try signer.sign(signed, digest: "-sha1"),
            try signer.sign(signed, options: pss), try #require(other).sign(signed),
        ]
        for signature in others { #expect(try fault(with(signature)) == .signature, "\(signature.count)") }
        #expect(try fault(signed + ".") == .malformed)
        #expect(try fault(text, under: other) == .signature)
        // The MAC of the HS256 trick, under a header that says so.
        let confused = encoded("{\"alg\":\"HS256\",\"kid\":\"k1\"}") + "." + encoded(changed([]))
        let tag = mac(confused)
        #expect(try fault(confused + "." + Base64URL.encode(tag.span)) == .algorithm)
        #expect(!IDToken.isOne(confused + ".x"))
    }

    @Test("E08 E09 E21 D09 D12 forms") func forms() throws {
        let text = try token(changed([]))
        let parts = text.split(separator: ".").map(String.init)
        for wrong in [
            "", ".", "..", parts[0], parts[0] + "." + parts[1], text + ".", text + ".x", " " + text, text + "\n",
            text + "=",
            "{\"payload\":\"\(parts[1])\"}", parts[0] + "=." + parts[1] + "." + parts[2],
            text + String(repeating: "A", count: 8192),
        ] { #expect(try fault(wrong) == .malformed, "\(wrong.prefix(40))") }
        // One token, one spelling: a last character with spare bits set is another text of the same bytes.
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let final = try #require(text.last)
        let last = try #require(alphabet.firstIndex(of: final))
        #expect(last % 16 == 0)
        #expect(try fault(String(text.dropLast()) + String(alphabet[last + 1])) == .malformed)
        #expect(try fault(token("{\"sub\":\"a\"," + changed([]).dropFirst())) == .malformed)
        #expect(try fault(token("[]")) == .malformed)
        #expect(try fault(token("\u{FEFF}" + changed([]))) == .malformed)
    }

    @Test("a certificate out of its time signs nothing") func outOfTime() throws {
        let day: Int64 = 86_400
        let text = try token(changed([]))
        #expect(try fault(text, now: now - 2 * day) == .key)
        #expect(try fault(text, now: now + 15 * day) == .key)
    }
}
