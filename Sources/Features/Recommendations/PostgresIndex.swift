internal import Core
public import Postgres

/// What recommendations are read from, made in PostgreSQL.
///
/// What a title's neighbours are counted from are whole numbers, and every change marks the titles whose neighbours it
/// can change: made step by step or all at once, the index is the same.
public final class PostgresRecommendationIndex: RecommendationIndex {
    let connection: Connection
    private let batch: Batch

    /// How much one step takes.
    public struct Batch: Sendable {
        /// Touches of people.
        public var tastes = 200
        /// Touches of titles.
        public var features = 500
        /// Titles whose neighbours are counted.
        public var neighbours = 100

        /// The usual amounts.
        public init() {}
    }

    /// - Parameters:
    ///   - connection: the worker's.
    ///   - batch: how much one step takes.
    public init(_ connection: Connection, batch: Batch = Batch()) {
        self.connection = connection
        self.batch = batch
    }

    /// See `RecommendationIndex`.
    public func step(_ holds: () throws(DatabaseError) -> Bool) throws(DatabaseError) -> IndexStep {
        do throws(Interruption) {
            return try connection.transaction(as: { .database($0) }) { () throws(Interruption) in
                do throws(DatabaseError) {
                    // One writer at a time: it alone marks titles, so nobody waits for it and it waits for nobody.
                    try connection.query("select pg_advisory_xact_lock(7046029254386353131)")
                    // These statements take in thousands of rows; compiling them would take longer than they do.
                    try connection.query("set local work_mem = '64MB'")
                    try connection.query("set local jit = off")
                    guard let work = try next() else { return .done }
                    if try holds() { return .went(work) }
                } catch { throw .database(error) }
                throw .lost
            }
        } catch {
            switch error {
            case .lost: return .lost
            case .database(let error): throw error
            }
        }
    }

    private enum Interruption: Error {
        case lost
        case database(DatabaseError)
    }

    private func next() throws(DatabaseError) -> IndexWork? {
        let viewers = try connection.query(
            """
            with taken as (
                delete from taste_touches where id in (select id from taste_touches order by id limit \(batch.tastes)::integer)
                returning user_id)
            select distinct user_id as id from taken
            """
        ).map { (row) throws(DatabaseError) in try row.value("id", as: String.self) }
        if !viewers.isEmpty {
            try count(try learn(viewers))
            return .tastes(viewers.count)
        }
        let titles = try connection.query(
            """
            with taken as (
                delete from title_touches where id in (select id from title_touches order by id limit \(batch.features)::integer)
                returning title_id)
            select distinct title_id as id from taken
            """
        ).map { (row) throws(DatabaseError) in try row.value("id", as: String.self) }
        if !titles.isEmpty {
            try weigh(try describe(titles))
            return .features(titles.count)
        }
        let stale = try connection.query(
            """
            delete from title_stale where title_id in (
                select title_id from title_stale order by title_id limit \(batch.neighbours)::integer)
            returning title_id as id
            """
        ).map { (row) throws(DatabaseError) in try row.value("id", as: String.self) }
        if stale.isEmpty { return nil }
        try meet(stale)
        return .neighbours(stale.count)
    }

    /// See `RecommendationIndex`.
    public func isBehind() throws(DatabaseError) -> Bool {
        try connection.query(
            """
            select exists (select from taste_touches) or exists (select from title_touches)
                or exists (select from title_stale) as behind
            """
        ).first?.value("behind") ?? false
    }

    /// See `RecommendationIndex`.
    public func touchAll() throws(DatabaseError) {
        try connection.transaction { () throws(DatabaseError) in
            try connection.query("select pg_advisory_xact_lock(7046029254386353131)")
            try connection.query(
                """
                insert into taste_touches (user_id)
                select user_id from tastes union select user_id from watch_history union select user_id from favorites
                """)
            try connection.query("insert into title_touches (title_id) select id from content where type <> 'episode'")
            try connection.query(
                """
                insert into title_stale (title_id)
                select id from content where type <> 'episode' on conflict do nothing
                """)
        }
    }

    // MARK: Tastes

