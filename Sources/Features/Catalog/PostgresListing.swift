internal import Core
public import Postgres
public import Web

/// A search as PostgreSQL understands it.
struct Search {
    /// The folded text.
    let plain: String
    /// A `tsquery` of the words as written.
    let exact: String
    /// The same with the last word unfinished.
    let prefix: String
    /// How many titles answer to `prefix`; `many` stands for more.
    let answers: Int
    /// Whether operators were written: then nothing is forgiven.
    let isLiteral: Bool
    /// A `tsquery` of the words with their mistakes forgiven.
    var widened: String?

    /// Where counting ends.
    static let many = 300
}

/// How well a title answers a search, the first that fits; and which of them a statement looks for.
enum Tier: Int {
    /// There is no search.
    case none = -1
    /// It is called so.
    case same = 0
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
    /// So do title, cast, genres and tags.
    case namesForgiven
    /// So do all its texts.
    case textForgiven
    /// Any of the first five, each in its place.
    case strict
    /// Any of the last three, each in its place.
    case forgiving
    /// Any of the first five, in an order that asks for no tier.
    case any
}

extension PostgresCatalogStore {
    /// See `CatalogStore`.
    public func list(_ wish: TitleWish, _ page: Page) throws(DatabaseError) -> [ListedTitle] {
        let limit = page.limit + 1
        guard let text = wish.search else {
            return try titles(try listing(wish, .none, nil, after: page.after, limit: limit))
        }
        return try bounded { () throws(DatabaseError) in
            var search = try search(text)
            if search.exact.isEmpty { return [] }
            guard wish.order == .relevance else {
                return try titles(try listing(wish, .any, search, after: page.after, limit: limit))
            }
            return try titles(try answers(wish, &search, after: page.after, limit: limit))
        }
    }

    /// A search's answers tier by tier. Few are looked for at once; of many, the next tier's only where the one before
    /// did not fill the page: there each comes out of the popular order's index.
    private func answers(
        _ wish: TitleWish, _ search: inout Search, after: [String]?, limit: Int
    ) throws(DatabaseError) -> [Place] {
        var found: [Place] = []
        let first = after.flatMap { Int($0[0]) } ?? 0
        func add(_ tiers: [Tier], at once: Tier, count: Int, _ search: Search) throws(DatabaseError) {
            if count < Search.many {
                found += try listing(wish, once, search, after: after, limit: limit - found.count)
                return
            }
            for tier in tiers where tier.rawValue >= first && found.count < limit {
                found += try listing(
                    wish, tier, search, after: tier.rawValue == first ? after : nil, limit: limit - found.count)
            }
        }
        if first <= Tier.text.rawValue, search.answers > 0 {
            try add([.same, .title, .titleBegins, .names, .text], at: .strict, count: search.answers, search)
        }
        guard found.count < limit, !search.isLiteral else { return found }
        let rows = try connection.query(
            """
            select widened::text as widened, catalog_answers(widened) as answers
            from catalog_widened(\(search.plain)) widened where widened is not null
            """)
        if let row = rows.first {
            search.widened = try row.value("widened")
            try add(
                [.titleForgiven, .namesForgiven, .textForgiven], at: .forgiving, count: try row.value("answers"), search
            )
        }
        return found
    }

