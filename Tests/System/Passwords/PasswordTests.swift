import Testing

@testable import Passwords

@Suite("Passwords") struct PasswordTests {
    static let salt = [UInt8](repeating: 7, count: 16)

    @Test("a password fits its own hash and no other") func fits() throws {
        let stored = try #require(PasswordHash.make(Array("correct horse".utf8), salt: Self.salt))
        #expect(stored.hasPrefix("$argon2id$v=19$m=65536,t=3,p=1$"))
        #expect(PasswordHash.verify(Array("correct horse".utf8), stored: stored))
        #expect(!PasswordHash.verify(Array("correct horsf".utf8), stored: stored))
        #expect(!PasswordHash.verify([], stored: stored))
    }

    @Test("E31 a huge password or an edited hash costs nothing") func bounded() throws {
        #expect(PasswordHash.make([UInt8](repeating: 65, count: 1 << 20), salt: Self.salt) == nil)
        #expect(!PasswordHash.verify([UInt8](repeating: 65, count: 1 << 20), stored: "x"))
        for costs in [
            "m=4194304,t=3,p=1", "m=65536,t=1000000,p=1", "m=65536,t=3,p=16777215", "m=65536,t=3", "m=-1,t=3,p=1",
        ] {
            #expect(!PasswordHash.isBounded("$argon2id$v=19$\(costs)$BwcHBwcHBwcHBwcHBwcHBw$aGFzaA"))
        }
        #expect(PasswordHash.isBounded(PasswordHash.nobodys) && PasswordHash.isCurrent(PasswordHash.nobodys))
        #expect(!PasswordHash.isCurrent("$argon2id$v=19$m=32768,t=3,p=1$BwcHBwcHBwcHBwcHBwcHBw$aGFzaA"))
        #expect(!PasswordHash.isBounded("$argon2i$v=19$m=65536,t=3,p=1$BwcH$aGFz"))
        #expect(PasswordHash.isBounded("$argon2id$v=19$m=65536,t=3,p=1$BwcHBwcHBwcHBwcHBwcHBw$aGFzaA"))
    }
}
