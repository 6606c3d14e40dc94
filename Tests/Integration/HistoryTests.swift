import Core
import Postgres
import Testing
import Tokens
import Web

@Suite("History, favourites and figures") struct HistoryTests {
    /// Somebody who watched `count` films, a second apart.
    private func watcher(_ cinema: Cinema, _ count: Int) throws -> (user: String, films: [String]) {
        let user = try cinema.person()
        var films: [String] = []
        for number in 0..<count {
            films.append(try cinema.film())
            try cinema.connection.query(
                """
                insert into watch_history (user_id, content_id, position, duration, completed, views, watched_at)
                values (\(user)::uuid, \(films[number])::uuid, \(number)::int, 600, \(number % 2 == 0)::boolean, 1,
                    timestamptz '2026-01-01' + \(number / 3)::int * interval '1 second')
                """)
        }
        return (user, films)
    }

    @Test("J11 every entry stands on one page, the last first, equal times by id")
    func pages() throws {
        let cinema = try Cinema()
        let (user, films) = try watcher(cinema, 25)
        for spelling in ["/api/users/\(user)", "/api/users/users/\(user)"] {
            var seen: [String] = []
            var target = "\(spelling)/history?limit=4"
            while true {
                let answer = cinema.ask(.get, target, as: user)
                #expect(answer.status == 200)
                seen += (answer["items"].array ?? []).compactMap { $0["content_id"]?.string }
                guard let cursor = answer["next_cursor"].string else { break }
                target = "\(spelling)/history?limit=4&cursor=\(cursor)"
            }
            #expect(seen.count == 25 && Set(seen) == Set(films) && seen.first == films[24])
        }
        let done = cinema.ask(.get, "/api/users/\(user)/history?completed=true&limit=100", as: user)
        #expect(done["items"].array?.count == 13)
        for bad in ["limit=0", "limit=101", "cursor=x", "completed=yes", "limit=1;drop%20table%20users"] {
            #expect(cinema.ask(.get, "/api/users/\(user)/history?\(bad)", as: user).status == 400, "J07 \(bad)")
        }
    }

    @Test("J12 own, foreign, unknown: history and favourites in both spellings")
    func whose() throws {
        let cinema = try Cinema()
        let (user, films) = try watcher(cinema, 3)
        let other = try cinema.person("family")
        let admin = try cinema.person(role: "admin")
        let key = Caller.key(id: "k", scopes: [.admin])
        for base in ["/api/users", "/api/users/users"] {
            for (method, tail, body) in [
                (Method.get, "history", nil), (.delete, "history", nil), (.delete, "history/\(films[0])", nil),
                (.get, "favorites", nil), (.post, "favorites", ["content_id": .string(films[0])]),
                (.delete, "favorites/\(films[0])", nil),
            ] as [(Method, String, JSON?)] {
                func ask(_ caller: Caller, _ id: String) -> Int {
                    cinema.ask(method, "\(base)/\(id)/\(tail)", caller, body).status
                }
                for role in [Role.viewer, .instructor] {
                    #expect(ask(.user(id: other, role: role), user) == 404, "\(method) \(tail)")
                }
                #expect(ask(.anyone, user) == 401 && ask(.key(id: "k", scopes: [.catalog]), user) == 403)
                #expect(ask(.user(id: admin, role: .admin), "\(UUID())") == 404, "no such account")
                #expect(ask(.user(id: user, role: .viewer), "x' or '1'='1") == 404, "J06")
            }
            // The admin sees, and may change, what is somebody's.
            #expect(cinema.ask(.get, "\(base)/\(user)/history", as: admin, role: .admin).status == 200)
            #expect(cinema.ask(.get, "\(base)/\(user)/favorites", key).status == 200)
        }
        #expect(cinema.ask(.get, "/api/users/\(user)/history", as: user)["items"].array?.count == 3, "all is there")
    }

    @Test func forgetting() throws {
        let cinema = try Cinema()
        let (user, films) = try watcher(cinema, 3)
        let (other, _) = try watcher(cinema, 2)
        #expect(cinema.ask(.delete, "/api/users/\(user)/history/\(films[1])", as: user).status == 200)
        #expect(cinema.ask(.delete, "/api/users/\(user)/history/\(films[1])", as: user).status == 404)
        #expect(cinema.ask(.get, "/api/users/\(user)/history", as: user)["items"].array?.count == 2)
        let cleared = cinema.ask(.delete, "/api/users/users/\(user)/history", as: user)
        #expect(cleared.status == 200 && cleared["deleted"] == 2)
        #expect(cinema.ask(.get, "/api/users/\(user)/history", as: user)["items"] == [])
        #expect(cinema.ask(.get, "/api/users/\(other)/history", as: other)["items"].array?.count == 2)
        #expect(cinema.start(user, films[0])["resume_position"] == .number(0))
    }

