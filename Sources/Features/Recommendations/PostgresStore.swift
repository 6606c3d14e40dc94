public import Core
public import Postgres

/// Recommendations read from PostgreSQL.
public final class PostgresRecommendationStore: RecommendationStore {
    private let connection: Connection

    /// - Parameter connection: shared with the other stores of the process.
    public init(_ connection: Connection) { self.connection = connection }

    /// See `RecommendationStore`.
    public func account(_ id: UUID) throws(DatabaseError) -> (level: String, preferences: String)? {
        let rows = try connection.query(
            prepared: "select subscription_level, preferences from users where id = \(id.description)::uuid")
        guard let row = rows.first else { return nil }
        return (try row.value("subscription_level"), try row.value("preferences"))
    }

    /// See `RecommendationStore`.
    public func hidden(from viewer: Viewer, _ unwanted: Unwanted) throws(DatabaseError) -> [UUID] {
        guard let id = viewer.id else { return [] }
        return try connection.query(
            prepared: """
                select id from titles_hidden_from(\(id.description)::uuid, \(unwanted == .begun)::boolean) id
                """
        ).map { (row) throws(DatabaseError) in try row.id("id") }
    }

    /// What a viewer may be shown of `titles_shown t`.
    private static func condition(_ viewer: Viewer, _ hidden: [UUID]) -> SQL {
        let levels: SQL = "t.required_level = any (\(viewer.levels)::text[])"
        return hidden.isEmpty ? levels : "\(levels) and t.id <> all (\(hidden.map(\.description))::uuid[])"
    }

    // MARK: What others like

    // How many titles a genre has, and how many of them somebody has seen, decides how these are best found, so they are
    // planned each time.

    /// See `RecommendationStore`.
    public func trending(for viewer: Viewer, without hidden: [UUID], limit: Int) throws(DatabaseError) -> [UUID] {
        try connection.query(
            """
            select t.id
            from title_figures f join titles_shown t on t.id = f.title_id
            where f.heat is not null and \(Self.condition(viewer, hidden))
            order by f.heat desc, f.title_id limit \(limit)::integer
            """
        ).map { (row) throws(DatabaseError) in try row.id("id") }
    }

    /// See `RecommendationStore`.
    public func popular(
        genre: String?, for viewer: Viewer, without hidden: [UUID], limit: Int
    ) throws(DatabaseError) -> [UUID] {
        var titles: SQL = "title_figures f join titles_shown t on t.id = f.title_id"
        if let genre {
            titles += """
                 join title_features g on g.title_id = f.title_id and g.feature = title_feature('g', \(genre))
                """
        }
        return try connection.query(
            """
            select t.id from \(titles)
            where f.viewers > 0 and \(Self.condition(viewer, hidden))
            order by f.popular desc, f.title_id limit \(limit)::integer
            """
        ).map { (row) throws(DatabaseError) in try row.id("id") }
    }

    /// See `RecommendationStore`.
    public func newest(
        genre: String?, for viewer: Viewer, without hidden: [UUID], limit: Int
    ) throws(DatabaseError) -> [UUID] {
        var condition = Self.condition(viewer, hidden)
        if let genre {
            condition += """
                 and exists (
                    select from title_features g where g.title_id = t.id and g.feature = title_feature('g', \(genre)))
                """
        }
        return try connection.query(
            """
            select t.id from titles_shown t
            where \(condition) order by t.published_from desc, t.id limit \(limit)::integer
            """
        ).map { (row) throws(DatabaseError) in try row.id("id") }
    }

    // MARK: What is like a title

    /// See `RecommendationStore`.
    public func title(_ id: UUID) throws(DatabaseError) -> Title? {
        let ids = try connection.query(
            prepared: """
                select t.id from content c join titles_shown t on t.id = coalesce(c.series_id, c.id)
                where c.id = \(id.description)::uuid and c.deleted_at is null
                    and c.published_from <= now() and (c.published_until is null or c.published_until > now())
                """
        ).map { (row) throws(DatabaseError) in try row.id("id") }
        return try titles(ids).first
    }

    /// See `RecommendationStore`.
    public func similar(
        to id: UUID, for viewer: Viewer, without hidden: [UUID], limit: Int
    ) throws(DatabaseError) -> [(title: UUID, isWatchedTogether: Bool)] {
        try connection.query(
            prepared: """
                select t.id, n.together > 0 as watched_together
                from title_neighbours n join titles_shown t on t.id = n.neighbour_id
                where n.title_id = \(id.description)::uuid and \(Self.condition(viewer, hidden))
                order by n.score desc, n.neighbour_id limit \(limit)::integer
                """
        ).map { (row) throws(DatabaseError) in
            (try row.id("id"), try row.value("watched_together", as: Bool.self))
        }
    }

    // MARK: What somebody may like

