public import POSIX

/// How fast a title may be fetched: a token bucket of media time for each viewer of a title.
public struct Pace: Sendable, Equatable {
    /// Media milliseconds the bucket holds when it is full.
    public let burst: Int64
    /// Media milliseconds it gains in a second; 0 switches pacing off.
    public let rate: Int64
    /// Refusals within a minute that end a session; 0 never does.
    public let refusals: Int64

    /// - Parameters: as the properties.
    public init(burst: Int64, rate: Int64, refusals: Int64) {
        self.burst = min(max(0, burst), Int64(UInt32.max))
        self.rate = rate
        self.refusals = refusals
    }
}

/// What a viewer has fetched of a title, by segment number: all qualities and the sound are cut at the same times, so
/// one number is one stretch of media time, whichever of them it was.
///
/// A record is a head of eight words and 8,192 bits, one a number (13 hours of six seconds, after which numbers count as
/// those 8,192 before). The time is reserved in the bucket before the bit is set, and given back when the bit was set
/// already: a crash in between counts one segment too many, never one too few.
public struct PacingTable: ~Copyable {
    static let bits = 8192
    private static let headWords = 8
    /// Ticks (tenths of a second) after which a record may be another's when there is no free one: an hour, in which every
    /// bucket is full again.
    static let keep: UInt32 = 36_000

    let table: TableFile

    /// What came of asking for a segment.
    public enum Outcome: Equatable, Sendable {
        /// It was fetched before, whatever the quality.
        case free
        /// Its time was taken from the bucket.
        case counted
        /// The bucket holds too little: come again after so many seconds.
        case wait(Int)
        /// There is no room to count.
        case uncounted
    }

    /// What is known of a viewer's way through a title.
    public struct Coverage: Sendable, Equatable {
        /// Different segments fetched.
        public let distinct: Int
        /// How many of them followed their predecessor.
        public let inOrder: Int
        /// Milliseconds of media those hold.
        public let media: Int64
        /// Seconds from the first to the last of them.
        public let seconds: Double
        /// The longest time without a new one, in seconds.
        public let longestPause: Double

        /// - Parameters: as the properties.
        public init(distinct: Int, inOrder: Int, media: Int64, seconds: Double, longestPause: Double) {
            self.distinct = distinct
            self.inOrder = inOrder
            self.media = media
            self.seconds = seconds
            self.longestPause = longestPause
        }
    }

    /// - Parameters:
    ///   - path: the file that all processes of the host share.
    ///   - boot: see `TableFile`.
    ///   - buckets: of eight records each; a power of two.
    public init(_ path: String, boot: String, buckets: Int = 4096) throws(SystemError) {
        table = try TableFile(
            path, .init(record: Self.headWords + Self.bits / 64, ways: 8, buckets: buckets), boot: boot)
    }

    /// Asks for a segment.
    ///
    /// - Parameters:
    ///   - viewer: 64 bits that name who watches what; above 1.
    ///   - number: the segment's.
    ///   - cost: milliseconds of media in it.
    ///   - pace: how fast it may go.
    ///   - now: ticks of a tenth of a second.
    public borrowing func ask(_ viewer: UInt64, number: UInt32, cost: Int64, pace: Pace, now: UInt32) -> Outcome {
        guard let at = table.find(viewer) ?? make(viewer, pace, now) else { return .uncounted }
        let bit = Int(number) % Self.bits
        let word = at + Self.headWords + bit / 64
        let mask: UInt64 = 1 << UInt64(bit % 64)
        if table.words.load(word) & mask != 0 { return .free }
        if pace.rate > 0 {
            while true {
                let old = table.words.load(at + 1)
                let level = Self.level(old, pace, now)
                if level < cost { return .wait(Int(max(1, (cost - level + pace.rate - 1) / pace.rate))) }
                let tick = max(now, UInt32(truncatingIfNeeded: old))
                if table.words.exchange(old, for: UInt64(level - cost) << 32 | UInt64(tick), at: at + 1) { break }
            }
        }
        if table.words.setBits(mask, at: word) != 0 {
            if pace.rate > 0 { giveBack(at, cost, pace) }
            return .free
        }
        note(at, number, cost, now)
        return .counted
    }

