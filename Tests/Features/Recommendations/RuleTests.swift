import Core
import Recommendations
import Testing
import Web

private func title(_ name: String, genres: [String] = [], cast: [String] = [], tags: [String] = []) -> Title {
    Title(id: UUID(), type: "movie", name: name, genres: genres, cast: cast, tags: tags)
}

private func query(_ text: String) throws -> Query { try Query(Array(text.utf8)) }

@Suite struct AskingTests {
    @Test(arguments: [
        ("free", ["free"]), ("premium", ["free", "premium"]), ("family", ["free", "premium", "family"]),
        ("gold", ["free"]), ("", ["free"]),
    ])
    func aLevelIncludesThoseBefore(_ level: String, _ levels: [String]) {
        #expect(RecommendationRules.levels(level) == levels)
    }

    @Test("J07 a limit is 1…100", arguments: [("", 20), ("limit=1", 1), ("limit=100", 100), ("x=1", 20)])
    func limits(_ text: String, _ limit: Int) throws {
        #expect(try RecommendationRules.limit(query(text)) == limit)
    }

    @Test(
        "J06 J07 J11 anything else is refused",
        arguments: [
            "limit=0", "limit=101", "limit=-1", "limit=05", "limit=1e2", "limit=", "limit=1;drop", "limit=1&limit=2",
            "cursor=abc", "cursor=%27%20OR%201%3D1--", "limit[]=1&limit=x",
        ])
    func wrongLimits(_ text: String) {
        #expect(throws: Problem.self) { try RecommendationRules.limit(query(text)) }
    }

    @Test("J06 a genre is any text of at most 100 bytes")
    func genres() throws {
        #expect(try RecommendationRules.genre(query("")) == nil)
        #expect(try RecommendationRules.genre(query("genre=")) == nil)
        #expect(try RecommendationRules.genre(query("genre=%27%20OR%201%3D1--")) == "' OR 1=1--")
        #expect(throws: Problem.self) { try RecommendationRules.genre(query("genre=a&genre=b")) }
        let long = String(repeating: "x", count: 101)
        #expect(throws: Problem.self) { try RecommendationRules.genre(query("genre=\(long)")) }
    }

