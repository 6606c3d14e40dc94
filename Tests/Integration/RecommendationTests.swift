import Core
import Foundation
import Jobs
import Postgres
import Recommendations
import TestSupport
import Testing

/// A catalogue, people, and what recommendations make of them.
private final class Auditorium {
    let connection: Connection
    let address: String
    let store: PostgresRecommendationStore
    let index: PostgresRecommendationIndex
    var ids: [String: Core.UUID] = [:]

    init() throws {
        address = try PrivatePostgres.shared.database()
        connection = Connection(address, application: "tests")
        store = PostgresRecommendationStore(connection)
        var batch = PostgresRecommendationIndex.Batch()
        (batch.tastes, batch.features, batch.neighbours) = (3, 4, 5)
        index = PostgresRecommendationIndex(connection, batch: batch)
    }

    var all: Recommendations { Recommendations(store: store) }

    func id(_ name: String) -> Core.UUID {
        let id = ids[name] ?? Core.UUID()
        ids[name] = id
        return id
    }

    func name(_ id: Core.UUID) -> String { ids.first { $0.value == id }?.key ?? "\(id)" }

    func user(_ name: String, level: String = "free", preferences: String = "{}") throws {
        try connection.query(
            """
            insert into users (id, email, name, role, password_hash, subscription_level, preferences)
            values (\(id(name).description)::uuid, \(name + "@example.org"), \(name), 'viewer', '-', \(level),
                \(preferences)::json)
            """)
    }

    func title(
        _ name: String, _ type: String = "movie", genres: [String] = ["Drama"], tags: [String] = [],
        cast: [String] = [], level: String = "free", from: String? = "2020-01-01", until: String? = nil
    ) throws {
        try connection.query(
            """
            insert into content (id, type, title, genres, tags, cast_members, required_level, published_from, published_until)
            values (\(id(name).description)::uuid, \(type), \(name), \(genres)::text[], \(tags)::text[], \(cast)::text[],
                \(level), \(from)::timestamptz, \(until)::timestamptz)
            """)
    }

    func episode(_ name: String, of series: String, _ number: Int, from: String? = "2020-01-01") throws {
        try connection.query(
            """
            insert into content (id, type, title, series_id, season, episode, published_from)
            values (\(id(name).description)::uuid, 'episode', \(name), \(id(series).description)::uuid, 1,
                \(number)::integer, \(from)::timestamptz)
            """)
    }

    /// - Parameter tenths: how much of it.
    func watch(_ user: String, _ title: String, _ tenths: Int = 10, daysAgo: Double = 1) throws {
        let (user, title) = (id(user).description, id(title).description)
        let changed = try connection.query(
            """
            update watch_history set position = \(tenths * 10)::double precision,
                completed = completed or \(tenths == 10)::boolean,
                watched_at = now() - make_interval(secs => \(daysAgo * 86_400)::double precision)
            where user_id = \(user)::uuid and content_id = \(title)::uuid
            """
        ).affected
        if changed == 1 { return }
        try connection.query(
            """
            insert into watch_history (user_id, content_id, position, duration, completed, watched_at)
            values (\(user)::uuid, \(title)::uuid, \(tenths * 10)::double precision, 100, \(tenths == 10)::boolean,
                now() - make_interval(secs => \(daysAgo * 86_400)::double precision))
            """)
    }

    func keep(_ user: String, _ title: String) throws {
        try connection.query(
            """
            insert into favorites (user_id, content_id)
            values (\(id(user).description)::uuid, \(id(title).description)::uuid) on conflict do nothing
            """)
    }

    @discardableResult
    func catchUp() throws -> Int {
        var steps = 0
        while try index.step({ true }) != .done { steps += 1 }
        return steps
    }

    func viewer(_ name: String) throws -> Viewer { try all.viewer(id(name)) }

