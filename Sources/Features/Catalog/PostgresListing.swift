internal import Core
internal import Postgres
internal import Web

/// A search as PostgreSQL understands it.
struct Search {
    /// The folded text.
    let plain: String
    /// A `tsquery` of the words as written.
    let exact: String
    /// The same with the last word unfinished.
    let prefix: String
    /// Whether anything answers to `prefix`.
    let isAnswered: Bool
    /// Whether operators were written: then nothing is forgiven.
    let isLiteral: Bool
}

/// How well a title answers a search; the first that fits.
enum Tier: Int, CaseIterable {
    /// It is called so.
    case same
    /// Its title has the words.
    case title
    /// Its title has the words, the last unfinished.
    case titleBegins
    /// Title, cast, genres and tags have the words, the last unfinished.
    case names
    /// So do all its texts.
    case text
    /// Its title has the words, mistakes forgiven.
    case titleForgiven
    /// So do all its texts.
    case textForgiven

    /// The tiers of a search that no mistake is forgiven in.
    static let strict: [Tier] = [.same, .title, .titleBegins, .names, .text]
    /// Those where they are.
    static let forgiving: [Tier] = [.titleForgiven, .textForgiven]
}

extension PostgresCatalogStore {
    /// What the statement is told instead of a tier when there is no search, and when there is one in another order.
    private static let noSearch = -1
    private static let anyAnswer = 9

    /// See `CatalogStore`.
    public func list(_ wish: TitleWish, _ page: Page) throws(DatabaseError) -> [ListedTitle] {
        guard let text = wish.search else {
            return try listing(wish, tier: Self.noSearch, nil, nil, after: page.after, limit: page.limit + 1)
        }
        return try bounded { () throws(DatabaseError) in try answers(text, wish, page) }
    }

    /// Runs statements that hang on what somebody typed: none takes longer than three seconds.
    func bounded<R>(_ body: () throws(DatabaseError) -> R) throws(DatabaseError) -> R {
        do throws(DatabaseError) {
            return try connection.transaction { () throws(DatabaseError) in
                try connection.query("set local statement_timeout = '3s'")
                return try body()
            }
        } catch {
            if case .failed(state: "57014", let detail) = error { throw .unavailable(detail: detail) }
            throw error
        }
    }

    private func answers(_ text: String, _ wish: TitleWish, _ page: Page) throws(DatabaseError) -> [ListedTitle] {
        let search = try search(text)
        if search.exact.isEmpty { return [] }
        guard wish.order == .relevance else {
            return search.isAnswered
                ? try listing(wish, tier: Self.anyAnswer, search, nil, after: page.after, limit: page.limit + 1) : []
        }
        var found: [ListedTitle] = []
        let first = page.after.flatMap { Int($0[0]) } ?? 0
        func add(_ tiers: [Tier], _ widened: String?) throws(DatabaseError) {
            for tier in tiers where tier.rawValue >= first && found.count <= page.limit {
                found += try listing(
                    wish, tier: tier.rawValue, search, widened, after: tier.rawValue == first ? page.after : nil,
                    limit: page.limit + 1 - found.count)
            }
        }
        if search.isAnswered { try add(Tier.strict, nil) }
        if found.count <= page.limit, !search.isLiteral, let widened = try widened(search) {
            try add(Tier.forgiving, widened)
        }
        return found
    }

    /// Understands what was typed.
    func search(_ text: String) throws(DatabaseError) -> Search {
        let rows = try connection.query(
            """
            select plain, exact::text as exact, prefix::text as prefix, answered, literal
            from catalog_query(\(text))
            """)
        guard let row = rows.first else { throw .column("plain") }
        return Search(
            plain: try row.value("plain"), exact: try row.value("exact"), prefix: try row.value("prefix"),
            isAnswered: try row.value("answered"), isLiteral: try row.value("literal"))
    }

    /// The search's words with their mistakes forgiven; `nil` when that changes nothing.
    private func widened(_ search: Search) throws(DatabaseError) -> String? {
        let rows = try connection.query("select catalog_widened(\(search.plain))::text as widened")
        return try rows.first?.optional("widened")
    }

