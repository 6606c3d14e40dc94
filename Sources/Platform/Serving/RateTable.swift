public import POSIX

/// Counts events a minute for many names, in one table that all processes of a host map: a word a name, changed by
/// compare-and-swap, so that a process that dies in the middle leaves nothing to repair.
///
/// A word holds a tag of the name (14 bits), the minute (12), the count in it (19) and the count in the one before (19).
/// The events of the last 60 s are taken as count + previous × the share of the previous minute that still counts.
/// A name has eight places; when all are taken by names that count now, the one that counted least makes room.
public struct RateTable: ~Copyable, Sendable {
    private static let ways = 8
    /// Names there are places for.
    public static let places = 65_536
    /// The highest limit that can be counted.
    public static let highest = 500_000

    private let words: SharedWords

    /// Maps the table in a file, which is made when it is not there.
    public init(_ file: borrowing Descriptor) throws(SystemError) {
        words = try SharedWords(file, count: Self.places)
    }

    /// Counts one event, unless the limit is reached.
    ///
    /// - Parameters:
    ///   - name: 64 bits that name whoever is counted; spread evenly.
    ///   - limit: events in a minute.
    ///   - now: monotonic seconds, the same for all processes of the host.
    /// - Returns: `nil` when it was counted, else after how many seconds to come again.
    public borrowing func admit(_ name: UInt64, limit: Int64, now: Int64) -> Int? {
        let limit = min(max(0, limit), Int64(Self.highest))
        let minute = UInt64(truncatingIfNeeded: now / 60) & 0xFFF
        let second = now % 60
        let set = Int(truncatingIfNeeded: name % UInt64(Self.places / Self.ways)) * Self.ways
        let tag = name >> 50
        while true {
            let index = place(set, tag: tag, minute: minute)
            let old = words.load(index)
            var (count, previous): (Int64, Int64) = (0, 0)
            if old != 0, old >> 50 == tag {
                let age = (minute &- Self.minute(old)) & 0xFFF
                if age == 0 { (count, previous) = (Self.count(old), Self.previous(old)) }
                if age == 1 { previous = Self.count(old) }
            }
            if count + previous * (60 - second) / 60 >= limit {
                return Self.wait(count: count, previous: previous, limit: limit, second: second)
            }
            let new = tag << 50 | minute << 38 | UInt64(count + 1) << 19 | UInt64(previous)
            if words.exchange(old, for: new, at: index) { return nil }
        }
    }

    /// Takes back one event that was counted in this minute.
    ///
    /// - Parameters: as of `admit`.
    public borrowing func forgive(_ name: UInt64, now: Int64) {
        let minute = UInt64(truncatingIfNeeded: now / 60) & 0xFFF
        let set = Int(truncatingIfNeeded: name % UInt64(Self.places / Self.ways)) * Self.ways
        while true {
            let index = place(set, tag: name >> 50, minute: minute)
            let old = words.load(index)
            guard old != 0, old >> 50 == name >> 50, Self.minute(old) == minute, Self.count(old) > 0 else { return }
            if words.exchange(old, for: old - (1 << 19), at: index) { return }
        }
    }

    private borrowing func place(_ set: Int, tag: UInt64, minute: UInt64) -> Int {
        var free: Int?
        var least = set
        var leastCount = Int64.max
        for index in set..<(set + Self.ways) {
            let word = words.load(index)
            let live = word != 0 && (minute &- Self.minute(word)) & 0xFFF <= 1
            if live, word >> 50 == tag { return index }
            if !live {
                if free == nil { free = index }
            } else if Self.count(word) + Self.previous(word) < leastCount {
                least = index
                leastCount = Self.count(word) + Self.previous(word)
            }
        }
        return free ?? least
    }

    private static func minute(_ word: UInt64) -> UInt64 { word >> 38 & 0xFFF }
    private static func count(_ word: UInt64) -> Int64 { Int64(word >> 19 & 0x7FFFF) }
    private static func previous(_ word: UInt64) -> Int64 { Int64(word & 0x7FFFF) }

    /// Seconds until one more fits, if nothing else comes.
    private static func wait(count: Int64, previous: Int64, limit: Int64, second: Int64) -> Int {
        func fits(_ previous: Int64, _ count: Int64, _ second: Int64) -> Bool {
            count + previous * (60 - second) / 60 < limit
        }
        for ahead in 1...119 {
            let then = second + Int64(ahead)
            if then < 60 ? fits(previous, count, then) : fits(count, 0, then - 60) { return ahead }
        }
        return 120
    }
}
