public import Core
public import Postgres

extension PostgresAccountStore {
    /// See `SecondFactorStore`.
    public func secondFactor(_ person: ID<Person>) throws(DatabaseError) -> SecondFactor? {
        let rows = try connection.query(
            """
            select secret, confirmed_at is not null as confirmed, last_step, cardinality(recovery) as codes
            from second_factors where user_id = \("\(person)")::uuid
            """)
        guard let row = rows.first else { return nil }
        return SecondFactor(
            sealed: try row.value("secret"), isConfirmed: try row.value("confirmed"),
            lastStep: try row.value("last_step"), recoveryCodes: try row.value("codes"))
    }

    /// See `SecondFactorStore`.
    public func enrol(_ sealed: [UInt8], of person: ID<Person>) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            insert into second_factors (user_id, secret) values (\("\(person)")::uuid, \(sealed))
            on conflict (user_id) do update set secret = excluded.secret, last_step = 0
                where second_factors.confirmed_at is null
            """
        ).affected == 1
    }

    /// See `SecondFactorStore`.
    public func confirm(
        _ step: Int64, recovery: [String], of person: ID<Person>
    ) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            update second_factors set confirmed_at = now(), last_step = \(step)::bigint,
                recovery = \(recovery)::text[]
            where user_id = \("\(person)")::uuid and confirmed_at is null
            """
        ).affected == 1
    }

    /// See `SecondFactorStore`.
    public func take(_ step: Int64, of person: ID<Person>) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            update second_factors set last_step = \(step)::bigint
            where user_id = \("\(person)")::uuid and last_step < \(step)::bigint
            """
        ).affected == 1
    }

    /// See `SecondFactorStore`.
    public func take(recovery hash: String, of person: ID<Person>) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            update second_factors set recovery = array_remove(recovery, \(hash))
            where user_id = \("\(person)")::uuid and \(hash) = any (recovery)
            """
        ).affected == 1
    }

    /// See `SecondFactorStore`.
    public func removeSecondFactor(_ person: ID<Person>) throws(DatabaseError) -> Bool {
        try connection.query("delete from second_factors where user_id = \("\(person)")::uuid").affected == 1
    }
}
