import Accounts
import Postgres
import TestSupport
import Testing
import Tokens

@Suite("Accounts in PostgreSQL") struct AccountStoreTests {
    @Test("a key is found until it is revoked") func keys() throws {
        let store = PostgresAccountStore(Connection(try PrivatePostgres.shared.database(), application: "tests"))
        let key = try APIKey.generate()
        try store.add(key, name: "site; drop table api_keys", scopes: [.upload, .tokens])
        let found = try #require(try store.goodKey(key.id))
        #expect(key.matches(found.hash) && found.scopes == [.upload, .tokens])
        for id in ["", "' or 1=1--", "\u{212A}", String(repeating: "x", count: 100_000)] {
            #expect(try store.goodKey(id) == nil)
        }
        #expect(throws: DatabaseError.unrepresentable) { try store.goodKey("a\u{0}b") }
        #expect(try store.revoke(key.id))
        #expect(try store.goodKey(key.id) == nil)
        #expect(try !store.revoke(key.id))
        #expect(try store.keys().map(\.name) == ["site; drop table api_keys"])
    }

    @Test("D02 an address belongs to one person, whatever its letters' case") func people() throws {
        let store = PostgresAccountStore(Connection(try PrivatePostgres.shared.database(), application: "tests"))
        let user = try AccountRules.newUser(
            email: "ann@example.com", name: "Ann", role: .admin, password: "correct horse")
        let twin = try AccountRules.newUser(
            email: "Ann@Example.com", name: "Eve", role: .viewer, password: "correct horse")
        guard case .added = try store.add(user) else {
            Issue.record("not added")
            return
        }
        #expect(try store.add(twin) == .taken)
    }
}
