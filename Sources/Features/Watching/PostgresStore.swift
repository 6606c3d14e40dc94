public import Core
public import Postgres
public import Sessions
public import Web

/// Sessions and revocations in PostgreSQL.
public final class PostgresWatchingStore: WatchingStore {
    private let connection: Connection

    /// - Parameter connection: shared with the other stores of the process.
    public init(_ connection: Connection) { self.connection = connection }

    // MARK: What keepers write

    /// See `WatchingStore`.
    public func note(_ notes: [SessionNote], host: String) throws(DatabaseError) {
        if notes.isEmpty { return }
        let rows = String(decoding: JSON.array(notes.map(\.json)).bytes, as: UTF8.self)
        try connection.transaction { () throws(DatabaseError) in
            // In one order everywhere, so that two keepers never wait for each other in a circle.
            try connection.query(
                """
                insert into playback_sessions as s (user_id, session_id, host, rel, platform, address, agent, stream_limit,
                    started_at, seen_at, media_at, media_seconds, requests, refusals, last_refusal, flags)
                select n.user_id, n.session_id, \(host), n.rel, n.platform, n.address, n.agent, n.stream_limit,
                    to_timestamp(n.started), to_timestamp(n.seen),
                    case when n.closed then '-infinity' else to_timestamp(nullif(n.media, 0)) end, n.media_seconds,
                    n.requests, n.refusals, n.last_refusal, array(select jsonb_array_elements_text(n.flags))
                from jsonb_to_recordset(\(rows)::jsonb) as n (user_id text, session_id text, rel text, platform text,
                    address text, agent text, stream_limit smallint, started bigint, seen bigint, media bigint,
                    closed boolean, media_seconds double precision, requests bigint, refusals bigint, last_refusal text, flags jsonb)
                order by n.user_id, n.session_id
                on conflict (user_id, session_id, host) do update set rel = excluded.rel, platform = excluded.platform,
                    address = excluded.address, agent = excluded.agent, stream_limit = excluded.stream_limit,
                    seen_at = excluded.seen_at, media_at = coalesce(excluded.media_at, s.media_at),
                    media_seconds = s.media_seconds + excluded.media_seconds, requests = excluded.requests,
                    refusals = excluded.refusals, last_refusal = coalesce(excluded.last_refusal, s.last_refusal),
                    flags = array(select distinct unnest(s.flags || excluded.flags) order by 1)
                """)
            try connection.query(
                """
                insert into viewing_days as d (user_id, day, media_seconds)
                select n.user_id, (now() at time zone 'UTC')::date, sum(n.media_seconds)
                from jsonb_to_recordset(\(rows)::jsonb) as n (user_id text, media_seconds double precision)
                where n.media_seconds > 0 group by n.user_id order by n.user_id
                on conflict (user_id, day) do update set media_seconds = d.media_seconds + excluded.media_seconds
                """)
        }
    }

    /// See `WatchingStore`.
    public func rivals(window: Int64) throws(DatabaseError) -> [Rival] {
        let rows = try connection.query(
            """
            select user_id, session_id, host, extract(epoch from started_at)::bigint as started, stream_limit
            from playback_sessions p
            where stream_limit > 0 and media_at > now() - make_interval(secs => \(window)::int)
                and not exists (select from revocations r where r.kind = 'session' and r.value = p.session_id
                    and r.revoked_at >= p.media_at)
                and exists (select from playback_sessions o where o.user_id = p.user_id and o.host <> p.host
                    and o.stream_limit > 0 and o.media_at > now() - make_interval(secs => \(window)::int))
            """)
        return try rows.map { (row) throws(DatabaseError) in
            Rival(
                user: try row.value("user_id"), session: try row.value("session_id"), host: try row.value("host"),
                started: try row.value("started"), limit: try row.value("stream_limit"))
        }
    }

    /// See `WatchingStore`.
    public func durations(_ rels: Set<String>) throws(DatabaseError) -> [String: Double] {
        var found: [String: Double] = [:]
        let rows = try connection.query(
            "select rel, duration from videos where rel = any (\(rels.sorted())::text[]) and duration is not null")
        for (rel, duration) in try rows.map({ (row) throws(DatabaseError) in
            (try row.value("rel", as: String.self), try row.value("duration", as: Double.self))
        }) { found[rel] = duration }
        return found
    }

    /// See `WatchingStore`.
    public func today(_ users: Set<String>) throws(DatabaseError) -> [String: Double] {
        var found: [String: Double] = [:]
        let rows = try connection.query(
            """
            select user_id, media_seconds from viewing_days
            where day = (now() at time zone 'UTC')::date and user_id = any (\(users.sorted())::text[])
            """)
        for (user, seconds) in try rows.map({ (row) throws(DatabaseError) in
            (try row.value("user_id", as: String.self), try row.value("media_seconds", as: Double.self))
        }) { found[user] = seconds }
        return found
    }

    // MARK: What people read

