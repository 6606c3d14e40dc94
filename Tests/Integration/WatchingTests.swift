import Core
import Foundation
import POSIX
import Postgres
import Sessions
import TestSupport
import Testing
import Tokens
import Watching
import Web

@testable import keeper

/// Hosts with a gate each and one keeper each, on one database.
private final class Hosts {
    let connection: Connection
    let place = "/tmp/reelgate-watching-\(Foundation.UUID().uuidString.prefix(8))"
    let keys = KeyRing(secret: Array("a-Fairly-Long-and-Random-0123-text-1".utf8))
    var now: Int64 { Clocks.wallSeconds() }

    init() throws {
        connection = Connection(try PrivatePostgres.shared.database(), application: "tests")
        try connection.query(
            """
            insert into videos (rel, owner, duration) values ('t/c/m/l', 't', 3600)
            """)
    }

    deinit { try? Files.removeTree(place) }

    func limits(newestWins: Bool = false) throws -> Settings.Limits {
        try Settings(
            ["STREAM_POLICY": newestWins ? "oldest_ended" : "newest_refused"], need: [], readFile: { _ in nil }
        ).limits
    }

    func host(_ name: String, newestWins: Bool = false) throws -> Host {
        let limits = try limits(newestWins: newestWins)
        let policy = SessionPolicy(
            window: limits.window, newestWins: limits.newestWins,
            pace: Pace(burst: limits.burst * 1000, rate: limits.rate, refusals: limits.refusals), deviceDays: 30)
        return Host(
            sessions: try Sessions(run: "\(place)/\(name)", state: "\(place)/\(name)", policy: policy),
            gate: try Sessions(run: "\(place)/\(name)", state: "\(place)/\(name)", policy: policy),
            round: SessionRound(
                try Sessions(run: "\(place)/\(name)", state: "\(place)/\(name)", policy: policy),
                store: PostgresWatchingStore(connection), host: name, limits: limits, longest: 86_400, log: Log("test"))
        )
    }

    struct Host {
        let sessions: Sessions
        let gate: Sessions
        let round: SessionRound
    }

    func claims(_ session: String, user: String = "u", streams: Int = 2, issued: Int64 = -5) throws -> PlaybackClaims {
        let rel = try #require(RelPath("t/c/m/l"))
        let token = PlaybackToken.mint(
            user: user, rel: rel, platform: .web, session: session, pathOnly: false,
            limits: TokenLimits(streams: streams),
            issued: now + issued, lifetime: 3600, keys: keys)
        return try PlaybackToken.verify(Array(token.utf8).span, keys: keys, now: now, longest: 86_400).get()
    }

    func ask(_ host: Host, _ claims: PlaybackClaims, _ use: MediaUse = .free) -> Sessions.Decision {
        let nothing: [UInt8] = []
        return host.gate.visit(
            claims, use, client: Array("203.0.113.9".utf8).span, agent: nothing.span, device: 0, now: .now())
    }

    func store() -> PostgresWatchingStore { PostgresWatchingStore(connection) }
}

