import Core
import Testing

@testable import Accounts

@Suite("Second factors") struct SecondFactorTests {
    static let secret = Array("12345678901234567890".utf8)

    /// RFC 6238 appendix B, the last six of its eight digits.
    @Test(
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)])
    func vectors(now: Int64, code: String) { #expect(TOTP.code(Self.secret, step: TOTP.step(now)) == code) }

    @Test("a code counts one step before and after its own, and none counts twice") func window() {
        let code = TOTP.code(Self.secret, step: 100)
        for (now, isTaken): (Int64, Bool) in [(2969, false), (2970, true), (3000, true), (3059, true), (3060, false)] {
            #expect((TOTP.match(code, Self.secret, after: 0, now: now) == 100) == isTaken)
        }
        #expect(TOTP.match(code, Self.secret, after: 99, now: 3000) == 100)
        #expect(TOTP.match(code, Self.secret, after: 100, now: 3000) == nil)
        for other in ["", "12345", "1234567", code + " ", "\u{661}23456"] {
            #expect(TOTP.match(other, Self.secret, after: 0, now: 3000) == nil)
        }
    }

    @Test func uri() {
        #expect(Base32.encode(Array("foobar".utf8)) == "MZXW6YTBOI")
        #expect(
            TOTP.uri(Self.secret, issuer: "video.example.org", account: "a&b@example.org")
                == "otpauth://totp/video.example.org:a%26b%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                + "&issuer=video.example.org&algorithm=SHA1&digits=6&period=30")
    }

    @Test("recovery codes are read whatever their case and dashes") func recovery() throws {
        let codes = try RecoveryCodes.make()
        #expect(Set(codes).count == RecoveryCodes.count)
        let code = try #require(codes.first)
        #expect(RecoveryCodes.hash(code) == RecoveryCodes.hash(code.lowercased().filter { $0 != "-" }))
        for other in ["", "123456", code + "A", "ABCD-EFGH-IJKL-MNO1"] { #expect(RecoveryCodes.hash(other) == nil) }
    }

    @Test("a sealed secret opens for its person, with its key, unchanged") func seal() throws {
        let seal = FactorSeal(secret: Array("a secret of more than 32 bytes, surely".utf8))
        let person = ID<Person>()
        let sealed = try seal.seal(Self.secret, of: person)
        #expect(seal.open(sealed, of: person) == Self.secret)
        #expect(seal.open(sealed, of: ID<Person>()) == nil)
        #expect(FactorSeal(secret: Array("another".utf8)).open(sealed, of: person) == nil)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(seal.open(changed, of: person) == nil)
        }
        #expect(seal.open([], of: person) == nil && seal.open(Array(sealed.dropLast()), of: person) == nil)
    }
}