    /// Everything that is derived, as text.
    func derived() throws -> [String] {
        try connection.query(
            """
            select line from (
                select format('taste %s %s %s %s', user_id, title_id, strength, watched_at) as line from tastes
                union all
                select format('figures %s %s %s %s %s %s %s', title_id, viewers, mass, square, step, popular, round(heat))
                from title_figures where viewers > 0
                union all select format('has %s %s', title_id, feature) from title_features
                union all select format('feature %s %s %s', feature, titles, step) from features
                union all
                select format('near %s %s %s %s %s', title_id, neighbour_id, together, alike, score) from title_neighbours) x
            order by line
            """
        ).map { (row) throws(DatabaseError) in try row.value("line", as: String.self) }
    }

    /// All of it made anew, from nothing.
    func madeAnew() throws -> [String] {
        try connection.query(
            "truncate tastes, title_figures, title_features, features, title_neighbours, taste_touches, title_touches, title_stale"
        )
        try index.touchAll()
        try catchUp()
        return try derived()
    }
}

/// Numbers that are the same in every run.
private struct Chance: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite struct RecommendationTests {
    // MARK: What is never recommended

    /// Neighbours of `seed`, which `me` watched, of every kind that must not be shown, and two that may.
    private func crowded() throws -> Auditorium {
        let cinema = try Auditorium()
        try cinema.title("seed")
        for name in ["fine", "finished", "left", "kept"] { try cinema.title(name) }
        try cinema.title("dear", level: "premium")
        try cinema.title("draft", from: nil)
        try cinema.title("coming", from: "2999-01-01")
        try cinema.title("over", until: "2021-01-01")
        try cinema.title("deleted")
        for series in ["series", "half", "done"] { try cinema.title(series, "series") }
        for (series, names) in [("series", ["s1"]), ("half", ["h1", "h2"]), ("done", ["d1", "d2"])] {
            for (number, name) in names.enumerated() { try cinema.episode(name, of: series, number + 1) }
        }
        try cinema.episode("d3", of: "done", 3, from: "2999-01-01")
        let all = [
            "seed", "fine", "finished", "left", "kept", "dear", "draft", "coming", "over", "deleted", "s1", "h1", "d1",
        ]
        for number in 0..<4 {
            try cinema.user("other\(number)", level: "family")
            for name in all { try cinema.watch("other\(number)", name) }
        }
        try cinema.user("me")
        for name in ["seed", "finished", "h1", "d1", "d2"] { try cinema.watch("me", name) }
        try cinema.watch("me", "left", 3)
        try cinema.keep("me", "kept")
        try cinema.connection.query("update content set deleted_at = now() where title = 'deleted'")
        try cinema.catchUp()
        return cinema
    }

    @Test("what is begun, too dear, not published or deleted is on nobody's personal list; an episode is never")
    func personalExclusions() throws {
        let cinema = try crowded()
        let list = try cinema.all.personalized(for: cinema.viewer("me"), limit: 100)
        #expect(Set(list.map(\.title.name)) == ["fine", "series"])
        #expect(list.allSatisfy { $0.title.type != "episode" })
    }

    @Test("what is finished is on no list; of a series that is every published episode")
    func finishedExclusions() throws {
        let cinema = try crowded()
        let viewer = try cinema.viewer("me")
        let expected: Set = ["fine", "left", "kept", "series", "half"]
        #expect(Set(try cinema.all.trending(for: viewer, limit: 100).map(\.title.name)) == expected)
        #expect(Set(try cinema.all.popular(genre: nil, for: viewer, limit: 100).map(\.title.name)) == expected)
        #expect(Set(try cinema.all.popular(genre: "drama", for: viewer, limit: 100).map(\.title.name)) == expected)
        let similar = try #require(try cinema.all.similar(to: cinema.id("seed"), for: viewer, limit: 100))
        #expect(Set(similar.map(\.title.name)) == expected)
        // An episode's neighbours are its series'.
        let beside = try #require(try cinema.all.similar(to: cinema.id("s1"), for: viewer, limit: 100))
        #expect(Set(beside.map(\.title.name)) == expected.subtracting(["series"]))
    }

