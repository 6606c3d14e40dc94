import Core
import Dispatch
import Foundation
import POSIX
import Postgres
import Sessions
import Synchronization
import TestSupport
import Testing
import Tokens
import Viewing
import Web

@testable import Composition

/// A house with titles, people, and as many processes as a test wants.
final class Cinema: @unchecked Sendable {
    let address: String
    let directory: String
    let connection: Connection
    private let router: Router

    init() throws {
        address = try PrivatePostgres.shared.database()
        directory = "/tmp/rgvw-\(Foundation.UUID().uuidString.prefix(8))"
        connection = Connection(address, application: "tests")
        router = try Self.process(address, directory)
    }

    deinit { try? Files.removeTree(directory) }

    /// What one process of the api answers with.
    static func process(_ address: String, _ directory: String) throws -> Router {
        let settings = try Settings(
            [
                "DATABASE_URL": address, "DATA_DIR": directory, "RUN_DIR": directory + "/run",
                "PUBLIC_BASE_URL": "https://videos.example", "SECRET_KEY": "uN9ePqRz4mWxV7bLkJ2hGfD5sTyA8cQ1",
                "JWT_SECRET": "oI3uYtR6eWqA9sDfGhJ2kLzX5cVbN8mQ",
            ], need: [.database, .tokens, .accounts, .web], readFile: { _ in nil })
        let contexts = try Contexts(settings, programs: "/nonexistent", log: Log("tests"))
        return Router(routeTable().map { $0.bound(to: contexts) })
    }

    func another() throws -> Router { try Self.process(address, directory) }

    /// A person's id.
    func person(_ level: String = "free", role: String = "viewer") throws -> String {
        let rows = try connection.query(
            """
            insert into users (email, name, role, subscription_level)
            values (\("\(Core.UUID())@example.org"), 'P', \(role), \(level)) returning id
            """)
        return try #require(rows.first).value("id")
    }

    /// A video's id and path.
    func video(_ duration: Double? = 600) throws -> (id: String, rel: String) {
        let rel = "t/c/m/l\(Core.UUID())"
        let rows = try connection.query(
            """
            insert into videos (rel, owner, title, duration, publication)
            values (\(rel), 't', 'A lesson', \(duration)::double precision, '_0123456789ab-k1-d6000') returning id
            """)
        return (try #require(rows.first).value("id"), rel)
    }

    /// A published film's id.
    func film(_ level: String = "free", duration: Double? = 600) throws -> String {
        let video = try video(duration).id
        let rows = try connection.query(
            """
            insert into content (type, title, required_level, video_id, published_from)
            values ('movie', 'A film', \(level), \(video)::uuid, now() - interval '1 hour') returning id
            """)
        return try #require(rows.first).value("id")
    }

    struct Answer {
        let status: Int
        let json: JSON
        var code: String { json["code"]?.string ?? "" }
        subscript(_ name: String) -> JSON { json[name] ?? .null }
        var text: String { json["session_id"]?.string ?? "" }
    }

    func ask(
        _ method: Web.Method, _ target: String, as user: String, role: Role = .viewer, _ body: JSON? = nil,
        at other: Router? = nil
    ) -> Answer {
        ask(method, target, .user(id: user, role: role), body, at: other)
    }

    func ask(
        _ method: Web.Method, _ target: String, _ caller: Caller, _ body: JSON? = nil, at other: Router? = nil
    ) -> Answer {
        let bytes = body?.bytes ?? []
        var response: Response
        do throws(Problem) {
            let parts = target.split(separator: "?", maxSplits: 1)
            let request = Request(
                method: method, path: try Path(parts[0].utf8), query: try Query((parts.count > 1 ? parts[1] : "").utf8),
                headers: Headers(body == nil ? [] : [("content-type", "application/json")]),
                body: Body(Bytes(bytes), declared: Int64(bytes.count), limit: 4096), address: "203.0.113.9", id: "r",
                caller: caller)
            let match = try (other ?? router).find(method, request.path)
            try match.route.access.check(caller)
            response = try match.answer(request)
        } catch { response = error.response(requestID: "r") }
        return Answer(status: response.status, json: (try? JSON(parsing: response.body)) ?? .null)
    }

    func start(_ user: String, _ content: String, device: String = "TV", at other: Router? = nil) -> Answer {
        ask(
            .post, "/api/streaming/session", as: user,
            ["content_id": .string(content), "device": .string(device)], at: other)
    }

    func report(
        _ session: String, _ user: String, _ position: Double, _ state: String = "playing", at other: Router? = nil
    ) -> Answer {
        ask(
            .put, "/api/streaming/session/\(session)", as: user,
            ["position": .number(position), "state": .string(state)], at: other)
    }

    func end(_ session: String, _ user: String, _ position: Double? = nil) -> Answer {
        ask(
            .post, "/api/streaming/session/\(session)/end", as: user,
            position.map { ["position": .number($0)] })
    }

    /// Lets time pass between a session's reports.
    func age(_ session: String, _ seconds: Int) throws {
        try connection.query(
            """
            update viewings set updated_at = updated_at - make_interval(secs => \(seconds)::int),
                started_at = started_at - make_interval(secs => \(seconds)::int) where id = \(session)
            """)
    }

    func number(_ statement: SQL) throws -> Int {
        let rows = try connection.query(statement)
        return try #require(rows.first).value("n")
    }
}

/// A body that is there at once.
private final class Bytes: BodySource {
    private var rest: ArraySlice<UInt8>
    init(_ bytes: [UInt8]) { rest = bytes[...] }
    let wasCut = false

