import Core
import POSIX
import Testing

@testable import pool

private let second = Int64.second

/// A supervisor with a clock and a list of what it asked for.
private struct Bench {
    var supervisor: Supervisor
    var now: Int64 = 1000 * second
    var actions: [Action] = []

    init(_ plans: [RolePlan], slots: Int = 40) { supervisor = Supervisor(plans, slots: slots) }

    static func plan(_ role: Role, _ seats: Int, limit: Int64? = nil) -> RolePlan {
        RolePlan(role: role, seats: seats, requestLimit: limit.map { $0 * second }, drain: 30 * second)
    }

    @discardableResult
    mutating func send(_ event: Event, after seconds: Int64 = 0) -> [Action] {
        now += seconds * second
        let answer = supervisor.handle(event, now: now)
        actions += answer
        return answer
    }

    /// Starts everything and lets every child say that it is ready.
    mutating func bringUp() {
        for id in Bench.started(send(.begin)) { send(.said(id, .ready)) }
    }

    static func started(_ actions: [Action]) -> [ChildID] {
        actions.compactMap { if case .start(let id, _, _) = $0 { id } else { nil } }
    }

    func serving(_ role: Role) -> [ChildID] {
        supervisor.children.filter { $0.value.state == .serving && supervisor.roles[$0.value.role].plan.role == role }
            .keys.sorted()
    }
}

