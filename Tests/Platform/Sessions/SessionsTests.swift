import Core
import POSIX
import Testing
import Tokens

@testable import Sessions

/// A host with one gate, and a clock that the test moves.
final class Gate {
    let scratch: Scratch
    let hands = Hands(1000)
    let keys = KeyRing(secret: Array("a-Fairly-Long-and-Random-0123-text-1".utf8))
    private(set) var sessions: Sessions
    private let policy: SessionPolicy

    init(newestWins: Bool = false, pace: Pace = Pace(burst: 600_000, rate: 2500, refusals: 60)) throws {
        scratch = try Scratch()
        policy = SessionPolicy(window: 45, newestWins: newestWins, pace: pace, deviceDays: 30)
        let hands = hands
        sessions = try Sessions(run: scratch.path, state: scratch.path, policy: policy, clock: { hands.now })
    }

    /// Another gate of the same host.
    func another() throws -> Sessions {
        let hands = hands
        return try Sessions(run: scratch.path, state: scratch.path, policy: policy, clock: { hands.now })
    }

    var wall: Int64 { 1_800_000_000 + Int64(hands.now) / 10 }

    func claims(
        _ user: String = "u", session: String, rel: String = "t/c/m/l", limits: TokenLimits = TokenLimits(),
        issued: Int64? = nil
    ) throws -> PlaybackClaims {
        let rel = try #require(RelPath(rel))
        let token = PlaybackToken.mint(
            user: user, rel: rel, platform: .web, session: session, pathOnly: false, limits: limits,
            issued: issued ?? wall,
            lifetime: 86_400, keys: keys)
        return try PlaybackToken.verify(Array(token.utf8).span, keys: keys, now: wall, longest: 86_400).get()
    }

    func ask(_ claims: PlaybackClaims, _ use: MediaUse = .free, device: UInt64 = 0, at other: Sessions? = nil)
        -> Sessions.Decision
    {
        let nothing: [UInt8] = []
        return (other ?? sessions).visit(
            claims, use, client: Array("203.0.113.9".utf8).span, agent: nothing.span, device: device,
            now: Moment(wall: wall, ticks: hands.now))
    }
}

@Suite struct SessionsTests {
    @Test("J01 J02 J03 a third stream is refused until one of two has stopped for a window")
    func streams() throws {
        let gate = try Gate()
        let limits = TokenLimits(streams: 2)
        let (one, two, three) = (
            try gate.claims(session: "1", limits: limits), try gate.claims(session: "2", limits: limits),
            try gate.claims(session: "3", limits: limits)
        )
        #expect(gate.ask(one) == .allow && gate.ask(two) == .allow)
        #expect(gate.ask(three) == .refuse(.limitStreams) && gate.ask(three, .beside) == .refuse(.limitStreams))
        #expect(gate.ask(three, at: try gate.another()) == .refuse(.limitStreams), "all gates of a host count together")
        // A renewed token keeps its session.
        #expect(gate.ask(try gate.claims(session: "1", limits: limits)) == .allow)
        gate.hands.move(451)
        #expect(gate.ask(one) == .allow && gate.ask(three) == .allow && gate.ask(two) == .refuse(.limitStreams))
        #expect(gate.ask(try gate.claims("v", session: "9", limits: limits)) == .allow)
    }

