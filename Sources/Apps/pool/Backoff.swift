/// When a role's dead children come back: the first at once, then later and later, until a minute was quiet.
///
/// Children that die while the role already waits come back together with it, so that one cause counts once.
struct Backoff: Sendable {
    /// Deaths within a minute from which on a person is told.
    static let loop = 10
    /// How long a role must be quiet to start afresh, and the span in which deaths are counted.
    static let quiet: Int64 = 60 * .second

    private var level = 0
    private var failedStarts = 0
    private var closedUntil: Int64 = .min
    private var deaths: [Int64] = []
    private var told: Int64?

    /// Notes that a child became ready: starting works.
    mutating func started() { failedStarts = 0 }

    /// Notes a death.
    ///
    /// - Parameters:
    ///   - now: in monotonic nanoseconds.
    ///   - served: whether the child had said it was ready. One that was is followed within 1 s, because requests wait;
    ///     after several that never were it takes up to 30 s: what they lack (a setting, a file) comes back slowly.
    /// - Returns: when its successor may start, and how many died in the last minute when that is worth an alert
    ///   (once a minute).
    mutating func death(at now: Int64, served: Bool) -> (restart: Int64, loop: Int?) {
        if let last = deaths.last, now - last >= Self.quiet { (level, failedStarts) = (0, 0) }
        deaths.removeAll { now - $0 >= Self.quiet }
        deaths.append(now)
        if now >= closedUntil {
            closedUntil = now + Self.delay(served ? level : failedStarts, served: served)
            if served { level = min(level + 1, 12) } else { failedStarts = min(failedStarts + 1, 12) }
        }
        let due = deaths.count >= Self.loop && told.map { now - $0 >= Self.quiet } ?? true
        if due { told = now }
        return (closedUntil, due ? deaths.count : nil)
    }

    /// Nanoseconds before the restart after `level` earlier ones.
    static func delay(_ level: Int, served: Bool) -> Int64 {
        if level == 0 { return 0 }
        let doubled = (50 * Int64.millisecond) << Int64(min(level - 1, 12))
        return min(doubled, served ? .second : 30 * .second)
    }
}
