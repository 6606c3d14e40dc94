internal import Accounts
internal import Core
internal import Postgres
internal import Serving
internal import Tokens
internal import Web

/// API keys as the accounts' store has them.
final class StoredKeys: KeyDirectory {
    private let store: any KeyStore

    init(_ store: any KeyStore) { self.store = store }

    func key(_ id: String) throws(Problem) -> KeyRecord? {
        let key = try asking { () throws(DatabaseError) in try store.goodKey(id) }
        return key.map { KeyRecord(hash: $0.hash, scopes: Set($0.scopes)) }
    }
}

/// People as the accounts' store has them: asked on every request, so that an ended sign-in, another role and a person
/// who is shut out count at once.
final class StoredPeople: PeopleDirectory {
    private let store: any SignInStore

    init(_ store: any SignInStore) { self.store = store }

    func role(_ claims: AccessClaims) throws(Problem) -> Role? {
        let person = ID<Person>(claims.subject)
        if let signIn = claims.signIn {
            guard let person else { return nil }
            return try asking { () throws(DatabaseError) in try store.role(signIn: signIn, of: person) }
        }
        // A site's own token: the site decides, but for people of ours who are shut out.
        guard let person else { return claims.role }
        let isShutOut = try asking { () throws(DatabaseError) in try store.isShutOut(person) }
        return isShutOut ? nil : claims.role
    }
}