    @Test("what changed since the index was made counts: levels, windows, and what was just finished")
    func freshFacts() throws {
        let cinema = try crowded()
        try cinema.connection.query("update users set subscription_level = 'premium' where name = 'me'")
        #expect(try cinema.all.trending(for: cinema.viewer("me"), limit: 100).contains { $0.title.name == "dear" })
        try cinema.watch("me", "fine")
        try cinema.connection.query("update content set published_until = now() where title = 'series'")
        let names = try cinema.all.personalized(for: cinema.viewer("me"), limit: 100).map(\.title.name)
        #expect(names == ["dear"])
    }

    @Test("a title nobody may see has no neighbours to be asked for")
    func unknownTitles() throws {
        let cinema = try crowded()
        let viewer = try cinema.viewer("me")
        for name in ["draft", "coming", "over", "deleted", "never"] {
            #expect(try cinema.all.similar(to: cinema.id(name), for: viewer, limit: 10) == nil, "\(name)")
        }
    }

    // MARK: Cold start

    @Test("somebody without history gets what he said he likes, what others like, and what is new")
    func coldStart() throws {
        let cinema = try Auditorium()
        for (name, genre) in [("war", "War"), ("war too", "War"), ("play", "Drama"), ("unseen", "Comedy")] {
            try cinema.title(name, genres: [genre])
        }
        for number in 0..<3 {
            try cinema.user("other\(number)")
            try cinema.watch("other\(number)", "play")
        }
        try cinema.watch("other0", "war")
        try cinema.watch("other1", "war too", 5)
        try cinema.user("me", preferences: #"{"genres": ["wâr"]}"#)
        try cinema.catchUp()
        let list = try cinema.all.personalized(for: cinema.viewer("me"), limit: 10)
        #expect(list.map(\.title.name) == ["war", "play", "war too", "unseen"])
        #expect(
            list.map(\.reason) == [.preferred(genre: "wâr"), .trending, .preferred(genre: "wâr"), .new])
        let nobody = Viewer(id: nil, levels: ["free"])
        #expect(try cinema.all.personalized(for: nobody, limit: 10).count == 4)
    }

    @Test("an empty catalogue has empty lists")
    func empty() throws {
        let cinema = try Auditorium()
        try cinema.user("me")
        #expect(try cinema.all.personalized(for: cinema.viewer("me"), limit: 10).isEmpty)
        #expect(try cinema.all.trending(for: cinema.viewer("me"), limit: 10).isEmpty)
        #expect(try cinema.all.popular(genre: "x", for: cinema.viewer("me"), limit: 10).isEmpty)
        #expect(try cinema.index.step { true } == .done)
    }

    // MARK: What is counted

    @Test("trending is by time: one viewing today outweighs three of ten days ago, not of two")
    func trending() throws {
        let cinema = try Auditorium()
        for name in ["new", "old", "recent"] { try cinema.title(name) }
        for number in 0..<3 {
            try cinema.user("u\(number)")
            try cinema.watch("u\(number)", "old", daysAgo: 10)
            try cinema.watch("u\(number)", "recent", daysAgo: 2)
        }
        try cinema.watch("u0", "new", daysAgo: 0)
        try cinema.catchUp()
        let nobody = Viewer(id: nil, levels: ["free"])
        #expect(try cinema.all.trending(for: nobody, limit: 10).map(\.title.name) == ["recent", "new", "old"])
        // Popular is not by time.
        let figures = try cinema.connection.query(
            "select count(distinct popular) as kinds from title_figures where viewers = 3")
        #expect(try figures.first?.value("kinds") == 1)
    }

    @Test("twice the viewers are as hot as half of them a half-life later, and somebody who comes back counts once")
    func halfLife() throws {
        let cinema = try Auditorium()
        for name in ["two", "one"] { try cinema.title(name) }
        for name in ["a", "b"] {
            try cinema.user(name)
            try cinema.watch(name, "two", daysAgo: 4)
        }
        for _ in 0..<5 { try cinema.watch("a", "one", daysAgo: 1) }
        try cinema.catchUp()
        let heats = try cinema.connection.query("select max(heat) - min(heat) as difference from title_figures")
        #expect(try abs(heats.first?.value("difference") ?? 1e9) < 1)
    }

