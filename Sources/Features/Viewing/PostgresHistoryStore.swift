public import Core
public import Postgres
public import Web

/// History and favourites in PostgreSQL.
public final class PostgresHistoryStore: HistoryStore {
    private let connection: Connection

    /// - Parameter connection: shared with the other stores of the process.
    public init(_ connection: Connection) { self.connection = connection }

    /// See `HistoryStore`.
    public func knows(_ user: UUID) throws(DatabaseError) -> Bool {
        try connection.query("select from users where id = \(user.description)::uuid").count > 0
    }

    // MARK: History

    /// See `HistoryStore`.
    public func history(
        _ user: UUID, completed: Bool?, _ page: Page
    ) throws(DatabaseError) -> [HistoryEntry] {
        let rows = try connection.query(
            """
            select h.content_id, h.video_id, h.position, h.duration, h.completed, h.views,
                extract(epoch from h.first_at)::bigint as first,
                (extract(epoch from h.watched_at) * 1000000)::bigint as last,
                coalesce(c.title, v.title) as title, coalesce(c.type, 'lesson') as type, c.series_id, c.season, c.episode,
                c.poster, c.id is null or coalesce(c.published_from <= now(), false)
                    and coalesce(c.published_until > now(), true) as open
            from watch_history h left join content c on c.id = h.content_id left join videos v on v.id = h.video_id
            where h.user_id = \(user.description)::uuid and c.deleted_at is null and v.deleted_at is null
                and (\(completed)::boolean is null or h.completed = \(completed)::boolean)
                and (\(page.after?[0])::bigint is null
                    or h.watched_at <= timestamptz 'epoch' + \(page.after?[0])::bigint * interval '1 microsecond'
                    and (h.watched_at < timestamptz 'epoch' + \(page.after?[0])::bigint * interval '1 microsecond'
                        or h.title_id > \(page.after?[1])::uuid))
            order by h.watched_at desc, h.title_id limit \(page.limit + 1)::int
            """)
        return try rows.map { (row) throws(DatabaseError) in
            HistoryEntry(
                card: try card(row), position: try row.value("position"), duration: try row.value("duration"),
                isCompleted: try row.value("completed"), views: try row.value("views"),
                first: UnixTime(try row.value("first")), last: try row.value("last"))
        }
    }

    /// See `HistoryStore`.
    public func forgetAll(_ user: UUID) throws(DatabaseError) -> Int {
        try connection.query("delete from watch_history where user_id = \(user.description)::uuid").affected
    }

    /// See `HistoryStore`.
    public func forget(_ title: UUID, of user: UUID) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            delete from watch_history
            where user_id = \(user.description)::uuid and title_id = \(title.description)::uuid
            """
        ).affected == 1
    }

    // MARK: Favourites

    /// See `HistoryStore`.
    public func favorites(_ user: UUID, _ page: Page) throws(DatabaseError) -> [Favorite] {
        let rows = try connection.query(
            """
            select f.content_id, null as video_id, (extract(epoch from f.created_at) * 1000000)::bigint as added,
                c.title, c.type, c.series_id, c.season, c.episode, c.poster,
                coalesce(c.published_from <= now(), false) and coalesce(c.published_until > now(), true) as open
            from favorites f join content c on c.id = f.content_id
            where f.user_id = \(user.description)::uuid and c.deleted_at is null
                and (\(page.after?[0])::bigint is null
                    or f.created_at <= timestamptz 'epoch' + \(page.after?[0])::bigint * interval '1 microsecond'
                    and (f.created_at < timestamptz 'epoch' + \(page.after?[0])::bigint * interval '1 microsecond'
                        or f.content_id > \(page.after?[1])::uuid))
            order by f.created_at desc, f.content_id limit \(page.limit + 1)::int
            """)
        return try rows.map { (row) throws(DatabaseError) in
            Favorite(card: try card(row), added: try row.value("added"))
        }
    }

    /// See `HistoryStore`.
    public func keep(_ content: UUID, for user: UUID) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            insert into favorites (user_id, content_id)
            values (\(user.description)::uuid, \(content.description)::uuid) on conflict do nothing
            """
        ).affected == 1
    }

    /// See `HistoryStore`.
    public func drop(_ content: UUID, for user: UUID) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            delete from favorites
            where user_id = \(user.description)::uuid and content_id = \(content.description)::uuid
            """
        ).affected == 1
    }

    private func card(_ row: Row) throws(DatabaseError) -> TitleCard {
        let content = try row.id("content_id").map { TitleKey.content($0) }
        let lesson = try row.id("video_id").map { TitleKey.lesson($0) }
        guard let key = content ?? lesson else { throw .column("content_id") }
        var place: TitleCard.Place?
        if let series = try row.optional("series_id", as: String.self) {
            place = .init(series: series, season: try row.value("season"), episode: try row.value("episode"))
        }
        return TitleCard(
            key: key, title: try row.value("title"), type: try row.value("type"), place: place,
            poster: try row.optional("poster"), isAvailable: try row.value("open"))
    }
}
