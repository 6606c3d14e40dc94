import Core
import Testing
import Tokens

@testable import Accounts

private let now: Int64 = 1_800_000_000

private func person(
    _ email: String, role: Role = .viewer, verified: Bool = true, factor: Bool = false, disabled: Bool = false
) throws -> Person {
    Person(
        id: try #require(ID<Person>("0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60")), email: EmailAddress(email), name: "Ann",
        role: role, level: .free, language: "", preferences: [:], created: UnixTime(0),
        emailVerified: verified ? UnixTime(1) : nil, disabled: disabled ? UnixTime(2) : nil, hasSecondFactor: factor)
}

private func claims(_ email: String?, verified: Bool = true) throws -> IDClaims {
    var members: [JSON.Member] = [
        .init("aud", "demo-proj"), .init("iss", "https://securetoken.google.com/demo-proj"), .init("sub", "uid1"),
        .init("exp", .integer(now + 100)), .init("iat", .integer(now)), .init("auth_time", .integer(now)),
        .init("email_verified", .bool(verified)), .init("firebase", ["sign_in_provider": "google.com"]),
    ]
    if let email { members.append(.init("email", .string(email))) }
    return try IDClaims(.object(members), project: "demo-proj", now: now)
}

@Suite struct FirebaseRulesTests {
    @Test("F12 an address is the identity's in our one form, or as none") func identities() throws {
        for (given, verified, expected) in [
            ("Ann@Example.org", true, "ann@example.org"), ("ann@example.org", false, "ann@example.org"),
            (nil, true, nil), ("not an address", true, nil), ("ann@ex\u{430}mple.org", true, nil), ("", true, nil),
        ] as [(String?, Bool, String?)] {
            let identity = FirebaseRules.identity(try claims(given, verified: verified), issuer: "firebase:demo-proj")
            #expect(identity.email?.description == expected && identity.subject == "uid1")
            #expect(identity.isEmailVerified == (verified && given != nil) && identity.issuer == "firebase:demo-proj")
        }
    }

    @Test("F11 F12 F13 who is seen for the first time joins, gets an account, or neither") func newcomers() throws {
        let email = "ann@example.org"
        let all: [(verified: Bool, owner: Person?, age: Int64, Settings.Accounts.Registration, Refusal?)] = [
            (true, nil, 0, .open, nil), (true, nil, 86_400, .confirmed, nil), (false, nil, 0, .open, nil),
            (true, nil, 0, .closed, .registrationClosed), (false, nil, 0, .closed, .registrationClosed),
            // Joins: a sign-in of the last ten minutes, and no more.
            (true, try person(email), 600, .open, nil), (true, try person(email), 600, .closed, nil),
            (true, try person(email), 601, .open, .signInAgain), (true, try person(email), 601, .closed, .signInAgain),
            // Joins nothing: an account of its own, where there are any to be had.
            (false, try person(email), 0, .open, nil), (false, try person(email), 0, .closed, .registrationClosed),
            (true, try person(email, verified: false), 0, .open, nil),
            (true, try person(email, verified: false), 0, .closed, .registrationClosed),
            (true, try person(email, role: .admin), 0, .closed, .registrationClosed),
            (true, try person(email, factor: true), 9999, .open, nil),
            (true, try person("other@example.org"), 9999, .open, nil),
        ]
        for (index, (verified, owner, age, registration, expected)) in all.enumerated() {
            let identity = FirebaseRules.identity(try claims(email, verified: verified), issuer: "firebase:demo-proj")
            let found = FirebaseRules.objection(
                identity, owner: owner, authenticated: now - age, registration: registration, now: now)
            #expect(found == expected, "\(index)")
        }
    }

    @Test("F14 who may not act") func objections() throws {
        #expect(FirebaseRules.objection(try person("a@b.example")) == nil)
        #expect(FirebaseRules.objection(try person("a@b.example", disabled: true)) == .accountDisabled)
        #expect(FirebaseRules.objection(try person("a@b.example", factor: true)) == .totpRequired)
        #expect(FirebaseRules.objection(try person("a@b.example", factor: true, disabled: true)) == .accountDisabled)
    }
}
