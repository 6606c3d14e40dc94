public import Core
public import Postgres

extension PostgresAccountStore {
    /// See `PeopleStore`.
    public func credentials(_ email: EmailAddress) throws(DatabaseError) -> (person: Person, hash: String?)? {
        let rows = try connection.query(
            """
            select p.*, u.password_hash from people p join users u on u.id = p.id where p.email = \(email.description)
            """)
        guard let row = rows.first else { return nil }
        return (try Self.person(row), try row.optional("password_hash"))
    }

    /// See `PeopleStore`.
    public func passwordHash(_ id: ID<Person>) throws(DatabaseError) -> String? {
        let rows = try connection.query("select password_hash from users where id = \("\(id)")::uuid")
        guard let row = rows.first else { return nil }
        return try row.optional("password_hash")
    }

    /// See `PeopleStore`.
    public func setPassword(_ hash: String, of id: ID<Person>) throws(DatabaseError) {
        try connection.transaction { () throws(DatabaseError) in
            try connection.query(
                "update users set password_hash = \(hash), updated_at = now() where id = \("\(id)")::uuid")
            try connection.query("delete from mail_links where user_id = \("\(id)")::uuid and purpose = 'reset'")
            try endSignIns(of: id, reason: "password")
        }
    }

    /// See `PeopleStore`.
    public func rehash(_ id: ID<Person>, from old: String, to new: String) throws(DatabaseError) {
        try connection.query(
            "update users set password_hash = \(new) where id = \("\(id)")::uuid and password_hash = \(old)")
    }
}