@Suite struct SupervisorTests {
    @Test func startsEverySeatAndSaysSo() {
        var bench = Bench([Bench.plan(.gate, 3), Bench.plan(.keeper, 1)])
        let first = bench.send(.begin)
        #expect(Bench.started(first) == [1, 2, 3, 4])
        #expect(!first.contains(.notify(.ready)))
        for id in 1...3 { #expect(!bench.send(.said(id, .ready)).contains(.notify(.ready))) }
        #expect(bench.send(.said(4, .ready)).contains(.notify(.ready)))
        #expect(!bench.send(.tick([:]), after: 1).contains(.notify(.ready)))
    }

    @Test func saysReadyWithoutARoleThatWillNotStart() {
        var bench = Bench([Bench.plan(.gate, 1), Bench.plan(.keeper, 1)])
        bench.send(.begin)
        bench.send(.said(1, .ready))
        bench.send(.ended(2, .exited(78)))
        #expect(!bench.actions.contains(.notify(.ready)))
        #expect(bench.send(.tick([:]), after: 10).contains(.notify(.ready)))
    }

    @Test("C32 the first dead child is replaced at once")
    func restartsAtOnce() {
        var bench = Bench([Bench.plan(.gate, 2)])
        bench.bringUp()
        let answer = bench.send(.ended(1, .killed(9)))
        #expect(Bench.started(answer) == [3])
        #expect(answer.contains(.report(.died(1, .gate, .killed(9), restartIn: 0))))
    }

    @Test("C33 a crash loop backs off, alerts once, and leaves other roles alone")
    func crashLoop() {
        var bench = Bench([Bench.plan(.api, 2), Bench.plan(.gate, 2)])
        bench.bringUp()
        let gates = bench.serving(.gate)
        var starts = 0
        for _ in 0..<600 {
            bench.now += second / 20
            for id in bench.supervisor.children.keys.sorted() where !gates.contains(id) {
                starts += Bench.started(bench.send(.said(id, .ready))).count
                starts += Bench.started(bench.send(.ended(id, .killed(4)))).count
            }
            starts += Bench.started(bench.send(.tick([:]))).count
        }
        #expect(starts > 20 && starts < 80, "30 s of crashing: \(starts) starts")
        let alerts = bench.actions.filter { if case .report(.crashLoop) = $0 { true } else { false } }
        #expect(alerts == [.report(.crashLoop(.api, deaths: Backoff.loop))])
        #expect(bench.serving(.gate) == gates)
        // A death in another role is not held up by the one that loops.
        #expect(Bench.started(bench.send(.ended(gates[0], .killed(9)))).count == 1)
    }

    @Test func rollsOneAfterTheOtherAndOnlyWhenTheNewOneIsReady() {
        var bench = Bench([Bench.plan(.gate, 4)])
        bench.bringUp()
        var answer = bench.send(.roll)
        #expect(answer.contains(.notify(.reloading)))
        for old in 1...4 {
            let new = old + 4
            #expect(Bench.started(answer) == [new])
            #expect(!answer.contains(.ask(old)))
            #expect(bench.serving(.gate).count == 4)
            answer = bench.send(.said(new, .ready))
            #expect(answer.contains(.ask(old)))
        }
        #expect(answer.contains(.notify(.ready)))
        #expect(answer.contains(.report(.rollEnded)))
        for old in 1...4 { #expect(bench.send(.ended(old, .exited(0))) == [.report(.left(old, .gate, .exited(0)))]) }
        #expect(bench.serving(.gate) == [5, 6, 7, 8])
    }

    @Test(arguments: [true, false])
    func aRollThatFailsIsGivenUp(diesAtOnce: Bool) {
        var bench = Bench([Bench.plan(.gate, 2), Bench.plan(.api, 1)])
        bench.bringUp()
        bench.send(.roll)
        let (gate, api) = (4, 5)
        bench.send(.said(api, .ready))
        if !diesAtOnce {
            #expect(!bench.send(.tick([:]), after: 9).contains(.kill(gate)))
            let answer = bench.send(.tick([:]), after: 1)
            #expect(answer.contains(.kill(gate)))
            #expect(answer.contains(.report(.neverReady(gate, .gate))))
        }
        let answer = bench.send(.ended(gate, diesAtOnce ? .exited(78) : .killed(9)))
        #expect(answer.contains(.report(.rollAbandoned(.gate))))
        #expect(answer.contains(.notify(.ready)))
        #expect(bench.serving(.gate) == [1, 2])
        #expect(bench.serving(.api) == [api])
        #expect(Bench.started(bench.send(.tick([:]), after: 100)).isEmpty)
    }

    @Test func aSecondRollDuringTheFirstReachesEverybody() {
        var bench = Bench([Bench.plan(.gate, 2)])
        bench.bringUp()
        bench.send(.roll)
        bench.send(.roll)
        for _ in 0..<10 {
            for (id, child) in bench.supervisor.children where child.state != .serving {
                if case .starting = child.state {
                    bench.send(.said(id, .ready))
                } else {
                    bench.send(.ended(id, .exited(0)))
                }
            }
        }
        #expect(bench.supervisor.children.values.allSatisfy { $0.generation == 2 && $0.state == .serving })
        #expect(bench.serving(.gate).count == 2)
        #expect(!bench.supervisor.rolling)
    }

    @Test("C35 a child that has served its share stays until its successor is ready")
    func recycling() {
        var bench = Bench([Bench.plan(.gate, 2)])
        bench.bringUp()
        #expect(Bench.started(bench.send(.said(1, .served))) == [3])
        #expect(Bench.started(bench.send(.said(1, .served))).isEmpty)
        #expect(bench.send(.said(3, .ready)).contains(.ask(1)))
        #expect(bench.send(.ended(1, .exited(0))) == [.report(.left(1, .gate, .exited(0)))])
        // The successor fails: the tired child serves on, and another is tried later.
        bench.send(.said(2, .served))
        #expect(Bench.started(bench.send(.ended(4, .exited(1)))).isEmpty)
        #expect(bench.serving(.gate) == [2, 3])
        #expect(Bench.started(bench.send(.tick([:]), after: 1)) == [5])
    }

    @Test("C34 a child stuck in a request is killed, another role's is not", arguments: [Role.gate, .api, .upload])
    func stuck(role: Role) {
        let limit: Int64? = role == .upload ? nil : 10
        var bench = Bench([Bench.plan(role, 2, limit: limit)])
        bench.bringUp()
        let began = bench.now
        #expect(!bench.send(.tick([1: began]), after: 10).contains(.kill(1)))
        let answer = bench.send(.tick([1: began]), after: 1)
        #expect(answer.contains(.kill(1)) == (limit != nil))
        if limit == nil { return }
        #expect(answer.first == .report(.stuck(1, role, nanoseconds: 11 * second)))
        #expect(!bench.send(.tick([1: began]), after: 1).contains(.kill(1)))
        #expect(Bench.started(bench.send(.ended(1, .killed(9)))) == [3])
    }

    @Test func anUploadInTheMiddleOutlivesARollButNotAStop() {
        var bench = Bench([Bench.plan(.upload, 1)])
        bench.bringUp()
        bench.send(.roll)
        bench.send(.said(2, .ready))
        #expect(!bench.send(.tick([1: bench.now]), after: 4000).contains(.kill(1)))
        #expect(bench.send(.tick([:])).contains(.kill(1)))
        bench.send(.ended(1, .killed(9)))
        bench.send(.stop)
        #expect(!bench.send(.tick([2: bench.now]), after: 29).contains(.kill(2)))
        #expect(bench.send(.tick([2: bench.now]), after: 1).contains(.kill(2)))
    }

    @Test func stopAsksEverybodyWaitsAndLeaves() {
        var bench = Bench([Bench.plan(.gate, 1), Bench.plan(.worker, 1)])
        bench.bringUp()
        let answer = bench.send(.stop)
        #expect(answer == [.report(.stopping), .notify(.stopping), .ask(1), .ask(2)])
        #expect(!bench.send(.ended(1, .exited(0))).contains(.leave))
        #expect(Bench.started(bench.send(.tick([:]), after: 1)).isEmpty)
        #expect(bench.send(.stop) == [.kill(2)])
        #expect(bench.send(.ended(2, .killed(9))).last == .leave)
    }

    @Test func stopWithoutChildrenLeavesAtOnce() {
        var bench = Bench([])
        #expect(bench.send(.stop).last == .leave)
    }

    @Test func nothingIsStartedWhileTheScoreBoardIsFull() {
        var bench = Bench([Bench.plan(.upload, 2)], slots: 3)
        bench.bringUp()
        bench.send(.roll)
        bench.send(.said(3, .ready))  // 1 leaves, in the middle of an upload
        #expect(bench.supervisor.freeSlots.isEmpty)
        #expect(Bench.started(bench.send(.tick([1: bench.now]), after: 5)).isEmpty)
        #expect(Bench.started(bench.send(.ended(1, .exited(0)), after: 5)) == [4])
    }

    @Test func neverWakesInThePast() {
        var bench = Bench([Bench.plan(.gate, 2), Bench.plan(.keeper, 1)])
        var random = SplitMix(seed: 7)
        bench.send(.begin)
        for step in 0..<20_000 {
            let ids = bench.supervisor.children.keys.sorted()
            let id = ids.isEmpty ? 0 : ids[Int(random.next() % UInt64(ids.count))]
            let leaving = if case .leaving = bench.supervisor.children[id]?.state { true } else { false }
            switch random.next() % 12 {
            case 0...4: bench.send(.said(id, .ready))
            case 5: bench.send(.said(id, .served))
            case 6: bench.send(.ended(id, .killed(11)))
            case 7 where step % 5 == 0: bench.send(.roll)
            default: if leaving { bench.send(.ended(id, .exited(0))) }
            }
            bench.now += Int64(random.next() % UInt64(second))
            bench.send(.tick([:]))
            if let wake = bench.supervisor.wakeAt { #expect(wake > bench.now) }
            // Whatever happened: never more than one serving child a seat, and no slot is lost or used twice.
            #expect(bench.serving(.gate).count <= 2)
            let used = bench.supervisor.children.values.map(\.slot) + bench.supervisor.freeSlots
            #expect(used.sorted() == Array(0..<40))
        }
        bench.now += 100 * second
        for _ in 0..<20 {
            for (id, child) in bench.supervisor.children {
                switch child.state {
                case .starting: bench.send(.said(id, .ready))
                case .leaving, .killed: bench.send(.ended(id, .killed(9)))
                case .serving: break
                }
            }
            bench.send(.tick([:]), after: 40)
        }
        #expect(bench.serving(.gate).count == 2)
        #expect(bench.serving(.keeper).count == 1)
    }
}

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators".
private struct SplitMix {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