    /// Understands what was typed.
    func search(_ text: String) throws(DatabaseError) -> Search {
        let rows = try connection.query(
            """
            select plain, exact::text as exact, prefix::text as prefix, answers, literal from catalog_query(\(text))
            """)
        guard let row = rows.first else { throw .column("plain") }
        return Search(
            plain: try row.value("plain"), exact: try row.value("exact"), prefix: try row.value("prefix"),
            answers: try row.value("answers"), isLiteral: try row.value("literal"))
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

    /// A title's place in a list.
    struct Place {
        let id: String
        let tier: Int
        let key: String
    }

    /// One statement for every list. PostgreSQL plans it with its values at hand: what is not asked for folds away, and
    /// what stays is one order's index, or one search's.
    private func listing(
        _ wish: TitleWish, _ tier: Tier, _ search: Search?, after: [String]?, limit: Int
    ) throws(DatabaseError) -> [Place] {
        let order = wish.order.rawValue
        func behind(_ orders: TitleOrder...) -> [String]? { orders.contains(wish.order) ? after : nil }
        let isRanked = tier == .strict || tier == .forgiving
        let (ranked, popular) = (isRanked ? after : nil, isRanked ? nil : behind(.views, .relevance))
        let (newest, best, latest, named) = (behind(.newest), behind(.rating), behind(.year), behind(.title))
        let rows = try connection.query(
            """
            select id, rank, key from (
                select c.*,
                    case when \(tier.rawValue)::integer between 0 and 7 then \(tier.rawValue)::integer
                        when \(tier.rawValue)::integer = 9 then
                            case when c.title_words @@ \(search?.widened)::tsquery then 5
                                when c.name_words @@ \(search?.widened)::tsquery then 6 else 7 end
                        when \(tier.rawValue)::integer <> 8 then 0
                        when c.folded_title collate "C" = \(search?.plain)::text then 0
                        when c.title_words @@ \(search?.exact)::tsquery then 1
                        when c.title_words @@ \(search?.prefix)::tsquery then 2
                        when c.name_words @@ \(search?.prefix)::tsquery then 3
                        else 4 end as rank,
                    case \(order)::text
                        when 'newest' then (extract(epoch from c.created_at) * 1000000)::bigint::text
                        when 'rating' then (coalesce(c.rating, 0) * 10)::integer::text
                        when 'year' then coalesce(c.release_year, 0)::text
                        when 'title' then c.folded_title
                        else c.popularity::text end as key
                from content c) c
            where c.deleted_at is null
                and (\(wish.visibility.rawValue)::text <> 'published' or (
                    c.published_from <= now() and (c.published_until is null or c.published_until > now())
                    and (c.series_id is null or (
                        select s.deleted_at is null and s.published_from <= now()
                            and (s.published_until is null or s.published_until > now())
                        from content s where s.id = c.series_id))))
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
                and (\(tier.rawValue)::integer <> 0 or c.folded_title collate "C" = \(search?.plain)::text)
                and (\(tier.rawValue)::integer <> 1 or c.title_words @@ \(search?.exact)::tsquery)
                and (\(tier.rawValue)::integer <> 2 or c.title_words @@ \(search?.prefix)::tsquery)
                and (\(tier.rawValue)::integer <> 3 or c.name_words @@ \(search?.prefix)::tsquery)
                and (\(tier.rawValue)::integer not in (4, 8, 10) or c.words @@ \(search?.prefix)::tsquery)
                and (\(tier.rawValue)::integer <> 5 or c.title_words @@ \(search?.widened)::tsquery)
                and (\(tier.rawValue)::integer <> 6 or c.name_words @@ \(search?.widened)::tsquery)
                and (\(tier.rawValue)::integer not in (7, 9) or c.words @@ \(search?.widened)::tsquery)
                and (\(tier.rawValue)::integer not between 1 and 7 or c.folded_title <> \(search?.plain)::text)
                and (\(tier.rawValue)::integer not between 2 and 7 or not c.title_words @@ \(search?.exact)::tsquery)
                and (\(tier.rawValue)::integer not between 3 and 7 or not c.title_words @@ \(search?.prefix)::tsquery)
                and (\(tier.rawValue)::integer not between 4 and 7 or not c.name_words @@ \(search?.prefix)::tsquery)
                and (\(tier.rawValue)::integer not in (5, 6, 7, 9) or not c.words @@ \(search?.prefix)::tsquery)
                and (\(tier.rawValue)::integer not in (6, 7) or not c.title_words @@ \(search?.widened)::tsquery)
                and (\(tier.rawValue)::integer <> 7 or not c.name_words @@ \(search?.widened)::tsquery)
                -- Behind the cursor.
                and (\(ranked?[0])::integer is null or (-c.rank, c.popularity, c.id)
                    < (-\(ranked?[0])::integer, \(ranked?[1])::bigint, \(ranked?[2])::uuid))
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
                case when \(tier.rawValue)::integer in (8, 9) then -c.rank end desc,
                case when \(order)::text in ('views', 'relevance') then c.popularity end desc,
                case when \(order)::text = 'newest' then c.created_at end desc,
                case when \(order)::text = 'rating' then coalesce(c.rating, 0) end desc,
                case when \(order)::text = 'year' then coalesce(c.release_year, 0) end desc,
                case when \(order)::text = 'title' then c.folded_title end collate "C",
                case when \(order)::text <> 'title' then c.id end desc,
                case when \(order)::text = 'title' then c.id end
            limit \(limit)::integer
            """)
        return try rows.map { (row) throws(DatabaseError) in
            Place(id: try row.value("id"), tier: try row.value("rank"), key: try row.value("key"))
        }
    }

    /// The titles at these places, in the places' order.
    private func titles(_ places: [Place]) throws(DatabaseError) -> [ListedTitle] {
        if places.isEmpty { return [] }
        let rows = try connection.query(
            """
            select c.*, extract(epoch from c.created_at)::bigint as created,
                extract(epoch from c.updated_at)::bigint as updated,
                extract(epoch from c.published_from)::bigint as published,
                extract(epoch from c.published_until)::bigint as ends
            from shown_content c where c.id = any (\(places.map(\.id))::uuid[])
            """)
        var titles: [UUID: Title] = [:]
        for title in try rows.map({ (row) throws(DatabaseError) in try Self.title(row) }) { titles[title.id] = title }
        // One that went since then is left out.
        return places.compactMap { place in
            UUID(place.id).flatMap { titles[$0] }.map {
                ListedTitle(title: $0, place: ["\(place.tier)", place.key, place.id])
            }
        }
    }
}