    /// See `RecommendationStore`.
    public func traces(_ id: UUID, limit: Int) throws(DatabaseError) -> [Trace] {
        try connection.query(
            prepared: """
                select s.title_id, least(10, sum(s.taste)) + 5 * max(s.kept) as strength,
                       extract(epoch from now() - max(s.at))::double precision as age
                from (
                    (select coalesce(c.series_id, c.id) as title_id, taste_of(h.position, h.duration, h.completed) as taste,
                            0 as kept, h.watched_at as at
                     from watch_history h join content c on c.id = h.content_id
                     where h.user_id = \(id.description)::uuid order by h.watched_at desc limit 500)
                    union all
                    (select coalesce(c.series_id, c.id), 0, 1, f.created_at
                     from favorites f join content c on c.id = f.content_id
                     where f.user_id = \(id.description)::uuid order by f.created_at desc limit 100)
                ) s
                group by s.title_id having sum(s.taste) + max(s.kept) > 0
                order by max(s.at) desc, s.title_id limit \(limit)::integer
                """
        ).map { (row) throws(DatabaseError) in
            Trace(title: try row.id("title_id"), strength: try row.value("strength"), age: try row.value("age"))
        }
    }

    /// See `RecommendationStore`.
    public func candidates(
        _ seeds: [Seed], for viewer: Viewer, limit: Int
    ) throws(DatabaseError) -> [Candidate] {
        let given = JSON.array(seeds.map { ["t": .string($0.title.description), "w": .number($0.weight)] })
        return try connection.query(
            prepared: """
                with begun as materialized (
                    select coalesce(c.series_id, c.id) as id from watch_history h join content c on c.id = h.content_id
                    where h.user_id = \(viewer.id?.description)::uuid
                    union
                    select coalesce(c.series_id, c.id) from favorites f join content c on c.id = f.content_id
                    where f.user_id = \(viewer.id?.description)::uuid
                ),
                spoken as materialized (
                    select n.neighbour_id, s.t as seed, s.w * n.score as share
                    from jsonb_to_recordset(\(given.description)::jsonb) as s (t uuid, w double precision)
                        -- The planner takes this list for longer than it is, and the whole table for cheaper.
                        cross join lateral (
                            select m.neighbour_id, m.score from title_neighbours m where m.title_id = s.t offset 0) n
                    where n.neighbour_id not in (select id from begun)
                ),
                -- More than are wanted, for those that do not play for the viewer; far from all, since each is looked up.
                summed as (
                    select neighbour_id, sum(share) as score from spoken group by neighbour_id
                    order by score desc, neighbour_id limit \(6 * limit)::integer
                ),
                best as (
                    select t.id, t.genres, s.score from summed s join titles_shown t on t.id = s.neighbour_id
                    where t.required_level = any (\(viewer.levels)::text[])
                    order by s.score desc, s.neighbour_id limit \(limit)::integer
                ),
                loudest as (
                    select distinct on (p.neighbour_id) p.neighbour_id, p.seed from spoken p join best b on b.id = p.neighbour_id
                    order by p.neighbour_id, p.share desc, p.seed
                )
                select b.id, b.genres, b.score, l.seed, c.title as seed_name
                from best b join loudest l on l.neighbour_id = b.id join content c on c.id = l.seed
                order by b.score desc, b.id
                """
        ).map { (row) throws(DatabaseError) in
            Candidate(
                title: try row.id("id"), genres: try row.value("genres"), score: try row.value("score"),
                because: try row.id("seed"), becauseName: try row.value("seed_name"))
        }
    }

    /// See `RecommendationStore`.
    public func titles(_ ids: [UUID]) throws(DatabaseError) -> [Title] {
        try connection.query(
            prepared: """
                select t.*, v.playable, v.duration, v.qualities, extract(epoch from t.published_from)::bigint as opens,
                       extract(epoch from t.published_until)::bigint as closes,
                       extract(epoch from t.created_at)::bigint as created,
                       extract(epoch from t.updated_at)::bigint as updated
                from titles_shown t left join title_pictures v on v.video_id = t.video_id
                where t.id = any (\(ids.map(\.description))::text[]::uuid[])
                """
        ).map { (row) throws(DatabaseError) in try Title(row) }
    }
}

extension Title {
    /// - Parameter row: of `titles_shown` with its picture, times in seconds.
    fileprivate init(_ row: Row) throws(DatabaseError) {
        let qualities = try row.optional("qualities", as: String.self).map { (text) throws(DatabaseError) in
            guard let list = (try? JSON(parsing: text))?.array else { throw .column("qualities") }
            return list
        }
        let picture = Picture(
            isPlayable: try row.optional("playable") ?? false, duration: try row.optional("duration"),
            qualities: qualities ?? [])
        let published = (
            from: try row.optional("opens", as: Int64.self).map { UnixTime($0) },
            until: try row.optional("closes", as: Int64.self).map { UnixTime($0) }
        )
        self.init(
            id: try row.id("id"), type: try row.value("type"), name: try row.value("title"),
            description: try row.value("description"), genres: try row.value("genres"),
            cast: try row.value("cast_members"), tags: try row.value("tags"), year: try row.optional("release_year"),
            language: try row.value("language"), rating: try row.optional("rating"),
            maturity: try row.value("maturity"), poster: try row.optional("poster"),
            level: try row.value("required_level"), views: try row.value("view_count"),
            video: try row.optional("video_id", as: String.self).flatMap { UUID($0) }, picture: picture,
            published: published,
            written: (UnixTime(try row.value("created")), UnixTime(try row.value("updated"))))
    }
}

extension Row {
    /// A column that holds a UUID.
    func id(_ name: String) throws(DatabaseError) -> UUID {
        guard let id = UUID(try value(name, as: String.self)) else { throw .column(name) }
        return id
    }
}