    @Test func favorites() throws {
        let cinema = try Cinema()
        let user = try cinema.person()
        let films = try (0..<5).map { _ in try cinema.film("family") }
        func keep(_ id: String, _ more: [JSON.Member] = []) -> Int {
            cinema.ask(
                .post, "/api/users/\(user)/favorites", as: user, .object([.init("content_id", .string(id))] + more)
            ).status
        }
        #expect(films.map { keep($0) } == Array(repeating: 201, count: 5))
        #expect(keep(films[0], [.init("user_id", "x")]) == 200, "kept before; J13")
        #expect(keep("\(UUID())") == 404)
        try cinema.connection.query("update content set published_from = null where id = \(films[1])::uuid")
        #expect(keep(films[1]) == 404, "what is not published is not there")
        try cinema.connection.query("update content set deleted_at = now() where id = \(films[2])::uuid")
        var seen: [JSON] = []
        var target = "/api/users/\(user)/favorites?limit=3"
        while true {
            let answer = cinema.ask(.get, target, as: user)
            seen += answer["items"].array ?? []
            guard let cursor = answer["next_cursor"].string else { break }
            target = "/api/users/users/\(user)/favorites?limit=3&cursor=\(cursor)"
        }
        #expect(seen.compactMap { $0["content_id"]?.string } == [films[4], films[3], films[1], films[0]])
        #expect(seen.map { $0["available"] } == [true, true, false, true])
        #expect(cinema.ask(.delete, "/api/users/\(user)/favorites/\(films[4])", as: user).status == 200)
        #expect(cinema.ask(.delete, "/api/users/\(user)/favorites/\(films[4])", as: user).status == 404)
        for bad: JSON in [[:], [], ["content_id": 7], ["content_id": "' or 1=1--"]] {
            #expect(cinema.ask(.post, "/api/users/\(user)/favorites", as: user, bad).status == 400, "J06 \(bad)")
        }
    }

    // MARK: Figures

    @Test("figures of everybody are the admins', a person sees his own") func figures() throws {
        let cinema = try Cinema()
        let film = try cinema.film()
        let users = try (0..<3).map { try cinema.person($0 == 0 ? "premium" : "free") }
        for (index, user) in users.enumerated() {
            let session = cinema.start(user, film).text
            _ = cinema.report(session, user, 0)
            try cinema.connection.query(
                "update viewings set updated_at = updated_at - interval '100 seconds' where id = \(session)")
            #expect(cinema.end(session, user, 40 * Double(index + 1)).status == 200)
        }
        #expect(cinema.end(cinema.start(users[0], film).text, users[0], 600).status == 200)
        let admin = try cinema.person(role: "admin")
        try cinema.connection.query(
            "update users set created_at = now() - interval '30 days' where id = \(admin)::uuid")
        let stats = cinema.ask(.get, "/api/admin/stats", as: admin, role: .admin)
        #expect(stats.status == 200)
        #expect(
            stats["users"]
                == [
                    "total": 4, "new_7d": 3, "active_7d": 3,
                    "by_level": ["free": 3, "premium": 1, "family": 0],
                ])
        #expect(stats["content"] == ["total": 1, "by_type": ["movie": 1, "series": 0, "episode": 0]])
        #expect(stats["views"]["total"] == 3)
        let watched = stats["watch_time_seconds"].double ?? 0
        #expect((240...241).contains(watched))
        #expect((stats["engagement"]["average_watch_seconds"]?.double ?? 0) == watched / 3)
        let rate = stats["engagement"]["completion_rate"]?.double ?? 0
        #expect((0.33...0.34).contains(rate), "one of three came to the end")
        let popular = try #require(stats["popular"].array?.first)
        #expect(popular["content_id"] == .string(film) && popular["views"] == 3 && popular["title"] == "A film")
        let series = stats["series"].array ?? []
        #expect(series.count == 30 && series.reduce(0) { $0 + ($1["views"]?.integer ?? 0) } == 3)
        #expect(series.map { $0["users"]?.integer ?? 9 }.max() == 3)
        #expect(stats["live_streams"] == 0 && stats["queue"]["queued"] == 0 && stats["storage_bytes"] == 0)

        let own = cinema.ask(.get, "/api/streaming/analytics?days=2", as: users[1])
        #expect(own["scope"] == "own" && own["views"]["total"] == 1 && own["series"].array?.count == 2)
        #expect((80...81).contains(own["watch_time_seconds"].double ?? 0))
        let all = cinema.ask(.get, "/api/streaming/analytics", .key(id: "k", scopes: [.catalog]))
        #expect(all["scope"] == "all" && all["views"]["total"] == 3)
        #expect(cinema.ask(.get, "/api/streaming/analytics", as: "student-7").status == 404)
        #expect(cinema.ask(.get, "/api/admin/stats", as: users[0]).status == 403)
        #expect(cinema.ask(.get, "/api/admin/stats", .anyone).status == 401)
        #expect(cinema.ask(.get, "/api/admin/stats?days=1e9", as: admin, role: .admin).status == 400, "D08")
    }

    @Test func storageAndQueue() throws {
        let cinema = try Cinema()
        let video = try cinema.video().id
        let admin = try cinema.person(role: "admin")
        let task = "\(UUID())"
        try cinema.connection.query(
            "update videos set file_size = 5000, original_path = 'originals/x' where id = \(video)::uuid")
        try cinema.connection.query(
            """
            insert into tasks (id, video_id, extension, file_size, publication)
            values (\(task)::uuid, \(video)::uuid, 'mp4', 5000, '_0123456789ab-k1-d6000')
            """)
        try cinema.connection.query(
            """
            insert into slices (task_id, number, kind, ordinals, first_segment, end_segment, bytes)
            values (\(task)::uuid, 0, 'video', '0', 0, 2, 700), (\(task)::uuid, 1, 'video', '0', 2, 4, 800)
            """)
        try cinema.connection.query(
            "insert into jobs (kind, payload, run_after) values ('x', '{}', now() - interval '90 seconds')")
        let stats = cinema.ask(.get, "/api/admin/stats", as: admin, role: .admin)
        #expect(stats["storage_bytes"] == 6500 && stats["queue"]["queued"] == 1 && stats["queue"]["dead"] == 0)
        #expect((90...100).contains(stats["queue"]["oldest_seconds"]?.integer ?? 0))
    }
}
