import Foundation
import POSIX
import Synchronization
import Testing

@testable import Sessions

/// A directory that goes with the test.
final class Scratch {
    let path = "/tmp/reelgate-sessions-\(UUID().uuidString.prefix(8))"
    init() throws { try Files.makeDirectories(path) }
    deinit { try? Files.removeTree(path) }
}

/// A clock that the test moves.
final class Hands: Sendable {
    private let ticks: Atomic<UInt32>
    init(_ ticks: UInt32) { self.ticks = Atomic(ticks) }
    var now: UInt32 { ticks.load(ordering: .sequentiallyConsistent) }
    func move(_ by: UInt32) { ticks.add(by, ordering: .sequentiallyConsistent) }
}

@Suite struct PlaceTableTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func table(_ buckets: Int = 16) throws -> PlaceTable {
        try PlaceTable("\(scratch.path)/places", window: 450, boot: "b", buckets: buckets)
    }

    @Test("J01 J02 a place is held while it is seen, and free again a window later")
    func window() throws {
        let table = try table()
        let hands = Hands(1000)
        func visit(_ name: UInt32, _ limit: Int = 2) -> PlaceTable.Outcome {
            table.visit(77, name, limit: limit, clock: { hands.now })
        }
        #expect(visit(1) == .admitted)
        #expect(visit(2) == .admitted)
        #expect(visit(3) == .limited)
        #expect(table.isLimited(77, 3, limit: 2, now: hands.now) == true)
        #expect(table.isLimited(77, 1, limit: 2, now: hands.now) == false)
        hands.move(450)
        #expect(visit(1) == .admitted)
        #expect(visit(3) == .limited)
        hands.move(1)
        #expect(visit(3) == .admitted, "the second was not seen for longer than the window")
        #expect(visit(2) == .limited)
        #expect(Set(table.holders(77, now: hands.now)) == [1, 3])
        table.release(77, 1)
        #expect(visit(2) == .admitted)
        // Another user's places are his own.
        #expect(table.visit(78, 9, limit: 1, clock: { hands.now }) == .admitted)
    }

    @Test("J03 one session is one stream, however often it comes back")
    func sameName() throws {
        let table = try table()
        for _ in 0..<100 {
            let again = table.visit(77, 5, limit: 1, clock: { 9 })
            #expect(again == .admitted)
        }
        let other = table.visit(77, 6, limit: 1, clock: { 9 })
        #expect(other == .limited)
    }

    @Test("mixed limits of one user share the places")
    func mixed() throws {
        let table = try table()
        for name in 1...5 { #expect(table.visit(7, UInt32(name), limit: 5, clock: { 100 }) == .admitted) }
        #expect(table.visit(7, 6, limit: 2, clock: { 100 }) == .limited)
        #expect(table.visit(7, 6, limit: 6, clock: { 100 }) == .admitted)
        #expect(table.visit(7, 5, limit: 2, clock: { 101 }) == .admitted, "it plays already")
    }

    @Test func theOldestMakesRoom() throws {
        let table = try table()
        let began: [UInt32: UInt64] = [1: 30, 2: 10, 3: 40]
        for name: UInt32 in [1, 2] { #expect(table.visit(7, name, limit: 2, clock: { 100 }) == .admitted) }
        #expect(table.visit(7, 3, limit: 2, clock: { 100 }) == .limited)
        #expect(table.displace(7, for: 3, limit: 2, now: 100, order: { began[$0] ?? 0 }) == 2)
        #expect(Set(table.holders(7, now: 100)) == [1, 3])
        #expect(table.visit(7, 3, limit: 2, clock: { 100 }) == .admitted)
    }

    @Test func afterARestartOfTheMachineTimesMeanNothing() throws {
        let path = "\(scratch.path)/boots"
        do {
            let first = try PlaceTable(path, window: 450, boot: "first", buckets: 2)
            #expect(first.visit(7, 1, limit: 1, clock: { 4_000_000 }) == .admitted)
            let same = try PlaceTable(path, window: 450, boot: "first", buckets: 2)
            #expect(same.visit(7, 2, limit: 1, clock: { 4_000_001 }) == .limited)
        }
        let second = try PlaceTable(path, window: 450, boot: "second", buckets: 2)
        #expect(second.visit(7, 2, limit: 1, clock: { 5 }) == .admitted)
    }

    @Test("J01 20 at once against a limit of 2: exactly 2, a thousand times", arguments: [1, 3, 7])
    func race(users: Int) throws {
        // Two buckets: users come into records of others, whose places have expired.
        let path = "\(scratch.path)/race\(users)"
        let hands = Hands(10_000)
        let rounds = 1000 / users + 1
        let threads = 20
        let barrier = Barrier(threads + 1)
        let admitted = Mutex([Int](repeating: 0, count: users))
        let wrong = Mutex([String]())
        for thread in 0..<threads {
            let body = Thread {
                // Each opens the table itself, as each process does.
                guard let table = try? PlaceTable(path, window: 450, boot: "b", buckets: 2) else { return }
                for round in 0..<rounds {
                    barrier.wait()
                    for user in 0..<users {
                        let owner = UInt64(1000 + round % 40 * 8 + user)
                        let name = UInt32(1 + thread + 100 * (round % 3))
                        let outcome = table.visit(owner, name, limit: 2, clock: { hands.now })
                        if outcome == .admitted { admitted.withLock { $0[user] += 1 } }
                        if outcome == .uncounted { wrong.withLock { $0.append("no room") } }
                    }
                    barrier.wait()
                }
            }
            body.start()
        }
        for round in 0..<rounds {
            barrier.wait()
            barrier.wait()
            admitted.withLock { counts in
                for user in 0..<users where counts[user] != 2 {
                    wrong.withLock { $0.append("round \(round): \(counts[user]) admitted") }
                }
                counts = [Int](repeating: 0, count: users)
            }
            // Longer than any record is kept.
            hands.move(450 * 5)
        }
        wrong.withLock { #expect($0.isEmpty, "\($0.prefix(5))") }
    }
}

/// Everybody waits until all are there.
final class Barrier: @unchecked Sendable {
    private let condition = NSCondition()
    private let count: Int
    private var waiting = 0
    private var generation = 0

    init(_ count: Int) { self.count = count }

    func wait() {
        condition.lock()
        defer { condition.unlock() }
        let mine = generation
        waiting += 1
        if waiting == count {
            waiting = 0
            generation += 1
            condition.broadcast()
            return
        }
        while generation == mine { condition.wait() }
    }
}

/// Runs on a thread of its own.
func start(_ body: @escaping @Sendable () -> Void) { Thread { body() }.start() }

/// A number that threads raise.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func add() { count.add(1, ordering: .sequentiallyConsistent) }
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
}
