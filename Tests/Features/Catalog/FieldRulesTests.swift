import Core
import Testing
import Web

@testable import Catalog

@Suite struct FieldRulesTests {
    private func read(_ body: JSON) -> Result<TitleFields, Refusal> {
        do throws(Problem) { return .success(try CatalogRules.newTitle(body)) } catch { return .failure(error.refusal) }
    }

    private func written(_ name: String, _ value: JSON) -> Refusal? {
        if case .failure(let refusal) = read(
            .object([.init("type", "movie"), .init("title", "T"), .init(name, value)]))
        {
            return refusal
        }
        return nil
    }

    @Test func aWholeFilm() throws {
        let fields = try read([
            "type": "movie", "title": "Amélie", "description": "Two\nlines", "genres": ["Comedy", "Comedy"],
            "cast": ["Audrey Tautou"], "tags": [], "release_year": 2001, "language": "FR", "rating": .number(8.3),
            "maturity": "R", "poster": "/images/a.webp", "required_level": "premium",
            "published_from": "2026-01-31T23:59:59.5+01:00", "published_until": "2027-01-01T00:00:00Z",
        ]).get()
        #expect(fields.genres == ["Comedy"])
        #expect(fields.rating == 83)
        #expect(fields.language == "fr")
        #expect(fields.level == .premium)
        #expect(fields.publishedFrom?.rfc3339 == "2026-01-31T22:59:59Z")
    }

    @Test("J13 what a client may not set is refused") func massAssignment() {
        for name in [
            "id", "view_count", "owner", "created_at", "updated_at", "deleted_at", "popularity", "qualities",
            "playable",
            "published", "role", "price", "words",
        ] { #expect(written(name, 1) == .badRequest, "\(name)") }
        #expect(written("constructor\u{7}", 1) == .badRequest)
    }

    @Test("D07 D08 D16 numbers and times are in range") func ranges() {
        for value: JSON in [.number(1e300), -1, 1849, 2201, "2001", .number(2001.5), true] {
            #expect(written("release_year", value) == .badRequest, "\(value)")
        }
        for value: JSON in [.number(10.1), -1, .number(1e308), "8", [8]] {
            #expect(written("rating", value) == .badRequest, "\(value)")
        }
        for text in [
            "1969-12-31T23:59:59Z", "2201-01-01T00:00:00Z", "5828963-01-01T00:00:00Z", "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00", "1e308", "",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00", "٢٠٢٦-01-01T00:00:00Z",
        ] { #expect(written("published_from", .string(text)) == .badRequest, "\(text)") }
        #expect(written("published_from", "2024-02-29T00:00:00Z") == nil)
        #expect(written("published_from", .null) == nil)
        let backwards = read([
            "type": "movie", "title": "T", "published_from": "2027-01-01T00:00:00Z",
            "published_until": "2026-01-01T00:00:00Z",
        ])
        #expect(backwards == .failure(.badRequest))
    }

    @Test func textsListsAndPictures() {
        for value: JSON in ["", "  ", "a\u{1b}[2J", .string(String(repeating: "x", count: 501)), 5, .null] {
            #expect(written("title", value) == .badRequest, "\(value)")
        }
        for value: JSON in ["Drama", [""], [1], .array(Array(repeating: "x", count: 21)), [["Drama"]]] {
            #expect(written("genres", value) == .badRequest, "\(value)")
        }
        for picture in [
            "javascript:alert(1)", "//evil.example/x.png", "data:image/png;base64,x", "/a b", "/a\"onerror=", "x.png",
            "https://a/<b>", "/\\evil",
        ] { #expect(written("poster", .string(picture)) == .badRequest, "\(picture)") }
        for picture in ["/images/x.webp", "https://cdn.example/x.png?w=1", "http://cdn.example/x.png"] {
            #expect(written("poster", .string(picture)) == nil, "\(picture)")
        }
    }

    @Test func anEpisodeHasAPlaceAndAFilmHasNone() throws {
        let series = UUID()
        #expect(read(["type": "episode", "title": "E"]) == .failure(.fieldMissing))
        #expect(read(["type": "episode", "title": "E", "series_id": .string("\(series)")]) == .failure(.fieldMissing))
        let episode: JSON = [
            "type": "episode", "title": "E", "series_id": .string("\(series)"), "season": 1, "episode": 2,
        ]
        #expect(try read(episode).get().place == EpisodePlace(series: series, season: 1, episode: 2))
        #expect(written("season", 1) == .badRequest)
        #expect(written("season", .null) == nil)
        #expect(
            read(["type": "series", "title": "S", "video_id": .string("\(UUID())")]) == .failure(.badRequest))
        #expect(read(["title": "S"]) == .failure(.fieldMissing))
        #expect(read(["type": "movie"]) == .failure(.fieldMissing))
    }

    @Test func aChangeWritesWhatIsThereAndKeepsTheRest() throws {
        var fields = TitleFields(kind: .movie)
        fields.title = "Old"
        fields.year = 1999
        fields.genres = ["Drama"]
        let changed = try CatalogRules.changed(fields, by: ["title": "New", "release_year": .null])
        #expect(changed.title == "New" && changed.year == nil && changed.genres == ["Drama"])
        #expect(throws: Problem.self) { try CatalogRules.changed(fields, by: ["type": "series"]) }
        #expect(throws: Problem.self) { try CatalogRules.changed(fields, by: ["title"]) }
        #expect(try CatalogRules.changed(fields, by: [:]) == fields)
    }

    @Test func aFormsTexts() throws {
        let form = [
            "type": "movie", "title": "T", "genres": "Drama, Science Fiction ,,", "cast": "[\"A, B\",\"C\"]",
            "release_year": "1999", "rating": "7.5", "required_level": "free",
        ]
        let body = try CatalogRules.body(ofForm: { form[$0] })
        let fields = try CatalogRules.newTitle(body)
        #expect(fields.genres == ["Drama", "Science Fiction"] && fields.cast == ["A, B", "C"])
        #expect(fields.year == 1999 && fields.rating == 75)
        for (name, value) in [("release_year", "+1999"), ("rating", "0x1p3"), ("rating", "inf"), ("cast", "[1")] {
            #expect(throws: Problem.self, "\(name)") { try CatalogRules.body(ofForm: { $0 == name ? value : nil }) }
        }
    }
}