    @Test(
        "preferences are the client's own: whatever they hold, only genres that are texts count",
        arguments: [
            (#"{"genres":["Drama","War"]}"#, ["Drama", "War"]),
            (#"{"genres":["A","A","B","C","D"]}"#, ["A", "B", "C"]),
            (#"{"genres":[1,null,{},"Drama",""]}"#, ["Drama"]), (#"{"genres":"Drama"}"#, []), ("{}", []), ("", []),
            ("[1]", []), ("null", []),
        ] as [(String, [String])])
    func preferences(_ text: String, _ genres: [String]) {
        #expect(RecommendationRules.preferredGenres(text) == genres)
    }
}

@Suite struct ScoreTests {
    @Test(
        "a trace counts by how much was seen, half after 60 days, a third after 120",
        arguments: [
            (10, 0.0, 1.0), (10, 60.0, 0.5), (5, 0.0, 0.5), (15, 60.0, 0.75), (10, 120.0, 1 / 3.0), (10, -1.0, 1),
        ]
            as [(Int, Double, Double)])
    func weights(_ strength: Int, _ days: Double, _ weight: Double) {
        let found = RecommendationRules.weight(Trace(title: UUID(), strength: strength, age: days * 86_400))
        #expect(abs(found - weight) < 1e-12)
    }

    @Test(
        "a few devoted viewers are not a crowd, and a crowd that leaves is not an audience",
        arguments: [
            // (viewers, mass in tenths) of the more popular, then of the less popular
            (100, 700, 2, 20), (100, 900, 100, 300), (30, 300, 40, 80), (1, 10, 0, 0), (3, 30, 3, 15),
        ])
    func popularity(_ viewers: Int, _ mass: Int, _ fewer: Int, _ less: Int) {
        #expect(
            RecommendationRules.popularity(viewers: viewers, mass: mass)
                > RecommendationRules.popularity(viewers: fewer, mass: less))
    }

    @Test(
        "a size is measured in half octaves",
        arguments: [(0, 0), (99, 0), (100, 0), (150, 1), (200, 2), (283, 3), (400, 4)])
    func steps(_ square: Int, _ step: Int) { #expect(RecommendationRules.step(square: square) == step) }

    @Test(
        "the commoner a feature, the less it says",
        arguments: [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3), (255, 8), (256, 9)])
    func features(_ titles: Int, _ step: Int) {
        #expect(RecommendationRules.featureStep(titles: titles) == step)
        #expect(RecommendationRules.isRare(titles: titles) == (titles < 256))
    }

    @Test(arguments: [(0, 0.0), (1, 0.5), (3, 0.75), (9, 0.9), (10, 1), (64, 1)] as [(Int, Double)])
    func theFirstTitlesAreNotTrustedAlone(_ seeds: Int, _ share: Double) {
        #expect(RecommendationRules.personalShare(seeds: seeds) == share)
    }
}

@Suite struct ListTests {
    private let one = UUID()
    private let two = UUID()
    private let known = (0..<200).map { _ in UUID() }

    /// A letter's or a number's own id, and back.
    private func id(_ name: String) -> UUID { known[number(name)] }
    private func number(_ name: String) -> Int { Int(name) ?? Int(name.utf8.first ?? 0) }
    private func names(_ ids: [UUID]) -> [String] {
        ids.map { id in
            let number = known.firstIndex(of: id) ?? 0
            return number > 96 ? String(UnicodeScalar(UInt8(number))) : "\(number)"
        }
    }

    private func candidate(_ name: String, _ score: Double, _ genres: [String], _ because: UUID) -> Candidate {
        Candidate(title: id(name), genres: genres, score: score, because: because, becauseName: "seed")
    }

    @Test("of equals those that differ come first, and the best stays the best")
    func diversity() {
        let all = [
            candidate("a", 1.00, ["Drama"], one), candidate("b", 0.99, ["Drama"], one),
            candidate("c", 0.98, ["Drama"], one), candidate("d", 0.95, ["War"], two),
        ]
        #expect(names(RecommendationRules.diversify(all, limit: 4).map(\.title)) == ["a", "d", "b", "c"])
        #expect(names(RecommendationRules.diversify(all, limit: 2).map(\.title)) == ["a", "d"])
        #expect(RecommendationRules.diversify(all, limit: 0).isEmpty)
        #expect(RecommendationRules.diversify([], limit: 3).isEmpty)
    }

    @Test("variety does not bring up what hardly fits")
    func relevanceRules() {
        let all = [
            candidate("a", 1.0, ["Drama"], one), candidate("b", 0.9, ["Drama"], one),
            candidate("c", 0.2, ["War"], two),
        ]
        #expect(names(RecommendationRules.diversify(all, limit: 3).map(\.title)) == ["a", "b", "c"])
    }

    @Test("more genres than there are marks do no harm")
    func manyGenres() {
        let all = (0..<200).map { candidate("\($0)", 1 - Double($0) / 1000, ["g\($0)", "h\($0)"], UUID()) }
        #expect(Set(RecommendationRules.diversify(all, limit: 100).map(\.title)).count == 100)
    }

    private func list(_ names: String, _ reason: Reason) -> [Pick] { names.map { Pick(id("\($0)"), reason) } }

    @Test(
        "a list is mixed by share, each title once, and filled as far as there is anything",
        arguments: [
            // personal, share, two lists of others, rest, limit → order
            ("abcd", 1.0, "", "", "", 3, "abc"),
            ("", 0.0, "wx", "yz", "", 4, "wyxz"),
            ("abcd", 0.5, "wxyz", "", "", 4, "awbx"),
            ("ab", 0.75, "wxyz", "", "", 6, "abwxyz"),
            ("ab", 0.5, "ab", "", "cd", 10, "abcd"),
            ("", 0.0, "", "", "abc", 2, "ab"),
            ("", 0.0, "", "", "", 5, ""),
            ("a", 1.0, "xy", "", "z", 5, "axyz"),
        ])
    func mixing(
        _ personal: String, _ share: Double, _ first: String, _ second: String, _ rest: String, _ limit: Int,
        _ order: String
    ) {
        let mixed = RecommendationRules.mix(
            list(personal, .watched(id: one, name: "seed")), share: share,
            others: [list(first, .trending), list(second, .popular(genre: nil))],
            rest: list(rest, .new), limit: limit)
        #expect(names(mixed.map(\.title)).joined() == order)
    }
}

@Suite struct ReasonTests {
    @Test func likenessNamesWhatIsShared() {
        let a = title("A", genres: ["Drama", "War"], cast: ["Ida Berg"], tags: ["heist", "rome", "sea"])
        let b = title("B", genres: ["War"], cast: ["Ida Berg"], tags: ["sea", "rome"])
        let likeness = RecommendationRules.likeness(of: a, to: b, isWatchedTogether: true)
        #expect(likeness.genres == ["War"])
        #expect(likeness.cast == ["Ida Berg"])
        #expect(likeness.tags == ["rome", "sea"])
        #expect(
            Reason.similar(likeness).sentence
                == "Like “B”: with Ida Berg, about rome and sea. People who watched it watched this too.")
    }

    @Test(
        "every reason has a sentence of its own",
        arguments: [
            (Reason.trending, "Many people are watching it these days."),
            (.popular(genre: nil), "Popular with everyone."), (.popular(genre: "War"), "Popular in War."),
            (.preferred(genre: "War"), "You like War."), (.new, "New in the catalogue."),
            (.watched(id: UUID(), name: "B"), "Because you watched “B”."),
        ])
    func sentences(_ reason: Reason, _ sentence: String) { #expect(reason.sentence == sentence) }

    @Test func likenessWithoutAnythingSharedStillSaysWhy() {
        let none = Likeness(id: UUID(), name: "B", genres: [], tags: [], cast: [], isWatchedTogether: true)
        #expect(Reason.similar(none).sentence == "People who watched “B” watched this too.")
    }
}
