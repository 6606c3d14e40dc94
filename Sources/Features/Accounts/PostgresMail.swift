public import Core
internal import Jobs
public import Postgres

extension PostgresAccountStore {
    /// See `MailStore`.
    public func enqueue(_ purpose: MailPurpose, to email: EmailAddress) throws(DatabaseError) {
        try Queue.enqueue(
            NewJob(
                MailJobs.kind, ["purpose": .string(purpose.rawValue), "email": .string(email.description)],
                priority: 700, maxAttempts: 10), on: connection)
    }

    /// See `MailStore`.
    public func keep(
        _ hash: [UInt8], _ purpose: MailPurpose, of person: Person, lifetime: Int64
    ) throws(DatabaseError) {
        guard let email = person.email else { return }
        try connection.transaction { () throws(DatabaseError) in
            try connection.query("delete from mail_links where expires_at < now()")
            try connection.query(
                """
                insert into mail_links (hash, user_id, purpose, email, expires_at)
                values (\(hash), \("\(person.id)")::uuid, \(purpose.rawValue), \(email.description),
                    now() + make_interval(secs => \(lifetime)::bigint))
                """)
        }
    }

    /// See `MailStore`.
    public func reset(_ link: [UInt8], to hash: String) throws(DatabaseError) -> Bool {
        try connection.transaction { () throws(DatabaseError) in
            guard let person = try take(link, .reset) else { return false }
            // Whoever enrolled it never showed that the mailbox is his; whoever resets does.
            try connection.query(
                """
                delete from second_factors f using users u
                where f.user_id = \("\(person)")::uuid and u.id = f.user_id and u.email_verified_at is null
                """)
            try connection.query(
                """
                update users set password_hash = \(hash), email_verified_at = coalesce(email_verified_at, now()),
                    updated_at = now()
                where id = \("\(person)")::uuid
                """)
            try endSignIns(of: person, reason: "password")
            return true
        }
    }

    /// See `MailStore`.
    public func verify(_ link: [UInt8]) throws(DatabaseError) -> Bool {
        try connection.transaction { () throws(DatabaseError) in
            guard let person = try take(link, .verify) else { return false }
            try connection.query(
                """
                update users set email_verified_at = coalesce(email_verified_at, now()), updated_at = now()
                where id = \("\(person)")::uuid
                """)
            return true
        }
    }

    /// Takes a link and all others of its kind; `nil` when it is not good.
    private func take(_ link: [UInt8], _ purpose: MailPurpose) throws(DatabaseError) -> ID<Person>? {
        let rows = try connection.query(
            """
            delete from mail_links l using users u
            where l.hash = \(link) and l.purpose = \(purpose.rawValue) and l.expires_at > now()
                and u.id = l.user_id and u.email = l.email and u.disabled_at is null
            returning l.user_id
            """)
        guard let id = try Self.owner(rows.first) else { return nil }
        try connection.query(
            "delete from mail_links where user_id = \("\(id)")::uuid and purpose = \(purpose.rawValue)")
        return id
    }
}
