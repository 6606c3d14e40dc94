public import Core
internal import Crypto
public import POSIX

/// Who is watching: a record a playback session, written by the gates, read by the keeper.
///
/// Its texts are written under a sequence number that is odd while they change: whoever reads them sees them whole or not
/// at all. A record that nobody touched for long may become another session's.
public struct SessionTable: ~Copyable {
    /// Why a session is refused from now on, or what its owner should know.
    public struct Flags: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt64
        /// - Parameter rawValue: the bits.
        public init(rawValue: UInt64) { self.rawValue = rawValue }
        /// One stream too many over all hosts; the keeper takes it back when there is room.
        public static let surplus = Flags(rawValue: 1)
        /// Another stream of the same user took its place.
        public static let displaced = Flags(rawValue: 2)
        /// It asked for too much too often and was ended.
        public static let ended = Flags(rawValue: 4)
        /// The keeper has seen that it was ended.
        public static let endSeen = Flags(rawValue: 8)
        /// Its viewer stopped it: it is over, its place is another's.
        public static let closed = Flags(rawValue: 16)
    }

    /// A session as the keeper reads it.
    public struct Entry: Sendable, Equatable {
        /// Names the record.
        public let key: UInt64
        /// Whose places its stream has one of, and which name it has there.
        let owner: UInt64
        let place: UInt32
        /// The session.
        public let session: String
        /// Whom limits count for.
        public let user: String
        /// The lesson.
        public let rel: String
        /// The peer's address.
        public let address: String
        /// The program it plays in.
        public let agent: String
        /// Whether an app plays it, no page.
        public let isMobile: Bool
        /// Streams its user may have at once; 0 without a limit.
        public let limit: Int
        /// Wall-clock seconds of the first and of the last request.
        public let first: Int64
        /// See `first`.
        public let last: Int64
        /// Wall-clock seconds of the last media or key; 0 before there was one.
        public let lastMedia: Int64
        /// Requests let through.
        public let requests: UInt64
        /// Requests refused.
        public let refusals: UInt64
        /// Why the last of those was refused.
        public let lastRefusal: Refusal?
        /// What stands against it.
        public let flags: Flags
        /// Names the record of its way through the title (`PacingTable`); 0 before it fetched media.
        public let viewer: UInt64
    }

    /// The longest text of each kind, in bytes.
    private enum Text {
        static let session = (word: 16, words: 16)
        static let user = (word: 32, words: 16)
        static let rel = (word: 48, words: 33)
        static let address = (word: 81, words: 6)
        static let agent = (word: 87, words: 8)
    }
    private static let recordWords = 96
    /// Ticks after which a record may be another's: ten minutes.
    static let keep: UInt32 = 6000

    let table: TableFile

    /// - Parameters:
    ///   - path: the file that all processes of the host share.
    ///   - boot: see `TableFile`.
    ///   - buckets: of eight sessions each; a power of two.
    public init(_ path: String, boot: String, buckets: Int = 4096) throws(SystemError) {
        table = try TableFile(path, .init(record: Self.recordWords, ways: 8, buckets: buckets), boot: boot)
    }

    /// Where a session's record begins, or `nil`.
    borrowing func find(_ key: UInt64) -> Int? { table.find(key) }

    /// Where the session's record begins; one is made where there is none. `nil` when there is no room.
    borrowing func claim(_ key: UInt64, wall: Int64, now: UInt32) -> Int? {
        table.claim(key) { at in
            let age = UInt32(clamping: idle(at, now: now))
            return age > Self.keep ? age : nil
        } prepare: { at in
            for index in 1..<Self.recordWords { table.words.store(0, at: at + index) }
            table.words.store(UInt64(now), at: at + 1)
            table.words.store(UInt64(clamping: wall), at: at + 2)
        }
    }

    /// What stands against the session of a record.
    borrowing func flags(_ at: Int) -> Flags { Flags(rawValue: table.words.load(at + 10)) }

    /// Ticks since its last request, let through or not.
    borrowing func idle(_ at: Int, now: UInt32) -> Int64 {
        let seen = UInt32(truncatingIfNeeded: table.words.load(at + 1))
        return now > seen ? Int64(now - seen) : 0
    }

    borrowing func raise(_ flags: Flags, _ at: Int) { _ = table.words.setBits(flags.rawValue, at: at + 10) }

    borrowing func lower(_ flags: Flags, _ at: Int) { table.words.clearBits(flags.rawValue, at: at + 10) }

    /// A request was let through.
    borrowing func touch(_ at: Int, wall: Int64, now: UInt32, isMedia: Bool, viewer: UInt64) {
        if UInt64(now) != table.words.load(at + 1) { table.words.store(UInt64(now), at: at + 1) }
        table.words.store(UInt64(clamping: wall), at: at + 3)
        if isMedia { table.words.store(UInt64(clamping: wall), at: at + 4) }
        if viewer != 0 { table.words.store(viewer, at: at + 9) }
        table.words.add(1, at: at + 5)
    }

    /// A request was refused.
    borrowing func refuse(_ at: Int, _ refusal: Refusal, wall: Int64, now: UInt32) {
        table.words.store(UInt64(now), at: at + 1)
        table.words.store(UInt64(clamping: wall), at: at + 3)
        table.words.add(1, at: at + 6)
        table.words.store(UInt64(Self.number(of: refusal)), at: at + 7)
    }

    /// Counts a refusal for pace.
    ///
    /// - Returns: how many there were within the last minute.
    borrowing func countPaced(_ at: Int, now: UInt32) -> Int64 {
        while true {
            let old = table.words.load(at + 8)
            let began = UInt32(truncatingIfNeeded: old >> 32)
            let fresh = old == 0 || now > began && now - began > 600
            let new = fresh ? UInt64(now) << 32 | 1 : old &+ 1
            if table.words.exchange(old, for: new, at: at + 8) { return Int64(new & 0xFFFF_FFFF) }
        }
    }

    /// Writes the texts when the record says something else (`mark` is their hash).
    borrowing func describe(
        _ at: Int, _ names: Names, mark: UInt64, isMobile: Bool, limit: Int, session: Span<UInt8>, user: Span<UInt8>,
        rel: Span<UInt8>, address: Span<UInt8>, agent: Span<UInt8>
    ) {
        if table.words.load(at + 11) == mark { return }
        let key = table.words.load(at)
        table.exclusively(key) {
            guard table.words.load(at) == key, table.words.load(at + 11) != mark else { return }
            // One that died while it wrote left the number odd: it stays odd until this writer is through.
            let sequence = table.words.load(at + 12) | 1
            table.words.store(sequence, at: at + 12)
            table.words.store(UInt64(names.place) << 32 | UInt64(limit) << 8 | (isMobile ? 1 : 0), at: at + 13)
            table.words.store(names.user, at: at + 15)
            var lengths: UInt64 = 0
            put(session, at, Text.session, 0, &lengths)
            put(user, at, Text.user, 12, &lengths)
            put(rel, at, Text.rel, 24, &lengths)
            put(address, at, Text.address, 36, &lengths)
            put(agent, at, Text.agent, 48, &lengths)
            table.words.store(lengths, at: at + 14)
            table.words.store(mark, at: at + 11)
            table.words.store(sequence &+ 1, at: at + 12)
        }
    }

    private borrowing func put(
        _ text: Span<UInt8>, _ at: Int, _ place: (word: Int, words: Int), _ shift: UInt64, _ lengths: inout UInt64
    ) {
        let count = min(text.count, place.words * 8)
        lengths |= UInt64(count) << shift
        for word in 0..<((count + 7) / 8) {
            var value: UInt64 = 0
            for byte in 0..<min(8, count - 8 * word) { value |= UInt64(text[8 * word + byte]) << (8 * UInt64(byte)) }
            table.words.store(value, at: at + place.word + word)
        }
    }

    /// Every session that has texts.
    public borrowing func entries() -> [Entry] {
        (0..<table.records).compactMap { entry(table.start(of: $0)) }
    }

    borrowing func entry(_ at: Int) -> Entry? {
        let key = table.words.load(at)
        guard key > TableFile.nobody else { return nil }
        let sequence = table.words.load(at + 12)
        guard sequence & 1 == 0, sequence != 0 else { return nil }
        let lengths = table.words.load(at + 14)
        let facts = table.words.load(at + 13)
        let code = Int(table.words.load(at + 7))
        let entry = Entry(
            key: key, owner: table.words.load(at + 15), place: UInt32(truncatingIfNeeded: facts >> 32),
            session: text(at, Text.session, lengths), user: text(at, Text.user, lengths >> 12),
            rel: text(at, Text.rel, lengths >> 24), address: text(at, Text.address, lengths >> 36),
            agent: text(at, Text.agent, lengths >> 48), isMobile: facts & 1 == 1, limit: Int(facts >> 8 & 15),
            first: Int64(clamping: table.words.load(at + 2)), last: Int64(clamping: table.words.load(at + 3)),
            lastMedia: Int64(clamping: table.words.load(at + 4)), requests: table.words.load(at + 5),
            refusals: table.words.load(at + 6), lastRefusal: Self.refusal(code), flags: flags(at),
            viewer: table.words.load(at + 9))
        guard table.words.load(at + 12) == sequence, table.words.load(at) == key else { return nil }
        return entry
    }

    private borrowing func text(_ at: Int, _ place: (word: Int, words: Int), _ length: UInt64) -> String {
        let count = min(Int(length & 0xFFF), place.words * 8)
        let bytes = (0..<count).map { index in
            UInt8(truncatingIfNeeded: table.words.load(at + place.word + index / 8) >> (8 * UInt64(index % 8)))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A refusal as a number that processes of one version share; 0 is none.
    private static func number(of refusal: Refusal) -> Int {
        switch refusal {
        case .revoked: 1
        case .limitStreams: 2
        case .limitDevices: 3
        case .paced: 4
        default: 5
        }
    }

    private static func refusal(_ number: Int) -> Refusal? {
        switch number {
        case 1: .revoked
        case 2: .limitStreams
        case 3: .limitDevices
        case 4: .paced
        case 5: .refused
        default: nil
        }
    }
}
