import Core
import Dispatch
import Testing
import Tokens

@testable import Sessions

@Suite("Sessions that are handed out") struct ViewersTests {
    private let one = TokenLimits(streams: 1)

    @Test("J01 a place that was reserved is the gate's own")
    func reserved() throws {
        let gate = try Gate()
        let api = try gate.another()
        func reserve(_ session: String, limit: Int = 1) -> Bool {
            api.reserve(
                user: "u", session: session, limit: limit, now: Moment(wall: gate.wall, ticks: gate.hands.now))
        }
        #expect(reserve("a") && reserve("a"), "once more is the same stream")
        #expect(!reserve("b"))
        #expect(gate.ask(try gate.claims(session: "b", limits: one)) == .refuse(.limitStreams))
        #expect(gate.ask(try gate.claims(session: "a", limits: one)) == .allow)
        #expect(reserve("c", limit: 2), "who has a higher limit has further places")
        gate.hands.move(451)
        #expect(reserve("b"), "nobody came for them")
    }

    @Test("a session that is closed is refused, and the next one admitted at once")
    func closed() throws {
        let gate = try Gate()
        let api = try gate.another()
        let (old, next) = (try gate.claims(session: "a", limits: one), try gate.claims(session: "b", limits: one))
        #expect(gate.ask(old) == .allow && gate.ask(next) == .refuse(.limitStreams))
        #expect(api.close(user: "u", session: "a"))
        #expect(gate.ask(next) == .allow)
        for use in [MediaUse.beside, .free, .segment(0, 6000)] { #expect(gate.ask(old, use) == .refuse(.revoked)) }
        #expect(gate.ask(next) == .allow, "what the old one asked took nothing")
        #expect(gate.sessions.watch().first { $0.session == "a" }?.flags == .closed)
        // A token renewed by somebody else does not bring it back.
        #expect(gate.ask(try gate.claims(session: "a", limits: one, issued: gate.wall + 5)) == .refuse(.revoked))
        // Without a limit there is no place, but an end all the same.
        let free = try gate.claims("v", session: "x")
        #expect(gate.ask(free) == .allow && api.close(user: "v", session: "x"))
        #expect(gate.ask(free) == .refuse(.revoked))
    }

    @Test func closingWhatNoGateKnowsFreesThePlace() throws {
        let gate = try Gate()
        let now = Moment(wall: gate.wall, ticks: gate.hands.now)
        #expect(gate.sessions.reserve(user: "u", session: "a", limit: 1, now: now))
        #expect(!gate.sessions.close(user: "u", session: "a"))
        #expect(gate.ask(try gate.claims(session: "b", limits: one)) == .allow)
        #expect(!gate.sessions.close(user: "nobody", session: "a"))
    }

    @Test("where the newest wins, a reserved place is the oldest one's")
    func newestWins() throws {
        let gate = try Gate(newestWins: true)
        let old = try gate.claims(session: "a", limits: one)
        #expect(gate.ask(old) == .allow)
        gate.hands.move(20)
        let now = Moment(wall: gate.wall, ticks: gate.hands.now)
        #expect(gate.sessions.reserve(user: "u", session: "b", limit: 1, now: now))
        #expect(gate.ask(old) == .refuse(.limitStreams))
    }

    @Test("J01 whoever asks while a session is being closed holds no place afterwards")
    func race() throws {
        let gate = try Gate()
        let box = Gates(host: gate, other: try gate.another())
        for round in 0..<300 {
            let user = "r\(round)"
            let old = try gate.claims(user, session: "a", limits: one)
            let next = try gate.claims(user, session: "b", limits: one)
            #expect(gate.ask(old) == .allow)
            DispatchQueue.concurrentPerform(iterations: 2) { index in
                if index == 0 {
                    box.host.sessions.close(user: user, session: "a")
                } else {
                    for _ in 0..<6 { _ = box.host.ask(old, at: box.other) }
                }
            }
            #expect(gate.ask(next) == .allow, "round \(round)")
        }
    }

    /// Each is used by one thread at a time.
    private struct Gates: @unchecked Sendable {
        let host: Gate
        let other: Sessions
    }
}
