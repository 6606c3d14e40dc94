public import POSIX

/// Who holds which of an owner's places, exact whatever races: streams of a user, devices of a user.
///
/// A record is 128 bytes: the owner, and 15 words {name : 32 | last seen : 32}. Whoever has a limit L may only take the
/// places 0 ..< L, and takes one by a single compare-and-swap from "free or expired" to itself: no count is ever
/// trusted, so nothing can be over-admitted, and whoever dies leaves at worst a place that expires.
public struct PlaceTable: ~Copyable {
    /// Places of an owner, and with that the highest limit.
    public static let places = 15

    let table: TableFile
    /// Ticks a place is held after it was last seen.
    let window: UInt32

    /// What came of a visit.
    public enum Outcome: Equatable, Sendable {
        /// It has a place.
        case admitted
        /// All places are held by others.
        case limited
        /// The table has no room for another owner: nobody counts.
        case uncounted
    }

    /// - Parameters:
    ///   - path: the file that all processes of the host share.
    ///   - window: ticks a place is held after it was last seen.
    ///   - boot: see `TableFile`.
    ///   - buckets: of 16 owners each; a power of two.
    public init(_ path: String, window: UInt32, boot: String, buckets: Int = 4096) throws(SystemError) {
        table = try TableFile(path, .init(record: 16, ways: 16, buckets: buckets), boot: boot)
        self.window = window
    }

    /// Touches the place of `name`, or takes one for it.
    ///
    /// - Parameters:
    ///   - owner: 64 bits that name whose places these are; above 1.
    ///   - name: 32 bits that name who wants one, made of the owner, too (old names stay in a reused record); not 0.
    ///   - limit: how many places there are, 1…15.
    ///   - clock: ticks, the same for all processes; read once, and again when a record is made.
    public borrowing func visit(
        _ owner: UInt64, _ name: UInt32, limit: Int, clock: () -> UInt32
    ) -> Outcome {
        var now = clock()
        while true {
            guard let at = record(owner, &now, clock) else { return .uncounted }
            let seen = look(at, name, now)
            if let own = seen.own, own.place < limit || age(own.word, now) <= window {
                // No store within one tick; a word newer than our clock stays as it is.
                if now > Self.time(own.word), !swap(at, own.place, own.word, Self.word(name, now)) { continue }
                if table.words.load(at) == owner { return .admitted }
                continue
            }
            guard seen.live < limit, let free = seen.free, free.place < limit else { return .limited }
            // A place that was given back keeps its time, so that a slow clock can't take it too early.
            now = max(now, Self.time(free.word))
            guard swap(at, free.place, free.word, Self.word(name, now)) else { continue }
            guard table.words.load(at) == owner else {
                // The record was taken over meanwhile.
                _ = swap(at, free.place, Self.word(name, now), Self.word(0, now))
                continue
            }
            if settle(at, free.place, name, now) { return .admitted }
        }
    }

    /// Whether `name` would be turned away now; takes nothing.
    public borrowing func isLimited(_ owner: UInt64, _ name: UInt32, limit: Int, now: UInt32) -> Bool {
        guard let at = table.find(owner) else { return false }
        let seen = look(at, name, now)
        if let own = seen.own, own.place < limit || age(own.word, now) <= window { return false }
        return seen.live >= limit || (seen.free?.place ?? limit) >= limit
    }

    /// Gives `name` the place of whoever `order` puts first among those that hold one.
    ///
    /// - Parameter order: the least goes.
    /// - Returns: whose place it was; `nil` when the places changed meanwhile: visit again.
    public borrowing func displace(
        _ owner: UInt64, for name: UInt32, limit: Int, now: UInt32, order: (UInt32) -> UInt64
    ) -> UInt32? {
        guard let at = table.find(owner) else { return nil }
        var least: (place: Int, word: UInt64, order: UInt64)?
        for place in 0..<min(limit, Self.places) {
            let word = table.words.load(at + 1 + place)
            guard Self.name(word) != 0, Self.name(word) != name else { continue }
            let rank = order(Self.name(word))
            if least.map({ rank < $0.order }) ?? true { least = (place, word, rank) }
        }
        guard let least, swap(at, least.place, least.word, Self.word(name, max(now, Self.time(least.word)))) else {
            return nil
        }
        return Self.name(least.word)
    }

    /// Gives the place of `name` back.
    public borrowing func release(_ owner: UInt64, _ name: UInt32) {
        guard let at = table.find(owner) else { return }
        for place in 0..<Self.places {
            let word = table.words.load(at + 1 + place)
            if Self.name(word) == name { _ = swap(at, place, word, Self.word(0, Self.time(word))) }
        }
    }

    /// Who holds a place now.
    public borrowing func holders(_ owner: UInt64, now: UInt32) -> [UInt32] {
        guard let at = table.find(owner) else { return [] }
        return (0..<Self.places).compactMap { place in
            let word = table.words.load(at + 1 + place)
            return Self.name(word) != 0 && age(word, now) <= window ? Self.name(word) : nil
        }
    }

    /// How often there was no record for an owner.
    public var full: UInt64 { table.full }

    private typealias Place = (place: Int, word: UInt64)

    /// The first place of `name`, how many others live, and the first place that can be had.
    private borrowing func look(_ at: Int, _ name: UInt32, _ now: UInt32) -> (own: Place?, live: Int, free: Place?) {
        var own: Place?
        var free: Place?
        var live = 0
        for place in 0..<Self.places {
            let word = table.words.load(at + 1 + place)
            if Self.name(word) == name {
                if own == nil { own = (place, word) }
            } else if Self.name(word) != 0, age(word, now) <= window {
                live += 1
            } else if free == nil {
                free = (place, word)
            }
        }
        return (own, live, free)
    }

    /// Two first visits of one name may both have taken a place: the newer stays, of equal ones the lower.
    ///
    /// - Returns: whether ours is the one.
    private borrowing func settle(_ at: Int, _ mine: Int, _ name: UInt32, _ now: UInt32) -> Bool {
        for place in 0..<Self.places where place != mine {
            let word = table.words.load(at + 1 + place)
            guard Self.name(word) == name else { continue }
            if Self.time(word) > now || (Self.time(word) == now && place < mine) {
                _ = swap(at, mine, Self.word(name, now), Self.word(0, Self.time(word)))
                return false
            }
            if !swap(at, place, word, Self.word(0, now)) { return false }
        }
        return true
    }

    private borrowing func record(_ owner: UInt64, _ now: inout UInt32, _ clock: () -> UInt32) -> Int? {
        if let found = table.find(owner) { return found }
        var later = now
        let keep = window &* 4
        let found = table.claim(owner) { at in
            // The order of the lock is the order of time.
            later = max(later, clock())
            var youngest = UInt32.max
            for place in 0..<Self.places { youngest = min(youngest, age(table.words.load(at + 1 + place), later)) }
            return youngest > keep ? youngest : nil
        } prepare: { _ in
        }
        now = max(later, clock())
        return found
    }

    private func age(_ word: UInt64, _ now: UInt32) -> UInt32 {
        let seen = Self.time(word)
        return now > seen ? now - seen : 0
    }

    private borrowing func swap(_ at: Int, _ place: Int, _ old: UInt64, _ new: UInt64) -> Bool {
        table.words.exchange(old, for: new, at: at + 1 + place)
    }

    private static func word(_ name: UInt32, _ time: UInt32) -> UInt64 { UInt64(name) << 32 | UInt64(time) }
    private static func name(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word >> 32) }
    private static func time(_ word: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: word) }
}