    @Test("similar: common genres say little, rare tags and people much, and who watched both most")
    func similarity() throws {
        let cinema = try Auditorium()
        try cinema.title("origin", genres: ["Drama", "War"], tags: ["submarine"], cast: ["Ida Berg"])
        try cinema.title("same tag", genres: ["Comedy"], tags: ["Submarine"])
        try cinema.title("same genre", genres: ["Drama"])
        try cinema.title("same people", genres: ["Comedy"])
        for number in 0..<20 { try cinema.title("drama \(number)", genres: ["Drama"]) }
        for number in 0..<6 {
            try cinema.user("u\(number)")
            try cinema.watch("u\(number)", "origin")
            try cinema.watch("u\(number)", "same people")
        }
        try cinema.catchUp()
        let nobody = Viewer(id: nil, levels: ["free"])
        let list = try #require(try cinema.all.similar(to: cinema.id("origin"), for: nobody, limit: 30))
        #expect(list.prefix(2).map(\.title.name) == ["same people", "same tag"])
        #expect(list.contains { $0.title.name == "same genre" })
        guard case .similar(let first)? = list.first?.reason,
            case .similar(let second)? = list.dropFirst().first?.reason
        else {
            Issue.record("no reason")
            return
        }
        #expect(first.isWatchedTogether && first.tags.isEmpty)
        #expect(!second.isWatchedTogether)
    }

    // MARK: Made step by step

    /// Changes of every kind that counts, in an order that `seed` gives.
    private func stir(_ cinema: Auditorium, _ chance: inout Chance, titles: Int, users: Int) throws {
        let user = "u\(Int.random(in: 0..<users, using: &chance))"
        let title = "t\(Int.random(in: 0..<titles, using: &chance))"
        let (owner, subject) = (cinema.id(user).description, cinema.id(title).description)
        switch Int.random(in: 0..<20, using: &chance) {
        case 0: try cinema.keep(user, title)
        case 1: try cinema.connection.query("delete from favorites where user_id = \(owner)::uuid")
        case 2: try cinema.connection.query("delete from watch_history where user_id = \(owner)::uuid")
        case 3:
            try cinema.connection.query(
                """
                update content set deleted_at = case when deleted_at is null then now() end
                where id = \(subject)::uuid
                """)
        case 4: try cinema.connection.query("delete from content where id = \(subject)::uuid and title > 't8'")
        case 5, 6:
            let words = (0..<3).map { _ in "w\(Int.random(in: 0..<12, using: &chance))" }
            try cinema.connection.query(
                """
                update content set tags = \(words)::text[], genres = array['g' || \(words[0])::text]
                where id = \(subject)::uuid
                """)
        default:
            guard try cinema.connection.query("select from content where id = \(subject)::uuid").count == 1 else {
                return
            }
            try cinema.watch(
                user, title, Int.random(in: 0...10, using: &chance), daysAgo: Double.random(in: 0..<50, using: &chance))
        }
    }

    private func stirred(_ seed: UInt64, times: Int, between: (Auditorium, Int) throws -> Void) throws -> Auditorium {
        let cinema = try Auditorium()
        var chance = Chance(state: seed)
        for number in 0..<30 {
            let series = number % 10 == 9 ? "t\(number - 1)" : nil
            if let series {
                try cinema.connection.query("update content set type = 'series' where title = \(series)")
                try cinema.episode("t\(number)", of: series, 1)
            } else {
                try cinema.title(
                    "t\(number)", genres: ["gw\(number % 3)"], tags: ["w\(number % 12)", "w\(number % 7)"])
            }
        }
        for number in 0..<15 { try cinema.user("u\(number)") }
        for round in 0..<times {
            try stir(cinema, &chance, titles: 30, users: 15)
            try between(cinema, round)
        }
        try cinema.catchUp()
        return cinema
    }

    @Test(
        "made step by step while things change, it is what it is when all is made anew",
        arguments: [1, 2, 3, 4] as [UInt64])
    func incrementalIsWhole(_ seed: UInt64) throws {
        let cinema = try stirred(seed, times: 250) { cinema, round in
            // Sometimes it keeps up, sometimes it is behind, sometimes it stands in the middle.
            if round % 7 == 0 { _ = try cinema.index.step { true } }
            if round % 31 == 0 { try cinema.catchUp() }
        }
        let byStep = try cinema.derived()
        #expect(byStep.filter { $0.hasPrefix("near") }.count > 50)
        #expect(try cinema.madeAnew() == byStep)
        // Making it again changes nothing.
        try cinema.index.touchAll()
        #expect(try cinema.catchUp() > 10)
        #expect(try cinema.derived() == byStep)
    }

