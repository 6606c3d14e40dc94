import POSIX
import Testing

@testable import Sessions

@Suite struct PacingTests {
    private let scratch: Scratch
    private let pace = Pace(burst: 600_000, rate: 2500, refusals: 60)

    init() throws { scratch = try Scratch() }

    @Test func aNumberCostsOnceWhateverTheQuality() throws {
        let table = try PacingTable("\(scratch.path)/pacing", boot: "b", buckets: 2)
        for _ in 0..<3 {
            for number in 0..<100 as Range<UInt32> {
                let outcome = table.ask(9, number: number, cost: 6000, pace: pace, now: 50)
                #expect(outcome == .counted || outcome == .free)
            }
        }
        #expect(table.ask(9, number: 100, cost: 6000, pace: pace, now: 50) == .wait(3), "2.4 seconds, rounded up")
        #expect(table.ask(9, number: 7, cost: 6000, pace: pace, now: 50) == .free)
        #expect(table.ask(9, number: 100, cost: 6000, pace: pace, now: 74) == .counted)
        #expect(table.ask(10, number: 100, cost: 6000, pace: pace, now: 50) == .counted, "another viewer's bucket")
    }

    @Test func aPauseEarnsNoMoreThanTheBurst() throws {
        let table = try PacingTable("\(scratch.path)/pacing", boot: "b", buckets: 2)
        func fetched(from first: UInt32, now: UInt32) -> Int {
            var count = 0
            while table.ask(9, number: first + UInt32(count), cost: 6000, pace: pace, now: now) == .counted {
                count += 1
            }
            return count
        }
        #expect(fetched(from: 0, now: 100) == 100)
        #expect(fetched(from: 500, now: 100 + 100_000) == 100)
        #expect(fetched(from: 1000, now: 100 + 100_000) == 0)
    }

    @Test func switchedOffItOnlyCounts() throws {
        let table = try PacingTable("\(scratch.path)/pacing", boot: "b", buckets: 2)
        let off = Pace(burst: 600_000, rate: 0, refusals: 60)
        for number in 0..<1000 as Range<UInt32> {
            #expect(table.ask(9, number: number, cost: 6000, pace: off, now: 50) == .counted)
        }
        let found = table.coverage(9)
        let coverage = try #require(found)
        #expect(coverage.distinct == 1000 && coverage.inOrder == 1000 && coverage.media == 6_000_000)
        #expect(table.takeMedia(9) == 6_000_000)
        #expect(table.takeMedia(9) == 0)
    }

    @Test func coverageTellsADownloadFromAViewer() throws {
        let table = try PacingTable("\(scratch.path)/pacing", boot: "b", buckets: 2)
        for number in 0..<10 as Range<UInt32> {
            _ = table.ask(9, number: number, cost: 6000, pace: pace, now: 1000 + number * 60)
        }
        _ = table.ask(9, number: 300, cost: 6000, pace: pace, now: 1000 + 9 * 60 + 3000)
        let found = table.coverage(9)
        let coverage = try #require(found)
        #expect(coverage.distinct == 11 && coverage.inOrder == 10)
        #expect(coverage.longestPause == 300 && coverage.seconds == 354)
    }

    @Test("12 at once over the same stretch: what was served is what was counted")
    func race() throws {
        let path = "\(scratch.path)/race"
        let small = Pace(burst: 300_000, rate: 0 + 1, refusals: 0)
        for round in 0..<20 as Range<UInt64> {
            let threads = 12
            let barrier = Barrier(threads + 1)
            let served = Counter()
            for thread in 0..<threads {
                start {
                    guard let table = try? PacingTable(path, boot: "b", buckets: 64) else { return }
                    barrier.wait()
                    for step in 0..<120 as Range<UInt32> {
                        let number = (step + UInt32(thread) * 7) % 120
                        if table.ask(100 + round * 8, number: number, cost: 6000, pace: small, now: 5) == .counted {
                            served.add()
                        }
                    }
                    barrier.wait()
                }
            }
            barrier.wait()
            barrier.wait()
            let table = try PacingTable(path, boot: "b", buckets: 64)
            #expect(served.value == 50, "300 s hold 50 segments of 6 s")
            #expect(table.coverage(100 + round * 8)?.distinct == 50)
        }
    }
}
