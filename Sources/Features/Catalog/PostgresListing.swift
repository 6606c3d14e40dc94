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

extension PostgresCatalogStore {
    /// See `CatalogStore`.
    public func list(_ wish: TitleWish, _ page: Page) throws(DatabaseError) -> [ListedTitle] {
        let limit = page.limit + 1
        guard let text = wish.search else { return try titles(try listing(wish, after: page.after, limit: limit)) }
        return try bounded { () throws(DatabaseError) in
            var search = try search(text)
            if search.exact.isEmpty { return [] }
            guard wish.order == .relevance else {
                return try titles(try listing(wish, (search, .any), after: page.after, limit: limit))
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
        func add(_ tiers: [Tier], at once: Answers, count: Int, _ search: Search) throws(DatabaseError) {
            if count < Search.many {
                found += try listing(wish, (search, once), after: after, limit: limit - found.count)
                return
            }
            for tier in tiers where tier.rawValue >= first && found.count < limit {
                found += try listing(
                    wish, (search, .of(tier)), after: tier.rawValue == first ? after : nil,
                    limit: limit - found.count)
            }
        }
        if first <= Tier.text.rawValue, search.answers > 0 {
            try add(Tier.strict, at: .strict, count: search.answers, search)
        }
        guard found.count < limit, !search.isLiteral else { return found }
        let rows = try connection.query(
            prepared: """
                select widened::text as widened, catalog_answers(widened) as answers
                from catalog_widened(\(search.plain)) widened where widened is not null
                """)
        if let row = rows.first {
            search.widened = try row.value("widened")
            try add(Tier.forgiving, at: .forgiving, count: try row.value("answers"), search)
        }
        return found
    }

    /// Understands what was typed.
    func search(_ text: String) throws(DatabaseError) -> Search {
        let rows = try connection.query(
            prepared: """
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

    /// The next titles of a list: a statement of what was asked for alone, which PostgreSQL plans with its values at
    /// hand, so that it reads one order's index or one search's.
    private func listing(
        _ wish: TitleWish, _ search: (Search, Answers)? = nil, after: [String]?, limit: Int
    ) throws(DatabaseError) -> [Place] {
        let order = wish.order
        var rank: SQL = "0"
        var sorting = order.sorting
        var behind = after.flatMap { order.condition(behind: $0) }
        var condition = wish.condition
        if let (search, answers) = search {
            condition += " and \(answers.condition(search))"
            rank = answers.rank(search)
            if answers.isTierByTier {
                sorting = "rank, \(sorting)"
                behind = after.map {
                    "(-(\(rank)), c.popularity, c.id) < (-\($0[0])::integer, \($0[1])::bigint, \($0[2])::uuid)"
                }
            }
        }
        if let behind { condition += " and \(behind)" }
        let rows = try connection.query(
            """
            select c.id, \(rank) as rank, \(order.key) as key from content c
            where \(condition) order by \(sorting) limit \(limit)::integer
            """)
        return try rows.map { (row) throws(DatabaseError) in
            Place(id: try row.value("id"), tier: try row.value("rank"), key: try row.value("key"))
        }
    }

    /// The titles at these places, in the places' order.
    private func titles(_ places: [Place]) throws(DatabaseError) -> [ListedTitle] {
        if places.isEmpty { return [] }
        let rows = try connection.query(
            prepared: """
                select \(Self.columns) from shown_content c where c.id = any (\(places.map(\.id))::uuid[])
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
