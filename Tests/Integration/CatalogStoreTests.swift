import Core
import Postgres
import TestSupport
import Testing
import Web

@testable import Catalog

/// A small catalogue on a database of its own.
private struct Shelf {
    let connection: Connection
    let store: PostgresCatalogStore
    let past = UnixTime(1_700_000_000)

    init() throws {
        connection = Connection(try PrivatePostgres.shared.database(), application: "tests")
        store = PostgresCatalogStore(connection)
    }

    @discardableResult
    func add(
        _ title: String, _ kind: TitleKind = .movie, place: EpisodePlace? = nil, draft: Bool = false,
        views: Int64 = 0, _ edit: (inout TitleFields) -> Void = { _ in }
    ) throws -> UUID {
        var fields = TitleFields(kind: kind, place: place)
        fields.title = title
        fields.publishedFrom = draft ? nil : past
        edit(&fields)
        guard case .written(let id) = try store.add(fields) else { throw Missing() }
        if views > 0 {
            try connection.query("update content set view_count = \(views) where id = \(id.description)::uuid")
        }
        return id
    }

    struct Missing: Error {}

    func found(_ search: String, limit: Int = 20, _ edit: (inout TitleWish) -> Void = { _ in }) throws -> [String] {
        var wish = TitleWish()
        wish.search = search
        wish.order = .relevance
        edit(&wish)
        return try store.list(wish, Page(limit: limit)).map(\.title.fields.title)
    }

    func listed(_ edit: (inout TitleWish) -> Void = { _ in }) throws -> [String] {
        var wish = TitleWish()
        wish.order = .title
        edit(&wish)
        return try store.list(wish, Page(limit: 100)).map(\.title.fields.title)
    }
}

@Suite struct CatalogStoreTests {
    @Test("D02 a search forgives accents, mistakes and the word that is not finished") func search() throws {
        let shelf = try Shelf()
        try shelf.add("Amélie") { $0.cast = ["Audrey Tautou"] }
        try shelf.add("The Matrix", views: 50) { $0.description = "A hacker learns what the world is." }
        try shelf.add("The Matrix Reloaded", views: 900)
        try shelf.add("Łódź Stories") { $0.genres = ["Documentary"] }
        try shelf.add("Spider-Man") { $0.tags = ["superhero"] }
        for (typed, expected) in [
            ("amelie", "Amélie"), ("AMÉLIE", "Amélie"), ("ame\u{301}lie", "Amélie"), ("amelei", "Amélie"),
            ("amelei ", "Amélie"), ("ameli", "Amélie"), ("tautuo", "Amélie"), ("audrey taut", "Amélie"),
            ("matrix", "The Matrix Reloaded"), ("the matrix", "The Matrix"), ("matirx", "The Matrix Reloaded"),
            ("marix reloadde", "The Matrix Reloaded"), ("lodz", "Łódź Stories"), ("documentry", "Łódź Stories"),
            ("spiderman", ""), ("spider-man", "Spider-Man"), ("spyder", "Spider-Man"), ("suprhero", "Spider-Man"),
            ("haker", "The Matrix"), ("qqqqzzzz", ""), ("matrix amelie", ""),
        ] {
            let titles = try shelf.found(typed)
            #expect(titles.first ?? "" == expected, "\(typed)")
        }
        #expect(try shelf.found("\"matrix reloaded\"") == ["The Matrix Reloaded"])
        #expect(try shelf.found("matrix -reloaded") == ["The Matrix"])
        #expect(try shelf.found("amelie or lodz").sorted() == ["Amélie", "Łódź Stories"])
        #expect(try shelf.found("reloaded \"matirx\"") == [], "what stands in quotes is meant")
    }

