import Callbacks
import Core
import Fetch
import Foundation
import Jobs
import Postgres
import TestSupport
import Testing

/// Callbacks from the end of a task to the receiver's answer; the network is a closure.
@Suite(.serialized, .timeLimit(.minutes(1))) struct CallbackDeliveryTests {
    private let connection: Connection
    private let task = Core.UUID()

    private final class Wire {
        var answers: [Result<Int, FetchFailure>] = []
        var posts: [Post] = []
        var addresses = ["1.1.1.1"]
    }
    private let wire = Wire()

    init() throws {
        connection = Connection(try PrivatePostgres.shared.database(), application: "callbacks")
    }

    private func finish(_ state: String, url: String?) throws {
        try connection.query("insert into videos (rel, owner) values ('t/c/m/l', 't') on conflict do nothing")
        try connection.query(
            """
            insert into tasks (id, video_id, state, extension, file_size, success_callback_url, error_callback_url,
                               error_code, finished_at)
            select \(task.description)::uuid, id, \(state), 'mp4', 1, \(url), \(url),
                   case when \(state)::text <> 'done' then 'truncated' end, now() from videos
            """)
        try PostgresCallbackStore.announce(task, on: connection)
    }

    private func work(allowPrivate: Bool = false) throws -> Bool {
        guard let job = try Queue.claim(CallbackJobs.kinds, worker: "w", lease: 30, on: connection) else {
            return false
        }
        let wire = wire
        try CallbackJobs(
            connection: connection, store: PostgresCallbackStore(connection), secret: Secret(Array("k".utf8)),
            bearer: Secret("b"), allowPrivate: allowPrivate, log: Log("test"),
            resolve: { _ in wire.addresses.compactMap { IPAddress($0) } },
            send: { post in
                wire.posts.append(post)
                return wire.answers.isEmpty ? .success(200) : wire.answers.removeFirst()
            }
        ).run(job)
        return true
    }

    private func shown() throws -> String {
        let row = try #require(try connection.query("select callback_state, callback_code from tasks").first)
        let code: String? = try row.optional("callback_code")
        return (try row.optional("callback_state") ?? "-") + (code.map { " \($0)" } ?? "")
    }

    @Test("a success is told once, signed, to the address that was checked") func success() throws {
        try finish("done", url: "https://example.com/cb")
        #expect(try shown() == "pending")
        #expect(try work())
        #expect(try !work())
        #expect(try shown() == "delivered")
        let post = try #require(wire.posts.first)
        #expect(post.address == IPAddress("1.1.1.1") && post.host == "example.com" && post.port == 443)
        let body = try JSON(parsing: post.body)
        #expect(body["status"] == "success" && body["lesson_id"] == "l" && body["error"] == nil)
        #expect(post.fields.contains("Authorization: Bearer b"))
        #expect(post.fields.contains { $0.hasPrefix("Reelgate-Signature: t=") })
    }

    @Test("R05 what is not accepted is sent again, under the same delivery id") func again() throws {
        wire.answers = [.success(500), .success(302), .success(204)]
        try finish("failed", url: "https://example.com/cb")
        for _ in 0..<3 {
            #expect(try work())
            try connection.query("update jobs set run_after = now()")
        }
        #expect(try shown() == "delivered")
        #expect(Set(wire.posts.flatMap { $0.fields.filter { $0.hasPrefix("Reelgate-Delivery") } }).count == 1)
        #expect(try JSON(parsing: wire.posts[2].body)["error"]?["code"] == "truncated")
    }

    @Test("after a day it is given up") func old() throws {
        wire.answers = [.success(500)]
        try finish("done", url: "https://example.com/cb")
        try connection.query("update tasks set finished_at = now() - interval '25 hours'")
        #expect(try work())
        #expect(try shown() == "failed callback_failed")
        #expect(try !work())
    }

    @Test("G32 private addresses and unusable URLs are refused, and nothing is sent") func refused() throws {
        wire.addresses = ["1.1.1.1", "169.254.169.254"]
        try finish("done", url: "https://example.com/cb")
        #expect(try work())
        #expect(try shown() == "refused callback_address")
        #expect(wire.posts.isEmpty)
        try connection.query("update tasks set success_callback_url = 'http://example.com/', callback_state = null")
        try PostgresCallbackStore.announce(task, on: connection)
        #expect(try work())
        #expect(try shown() == "refused callback_url")
        #expect(wire.posts.isEmpty)
    }

    @Test("a task that names no URL tells nobody") func silent() throws {
        try finish("done", url: nil)
        #expect(try !work())
        #expect(try shown() == "-")
    }
}
