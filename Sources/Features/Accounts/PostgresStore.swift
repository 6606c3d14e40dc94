internal import Core
public import Postgres
public import Tokens

/// Accounts in PostgreSQL.
public final class PostgresAccountStore: AccountStore {
    private let connection: Connection

    /// - Parameter connection: shared with the other stores of the process.
    public init(_ connection: Connection) { self.connection = connection }

    /// See `AccountStore`.
    public func add(_ key: APIKey, name: String, scopes: [APIKey.Scope]) throws(DatabaseError) {
        try connection.query(
            """
            insert into api_keys (id, secret_hash, name, scopes)
            values (\(key.id), \(key.hash), \(name), \(scopes.map(\.rawValue))::text[])
            """)
    }

    /// See `AccountStore`.
    public func goodKey(_ id: String) throws(DatabaseError) -> (hash: [UInt8], scopes: [APIKey.Scope])? {
        let rows = try connection.query(
            "select secret_hash, scopes from api_keys where id = \(id) and revoked_at is null")
        guard let row = rows.first else { return nil }
        return (try row.value("secret_hash"), try scopes(row))
    }

    /// See `AccountStore`.
    public func keys() throws(DatabaseError) -> [KeySummary] {
        let rows = try connection.query(
            """
            select id, name, scopes, extract(epoch from created_at)::bigint as created,
                   extract(epoch from revoked_at)::bigint as revoked
            from api_keys order by created_at, id
            """)
        return try rows.map { (row) throws(DatabaseError) in
            KeySummary(
                id: try row.value("id"), name: try row.value("name"), scopes: try scopes(row),
                created: UnixTime(try row.value("created")),
                revoked: try row.optional("revoked", as: Int64.self).map { UnixTime($0) })
        }
    }

    /// See `AccountStore`.
    public func revoke(_ id: String) throws(DatabaseError) -> Bool {
        try connection.query("update api_keys set revoked_at = now() where id = \(id) and revoked_at is null").affected
            == 1
    }

    /// See `AccountStore`.
    public func add(_ user: NewUser) throws(DatabaseError) -> AddedUser {
        do throws(DatabaseError) {
            let rows = try connection.query(
                """
                insert into users (email, name, role, password_hash)
                values (\(user.email), \(user.name), \(user.role.rawValue), \(user.passwordHash)) returning id
                """)
            guard let row = rows.first else { throw DatabaseError.column("id") }
            return .added(try row.value("id"))
        } catch DatabaseError.constraint("an e-mail address belongs to one user") {
            return .taken
        }
    }

    private func scopes(_ row: Row) throws(DatabaseError) -> [APIKey.Scope] {
        try row.value("scopes", as: [String].self).compactMap { APIKey.Scope(rawValue: $0) }
    }
}