    /// One statement for every list. PostgreSQL plans it with its values at hand: what is not asked for folds away, and
    /// what stays is one order's index, or one search's.
    private func listing(
        _ wish: TitleWish, tier: Int, _ search: Search?, _ widened: String?, after: [String]?, limit: Int
    ) throws(DatabaseError) -> [ListedTitle] {
        let order = wish.order.rawValue
        func behind(_ orders: TitleOrder...) -> [String]? { orders.contains(wish.order) ? after : nil }
        let (popular, newest, best) = (behind(.popular, .relevance), behind(.newest), behind(.rating))
        let (latest, named) = (behind(.year), behind(.title))
        let rows = try connection.query(
            """
            with page as materialized (select *, row_number() over () as number from (
                select c.id,
                    case \(order)::text
                        when 'newest' then (extract(epoch from c.created_at) * 1000000)::bigint::text
                        when 'rating' then (coalesce(c.rating, 0) * 10)::integer::text
                        when 'year' then coalesce(c.release_year, 0)::text
                        when 'title' then c.folded_title
                        else c.popularity::text end as key
                from content c
                where c.deleted_at is null
                    and (\(wish.visibility.rawValue)::text <> 'published' or (
                        c.published_from <= now() and (c.published_until is null or c.published_until > now())
                        and (c.series_id is null or exists (
                            select from content s where s.id = c.series_id and s.deleted_at is null
                                and s.published_from <= now()
                                and (s.published_until is null or s.published_until > now())))))
                    and (\(wish.visibility.rawValue)::text <> 'draft' or c.published_from is null
                        or c.published_from > now() or c.published_until <= now())
                    and (\(wish.kind?.rawValue)::text is null or c.type = \(wish.kind?.rawValue)::text)
                    and (coalesce(\(wish.kind?.rawValue)::text, \(wish.series?.description)::text) is not null
                        or c.type <> 'episode')
                    and (\(wish.series?.description)::uuid is null or c.series_id = \(wish.series?.description)::uuid)
                    and (\(wish.genre)::text is null or c.genre_keys @> array[catalog_folded(\(wish.genre)::text)])
                    and (\(wish.years?.lowerBound)::integer is null
                        or coalesce(c.release_year, 0) between \(wish.years?.lowerBound)::integer
                            and \(wish.years?.upperBound)::integer)
                    and (\(wish.language)::text is null or c.language = \(wish.language)::text
                        or starts_with(c.language, \(wish.language)::text || '-'))
                    and (\(wish.level?.rawValue)::text is null or c.required_level = \(wish.level?.rawValue)::text)
                    and (\(wish.maturity)::text is null or c.maturity = \(wish.maturity)::text)
                    -- The tier, and none before it.
                    and (\(tier)::integer <> 0 or c.folded_title = \(search?.plain)::text)
                    and (\(tier)::integer <> 1 or c.title_words @@ \(search?.exact)::tsquery)
                    and (\(tier)::integer <> 2 or c.title_words @@ \(search?.prefix)::tsquery)
                    and (\(tier)::integer <> 3 or c.name_words @@ \(search?.prefix)::tsquery)
                    and (\(tier)::integer not in (4, 9) or c.words @@ \(search?.prefix)::tsquery)
                    and (\(tier)::integer <> 5 or c.title_words @@ \(widened)::tsquery)
                    and (\(tier)::integer <> 6 or c.words @@ \(widened)::tsquery)
                    and (\(tier)::integer not between 1 and 6 or c.folded_title <> \(search?.plain)::text)
                    and (\(tier)::integer not between 2 and 6 or not c.title_words @@ \(search?.exact)::tsquery)
                    and (\(tier)::integer not between 3 and 6 or not c.title_words @@ \(search?.prefix)::tsquery)
                    and (\(tier)::integer not between 4 and 6 or not c.name_words @@ \(search?.prefix)::tsquery)
                    and (\(tier)::integer not between 5 and 6 or not c.words @@ \(search?.prefix)::tsquery)
                    and (\(tier)::integer <> 6 or not c.title_words @@ \(widened)::tsquery)
                    -- Behind the cursor.
                    and (\(popular?[1])::bigint is null or (c.popularity, c.id)
                        < (\(popular?[1])::bigint, \(popular?[2])::uuid))
                    and (\(newest?[1])::bigint is null or (c.created_at, c.id)
                        < ('epoch'::timestamptz + \(newest?[1])::bigint * interval '1 microsecond', \(newest?[2])::uuid))
                    and (\(best?[1])::bigint is null or (coalesce(c.rating, 0), c.id)
                        < (\(best?[1])::bigint / 10.0, \(best?[2])::uuid))
                    and (\(latest?[1])::bigint is null or (coalesce(c.release_year, 0), c.id)
                        < (\(latest?[1])::bigint, \(latest?[2])::uuid))
                    and (\(named?[1])::text is null or (c.folded_title collate "C", c.id)
                        > (\(named?[1])::text collate "C", \(named?[2])::uuid))
                order by
                    case when \(order)::text in ('popular', 'relevance') then c.popularity end desc,
                    case when \(order)::text = 'newest' then c.created_at end desc,
                    case when \(order)::text = 'rating' then coalesce(c.rating, 0) end desc,
                    case when \(order)::text = 'year' then coalesce(c.release_year, 0) end desc,
                    case when \(order)::text = 'title' then c.folded_title end collate "C",
                    case when \(order)::text <> 'title' then c.id end desc,
                    case when \(order)::text = 'title' then c.id end
                limit \(limit)::integer) as found)
            select p.key, s.*, extract(epoch from s.created_at)::bigint as created,
                extract(epoch from s.updated_at)::bigint as updated,
                extract(epoch from s.published_from)::bigint as published,
                extract(epoch from s.published_until)::bigint as ends
            from page p join shown_content s on s.id = p.id order by p.number
            """)
        return try rows.map { (row) throws(DatabaseError) in
            let title = try Self.title(row)
            return ListedTitle(
                title: title, place: ["\(max(0, tier))", try row.value("key"), title.id.description])
        }
    }
}