    func read(into target: inout MutableSpan<UInt8>, from offset: Int) -> Int {
        let count = min(rest.count, target.count - offset)
        for index in 0..<count { target[offset + index] = rest[rest.startIndex + index] }
        rest = rest.dropFirst(count)
        return count
    }
}

@Suite("Watching by one's account") struct ViewingTests {
    @Test("a session is the gate's: its token says so, and a report renews it")
    func session() throws {
        let cinema = try Cinema()
        let (user, film) = (try cinema.person("premium"), try cinema.film())
        let started = cinema.start(user, film)
        #expect(started.status == 201 && started["resume_position"] == .number(0) && started["stream_limit"] == 2)
        let keys = KeyRing(secret: Array("uN9ePqRz4mWxV7bLkJ2hGfD5sTyA8cQ1".utf8))
        func claims(_ answer: Cinema.Answer) throws -> PlaybackClaims {
            let token = try #require(answer["token"].string)
            let now = Clocks.wallSeconds()
            return try PlaybackToken.verify(Array(token.utf8).span, keys: keys, now: now, longest: 86_400).get()
        }
        let first = try claims(started)
        #expect(first.session.text == started.text && first.user.text == user && first.streams == 2)
        let reported = cinema.report(started.text, user, 5)
        let second = try claims(reported)
        #expect(reported.status == 200 && second.session.text == started.text && second.streams == 2)
        #expect(reported["position"] == .number(5) && reported["state"] == "playing")
        #expect(started["playlist_url"].string?.hasPrefix("https://videos.example/hls2/t/c/m/l") == true)
        let ended = cinema.end(started.text, user)
        #expect(ended.status == 200 && ended["position"] == .number(5) && ended["token"] == .null)
        #expect(cinema.end(started.text, user, 9)["position"] == .number(5), "an end is the end")
        let late = cinema.report(started.text, user, 7)
        #expect(late.status == 409 && late.code == "conflict")
    }