    @Test("J06 J08 J10 whatever is typed is text, never syntax and never an error") func hostileSearches() throws {
        let shelf = try Shelf()
        try shelf.add("Plain")
        try shelf.add("Hundred 100 Percent")
        for typed in [
            "' OR 1=1--", "'; DROP TABLE content; --", "\\x27", "$1", "ʼ", "[]", "{}", "&&!(", "((((", "!!", "a & ",
            "\"",
            "\"\"\"", "-", "--", ":*", "a:*b", "<->", "<2>", "or", "or or", "%", "_", "\\", "%_%_", "|", "'", "''",
            "a'b",
            String(repeating: "%", count: 200), String(repeating: "-a ", count: 66), "\u{202e}", "🙂", "½ ™ ﬁ", "日本語",
        ] {
            let titles = try shelf.found(typed)
            #expect(titles.count <= 2, "\(typed)")
        }
        for typed in ["%", "_", "%%%%", "_____"] { #expect(try shelf.found(typed) == [], "\(typed) stands for itself") }
        #expect(try shelf.found("100%") == ["Hundred 100 Percent"])
        #expect(try shelf.listed() == ["Hundred 100 Percent", "Plain"])
    }

    @Test("J11 pages of every order hold each title once, in order, with and without a search") func pages() throws {
        let shelf = try Shelf()
        for n in 0..<23 {
            try shelf.add("Common \(n % 7) story \(n)", views: Int64(n % 3) * 100) {
                $0.year = 1990 + n % 4
                $0.rating = n % 5 == 0 ? nil : 50 + n % 3
                $0.description = n % 2 == 0 ? "Of a lighthouse." : ""
            }
        }
        for order in TitleOrder.allCases {
            for search in [nil, "common", "lighthouse", "comon stroy"] where search != nil || order != .relevance {
                var wish = TitleWish()
                wish.search = search
                wish.order = order
                if search == "comon stroy", order != .relevance { continue }
                let whole = try shelf.store.list(wish, Page(limit: 100)).map(\.title.id)
                #expect(whole.count == (search == "lighthouse" ? 12 : 23), "\(order) \(search ?? "")")
                var pieces: [UUID] = []
                var after: [String]?
                repeat {
                    let rows = try shelf.store.list(wish, Page(limit: 4, after: after))
                    pieces += rows.prefix(4).map(\.title.id)
                    after = rows.count > 4 ? rows[3].place : nil
                } while after != nil && pieces.count < 60
                #expect(pieces == whole, "\(order) \(search ?? "")")
            }
        }
    }

    @Test func manyAnswersComeInTheSameOrderAsFew() throws {
        let shelf = try Shelf()
        try shelf.connection.query(
            """
            insert into content (type, title, description, cast_members, view_count, published_from)
            select 'movie', case n % 4 when 0 then 'Harbour' when 1 then 'Harbour light ' || n when 2 then 'Harbours ' || n
                else 'Other ' || n end, case when n % 8 = 3 then 'In a harbour.' else '' end,
                case when n % 8 = 7 then array['Ann Harbour'] else '{}' end, n % 50, now() - interval '1 day'
            from generate_series(1, 1200) n
            """)
        var wish = TitleWish()
        wish.search = "harbour"
        wish.order = .relevance
        var tiers: [String] = []
        var seen: Set<UUID> = []
        var after: [String]?
        repeat {
            let rows = try shelf.store.list(wish, Page(limit: 100, after: after))
            for row in rows.prefix(100) {
                #expect(seen.insert(row.title.id).inserted)
                if tiers.last != row.place[0] { tiers.append(row.place[0]) }
            }
            after = rows.count > 100 ? rows[99].place : nil
        } while after != nil
        #expect(tiers == ["0", "1", "2", "3", "4"])
        #expect(seen.count == 1200)
        wish.search = "harbuor"
        let forgiven = try shelf.store.list(wish, Page(limit: 100))
        #expect(forgiven.count == 101)
        #expect(forgiven.allSatisfy({ $0.place[0] == "5" }))
    }

    @Test func filtersAndFacets() throws {
        let shelf = try Shelf()
        try shelf.add("A") {
            $0.genres = ["Science Fiction"]
            $0.language = "en-GB"
            $0.year = 1999
            $0.maturity = "PG"
        }
        try shelf.add("B") {
            $0.genres = ["Drama", "Science Fiction"]
            $0.language = "en"
            $0.year = 2001
            $0.level = .premium
        }
        let series = try shelf.add("C", .series) { $0.language = "ens" }
        try shelf.add("C1", .episode, place: EpisodePlace(series: series, season: 1, episode: 1))
        #expect(try shelf.listed() == ["A", "B", "C"])
        #expect(try shelf.listed({ $0.kind = .episode }) == ["C1"])
        #expect(try shelf.listed({ $0.series = series }) == ["C1"])
        #expect(try shelf.listed({ $0.genre = "SCIENCE-fiction" }) == ["A", "B"])
        #expect(try shelf.listed({ $0.language = "en" }) == ["A", "B"])
        #expect(try shelf.listed({ $0.years = 2000...2005 }) == ["B"])
        #expect(try shelf.listed({ $0.level = .premium }) == ["B"])
        #expect(try shelf.listed({ $0.maturity = "PG" }) == ["A"])
        #expect(try shelf.listed({ $0.genre = "' or ''='" }) == [])
        let facets = try shelf.store.facets(TitleWish())
        #expect(facets.contains(Facet(name: "genre", value: "Science Fiction", count: 2)))
        #expect(facets.contains(Facet(name: "type", value: "movie", count: 2)))
        #expect(facets.contains(Facet(name: "year", value: "1999", count: 1)))
        #expect(!facets.contains(where: { $0.value == "" }))
    }

    @Test func whatIsSeenHangsOnPublicationOfTheSeriesToo() throws {
        let shelf = try Shelf()
        let series = try shelf.add("Series", .series, draft: true)
        let episode = try shelf.add("Episode", .episode, place: EpisodePlace(series: series, season: 1, episode: 1))
        let draft = try shelf.add("Draft", draft: true)
        let over = try shelf.add("Over") { $0.publishedUntil = UnixTime(1_700_000_001) }
        let later = try shelf.add("Later") { $0.publishedFrom = UnixTime(7_000_000_000) }
        for id in [series, episode, draft, over, later] {
            #expect(try shelf.store.title(id, hidden: false) == nil)
            #expect(try shelf.store.title(id, hidden: true)?.id == id)
        }
        #expect(try shelf.listed() == [])
        #expect(try shelf.listed({ $0.visibility = .hidden }) == ["Draft", "Later", "Over", "Series"])
        #expect(try shelf.listed({ $0.kind = .episode }) == [])
        #expect(try shelf.found("episode", { $0.kind = .episode }) == [])
        _ = try shelf.store.change(series) { (fields) throws(Problem) in
            var fields = fields
            fields.publishedFrom = UnixTime(1_700_000_000)
            return fields
        }
        #expect(try shelf.listed({ $0.kind = .episode }) == ["Episode"])
        #expect(try shelf.store.episodes(series, hidden: false).map(\.id) == [episode])
        #expect(try shelf.store.remove(series))
        #expect(try shelf.store.title(episode, hidden: true) == nil, "an episode goes with its series")
        #expect(try shelf.store.remove(series) == false)
    }

    @Test("J14 an episode moves only to a series that is there, and to a place that is free") func places() throws {
        let shelf = try Shelf()
        let series = try shelf.add("S", .series)
        let film = try shelf.add("F")
        let one = try shelf.add("1", .episode, place: EpisodePlace(series: series, season: 1, episode: 1))
        let two = try shelf.add("2", .episode, place: EpisodePlace(series: series, season: 1, episode: 2))
        func move(_ id: UUID, _ place: EpisodePlace) throws -> WriteOutcome {
            try shelf.store.change(id) { (fields) throws(Problem) in
                var fields = fields
                fields.place = place
                return fields
            }
        }
        #expect(try move(two, EpisodePlace(series: series, season: 1, episode: 1)) == .placeTaken)
        #expect(try move(two, EpisodePlace(series: film, season: 1, episode: 3)) == .noSeries)
        #expect(try move(two, EpisodePlace(series: UUID(), season: 1, episode: 3)) == .noSeries)
        #expect(try shelf.store.remove(one))
        #expect(try move(two, EpisodePlace(series: series, season: 1, episode: 1)) == .written(two))
        let unknown = try shelf.store.change(UUID()) { (fields) throws(Problem) in fields }
        #expect(unknown == .unknown)
        var fields = TitleFields(kind: .movie)
        fields.title = "V"
        fields.video = UUID()
        #expect(try shelf.store.add(fields) == .noVideo)
        #expect(try shelf.store.refusal(of: fields) == .noVideo)
    }

    @Test("J22 a viewer's view of a title counts once in four hours") func views() throws {
        let shelf = try Shelf()
        let id = try shelf.add("Seen")
        for _ in 0..<5 { try shelf.store.countView(id, by: "ada") }
        try shelf.store.countView(id, by: "bob")
        #expect(try shelf.store.title(id, hidden: true)?.views == 2)
        try shelf.connection.query(
            "update content_views set counted_at = now() - interval '5 hours' where viewer = 'ada'")
        try shelf.store.countView(id, by: "ada")
        #expect(try shelf.store.title(id, hidden: true)?.views == 3)
    }

    @Test func aChangedTitleIsFoundByItsNewWords() throws {
        let shelf = try Shelf()
        let id = try shelf.add("Harbour")
        _ = try shelf.store.change(id) { (fields) throws(Problem) in
            var fields = fields
            fields.title = "Lighthouse"
            return fields
        }
        #expect(try shelf.found("lighthosue") == ["Lighthouse"])
        #expect(try shelf.found("harbour") == [])
    }
}
