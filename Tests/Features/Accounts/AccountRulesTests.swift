import Core
import Testing
import Tokens
import Web

@testable import Accounts

@Suite("Account rules") struct AccountRulesTests {
    static func person(
        _ email: String? = "ann@example.com", role: Role = .viewer, verified: Bool = true, totp: Bool = false
    ) -> Person {
        Person(
            id: ID(), email: email.flatMap { EmailAddress($0) }, name: "Ann", role: role, level: .free, language: "",
            preferences: .object([]), created: UnixTime(0), emailVerified: verified ? UnixTime(1) : nil, disabled: nil,
            hasSecondFactor: totp)
    }

    @Test(
        "a person needs an address, a name and a password of 12 to 128 bytes",
        arguments: [
            ("a@example.com", "Ann", "correct horse", nil), ("a@b@c", "Ann", "correct horse", .email),
            ("", "Ann", "correct horse", .email), ("a@example.com\r\nBcc: x", "Ann", "correct horse", .email),
            ("a@example.com", "A\nB", "correct horse", .name), ("a@example.com", "", "correct horse", .name),
            ("a@example.com", "Ann", "short", .password),
            ("a@example.com", "Ann", String(repeating: "x", count: 129), .password),
        ] as [(String, String, String, AccountRules.Mistake?)])
    func people(email: String, name: String, password: String, mistake: AccountRules.Mistake?) {
        do throws(AccountRules.Mistake) {
            let new = try AccountRules.newPerson(email: email, name: name, role: .admin, password: password)
            #expect(mistake == nil && new.passwordHash?.hasPrefix("$argon2id$") == true)
        } catch { #expect(error == mistake) }
    }

    @Test("F12 F13 only an address that both sides confirmed joins an account, and never an admin's or a guarded one")
    func joining() {
        func may(_ email: String?, _ isVerified: Bool, _ owner: Person) -> Bool {
            AccountRules.mayJoin(
                OutsideIdentity(
                    issuer: "firebase:p", subject: "s", email: email.flatMap { EmailAddress($0) },
                    isEmailVerified: isVerified, name: nil), owner)
        }
        #expect(may("ann@example.com", true, Self.person()))
        #expect(!may("ann@example.com", false, Self.person()))
        #expect(!may("eve@example.com", true, Self.person()))
        #expect(!may(nil, true, Self.person(nil)))
        #expect(!may("ann@example.com", true, Self.person(verified: false)))
        #expect(!may("ann@example.com", true, Self.person(role: .admin)))
        #expect(!may("ann@example.com", true, Self.person(totp: true)))
    }

    @Test(
        "somebody from elsewhere gets an account, without an address that nobody confirmed",
        arguments: [
            ("ann@example.com", true, "Ann", "Ann", "ann@example.com"), ("ann@example.com", false, "Ann", "Ann", nil),
            ("ann@example.com", true, nil, "ann", "ann@example.com"), (nil, true, nil, "Viewer", nil),
            ("ann@example.com", true, "A\nB", "ann", "ann@example.com"), (nil, false, "", "Viewer", nil),
        ] as [(String?, Bool, String?, String, String?)])
    func newcomers(email: String?, isVerified: Bool, name: String?, shown: String, kept: String?) {
        let new = AccountRules.newcomer(
            OutsideIdentity(
                issuer: "firebase:p", subject: "s", email: email.flatMap { EmailAddress($0) },
                isEmailVerified: isVerified, name: name))
        #expect(new.name == shown && new.email?.description == kept && new.role == .viewer && new.level == .free)
        #expect(new.isEmailVerified == (kept != nil) && new.passwordHash == nil)
    }

    @Test("B28 J25 an account that is not there costs a password check and is never right") func nobody() {
        #expect(!AccountRules.isRight("correct horse", stored: nil))
        #expect(!AccountRules.isRight(String(repeating: "x", count: 200), stored: nil))
    }

    @Test("one's own account, or nobody's") func own() throws {
        let id = ID<Person>()
        try AccountRules.mustBeOwn(id, .user(id: "\(id)", role: .viewer))
        try AccountRules.mustBeOwn(id, .user(id: "someone", role: .admin))
        try AccountRules.mustBeOwn(id, .key(id: "k", scopes: [.admin]))
        for caller in [Caller.anyone, .user(id: "\(ID<Person>())", role: .instructor), .user(id: "", role: .viewer)] {
            do throws(Problem) {
                try AccountRules.mustBeOwn(id, caller)
                Issue.record("\(caller) passed")
            } catch { #expect(error.refusal == .notFound) }
        }
    }

    @Test("an admin shuts neither himself out nor gives his role away") func admins() throws {
        let id = ID<Person>()
        let me = Caller.user(id: "\(id)", role: .admin)
        var out = PersonChange()
        out.isDisabled = true
        var lower = PersonChange()
        lower.role = .viewer
        var harmless = PersonChange()
        harmless.role = .admin
        harmless.isDisabled = false
        harmless.level = .family
        try AccountRules.mayChange(id, harmless, by: me)
        try AccountRules.mayChange(ID<Person>(), out, by: me)
        try AccountRules.mayRemove(ID<Person>(), by: me)
        for change in [out, lower] {
            #expect(throws: Problem.self) { try AccountRules.mayChange(id, change, by: me) }
        }
        #expect(throws: Problem.self) { try AccountRules.mayRemove(id, by: me) }
    }
}