    @Test func playlistsAndImagesTakeNoPlace() throws {
        let gate = try Gate()
        for number in 0..<20 {
            #expect(gate.ask(try gate.claims(session: "\(number)", limits: TokenLimits(streams: 1)), .beside) == .allow)
        }
        #expect(gate.ask(try gate.claims(session: "x", limits: TokenLimits(streams: 1)), .segment(0, 6000)) == .allow)
        #expect(
            gate.ask(try gate.claims(session: "0", limits: TokenLimits(streams: 1)), .beside) == .refuse(.limitStreams))
    }

    @Test func theOldestIsEndedWhereThePolicySaysSo() throws {
        let gate = try Gate(newestWins: true)
        let limits = TokenLimits(streams: 2)
        var all: [PlaybackClaims] = []
        for number in 0..<4 {
            all.append(try gate.claims(session: "\(number)", limits: limits))
            #expect(gate.ask(all[number]) == .allow)
            gate.hands.move(20)
        }
        #expect(gate.ask(all[0]) == .refuse(.limitStreams) && gate.ask(all[1]) == .refuse(.limitStreams))
        #expect(gate.ask(all[2]) == .allow && gate.ask(all[3]) == .allow)
        // Who asks on and on stays out; who stayed away for a window begins anew.
        gate.hands.move(400)
        #expect(gate.ask(all[1]) == .refuse(.limitStreams) && gate.ask(all[3]) == .allow)
        gate.hands.move(60)
        #expect(gate.ask(all[0]) == .allow && gate.ask(all[1]) == .refuse(.limitStreams))
    }

    @Test func devices() throws {
        let gate = try Gate()
        let limits = TokenLimits(devices: 2)
        let claims = try gate.claims(session: "1", limits: limits)
        #expect(gate.ask(claims, device: 1) == .allow && gate.ask(claims, device: 2) == .allow)
        #expect(gate.ask(claims, device: 3) == .refuse(.limitDevices))
        #expect(gate.ask(claims, .beside, device: 3) == .allow)
        let named = try gate.claims(session: "2", limits: TokenLimits(devices: 3, device: "phone"))
        #expect(gate.ask(named, device: 9) == .allow && gate.ask(named, device: 10) == .allow)
        #expect(gate.ask(claims, device: 3, at: try gate.another()) == .refuse(.limitDevices))
        gate.hands.move(31 * 864_000)
        #expect(gate.ask(try gate.claims(session: "1", limits: limits), device: 3) == .allow)
    }

    @Test("E18 four kinds of revocation reach every gate, hold over a restart, and spare what is issued later")
    func revocation() throws {
        let gate = try Gate()
        let other = try gate.another()
        let path = "\(gate.scratch.path)/revocations"
        func revoke(_ all: [Revocation]) throws {
            try RevocationList.write(all, to: path)
            gate.sessions.revocationsChanged()
        }
        let old = try gate.claims(session: "s", issued: gate.wall - 10)
        let later = try gate.claims(session: "s", issued: gate.wall + 1)
        for (kind, value) in [
            (RevocationKind.session, "s"), (.user, "u"), (.rel, "t/c/m/l"), (.token, old.id.text),
        ] {
            #expect(gate.ask(old) == .allow && gate.ask(old, at: other) == .allow)
            try revoke([Revocation(kind: kind, value: value, time: gate.wall)])
            for use in [MediaUse.beside, .free, .segment(0, 6000)] {
                #expect(gate.ask(old, use) == .refuse(.revoked) && gate.ask(old, use, at: other) == .refuse(.revoked))
            }
            #expect(gate.ask(old, at: try gate.another()) == .refuse(.revoked), "after a restart")
            let foreign = try gate.claims("v", session: "x", rel: "t/c/m/k")
            #expect(gate.ask(later) == .allow && gate.ask(foreign) == .allow)
            // A file that is not whole changes nothing.
            try Files.replace(path, with: [1, 2, 3].span)
            gate.sessions.revocationsChanged()
            #expect(gate.ask(old) == .refuse(.revoked) && gate.ask(old, at: other) == .refuse(.revoked))
            try revoke([])
        }
    }

    @Test("E18 a revocation of a token, a user or a lesson holds for downloads, too") func downloads() throws {
        let gate = try Gate()
        func claims(issued: Int64) throws -> DownloadClaims {
            let token = DownloadToken.mint(
                user: "u", path: "/download2/t/c/m/l/", name: nil, issued: issued, lifetime: 300, keys: gate.keys)
            return try DownloadToken.verify(Array(token.utf8).span, keys: gate.keys, now: gate.wall, longest: 86_400)
                .get()
        }
        let old = try claims(issued: gate.wall - 10)
        let later = try claims(issued: gate.wall + 1)
        func isRevoked(_ claims: DownloadClaims) -> Bool {
            gate.sessions.isRevoked(claims, rel: Array("t/c/m/l".utf8).span)
        }
        for (kind, value, hit) in [
            (RevocationKind.user, "u", true), (.rel, "t/c/m/l", true), (.token, old.id.text, true),
            (.user, "v", false), (.rel, "t/c/m/l2", false), (.session, "u", false),
        ] {
            #expect(!isRevoked(old))
            try RevocationList.write(
                [Revocation(kind: kind, value: value, time: gate.wall)], to: "\(gate.scratch.path)/revocations")
            gate.sessions.revocationsChanged()
            #expect(isRevoked(old) == hit)
            #expect(!isRevoked(later))
            try RevocationList.write([], to: "\(gate.scratch.path)/revocations")
            gate.sessions.revocationsChanged()
        }
    }

    @Test func whatTheKeeperReads() throws {
        let gate = try Gate()
        let claims = try gate.claims("Ann", session: "abc", limits: TokenLimits(streams: 3))
        #expect(gate.ask(claims, .segment(4, 6000)) == .allow)
        gate.hands.move(50)
        #expect(gate.ask(claims, .beside) == .allow)
        let entry = try #require(gate.sessions.watch().first)
        #expect(entry.user == "Ann" && entry.session == "abc" && entry.rel == "t/c/m/l" && entry.limit == 3)
        #expect(entry.address == "203.0.113.9" && entry.requests == 2 && entry.refusals == 0 && !entry.isMobile)
        #expect(entry.last - entry.first == 5 && entry.lastMedia == entry.first)
        #expect(gate.sessions.coverage(of: entry)?.distinct == 1)
        // The next lesson in the same session.
        #expect(
            gate.ask(try gate.claims("Ann", session: "abc", rel: "t/c/m/k2", limits: TokenLimits(streams: 3))) == .allow
        )
        #expect(gate.sessions.watch().map(\.rel) == ["t/c/m/k2"])
        // One stream too many over all hosts.
        gate.sessions.setSurplus(true, entry)
        #expect(gate.ask(claims) == .refuse(.limitStreams))
        #expect(gate.sessions.watch().first?.lastRefusal == .limitStreams)
        gate.sessions.setSurplus(false, entry)
        #expect(gate.ask(claims) == .allow)
    }
}
