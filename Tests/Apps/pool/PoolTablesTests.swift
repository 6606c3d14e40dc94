import Core
import POSIX
import Testing

@testable import pool

@Suite struct PoolTablesTests {
    @Test(arguments: [
        (0, true, 0), (1, true, 50), (2, true, 100), (5, true, 800), (6, true, 1000), (12, true, 1000), (0, false, 0),
        (6, false, 1600), (11, false, 30_000), (12, false, 30_000),
    ])
    func delays(level: Int, served: Bool, milliseconds: Int64) {
        #expect(Backoff.delay(level, served: served) == milliseconds * .millisecond)
    }

    @Test func aQuietMinuteForgets() {
        var backoff = Backoff()
        var now: Int64 = 0
        for _ in 0..<8 {
            now = max(now, backoff.death(at: now, served: true).restart) + 1
        }
        #expect(backoff.death(at: now, served: true).restart == now + .second)
        now += .second + Backoff.quiet
        #expect(backoff.death(at: now, served: true).restart == now)
    }

    @Test("R01 one that dies before it is ready, in a storm, does not count as a program that can't start")
    func deathBeforeReady() {
        var backoff = Backoff()
        var now: Int64 = 0
        for _ in 0..<30 {
            let next = backoff.death(at: now, served: true).restart
            now = max(now, next) + 1
            backoff.started()
        }
        #expect(backoff.death(at: now, served: false).restart == now)
        now += 1
        #expect(backoff.death(at: now, served: false).restart == now + 50 * .millisecond)
        backoff.started()
        now += .second
        #expect(backoff.death(at: now, served: false).restart == now)
    }

    @Test func deathsTogetherComeBackTogether() {
        var backoff = Backoff()
        #expect(backoff.death(at: 0, served: true).restart == 0)
        for moment in Int64(1)...20 {
            #expect(backoff.death(at: moment, served: true).restart == 1 + 50 * .millisecond)
        }
    }

    @Test("C33 the alert of a crash loop comes once a minute")
    func alerts() {
        var backoff = Backoff()
        var told: [Int64] = []
        for moment in Int64(0)..<130 {
            if backoff.death(at: moment * .second, served: true).loop != nil { told.append(moment) }
        }
        #expect(told == [9, 69, 129])
    }

    @Test("C37 a child's environment holds what its role needs and nothing else")
    func environments() {
        var all = [
            "PATH": "/bin", "HOME": "/root", "AWS_SECRET_ACCESS_KEY": "x", "NOTIFY_SOCKET": "/s", "LD_PRELOAD": "y",
        ]
        let names = [
            "DATA_DIR", "RUN_DIR", "DATABASE_URL", "SECRET_KEY", "JWT_SECRET", "MEDIA_MASTER_KEY", "CALLBACK_SECRET",
            "PUBLIC_BASE_URL",
        ]
        for name in names {
            all[name] = "v"
            all[name + "_FILE"] = "f"
        }
        func given(_ role: Role) -> Set<String> {
            Set(role.environment(from: all, slot: 7, requestLimit: 90).keys)
        }
        let own: Set<String> = ["REELGATE_POOL", "REELGATE_ROLE", "REELGATE_SLOT", "SWIFT_BACKTRACE"]
        func files(_ names: Set<String>) -> Set<String> { names.union(names.map { $0 + "_FILE" }) }
        #expect(given(.keeper) == own.union(files(["DATA_DIR", "RUN_DIR", "DATABASE_URL"])))
        #expect(
            given(.gate)
                == own.union(["REELGATE_REQUEST_LIMIT"])
                .union(files(["DATA_DIR", "RUN_DIR", "SECRET_KEY", "MEDIA_MASTER_KEY", "PUBLIC_BASE_URL"])))
        let common = ["DATA_DIR", "RUN_DIR", "DATABASE_URL", "SECRET_KEY"]
        #expect(
            given(.api)
                == own.union(["REELGATE_REQUEST_LIMIT"]).union(files(Set(common + ["JWT_SECRET", "PUBLIC_BASE_URL"]))))
        #expect(given(.upload) == given(.api))
        #expect(given(.worker) == own.union(files(Set(common + ["MEDIA_MASTER_KEY", "CALLBACK_SECRET"]))))
        #expect(Role.gate.environment(from: all, slot: 7, requestLimit: 90)["REELGATE_SLOT"] == "7")
    }

    @Test(
        arguments: [
            ([], Role.allCases), (["--role", "gate"], [.gate]),
            (["--role", "keeper", "--role", "api"], [.api, .keeper]),
        ] as [([String], [Role])])
    func options(arguments: [String], roles: [Role]) throws {
        #expect(try Options(arguments).roles == roles)
    }

    @Test(arguments: [["--role"], ["--role", "nginx"], ["gate"], ["--help"]])
    func wrongOptions(arguments: [String]) { #expect(throws: Options.Mistake.self) { try Options(arguments) } }

    @Test func fileNames() throws {
        #expect(try Options([]).fileName("pool", ".pid") == "pool.pid")
        #expect(try Options(["--role", "gate"]).fileName("metrics", ".sock") == "metrics-gate.sock")
    }

    @Test(
        arguments: [
            (["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "api.socket:gate"], [Role.api: 3, .gate: 4]),
            (["LISTEN_PID": "41", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "gate"], [:]),
            (["LISTEN_PID": "42", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "gate:api"], [.gate: 3]),
            (["LISTEN_PID": "42", "LISTEN_FDS": "2", "LISTEN_FDNAMES": ":worker"], [:]),
            (["LISTEN_PID": "42", "LISTEN_FDS": "99", "LISTEN_FDNAMES": "gate"], [:]), ([:], [:]),
        ] as [([String: String], [Role: Int32])])
    func socketsFromSystemd(environment: [String: String], found: [Role: Int32]) {
        #expect(Sockets.inherited(environment, processID: 42) == found)
    }

    @Test(
        arguments: [
            ("42 (a) b) S 1 2", "S"), ("42 (poolchild) D 1", "D"), ("nothing", nil),
        ] as [(String, String?)])
    func stateInStat(text: String, state: String?) { #expect(StuckReport.state(inStat: text) == state) }

    @Test(arguments: [
        ("GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK", true),
        ("HEAD / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK", false),
        ("POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed", false),
    ])
    func metricsAnswers(head: String, status: String, hasPage: Bool) {
        let answer = MetricsListener.answer(to: Array(head.utf8)) { "page\n" }
        #expect(answer.split(separator: "\r\n").first.map(String.init) == status)
        #expect(answer.hasSuffix("\r\n\r\npage\n") == hasPage)
        #expect(answer.contains("\r\n\r\n"))
        #expect(!answer.replacing("\r\n", with: "").contains("\r"))
    }

    @Test func metricsText() {
        var figures = MetricsPage.Figures()
        figures.requests = 7
        let text = MetricsPage(roles: [(.gate, figures), (.keeper, .init())], rolls: 2, began: 5).text
        #expect(
            text.contains("\nreelgate_requests_total{role=\"gate\"} 7\nreelgate_requests_total{role=\"keeper\"} 0\n"))
        #expect(text.hasSuffix("\nreelgate_pool_start_time_seconds 5\n"))
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            #expect(line.split(separator: " ").count == 2, "\(line)")
        }
    }
}