    /// The bucket's level now: never above the burst, and a pause earns no more than that.
    private static func level(_ word: UInt64, _ pace: Pace, _ now: UInt32) -> Int64 {
        let then = UInt32(truncatingIfNeeded: word)
        let ticks = Int64(now > then ? now - then : 0)
        return min(pace.burst, Int64(word >> 32) + ticks * pace.rate / 10)
    }

    private borrowing func giveBack(_ at: Int, _ cost: Int64, _ pace: Pace) {
        while true {
            let old = table.words.load(at + 1)
            let level = min(pace.burst, Int64(old >> 32) + cost)
            if table.words.exchange(old, for: UInt64(level) << 32 | old & 0xFFFF_FFFF, at: at + 1) { return }
        }
    }

    private borrowing func make(_ viewer: UInt64, _ pace: Pace, _ now: UInt32) -> Int? {
        table.claim(viewer) { at in
            let last = UInt32(truncatingIfNeeded: table.words.load(at + 4) >> 32)
            let age = now > last ? now - last : 0
            return age > Self.keep ? age : nil
        } prepare: { at in
            for index in 2..<(Self.headWords + Self.bits / 64) { table.words.store(0, at: at + index) }
            table.words.store(UInt64(pace.burst) << 32 | UInt64(now), at: at + 1)
            table.words.store(0xFFFF_FFFF << 32 | UInt64(now), at: at + 3)
            table.words.store(UInt64(now) << 32, at: at + 4)
        }
    }

    // Word 2: {distinct : 32 | in order : 32}; 3: {last number : 32 | first tick : 32}; 4: {last tick : 32 | longest pause :
    // 32}; 5: milliseconds of media; 6: those of them that were taken note of. Only statistics: two processes that write
    // at once may lose one step of the order.
    private borrowing func note(_ at: Int, _ number: UInt32, _ cost: Int64, _ now: UInt32) {
        let words = 3
        let last = table.words.load(at + words)
        let inOrder = UInt32(truncatingIfNeeded: last >> 32) &+ 1 == number
        table.words.store(UInt64(number) << 32 | last & 0xFFFF_FFFF, at: at + words)
        table.words.add(1 << 32 | (inOrder ? 1 : 0), at: at + 2)
        let times = table.words.load(at + 4)
        let before = UInt32(truncatingIfNeeded: times >> 32)
        let pause = max(UInt32(truncatingIfNeeded: times), now > before ? now - before : 0)
        table.words.store(UInt64(max(now, before)) << 32 | UInt64(pause), at: at + 4)
        table.words.add(UInt64(max(0, cost)), at: at + 5)
    }

    /// A viewer's way through a title so far.
    public borrowing func coverage(_ viewer: UInt64) -> Coverage? {
        guard let at = table.find(viewer) else { return nil }
        let counts = table.words.load(at + 2)
        let first = UInt32(truncatingIfNeeded: table.words.load(at + 3))
        let times = table.words.load(at + 4)
        let last = UInt32(truncatingIfNeeded: times >> 32)
        return Coverage(
            distinct: Int(counts >> 32), inOrder: Int(counts & 0xFFFF_FFFF),
            media: Int64(clamping: table.words.load(at + 5)), seconds: Double(last > first ? last - first : 0) / 10,
            longestPause: Double(UInt32(truncatingIfNeeded: times)) / 10)
    }

    /// Milliseconds of media that were counted since this was last asked.
    public borrowing func takeMedia(_ viewer: UInt64) -> Int64 {
        guard let at = table.find(viewer) else { return 0 }
        let total = table.words.load(at + 5)
        let noted = table.words.load(at + 6)
        guard total > noted else { return 0 }
        table.words.store(total, at: at + 6)
        return Int64(clamping: total - noted)
    }

    /// How often there was no record for a viewer.
    public var full: UInt64 { table.full }
}
