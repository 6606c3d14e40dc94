public import Core
public import Postgres
internal import Tokens
public import Web

extension PostgresAccountStore {
    /// See `PeopleStore`.
    public func add(_ new: NewPerson, mailing: Bool) throws(DatabaseError) -> AddedPerson {
        do throws(DatabaseError) {
            return try connection.transaction { () throws(DatabaseError) in
                let person = try insert(new)
                if mailing, let email = new.email { try enqueue(.verify, to: email) }
                return .added(person)
            }
        } catch DatabaseError.constraint("an e-mail address belongs to one user") {
            return .taken
        }
    }

    private func insert(_ new: NewPerson) throws(DatabaseError) -> Person {
        let rows = try connection.query(
            """
            insert into users (email, name, role, subscription_level, email_verified_at, password_hash)
            values (\(new.email?.description), \(new.name), \(new.role.rawValue), \(new.level.rawValue),
                case when \(new.isEmailVerified)::boolean then now() end, \(new.passwordHash))
            returning id
            """)
        guard let row = rows.first, let id = ID<Person>(try row.value("id", as: String.self)),
            let person = try person(id)
        else { throw .column("id") }
        return person
    }

    /// See `PeopleStore`.
    public func person(_ id: ID<Person>) throws(DatabaseError) -> Person? {
        let rows = try connection.query("select * from people where id = \("\(id)")::uuid")
        guard let row = rows.first else { return nil }
        return try Self.person(row)
    }

    /// See `PeopleStore`.
    public func person(_ email: EmailAddress) throws(DatabaseError) -> Person? {
        let rows = try connection.query("select * from people where email = \(email.description)")
        guard let row = rows.first else { return nil }
        return try Self.person(row)
    }

    /// See `PeopleStore`.
    public func people(_ filter: PeopleFilter, _ page: Page) throws(DatabaseError) -> [Person] {
        try connection.query(
            """
            select * from people
            where (\(filter.text)::text is null or strpos(email, lower(\(filter.text))) > 0
                    or strpos(lower(name), lower(\(filter.text))) > 0)
                and (\(filter.role?.rawValue)::text is null or role = \(filter.role?.rawValue))
                and (\(filter.level?.rawValue)::text is null or subscription_level = \(filter.level?.rawValue))
                and (\(filter.isDisabled)::boolean is null or (disabled is not null) = \(filter.isDisabled)::boolean)
                and (\(page.after?[0])::bigint is null
                    or (-created, id) > (-\(page.after?[0])::bigint, \(page.after?[1])::uuid))
            order by -created, id limit \(page.limit + 1)::int
            """
        ).map { (row) throws(DatabaseError) in try Self.person(row) }
    }

    /// See `PeopleStore`.
    public func change(_ id: ID<Person>, _ change: PersonChange) throws(DatabaseError) -> Person? {
        try connection.transaction { () throws(DatabaseError) in
            let changed = try connection.query(
                """
                update users set name = coalesce(\(change.name), name),
                    language = coalesce(\(change.language), language),
                    preferences = coalesce(\(change.preferences?.description)::json, preferences),
                    role = coalesce(\(change.role?.rawValue), role),
                    subscription_level = coalesce(\(change.level?.rawValue), subscription_level),
                    disabled_at = case when \(change.isDisabled)::boolean then coalesce(disabled_at, now())
                                       when not \(change.isDisabled)::boolean then null else disabled_at end,
                    updated_at = now()
                where id = \("\(id)")::uuid
                """
            ).affected
            guard changed == 1 else { return nil }
            if change.isDisabled == true {
                try endSignIns(of: id, reason: "disabled")
                try playback?.endPlayback(of: "\(id)")
            }
            return try person(id)
        }
    }

    /// See `PeopleStore`.
    public func remove(_ id: ID<Person>) throws(DatabaseError) -> Bool {
        try connection.transaction { () throws(DatabaseError) in
            guard try connection.query("delete from users where id = \("\(id)")::uuid").affected == 1 else {
                return false
            }
            try playback?.endPlayback(of: "\(id)")
            return true
        }
    }

    /// See `PeopleStore`.
    public func person(for identity: OutsideIdentity) throws(DatabaseError) -> Person {
        if let known = try linked(identity) { return known }
        return try connection.transaction { () throws(DatabaseError) in
            // Two first sign-ins at once make one account.
            try connection.query(
                "select pg_advisory_xact_lock(hashtextextended(\(identity.issuer) || ' ' || \(identity.subject), 9))")
            if let known = try linked(identity) { return known }
            let person: Person
            if let owner = try confirmedOwner(identity) {
                person = owner
            } else {
                person = try insert(newcomer(identity))
            }
            try connection.query(
                """
                insert into identities (issuer, subject, user_id)
                values (\(identity.issuer), \(identity.subject), \("\(person.id)")::uuid)
                """)
            return person
        }
    }

    func linked(_ identity: OutsideIdentity) throws(DatabaseError) -> Person? {
        let rows = try connection.query(
            """
            select p.* from identities i join people p on p.id = i.user_id
            where i.issuer = \(identity.issuer) and i.subject = \(identity.subject)
            """)
        guard let row = rows.first else { return nil }
        return try Self.person(row)
    }

    private func confirmedOwner(_ identity: OutsideIdentity) throws(DatabaseError) -> Person? {
        guard let email = identity.email, let owner = try person(email) else { return nil }
        return AccountRules.mayJoin(identity, owner) ? owner : nil
    }

    private func newcomer(_ identity: OutsideIdentity) throws(DatabaseError) -> NewPerson {
        var new = AccountRules.newcomer(identity)
        if let email = new.email, try connection.query("select from users where email = \(email.description)").count > 0
        {
            new.email = nil
        }
        return new
    }

    /// The person whom a row belongs to.
    static func owner(_ row: Row?) throws(DatabaseError) -> ID<Person>? {
        guard let row else { return nil }
        guard let id = ID<Person>(try row.value("user_id", as: String.self)) else { throw .column("user_id") }
        return id
    }

    static func person(_ row: Row) throws(DatabaseError) -> Person {
        guard let id = ID<Person>(try row.value("id", as: String.self)) else { throw .column("id") }
        guard let role = Role(rawValue: try row.value("role")) else { throw .column("role") }
        guard let level = SubscriptionLevel(rawValue: try row.value("subscription_level")) else {
            throw .column("subscription_level")
        }
        guard let preferences = try? JSON(parsing: try row.value("preferences", as: String.self)) else {
            throw .column("preferences")
        }
        return Person(
            id: id, email: try row.optional("email", as: String.self).flatMap { EmailAddress($0) },
            name: try row.value("name"), role: role, level: level, language: try row.value("language"),
            preferences: preferences, created: UnixTime(try row.value("created")),
            emailVerified: try row.optional("email_verified", as: Int64.self).map { UnixTime($0) },
            disabled: try row.optional("disabled", as: Int64.self).map { UnixTime($0) },
            hasSecondFactor: try row.value("has_second_factor"))
    }
}
