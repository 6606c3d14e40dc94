internal import Core
public import Postgres
public import Tokens
public import Web

extension PostgresAccountStore {
    /// See `KeyStore`.
    public func add(_ key: APIKey, name: String, scopes: [APIKey.Scope]) throws(DatabaseError) {
        try connection.query(
            """
            insert into api_keys (id, secret_hash, name, scopes)
            values (\(key.id), \(key.hash), \(name), \(scopes.map(\.rawValue))::text[])
            """)
    }

    /// See `KeyStore`.
    public func goodKey(_ id: String) throws(DatabaseError) -> (hash: [UInt8], scopes: [APIKey.Scope])? {
        let rows = try connection.query(
            prepared: "select secret_hash, scopes from api_keys where id = \(id) and revoked_at is null")
        guard let row = rows.first else { return nil }
        return (try row.value("secret_hash"), try Self.scopes(row))
    }

    /// See `KeyStore`.
    public func keys() throws(DatabaseError) -> [KeySummary] {
        try connection.query(
            """
            select id, name, scopes, extract(epoch from created_at)::bigint as created,
                   extract(epoch from revoked_at)::bigint as revoked
            from api_keys order by created_at, id
            """
        ).map { (row) throws(DatabaseError) in try Self.summary(row) }
    }

    /// See `KeyStore`.
    public func keys(_ page: Page) throws(DatabaseError) -> [KeySummary] {
        try connection.query(
            """
            select id, name, scopes, extract(epoch from created_at)::bigint as created,
                   extract(epoch from revoked_at)::bigint as revoked
            from api_keys
            where \(page.after?[0])::bigint is null
                or (extract(epoch from created_at)::bigint, id) > (\(page.after?[0])::bigint, \(page.after?[1])::text)
            order by extract(epoch from created_at)::bigint, id limit \(page.limit + 1)::int
            """
        ).map { (row) throws(DatabaseError) in try Self.summary(row) }
    }

    /// See `KeyStore`.
    public func revoke(_ id: String) throws(DatabaseError) -> Bool {
        try connection.query("update api_keys set revoked_at = now() where id = \(id) and revoked_at is null").affected
            == 1
    }

    private static func summary(_ row: Row) throws(DatabaseError) -> KeySummary {
        KeySummary(
            id: try row.value("id"), name: try row.value("name"), scopes: try scopes(row),
            created: UnixTime(try row.value("created")),
            revoked: try row.optional("revoked", as: Int64.self).map { UnixTime($0) })
    }

    private static func scopes(_ row: Row) throws(DatabaseError) -> [APIKey.Scope] {
        try row.value("scopes", as: [String].self).compactMap { APIKey.Scope(rawValue: $0) }
    }
}