    @Test("J12 a session is its user's alone; what he may not watch stays shut")
    func foreign() throws {
        let cinema = try Cinema()
        let (user, other) = (try cinema.person(), try cinema.person("family"))
        let started = cinema.start(user, try cinema.film())
        #expect(cinema.report(started.text, other, 5).status == 404)
        #expect(cinema.end(started.text, other).status == 404)
        #expect(cinema.report("\(Core.UUID())", user, 5).status == 404)
        #expect(cinema.report("x' or '1'='1", user, 5).status == 404, "J06")
        let key = Caller.key(id: "k", scopes: Set(APIKey.Scope.allCases))
        #expect(cinema.ask(.post, "/api/streaming/session", key, ["content_id": "x"]).status == 403)
        #expect(cinema.ask(.post, "/api/streaming/session", .anyone, ["content_id": "x"]).status == 401)
        // A site's own user without an account here.
        let film = try cinema.film()
        #expect(cinema.start("student-7", film).code == "not_entitled")
        #expect(cinema.start("\(Core.UUID())", film).code == "not_entitled")
        #expect(cinema.end(started.text, user).status == 200)
        let dear = try cinema.film("premium")
        #expect(cinema.start(user, dear).code == "not_entitled" && cinema.start(other, dear).status == 201)
        #expect(cinema.start(user, "\(Core.UUID())").status == 404)
        try cinema.connection.query("update content set deleted_at = now() where id = \(dear)::uuid")
        #expect(cinema.start(other, dear).status == 404)
    }

    @Test("an entitlement that ends, ends renewing; an episode is its series', too")
    func entitlementEnds() throws {
        let cinema = try Cinema()
        let (user, film) = (try cinema.person("premium"), try cinema.film("premium"))
        let session = cinema.start(user, film).text
        #expect(cinema.report(session, user, 5).status == 200)
        try cinema.connection.query("update users set subscription_level = 'free' where id = \(user)::uuid")
        #expect(cinema.report(session, user, 10).code == "not_entitled")
        try cinema.connection.query(
            "update users set subscription_level = 'family', disabled_at = now() where id = \(user)::uuid")
        #expect(cinema.report(session, user, 10).code == "suspended")
        try cinema.connection.query("update users set disabled_at = null where id = \(user)::uuid")
        try cinema.connection.query("update content set published_until = now() where id = \(film)::uuid")
        #expect(cinema.report(session, user, 10).status == 404)
        #expect(cinema.end(session, user, 12).status == 200, "an end is never refused")

        let made = try cinema.connection.query("insert into content (type, title) values ('series', 'S') returning id")
        let series: String = try #require(made.first).value("id")
        try cinema.connection.query(
            """
            update content set type = 'episode', series_id = \(series)::uuid, season = 1, episode = 1,
                published_until = null, required_level = 'free' where id = \(film)::uuid
            """)
        #expect(cinema.start(user, film).status == 404, "the series is not published")
        try cinema.connection.query(
            "update content set published_from = now(), required_level = 'family' where id = \(series)::uuid")
        #expect(cinema.start(user, film).status == 201)
        let premium = try cinema.person("premium")
        #expect(cinema.start(premium, film).code == "not_entitled", "the higher level of both")
        #expect(cinema.start(user, series).code == "bad_request")
    }

    @Test("a lesson without a title is watched by its video")
    func lessons() throws {
        let cinema = try Cinema()
        let video = try cinema.video()
        let admin = try cinema.person(role: "admin")
        for name in [video.id, video.rel] {
            let started = cinema.ask(
                .post, "/api/streaming/session", as: admin, role: .admin, ["video_id": .string(name)])
            #expect(started.status == 201)
            let report = cinema.ask(
                .put, "/api/streaming/session/\(started.text)", as: admin, role: .admin, ["position": .number(120.5)])
            #expect(report.status == 200)
            #expect(cinema.end(started.text, admin).status == 200)
        }
        let history = cinema.ask(.get, "/api/users/\(admin)/history", as: admin, role: .admin)
        let item = try #require(history["items"].array?.first)
        #expect(item["video_id"] == .string(video.id) && item["content_id"] == .null && item["type"] == "lesson")
        #expect(item["position"] == .number(120.5) && history["items"].array?.count == 1)
        let viewer = try cinema.person("family")
        let refused = cinema.ask(.post, "/api/streaming/session", as: viewer, ["video_id": .string(video.id)])
        #expect(refused.code == "not_entitled")
        // A video that a title plays is that title.
        try cinema.connection.query(
            """
            insert into content (type, title, video_id, published_from)
            values ('movie', 'F', \(video.id)::uuid, now() - interval '1 hour')
            """)
        #expect(
            cinema.ask(.post, "/api/streaming/session", as: viewer, ["video_id": .string(video.rel)]).status == 201)
    }

