import Core
import Testing
import Tokens

@testable import Sessions

/// A line of random numbers that is the same every time.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

/// A person at a player that fetches as hls.js does: one segment after another while less than so much is buffered ahead;
/// a failed one is asked for again after 1, 2, 4 and 8 seconds (its `errorRetry`), whatever Retry-After says.
final class SimulatedPlayer {
    /// Seconds of a segment.
    static let segment = 6.0

    struct Settings {
        /// Seconds buffered ahead.
        var ahead: Double
        /// How much faster than the film the line is.
        var line = 20.0
        /// Tries after the first.
        var retries = 6
    }

    private let settings: Settings
    private let length: Double
    private let ask: (UInt32) -> Sessions.Decision
    private var dice: Dice

    private(set) var position = 0.0
    private(set) var paced = 0
    private(set) var isEnded = false
    /// Seconds without picture: after the last seek, and else.
    private(set) var longestStallAfterSeek = 0.0
    private(set) var longestStallElse = 0.0
    private(set) var gaveUp = 0

    private var buffered: Set<Int> = []
    private var loading: (number: Int, until: Double)?
    private var retry: (number: Int, at: Double, tries: Int)?
    private var speed = 1.0
    private var pausedUntil = 0.0
    private var stall = 0.0
    /// When the person last jumped: what is missing within ten seconds is missing because of that.
    private var jumped = 0.0

    init(_ settings: Settings, length: Double, seed: UInt64, ask: @escaping (UInt32) -> Sessions.Decision) {
        self.settings = settings
        self.length = length
        self.ask = ask
        dice = Dice(seed)
    }

    /// Goes on for a tenth of a second.
    func step(_ time: Double) {
        behave(time)
        load(time)
        guard time >= pausedUntil, position < length else { return }
        if buffered.contains(Int(position / Self.segment)) {
            position += 0.1 * speed
            if stall > 0 {
                if time - stall - jumped < 10 {
                    longestStallAfterSeek = max(longestStallAfterSeek, stall)
                } else {
                    longestStallElse = max(longestStallElse, stall)
                }
            }
            stall = 0
        } else {
            stall += 0.1
        }
    }

    /// A minute of wild scrubbing in every ten, ten minutes at twice the speed, one long pause, one reload, rung switches.
    private func behave(_ time: Double) {
        let minute = Int(time / 60)
        speed = (30..<40).contains(minute) ? 2 : 1
        if minute % 10 == 5, Int(time * 10) % 40 == 0 { seek(Double.random(in: 0..<(length - 60), using: &dice), time) }
        if abs(time - 900) < 0.05 { pausedUntil = time + 400 }
        // A reload forgets the buffer and goes on where it was.
        if abs(time - 2700) < 0.05 {
            buffered = []
            seek(position, time)
        }
        // Another quality: what lies ahead is fetched anew.
        if Int(time * 10) % 1370 == 0 { buffered = buffered.filter { Double($0) * Self.segment < position + 12 } }
    }

    private func seek(_ target: Double, _ time: Double) {
        position = target
        loading = nil
        retry = nil
        stall = 0
        jumped = time
        let front = Int(target / Self.segment)
        // What lies behind is let go of after half a minute.
        buffered = buffered.filter { $0 >= front - 5 && $0 <= front + Int(settings.ahead / Self.segment) }
    }

    private func load(_ time: Double) {
        if let done = loading, time >= done.until {
            buffered.insert(done.number)
            loading = nil
        }
        guard loading == nil, !isEnded else { return }
        if let again = retry {
            if time >= again.at { request(again.number, time, tries: again.tries) }
            return
        }
        var next = Int(position / Self.segment)
        while buffered.contains(next) { next += 1 }
        guard Double(next) * Self.segment < min(position + settings.ahead, length) else { return }
        request(next, time, tries: 0)
    }

    private func request(_ number: Int, _ time: Double, tries: Int) {
        retry = nil
        switch ask(UInt32(number)) {
        case .allow: loading = (number, time + Self.segment / settings.line)
        case .wait:
            paced += 1
            if tries >= settings.retries { gaveUp += 1 }
            retry = (number, time + min(8, Double(1 << min(tries, 3))), tries + 1)
        case .refuse: isEnded = true
        }
    }
}

