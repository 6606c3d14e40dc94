internal import Core
internal import Postgres

extension PostgresRecommendationIndex {
    // MARK: Features

    /// Writes what these titles are like; a title of which anything changed, and those it stands beside, become stale.
    ///
    /// - Returns: the features that some title gained or lost.
    func describe(_ titles: [String]) throws(DatabaseError) -> [String] {
        let moved = try connection.query(
            """
            with fresh as materialized (
                select c.id as title_id, w.feature
                from content c cross join lateral (
                    select distinct f.feature from (
                        select title_feature('g', g) as feature from unnest(c.genres) g
                        union all select title_feature('t', t) from unnest(c.tags) t
                        union all select title_feature('c', p) from unnest(c.cast_members) p) f
                    order by f.feature limit 100) w
                where c.id = any (\(titles)::text[]::uuid[]) and c.deleted_at is null and c.type <> 'episode'
            ),
            gone as (
                delete from title_features t where t.title_id = any (\(titles)::text[]::uuid[]) and not exists (
                    select from fresh f where f.title_id = t.title_id and f.feature = t.feature)
                returning t.title_id, t.feature),
            made as (
                insert into title_features (title_id, feature) select title_id, feature from fresh
                on conflict do nothing returning title_id, feature)
            select title_id, feature from gone union all select title_id, feature from made
            """
        ).map { (row) throws(DatabaseError) in
            (title: try row.value("title_id", as: String.self), feature: try row.value("feature", as: String.self))
        }
        // Of titles that are gone nothing stays.
        let gone = try connection.query(
            """
            delete from title_neighbours n
            where n.title_id = any (\(titles)::text[]::uuid[]) and not exists (select from content c where c.id = n.title_id)
            returning n.title_id::text
            """
        ).map { (row) throws(DatabaseError) in try row.value("title_id", as: String.self) }
        try stale(besideOf: Set(gone).sorted())
        let changed = Set(moved.map(\.title)).sorted()
        if changed.isEmpty { return [] }
        try connection.query(
            """
            insert into title_stale (title_id) select id from content where id = any (\(changed)::text[]::uuid[])
            on conflict do nothing
            """)
        try stale(besideOf: changed)
        return Set(moved.map(\.feature)).sorted()
    }

    /// Counts how common features are. The titles that share one that finds neighbours become stale, and all that share
    /// one whose weight changed.
    func weigh(_ features: [String]) throws(DatabaseError) {
        if features.isEmpty { return }
        let counts = try connection.query(
            """
            select m.feature, coalesce(f.titles, 0) as before,
                   (select count(*) from title_features t where t.feature = m.feature) as titles
            from unnest(\(features)::text[]) m (feature) left join features f on f.feature = m.feature
            """
        ).map { (row) throws(DatabaseError) in
            (
                feature: try row.value("feature", as: String.self), before: try row.value("before", as: Int.self),
                now: try row.value("titles", as: Int.self)
            )
        }
        let written = JSON.array(
            counts.map {
                [
                    "feature": .string($0.feature), "titles": JSON($0.now),
                    "step": JSON(RecommendationRules.featureStep(titles: $0.now)),
                ]
            })
        try connection.query(
            """
            insert into features as f (feature, titles, step)
            select n.feature, n.titles, n.step
            from jsonb_to_recordset(\(written.description)::jsonb) as n (feature text, titles integer, step smallint)
            on conflict (feature) do update set titles = excluded.titles, step = excluded.step
            """)
        try connection.query("delete from features where titles = 0")
        let telling = counts.filter {
            RecommendationRules.isRare(titles: min($0.before, $0.now))
                || RecommendationRules.featureStep(titles: $0.before) != RecommendationRules.featureStep(titles: $0.now)
        }.map(\.feature)
        try connection.query(
            """
            insert into title_stale (title_id)
            select title_id from title_features where feature = any (\(telling)::text[]) on conflict do nothing
            """)
    }

    // MARK: Neighbours

