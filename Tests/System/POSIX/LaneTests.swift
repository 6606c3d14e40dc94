import POSIX
import Synchronization
import Testing

@Suite("A lane")
struct LaneTests {
    private struct Broken: Error, Equatable { let at: Int }

    @Test(arguments: [1, 2, 7])
    func takesEverythingInOrder(room: Int) throws {
        let seen = Mutex<[Int]>([])
        let lane = try Lane<Int>(room: room) { number in seen.withLock { $0.append(number) } }
        for number in 0..<500 { try lane.put(number) }
        try lane.finish()
        #expect(seen.withLock { $0 } == Array(0..<500))
        try lane.finish()
    }

    @Test func holdsNoMoreThanItsRoom() throws {
        let handed = Atomic(0)
        let taken = Atomic(0)
        let most = Atomic(0)
        let lane = try Lane<Int>(room: 3) { _ in
            let waiting = handed.load(ordering: .sequentiallyConsistent) - taken.load(ordering: .sequentiallyConsistent)
            most.max(waiting, ordering: .sequentiallyConsistent)
            taken.add(1, ordering: .sequentiallyConsistent)
        }
        for number in 0..<200 {
            try lane.put(number)
            handed.add(1, ordering: .sequentiallyConsistent)
        }
        try lane.finish()
        // Three wait and one is in the thread's hands.
        #expect(most.load(ordering: .sequentiallyConsistent) <= 4)
    }

    @Test func anErrorReachesWhoeverHandsOver() throws {
        let lane = try Lane<Int>(room: 2) { if $0 == 5 { throw Broken(at: $0) } }
        #expect(throws: Broken(at: 5)) { for number in 0..<100 { try lane.put(number) } }
        #expect(throws: Broken(at: 5)) { try lane.put(101) }
        #expect(throws: Broken(at: 5)) { try lane.finish() }
    }

    @Test func goesWithoutBeingFinished() throws {
        let taken = Atomic(0)
        do {
            let lane = try Lane<Int>(room: 50) { _ in taken.add(1, ordering: .relaxed) }
            for number in 0..<50 { try lane.put(number) }
        }
        // The thread has ended: nothing is taken any more.
        let count = taken.load(ordering: .relaxed)
        #expect(count <= 50)
        #expect(taken.load(ordering: .relaxed) == count)
    }
}