    @Test("J01 20 starts at once against a limit of 2, in as many processes: exactly 2")
    func startsAtOnce() throws {
        let cinema = try Cinema()
        let film = try cinema.film()
        let routers = try (0..<20).map { _ in try cinema.another() }
        for _ in 0..<5 {
            let user = try cinema.person("premium")
            let said = Said(routers)
            DispatchQueue.concurrentPerform(iterations: 20) { index in
                let answer = cinema.start(user, film, at: said.routers[index])
                said.add(answer.status == 201 ? "201" : answer.code)
            }
            #expect(said.all == ["201", "201"] + Array(repeating: "limit_streams", count: 18))
            let count = try cinema.number("select count(*) as n from viewings where user_id = \(user)::uuid")
            #expect(count == 2)
        }
    }

    @Test("with one stream, the next starts as soon as the last has ended")
    func oneAfterTheOther() throws {
        let cinema = try Cinema()
        let (user, film) = (try cinema.person(), try cinema.film())
        for round in 0..<5 {
            let started = cinema.start(user, film)
            #expect(started.status == 201, "round \(round)")
            #expect(cinema.start(user, film).code == "limit_streams")
            #expect(cinema.end(started.text, user).status == 200)
        }
    }

    /// What processes said, each used by one thread at a time.
    private final class Said: @unchecked Sendable {
        let routers: [Router]
        private let lock = NSLock()
        private var list: [String] = []
        init(_ routers: [Router]) { self.routers = routers }
        func add(_ word: String) { lock.withLock { list.append(word) } }
        var all: [String] { lock.withLock { list.sorted() } }
    }

    // MARK: Where somebody goes on

    @Test("another device goes on where the last one was; one that stands still moves nothing back")
    func devices() throws {
        let cinema = try Cinema()
        let (user, film) = (try cinema.person("family"), try cinema.film())
        func stands() -> JSON {
            let items = cinema.ask(.get, "/api/users/\(user)/history", as: user)["items"].array ?? []
            return items.count == 1 ? items[0]["resume_position"] ?? .null : .array(items)
        }
        let phone = cinema.start(user, film, device: "phone")
        try cinema.age(phone.text, 100)
        #expect(cinema.report(phone.text, user, 100.25, "paused").status == 200)
        let tv = cinema.start(user, film, device: "TV")
        #expect(tv["resume_position"] == .number(100.25))
        try cinema.age(tv.text, 50)
        #expect(cinema.report(tv.text, user, 150).status == 200 && stands() == .number(150))
        // The phone in the pocket says on and on where it stands.
        #expect(cinema.report(phone.text, user, 100.25, "paused").status == 200 && stands() == .number(150))
        #expect(cinema.end(phone.text, user, 100.25).status == 200 && stands() == .number(150))
        #expect(cinema.report(phone.text, user, 101).status == 409 && stands() == .number(150))
        #expect(cinema.end(tv.text, user, 151.5).status == 200 && stands() == .number(151.5))
        // Wound back where it plays: there it goes on.
        let again = cinema.start(user, film)
        #expect(again["resume_position"] == .number(151.5))
        #expect(cinema.report(again.text, user, 20).status == 200 && stands() == .number(20))
        // Through to the end: the next one begins anew.
        #expect(cinema.end(again.text, user, 599)["completed"] == true && stands() == .number(0))
        #expect(cinema.start(user, film)["resume_position"] == .number(0))
    }

    @Test("an older session that really plays decides again")
    func theOlderOnePlays() throws {
        let cinema = try Cinema()
        let (user, film) = (try cinema.person("family"), try cinema.film())
        let (old, new) = (cinema.start(user, film), cinema.start(user, film))
        _ = cinema.report(old.text, user, 10)
        _ = cinema.report(new.text, user, 300)
        try cinema.age(old.text, 10)
        #expect(cinema.report(old.text, user, 20).status == 200)
        let items = cinema.ask(.get, "/api/users/\(user)/history", as: user)["items"].array
        #expect(items?.first?["position"] == .number(20))
    }