    /// Counts the neighbours of titles.
    ///
    /// Two titles go together as far as the same people watched them: the sum over people of the products of strengths,
    /// over the geometric mean of both sums of squares (a cosine), damped by one imagined sum. They are alike as far as the
    /// other shares what makes the one special: features by their weight. Rare ones find neighbours; common ones tell only
    /// which of those that were found are nearer.
    func meet(_ titles: [String]) throws(DatabaseError) {
        try connection.query("delete from title_neighbours where title_id = any (\(titles)::text[]::uuid[])")
        try connection.query(
            """
            with batch as materialized (
                select id from content
                where id = any (\(titles)::text[]::uuid[]) and deleted_at is null and type <> 'episode'),
            seen as materialized (
                select b.id, v.user_id, v.strength from batch b cross join lateral (
                    select user_id, strength::integer from tastes where title_id = b.id
                    order by watched_at desc, user_id limit \(RecommendationRules.audience)::integer) v),
            own as materialized (
                select s.id, sum(s.strength * s.strength) / 100.0::double precision as square,
                       sum(s.strength * s.strength)::double precision / max(f.square) as share
                from seen s join title_figures f on f.title_id = s.id group by s.id),
            pairs as (
                select s.id, t.title_id as other, sum(s.strength * t.strength) / 100.0::double precision as product
                from seen s join tastes t on t.user_id = s.user_id and t.title_id <> s.id group by s.id, t.title_id),
            together as (
                select p.id, p.other, least(1, p.product / (\(Self.damping)::double precision
                    + sqrt(o.square) * power(power(2, f.step / 2.0::double precision) * o.share,
                                             \(Self.sizeExponent)::double precision))) as together
                from pairs p join own o on o.id = p.id join title_figures f on f.title_id = p.other),
            traits as materialized (
                select t.title_id as id, t.feature, 1.0::double precision / f.step as weight,
                       f.step <= \(RecommendationRules.rareSteps)::integer as rare
                from title_features t join features f on f.feature = t.feature
                where t.title_id = any (\(titles)::text[]::uuid[])),
            character as materialized (
                select id, sum(1000000 * weight)::bigint / 1000000.0::double precision as whole from traits group by id),
            sharing as (
                select p.* from (
                    select r.id, o.title_id as other, max(r.weight) as rarest,
                           sum((1000000 * r.weight)::integer) / 1000000.0::double precision as shared
                    from traits r join title_features o on o.feature = r.feature and o.title_id <> r.id
                    where r.rare group by r.id, o.title_id) p join character c on c.id = p.id
                where p.rarest >= \(Self.rarity)::double precision
                    or p.shared >= \(Self.glimpse)::double precision * c.whole),
            found as (
                select coalesce(t.id, s.id) as id, coalesce(t.other, s.other) as other,
                       coalesce(t.together, 0) as together, coalesce(s.shared, 0) as shared
                from together t full join sharing s on s.id = t.id and s.other = t.other),
            short as materialized (
                select x.* from (
                    select f.*, c.whole, row_number() over (partition by f.id order by
                        \(Self.company)::double precision * f.together
                            + coalesce(f.shared / (c.whole + \(Self.reserve)::double precision), 0) desc, f.other) as place
                    from found f left join character c on c.id = f.id) x
                where x.place <= \(RecommendationRules.neighbours)::integer),
            common as (
                select s.id, s.other, sum((1000000 * r.weight)::integer) / 1000000.0::double precision as shared
                from short s
                    cross join lateral (select o.feature from title_features o where o.title_id = s.other offset 0) o
                    join traits r on r.id = s.id and r.feature = o.feature and not r.rare
                group by s.id, s.other),
            scored as (
                select s.id, s.other, s.together,
                       coalesce((s.shared + coalesce(c.shared, 0)) / (s.whole + \(Self.reserve)::double precision), 0) as alike
                from short s left join common c on c.id = s.id and c.other = s.other)
            insert into title_neighbours (title_id, neighbour_id, together, alike, score)
            select s.id, s.other, s.together, s.alike, (\(Self.company)::double precision * s.together + s.alike)
                / (\(Self.company)::double precision + 1)
            from scored s join content o on o.id = s.other and o.deleted_at is null and o.type <> 'episode'
            """)
    }

    /// What is added below the cosine: few common viewers prove little.
    private static var damping: Double { 1 }
    /// How far the other's size counts against it; a half would be the plain cosine. Less, since people do watch what many
    /// watch (Deshpande and Karypis, Item-based top-N recommendation algorithms, 2004).
    private static var sizeExponent: Double { 0.4 }
    /// What common viewers count for against common features.
    private static var company: Double { 2 }
    /// Which part of what makes a title special another must share to be looked at for that, unless it shares something
    /// that fewer than 32 titles have.
    private static var glimpse: Double { 0.15 }
    private static var rarity: Double { 0.2 }
    /// What is added below the shared features: a title of which little is known is like nothing very much.
    private static var reserve: Double { 0.5 }
}