    @Test("a worker that dies in any step leaves nothing half done: whoever goes on ends where it would have")
    func crash() throws {
        var crashes = 0
        let cinema = try stirred(7, times: 80) { cinema, round in
            guard round % 5 == 0, try cinema.index.isBehind() else { return }
            // All of the step is done, and nothing of it committed.
            let dying = Connection(cinema.address, application: "dying")
            let index = PostgresRecommendationIndex(dying)
            let before = try cinema.derived()
            #expect(throws: DatabaseError.self) {
                try index.step { () throws(DatabaseError) in
                    try cinema.connection.query(
                        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dying'")
                    try dying.query("select 1")
                    return true
                }
            }
            #expect(try cinema.derived() == before)
            #expect(try cinema.index.isBehind())
            crashes += 1
            _ = try cinema.index.step { true }
        }
        #expect(crashes > 5)
        let byStep = try cinema.derived()
        #expect(try cinema.madeAnew() == byStep)
    }

    @Test("who has lost the right to write writes nothing")
    func fence() throws {
        let cinema = try Auditorium()
        try cinema.title("a")
        try cinema.user("u")
        try cinema.watch("u", "a")
        #expect(try cinema.index.step { false } == .lost)
        #expect(try cinema.derived().isEmpty)
        #expect(try cinema.index.isBehind())
    }

    // MARK: The job

    @Test("one job waits at a time; it does what was touched, and is not added when nothing is")
    func job() throws {
        let cinema = try Auditorium()
        let connection = cinema.connection
        #expect(try !RecommendationJobs.ensure(cinema.index, on: connection))
        try cinema.title("a")
        try cinema.user("u")
        try cinema.watch("u", "a")
        #expect(try RecommendationJobs.ensure(cinema.index, on: connection))
        #expect(try !RecommendationJobs.ensure(cinema.index, on: connection))
        let jobs = RecommendationJobs(
            connection: connection, index: cinema.index, lease: 15, log: Log("test"), shouldStop: { false })
        let job = try #require(
            try Queue.claim(RecommendationJobs.kinds, worker: "w", lease: 15, on: connection))
        try jobs.run(job)
        #expect(try Queue.show(job.lease.job, on: connection)?.state == "done")
        #expect(try !cinema.index.isBehind())
        #expect(try !RecommendationJobs.ensure(cinema.index, on: connection))
        let nobody = Viewer(id: nil, levels: ["free"])
        #expect(try cinema.all.trending(for: nobody, limit: 10).map(\.title.name) == ["a"])
    }

    @Test("a worker told to leave gives way, and the rest is another job's; one whose lease is gone stops")
    func leaving() throws {
        let cinema = try Auditorium()
        let connection = cinema.connection
        for number in 0..<30 { try cinema.title("t\(number)", tags: ["x"]) }
        try RecommendationJobs.ensure(cinema.index, on: connection)
        var steps = 0
        let jobs = RecommendationJobs(
            connection: connection, index: cinema.index, lease: 15, log: Log("test"),
            shouldStop: {
                steps += 1
                return steps > 2
            })
        let job = try #require(try Queue.claim(RecommendationJobs.kinds, worker: "w", lease: 15, on: connection))
        try jobs.run(job)
        #expect(try cinema.index.isBehind())
        let next = try #require(try Queue.claim(RecommendationJobs.kinds, worker: "w", lease: 15, on: connection))
        #expect(next.lease.job != job.lease.job)
        try connection.query("update jobs set worker = 'another' where id = \(next.lease.job)::bigint")
        steps = -100
        let before = try cinema.derived()
        try jobs.run(next)
        #expect(try cinema.derived() == before)
        #expect(try Queue.show(next.lease.job, on: connection)?.state == "running")
    }
}
