public import Core
public import Postgres
public import Tokens
public import Web

extension PostgresAccountStore {
    /// See `SignInStore`.
    public func begin(
        _ token: RefreshToken, of person: ID<Person>, agent: String, lifetime: Int64
    ) throws(DatabaseError) {
        try connection.transaction { () throws(DatabaseError) in
            // What ended long ago says nothing any more; here it costs nobody else anything.
            try connection.query(
                """
                delete from sign_ins where user_id = \("\(person)")::uuid
                    and coalesce(ended_at, expires_at) < now() - interval '30 days'
                """)
            try connection.query(
                """
                insert into sign_ins (id, user_id, secret_hash, agent, expires_at)
                values (\("\(token.signIn)")::uuid, \("\(person)")::uuid, \(token.hash), \(agent),
                    now() + make_interval(secs => \(lifetime)::bigint))
                """)
        }
    }

    /// See `SignInStore`.
    public func rotate(
        _ old: RefreshToken, to new: RefreshToken, lifetime: Int64, longest: Int64
    ) throws(DatabaseError) -> Rotation {
        let rows = try connection.query(
            """
            update sign_ins set secret_hash = \(new.hash), used_at = now(),
                expires_at = least(now() + make_interval(secs => \(lifetime)::bigint),
                                   started_at + make_interval(secs => \(longest)::bigint))
            where id = \("\(old.signIn)")::uuid and secret_hash = \(old.hash) and ended_at is null
                and expires_at > now()
            returning user_id
            """)
        if let id = try Self.owner(rows.first) { return .renewed(id) }
        let ended = try connection.query(
            """
            update sign_ins set ended_at = now(), end_reason = 'reuse'
            where id = \("\(old.signIn)")::uuid and ended_at is null and expires_at > now()
                and secret_hash <> \(old.hash)
            """)
        return ended.affected == 1 ? .reused : .unknown
    }

    /// See `SignInStore`.
    public func holder(_ token: RefreshToken) throws(DatabaseError) -> ID<Person>? {
        let rows = try connection.query(
            """
            select user_id from sign_ins
            where id = \("\(token.signIn)")::uuid and secret_hash = \(token.hash) and ended_at is null
                and expires_at > now()
            """)
        return try Self.owner(rows.first)
    }

    /// See `SignInStore`.
    public func end(_ id: UUID, of person: ID<Person>?) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            update sign_ins set ended_at = now(), end_reason = 'logout'
            where id = \("\(id)")::uuid and ended_at is null and expires_at > now()
                and (\(person?.description)::uuid is null or user_id = \(person?.description)::uuid)
            """
        ).affected == 1
    }

    /// See `SignInStore`.
    public func endAll(of person: ID<Person>) throws(DatabaseError) { try endSignIns(of: person, reason: "logout") }

    func endSignIns(of person: ID<Person>, reason: String) throws(DatabaseError) {
        try connection.query(
            """
            update sign_ins set ended_at = now(), end_reason = \(reason)
            where user_id = \("\(person)")::uuid and ended_at is null
            """)
    }

    /// See `SignInStore`.
    public func signIns(of person: ID<Person>, _ page: Page) throws(DatabaseError) -> [SignIn] {
        try connection.query(
            """
            select id, agent, extract(epoch from started_at)::bigint as started,
                extract(epoch from used_at)::bigint as used, extract(epoch from expires_at)::bigint as expires
            from sign_ins
            where user_id = \("\(person)")::uuid and ended_at is null and expires_at > now()
                and (\(page.after?[0])::bigint is null or (-extract(epoch from started_at)::bigint, id)
                    > (-\(page.after?[0])::bigint, \(page.after?[1])::uuid))
            order by -extract(epoch from started_at)::bigint, id limit \(page.limit + 1)::int
            """
        ).map { (row) throws(DatabaseError) in
            guard let id = UUID(try row.value("id", as: String.self)) else { throw .column("id") }
            return SignIn(
                id: id, agent: try row.value("agent"), started: UnixTime(try row.value("started")),
                used: UnixTime(try row.value("used")), expires: UnixTime(try row.value("expires")))
        }
    }

    /// See `SignInStore`.
    public func role(signIn: UUID, of person: ID<Person>) throws(DatabaseError) -> Role? {
        let rows = try connection.query(
            prepared: """
                select u.role from sign_ins s join users u on u.id = s.user_id
                where s.id = \("\(signIn)")::uuid and s.user_id = \("\(person)")::uuid and s.ended_at is null
                    and s.expires_at > now() and u.disabled_at is null
                """)
        guard let row = rows.first else { return nil }
        guard let role = Role(rawValue: try row.value("role")) else { throw .column("role") }
        return role
    }

    /// See `SignInStore`.
    public func isShutOut(_ person: ID<Person>) throws(DatabaseError) -> Bool {
        try connection.query(
            prepared: "select from users where id = \("\(person)")::uuid and disabled_at is not null"
        ).count == 1
    }
}
