import Jobs
import Testing

@Suite struct BackoffTests {
    @Test(
        "R05 waits double, end at the longest, and are spread by a quarter",
        arguments: [
            (1, 0.5, 2.0), (2, 0.5, 4.0), (3, 0.5, 8.0), (9, 0.5, 512.0), (10, 0.5, 600.0), (64, 0.5, 600.0),
            (1_000_000, 0.5, 600.0), (1, 0.0, 1.5), (1, 1.0, 2.5), (0, 0.5, 2.0), (-3, 0.5, 2.0),
        ])
    func waits(failures: Int, chance: Double, seconds: Double) {
        #expect(Backoff.seconds(failures: failures, chance: chance) == seconds)
    }
}