    /// Writes what these people like; a person of whom anything changed makes all his titles stale.
    ///
    /// - Returns: the titles whose own figures changed.
    private func learn(_ viewers: [String]) throws(DatabaseError) -> [String] {
        try connection.query(
            """
            with fresh as materialized (
                select v.user_id, m.title_id, m.strength, m.watched_at
                from unnest(\(viewers)::text[]::uuid[]) v (user_id) cross join lateral (
                    select s.title_id, (least(10, sum(s.taste)) + 5 * max(s.kept))::smallint as strength,
                           max(s.at) as watched_at
                    from (
                        select coalesce(c.series_id, c.id) as title_id,
                               taste_of(h.position, h.duration, h.completed) as taste, 0 as kept,
                               date_trunc('hour', h.watched_at) as at
                        from watch_history h join content c on c.id = h.content_id and c.deleted_at is null
                        where h.user_id = v.user_id
                        union all
                        select coalesce(c.series_id, c.id), 0, 1, date_trunc('hour', f.created_at)
                        from favorites f join content c on c.id = f.content_id and c.deleted_at is null
                        where f.user_id = v.user_id
                    ) s join content t on t.id = s.title_id and t.deleted_at is null
                    group by s.title_id having sum(s.taste) + max(s.kept) > 0
                    order by max(s.at) desc, s.title_id limit \(RecommendationRules.profile)::integer) m
            ),
            former as materialized (
                select user_id, title_id from tastes where user_id = any (\(viewers)::text[]::uuid[])),
            gone as (
                delete from tastes t where t.user_id = any (\(viewers)::text[]::uuid[]) and not exists (
                    select from fresh f where f.user_id = t.user_id and f.title_id = t.title_id)
                returning t.user_id, t.title_id),
            written as (
                insert into tastes as t (user_id, title_id, strength, watched_at)
                select user_id, title_id, strength, watched_at from fresh
                on conflict (user_id, title_id) do update
                    set strength = excluded.strength, watched_at = excluded.watched_at
                    where (t.strength, t.watched_at) is distinct from (excluded.strength, excluded.watched_at)
                returning t.user_id, t.title_id),
            moved as materialized (select user_id, title_id from gone union all select user_id, title_id from written),
            marked as (
                insert into title_stale (title_id)
                select f.title_id from former f where f.user_id in (select user_id from moved)
                union
                select f.title_id from fresh f where f.user_id in (select user_id from moved)
                on conflict do nothing)
            select distinct title_id from moved
            """
        ).map { (row) throws(DatabaseError) in try row.value("title_id", as: String.self) }
    }

    /// Writes the figures of titles. Where a title is measured anew, so are those that stand beside it.
    private func count(_ titles: [String]) throws(DatabaseError) {
        if titles.isEmpty { return }
        let tallies = try connection.query(
            """
            select a.id, count(t.user_id) as viewers, coalesce(sum(t.strength), 0)::bigint as mass,
                   coalesce(sum(t.strength::integer * t.strength), 0)::bigint as square,
                   (extract(epoch from m.newest) + \(RecommendationRules.trendingHalfLife)::double precision
                       * ln(sum(t.strength / 10.0 * power(2, greatest(-300, extract(epoch from t.watched_at - m.newest)
                             / \(RecommendationRules.trendingHalfLife)::double precision)))) / ln(2::double precision)
                   )::double precision as heat,
                   coalesce(max(f.step), 0) as step
            from unnest(\(titles)::text[]::uuid[]) a (id)
                join content c on c.id = a.id
                left join title_figures f on f.title_id = a.id
                left join lateral (select max(watched_at) as newest from tastes where title_id = a.id) m on true
                left join tastes t on t.title_id = a.id
            group by a.id, m.newest
            """
        ).map { (row) throws(DatabaseError) in
            Tally(
                title: try row.id("id"), viewers: try row.value("viewers"), mass: try row.value("mass"),
                square: try row.value("square"), heat: try row.optional("heat"), formerStep: try row.value("step"))
        }
        let written = JSON.array(tallies.map(\.json))
        try connection.query(
            """
            insert into title_figures as f (title_id, viewers, mass, square, step, popular, heat)
            select n.title_id, n.viewers, n.mass, n.square, n.step, n.popular, n.heat
            from jsonb_to_recordset(\(written.description)::jsonb) as n (title_id uuid, viewers integer, mass bigint,
                square bigint, step smallint, popular double precision, heat double precision)
            on conflict (title_id) do update set viewers = excluded.viewers, mass = excluded.mass,
                square = excluded.square, step = excluded.step, popular = excluded.popular, heat = excluded.heat
            """)
        let grown = tallies.filter { $0.step > $0.formerStep }.map { $0.title.description }
        if !grown.isEmpty {
            // A larger title only falls in others' lists: where it does not stand, it will not.
            try connection.query(
                """
                insert into title_stale (title_id)
                select title_id from title_neighbours where neighbour_id = any (\(grown)::text[]::uuid[])
                on conflict do nothing
                """)
        }
        try stale(besideOf: tallies.filter { $0.step < $0.formerStep }.map { $0.title.description })
    }

    /// Marks all titles that anybody watched who watched one of these.
    func stale(besideOf titles: [String]) throws(DatabaseError) {
        if titles.isEmpty { return }
        try connection.query(
            """
            insert into title_stale (title_id)
            select title_id from tastes where user_id in (
                select user_id from tastes where title_id = any (\(titles)::text[]::uuid[]))
            union
            select title_id from title_neighbours where neighbour_id = any (\(titles)::text[]::uuid[])
            on conflict do nothing
            """)
    }
}

extension Tally {
    /// See `RecommendationRules.step`.
    var step: Int { RecommendationRules.step(square: square) }

    fileprivate var json: JSON {
        [
            "title_id": .string(title.description), "viewers": JSON(viewers), "mass": JSON(mass),
            "square": JSON(square), "step": JSON(step),
            "popular": .number(RecommendationRules.popularity(viewers: viewers, mass: mass)),
            "heat": heat.map { .number($0) } ?? .null,
        ]
    }
}