    @Test("two devices that report at once, in two processes: no report is lost, none fails")
    func reportsAtOnce() throws {
        let cinema = try Cinema()
        let (user, film) = (try cinema.person("family"), try cinema.film(duration: 100_000))
        let said = Said(try (0..<4).map { _ in try cinema.another() })
        let sessions = [cinema.start(user, film).text, cinema.start(user, film).text]
        for session in sessions { try cinema.age(session, 4000) }
        DispatchQueue.concurrentPerform(iterations: 4) { index in
            for turn in 1...25 {
                let answer = cinema.report(sessions[index % 2], user, Double(turn), at: said.routers[index])
                said.add("\(answer.status)")
            }
        }
        #expect(said.all == Array(repeating: "200", count: 100))
        let rows = try cinema.number("select count(*) as n from watch_history where user_id = \(user)::uuid")
        let views = try cinema.number("select view_count as n from content where id = \(film)::uuid")
        #expect(rows == 1 && views == 0)
        // Both play far enough, at once: one person, one view.
        for session in sessions { try cinema.age(session, 4000) }
        DispatchQueue.concurrentPerform(iterations: 2) { index in
            let answer = cinema.report(sessions[index], user, 2000, at: said.routers[index])
            said.add("\(answer.status)")
        }
        let counted = try cinema.number("select view_count as n from content where id = \(film)::uuid")
        let own = try cinema.number("select views as n from watch_history where user_id = \(user)::uuid")
        #expect(counted == 1 && own == 1 && Set(said.all) == ["200"])
    }

    @Test("J22 one person and title count once within four hours, however often it is begun")
    func views() throws {
        let cinema = try Cinema()
        let (user, film) = (try cinema.person(), try cinema.film())
        for round in 0..<4 {
            let session = cinema.start(user, film).text
            _ = cinema.report(session, user, 0)
            try cinema.age(session, 40)
            #expect(cinema.report(session, user, 40)["watched_seconds"].double ?? 0 >= 39)
            #expect(cinema.end(session, user).status == 200)
            if round == 1 { #expect(cinema.ask(.delete, "/api/users/\(user)/history", as: user).status == 200) }
            if round == 2 {
                try cinema.connection.query(
                    "update viewings set viewed_at = viewed_at - interval '5 hours' where viewed_at is not null")
            }
        }
        let counted = try cinema.number("select view_count as n from content where id = \(film)::uuid")
        #expect(counted == 2)
    }

    @Test("D07 D08 what a player claims is held against the server's clock")
    func claims() throws {
        let cinema = try Cinema()
        let (user, film) = (try cinema.person(), try cinema.film())
        let session = cinema.start(user, film).text
        for position in [600, 0, 300, 600.5] {
            #expect(cinema.report(session, user, position)["watched_seconds"].double ?? 99 < 1)
        }
        for bad: JSON in [-1, .number(1e308), .integer(.max), .integer(.min), "5", .null, .number(604_800.5)] {
            let answer = cinema.ask(
                .put, "/api/streaming/session/\(session)", as: user, ["position": bad, "state": "playing"])
            #expect(answer.status == 400, "\(bad)")
            #expect(
                cinema.ask(.post, "/api/streaming/session/\(session)/end", as: user, ["position": bad]).status
                    == 400)
        }
        #expect(cinema.report(session, user, 10).status == 200, "no bad end ended it")
    }

    // MARK: On several hosts

    @Test("a session that only another host's gates know is revoked there")
    func elsewhere() throws {
        let cinema = try Cinema()
        let (user, film) = (try cinema.person(), try cinema.film())
        let session = cinema.start(user, film).text
        try cinema.connection.query(
            """
            insert into playback_sessions (user_id, session_id, host, rel, platform, stream_limit, started_at, seen_at)
            values (\(user), \(session), 'other', 't/c/m/l', 'web', 1, now(), now())
            """)
        let stranger = try cinema.person()
        #expect(cinema.end(cinema.start(stranger, film).text, stranger).status == 200, "it never played anywhere")
        #expect(cinema.end(session, user).status == 200 && cinema.end(session, user).status == 200)
        let revoked = try cinema.number(
            "select count(*) as n from revocations where kind = 'session' and value = \(session)")
        let all = try cinema.number("select count(*) as n from revocations")
        #expect(revoked == 1 && all == 1)
    }
}