    /// See `WatchingStore`.
    public func sessions(
        _ filter: SessionFilter, window: Int64, _ page: Page
    ) throws(DatabaseError) -> [SeenSession] {
        let rows = try connection.query(
            """
            select *, extract(epoch from started_at)::bigint as started, extract(epoch from seen_at)::bigint as seen,
                coalesce(media_at > now() - make_interval(secs => \(window)::int), false) as live
            from playback_sessions
            where (\(filter.user)::text is null or user_id = \(filter.user))
                and (\(filter.rel)::text is null or rel = \(filter.rel))
                and (not \(filter.live)::boolean or media_at > now() - make_interval(secs => \(window)::int))
                and (not \(filter.flagged)::boolean or flags <> '{}')
                and (\(page.after?[0])::bigint is null or (-extract(epoch from started_at)::bigint, session_id, host, user_id)
                    > (-\(page.after?[0])::bigint, \(page.after?[1])::text, \(page.after?[2])::text, \(page.after?[3])::text))
            order by -extract(epoch from started_at)::bigint, session_id, host, user_id limit \(page.limit + 1)::int
            """)
        return try rows.map { (row) throws(DatabaseError) in
            SeenSession(
                session: try row.value("session_id"), user: try row.value("user_id"), rel: try row.value("rel"),
                host: try row.value("host"), platform: try row.value("platform"), address: try row.value("address"),
                agent: try row.value("agent"), limit: try row.value("stream_limit"),
                started: UnixTime(try row.value("started")), seen: UnixTime(try row.value("seen")),
                mediaSeconds: try row.value("media_seconds"), requests: try row.value("requests"),
                refusals: try row.value("refusals"), lastRefusal: try row.optional("last_refusal"),
                flags: try row.value("flags"), isLive: try row.value("live"))
        }
    }

    /// See `WatchingStore`.
    public func knows(session: String) throws(DatabaseError) -> Bool {
        try connection.query("select from playback_sessions where session_id = \(session) limit 1").count > 0
    }

    // MARK: Revocations

    /// See `WatchingStore`.
    @discardableResult
    public func revoke(
        _ revocation: Revocation, reason: String, author: String
    ) throws(DatabaseError) -> RevocationEntry {
        let rows = try connection.query(
            """
            insert into revocations as r (kind, value, revoked_at, reason, author)
            values (\(revocation.kind.rawValue), \(revocation.value), to_timestamp(\(revocation.time)::bigint), \(reason),
                \(author))
            on conflict on constraint "a thing is revoked once" do update set
                revoked_at = greatest(r.revoked_at, excluded.revoked_at), reason = excluded.reason,
                author = excluded.author
            returning id, kind, value, extract(epoch from revoked_at)::bigint as at, reason, author
            """)
        guard let row = rows.first else { throw .column("id") }
        return try Self.entry(row)
    }

    /// See `WatchingStore`.
    public func lift(_ id: UUID) throws(DatabaseError) -> Bool {
        try connection.query("delete from revocations where id = \(id.description)::uuid").affected == 1
    }

    /// See `WatchingStore`.
    public func revocations(_ page: Page) throws(DatabaseError) -> [RevocationEntry] {
        let rows = try connection.query(
            """
            select id, kind, value, extract(epoch from revoked_at)::bigint as at, reason, author from revocations
            where \(page.after?[0])::bigint is null or (-extract(epoch from revoked_at)::bigint, id)
                > (-\(page.after?[0])::bigint, \(page.after?[1])::uuid)
            order by -extract(epoch from revoked_at)::bigint, id limit \(page.limit + 1)::int
            """)
        return try rows.map { (row) throws(DatabaseError) in try Self.entry(row) }
    }

    /// See `WatchingStore`.
    public func standing() throws(DatabaseError) -> [Revocation] {
        let rows = try connection.query(
            "select id, kind, value, extract(epoch from revoked_at)::bigint as at, reason, author from revocations")
        return try rows.map { (row) throws(DatabaseError) in try Self.entry(row).revocation }
    }

    /// See `WatchingStore`.
    public func mark() throws(DatabaseError) -> String {
        let rows = try connection.query(
            "select count(*) || ' ' || coalesce(sum(hashtextextended(id::text, extract(epoch from revoked_at)::bigint)), 0) as mark from revocations"
        )
        return try rows.first?.value("mark") ?? ""
    }

    /// See `WatchingStore`.
    public func forget(longest: Int64) throws(DatabaseError) {
        try connection.query(
            "delete from revocations where revoked_at < now() - make_interval(secs => \(longest)::bigint)")
        try connection.query("delete from playback_sessions where seen_at < now() - interval '30 days'")
        try connection.query("delete from viewing_days where day < now() - interval '30 days'")
    }

    private static func entry(_ row: Row) throws(DatabaseError) -> RevocationEntry {
        guard let id = UUID(try row.value("id", as: String.self)),
            let kind = RevocationKind(rawValue: try row.value("kind", as: String.self))
        else { throw .column("kind") }
        return RevocationEntry(
            id: id, revocation: Revocation(kind: kind, value: try row.value("value"), time: try row.value("at")),
            reason: try row.value("reason"), author: try row.value("author"))
    }
}

extension SessionNote {
    fileprivate var json: JSON {
        [
            "user_id": .string(entry.user), "session_id": .string(entry.session), "rel": .string(entry.rel),
            "platform": entry.isMobile ? "mobile" : "web", "address": .string(entry.address),
            "agent": .string(entry.agent), "stream_limit": JSON(entry.limit), "started": .integer(entry.first),
            "seen": .integer(entry.last), "media": .integer(entry.lastMedia),
            // Its viewer stopped it: it counts as a stream no more, on no host.
            "closed": .bool(entry.flags.contains(.closed)), "media_seconds": .number(mediaSeconds),
            "requests": .integer(Int64(clamping: entry.requests)),
            "refusals": .integer(Int64(clamping: entry.refusals)), "last_refusal": JSON(entry.lastRefusal?.code),
            "flags": .array(flags.map { .string($0.rawValue) }),
        ]
    }
}