@Suite("Pacing and people") struct PacingSimulationTests {
    private func play(
        _ settings: SimulatedPlayer.Settings, people: Int, minutes: Int
    ) throws -> (gate: Gate, players: [SimulatedPlayer]) {
        let gate = try Gate()
        var players: [SimulatedPlayer] = []
        for person in 0..<people {
            let limits = TokenLimits(streams: person % 2 == 0 ? 2 : 0)
            let claims = try gate.claims("p\(person)", session: "s\(person)", limits: limits)
            players.append(
                SimulatedPlayer(settings, length: 7200, seed: UInt64(person + 1)) { number in
                    gate.ask(claims, .segment(number, 6000))
                })
        }
        for tick in 0..<(minutes * 600) {
            for player in players { player.step(Double(tick) / 10) }
            gate.hands.move(1)
        }
        return (gate, players)
    }

    @Test("200 honest people for an hour with our pages' buffers: nobody is ever slowed down")
    func ourPages() throws {
        let (_, players) = try play(.init(ahead: 30), people: 200, minutes: 60)
        let paced = players.map(\.paced).max()
        let stall = players.map(\.longestStallElse).max()
        #expect(paced == 0 && stall == 0, "slowed down \(paced ?? 0) times, \(stall ?? 0) s without picture")
        #expect(players.allSatisfy { !$0.isEnded })
        #expect(players.allSatisfy { $0.position > 0 })
    }

    @Test(
        "with hls.js's own ten minutes of buffer people ride it out: no stall over 5 s after a seek, none else, nobody ended"
    )
    func largeBuffers() throws {
        let (_, players) = try play(.init(ahead: 600), people: 50, minutes: 60)
        #expect(players.contains { $0.paced > 0 }, "or this shows nothing")
        #expect(players.allSatisfy { !$0.isEnded && $0.gaveUp == 0 })
        let after = players.map(\.longestStallAfterSeek).max() ?? 0
        let otherwise = players.map(\.longestStallElse).max() ?? 0
        #expect(after <= 5 && otherwise == 0, "\(after) s after a seek, \(otherwise) s else")
    }

    @Test(
        "who keeps to the rate, and who takes a new token every nine minutes, is never faster and looks like a download"
    )
    func patientCopiers() throws {
        for renews in [false, true] {
            let gate = try Gate()
            var got = 0
            var tick = 0
            let limits = TokenLimits(streams: 2)
            var claims = try gate.claims("copier", session: "0", limits: limits)
            while got < 600, tick < 36_000 {
                if renews, tick % 5400 == 0 { claims = try gate.claims("copier", session: "\(tick)", limits: limits) }
                let decision = gate.ask(claims, .segment(UInt32(got), 6000))
                if decision == .allow {
                    got += 1
                    // Never more than the burst and the rate since.
                    #expect(Double(got) * 6 <= 600 + 2.5 * Double(tick) / 10 + 6)
                    if got >= 100 {
                        gate.hands.move(24)
                        tick += 24
                    }
                } else {
                    if case .refuse = decision, !renews {
                        Issue.record("ended at \(got)")
                        break
                    }
                    gate.hands.move(24)
                    tick += 24
                }
            }
            #expect(got == 600)
            let entry = try #require(gate.sessions.watch().max { $0.last < $1.last })
            let coverage = try #require(gate.sessions.coverage(of: entry))
            #expect(coverage.distinct == 600 && coverage.inOrder == 600 && coverage.longestPause <= 5)
            #expect(Double(coverage.media) / 1000 / coverage.seconds <= 600 / coverage.seconds + 2.5 + 0.01)
        }
    }

    @Test("three greedy rippers hold at most a fifth of an hour's film when they are ended, and get nothing after")
    func rippers() throws {
        for style in ["copies on", "in parallel", "tries again at once"] {
            let gate = try Gate()
            let claims = try gate.claims("r", session: "r")
            var got: Set<UInt32> = []
            var number: UInt32 = 0
            var ended = 0
            for turn in 0..<20_000 where ended < 100 {
                let wanted: UInt32 = style == "in parallel" ? UInt32(turn * 7 % 600) : number
                switch gate.ask(claims, .segment(wanted, 6000)) {
                case .allow:
                    got.insert(wanted)
                    number += 1
                case .wait: if style == "copies on" { number += 1 }
                case .refuse(let refusal):
                    #expect(refusal == .revoked)
                    ended += 1
                }
                if turn % 10 == 0 { gate.hands.move(1) }
            }
            #expect(ended == 100 && got.count <= 120, "\(style): \(got.count)")
            #expect(gate.sessions.watch().first?.flags.contains(.ended) == true)
        }
    }
}