@Suite struct WatchingTests {
    @Test("J01 two hosts: a surplus stream is refused after the next rounds, and comes back when there is room")
    func twoHosts() throws {
        let hosts = try Hosts()
        let (a, b) = (try hosts.host("a"), try hosts.host("b"))
        let (one, two, three) = (try hosts.claims("1"), try hosts.claims("2"), try hosts.claims("3"))
        #expect(hosts.ask(a, one) == .allow && hosts.ask(a, two) == .allow)
        #expect(hosts.ask(b, three) == .allow, "host b does not know yet")
        Clocks.sleep(milliseconds: 1100)
        for host in [a, b, a, b] { try host.round.run(now: Clocks.wallSeconds()) }
        // They began within one second: the name decides.
        #expect(
            hosts.ask(b, three) == .refuse(.limitStreams) && hosts.ask(a, one) == .allow && hosts.ask(a, two) == .allow)
        try hosts.connection.query(
            "update playback_sessions set media_at = now() - interval '2 minutes' where session_id = '2'")
        for host in [b, b] { try host.round.run(now: Clocks.wallSeconds()) }
        #expect(hosts.ask(b, three) == .allow)
    }

    @Test("E18 a revocation reaches the gates with the next round, is there after a restart, and can be lifted")
    func revocation() throws {
        let hosts = try Hosts()
        let host = try hosts.host("a")
        let claims = try hosts.claims("1")
        #expect(hosts.ask(host, claims) == .allow)
        try host.round.run(now: hosts.now)
        let entry = try hosts.store().revoke(
            Revocation(kind: .user, value: "u", time: Clocks.wallSeconds()), reason: "", author: "test")
        try host.round.run(now: hosts.now)
        #expect(hosts.ask(host, claims) == .refuse(.revoked))
        #expect(hosts.ask(try hosts.host("a"), claims) == .refuse(.revoked), "a new gate reads the file")
        #expect(hosts.ask(host, try hosts.claims("9", issued: 20)) == .allow, "issued later")
        #expect(try hosts.store().lift(entry.id))
        #expect(try !hosts.store().lift(entry.id))
        try host.round.run(now: hosts.now)
        #expect(hosts.ask(host, claims) == .allow)
    }

    @Test func anEndedSessionGivesItsPlaceBackAtOnce() throws {
        let hosts = try Hosts()
        let host = try hosts.host("a")
        let (one, two) = (try hosts.claims("1", streams: 1), try hosts.claims("2", streams: 1))
        #expect(hosts.ask(host, one) == .allow && hosts.ask(host, two) == .refuse(.limitStreams))
        try host.round.run(now: hosts.now)
        try hosts.store().revoke(
            Revocation(kind: .session, value: "1", time: Clocks.wallSeconds()), reason: "", author: "test")
        try host.round.run(now: hosts.now)
        #expect(hosts.ask(host, one) == .refuse(.revoked) && hosts.ask(host, two) == .allow)
    }

    @Test("what was stopped or revoked on one host counts on none")
    func closedCountsNowhere() throws {
        let hosts = try Hosts()
        let (a, b) = (try hosts.host("a"), try hosts.host("b"))
        for (user, isClosed) in [("closed", true), ("revoked", false)] {
            let one = try hosts.claims("\(user)-1", user: user, streams: 1)
            let two = try hosts.claims("\(user)-2", user: user, streams: 1)
            #expect(hosts.ask(a, one) == .allow)
            try a.round.run(now: hosts.now)
            if isClosed {
                #expect(a.sessions.close(user: user, session: "\(user)-1"))
            } else {
                try hosts.store().revoke(
                    Revocation(kind: .session, value: "\(user)-1", time: hosts.now + 1), reason: "", author: "test")
            }
            #expect(hosts.ask(b, two) == .allow)
            for host in [a, b, a, b] { try host.round.run(now: hosts.now) }
            #expect(hosts.ask(a, one) == .refuse(.revoked) && hosts.ask(b, two) == .allow, "\(user)")
        }
        let seen = try hosts.store().sessions(SessionFilter(user: "closed", all: true), window: 45, Page())
        #expect(seen.filter(\.isLive).map(\.session) == ["closed-2"] && seen.count == 2)
    }

    @Test func aRipperIsRevokedOnEveryHost() throws {
        let hosts = try Hosts()
        let (a, b) = (try hosts.host("a"), try hosts.host("b"))
        let claims = try hosts.claims("rip", user: "r")
        var served = 0
        for number in 0..<400 as Range<UInt32> where hosts.ask(a, claims, .segment(number, 6000)) == .allow {
            served += 1
        }
        #expect((100...102).contains(served), "the burst of ten minutes, and what passes meanwhile")
        #expect(hosts.ask(a, claims, .segment(1, 6000)) == .refuse(.revoked))
        for host in [a, b] { try host.round.run(now: Clocks.wallSeconds()) }
        #expect(hosts.ask(b, claims) == .refuse(.revoked))
        let seen = try hosts.store().sessions(SessionFilter(user: "r", all: true), window: 45, Page())
        let ripped = try #require(seen.first { $0.host == "a" })
        #expect(ripped.flags == ["ripped"] && ripped.lastRefusal == "revoked")
        #expect((600...612).contains(ripped.mediaSeconds))
    }

    @Test("J18 what is listed: pages, filters, and what a client wrote stays text")
    func lists() throws {
        let hosts = try Hosts()
        let host = try hosts.host("a")
        for number in 0..<25 {
            _ = hosts.ask(host, try hosts.claims("s\(number)", user: "u\(number % 5)", streams: 15))
        }
        _ = hosts.ask(host, try hosts.claims("x';drop-table", user: "{,u}"))
        try host.round.run(now: Clocks.wallSeconds())
        var seen: [SeenSession] = []
        var page = Page(limit: 10)
        while true {
            let rows = try hosts.store().sessions(SessionFilter(), window: 45, page)
            seen += rows.prefix(10)
            guard rows.count > 10 else { break }
            let last = rows[9]
            page = Page(limit: 10, after: ["\(last.started.seconds)", last.session, last.host, last.user])
        }
        #expect(seen.count == 26 && Set(seen.map(\.session)).count == 26 && seen.allSatisfy { $0.isLive })
        #expect(try hosts.store().sessions(SessionFilter(user: "u1"), window: 45, Page()).count == 5)
        #expect(try hosts.store().knows(session: "x';drop-table"))
        #expect(try !hosts.store().knows(session: "nobody"))
        for number in 0..<30 {
            try hosts.store().revoke(
                Revocation(kind: .token, value: "j\(number)", time: 100 + Int64(number % 3)), reason: "r", author: "a")
        }
        let first = try hosts.store().revocations(Page(limit: 20))
        let last = first[19]
        let rest = try hosts.store().revocations(Page(limit: 20, after: ["\(last.revocation.time)", "\(last.id)"]))
        #expect(first.count == 21 && rest.count == 10)
        #expect(Set((first.prefix(20) + rest).map(\.revocation.value)).count == 30)
        try hosts.store().forget(longest: 86_400)
        #expect(try hosts.store().revocations(Page()).isEmpty, "their tokens have all expired")
    }
}

extension SessionFilter {
    fileprivate init(user: String, all: Bool = false) {
        self.init()
        self.user = user
        live = !all
    }
}
