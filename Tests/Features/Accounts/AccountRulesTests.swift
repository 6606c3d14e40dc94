import Accounts
import Testing
import Tokens

@Suite("Account rules") struct AccountRulesTests {
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
            let user = try AccountRules.newUser(email: email, name: name, role: .admin, password: password)
            #expect(mistake == nil && user.passwordHash.hasPrefix("$argon2id$"))
        } catch { #expect(error == mistake) }
    }
}
