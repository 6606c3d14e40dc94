public import POSIX

/// What a process is doing, in at most 64 bytes of printable ASCII: a route's pattern or a request's kind, never
/// anything a client wrote. Made once, noted for nothing.
public struct RequestLabel: Sendable, Equatable {
    /// No label.
    public static let none = RequestLabel("")

    static let words = 8
    let packed: InlineArray<8, UInt64>

    /// - Parameter text: cut after 64 bytes; bytes that are not printable ASCII become `?`.
    public init(_ text: String) {
        var packed = InlineArray<8, UInt64>(repeating: 0)
        for (index, byte) in text.utf8.prefix(Self.words * 8).enumerated() {
            let shown = byte > 31 && byte < 127 ? byte : UInt8(ascii: "?")
            packed[index / 8] |= UInt64(shown) << (8 * UInt64(index % 8))
        }
        self.packed = packed
    }

    init(_ packed: InlineArray<8, UInt64>) { self.packed = packed }

    /// The text; bytes that another process spoiled are shown as `?`.
    public var text: String {
        var bytes: [UInt8] = []
        for index in 0..<(Self.words * 8) {
            let byte = UInt8(truncatingIfNeeded: packed[index / 8] >> (8 * UInt64(index % 8)))
            if byte == 0 { break }
            bytes.append(byte > 31 && byte < 127 ? byte : UInt8(ascii: "?"))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Same text.
    public static func == (one: RequestLabel, other: RequestLabel) -> Bool {
        for index in 0..<words where one.packed[index] != other.packed[index] { return false }
        return true
    }
}

/// The pool's table in shared memory: a slot of 128 bytes for each child, written by the child, read by the pool.
///
/// Word 0 of a slot is the moment its present request began (monotonic nanoseconds, 0 while idle), word 1 how many it
/// has served, words 8 to 15 the label. No slot is ever trusted: a value out of range reads as idle.
public struct ScoreBoard: ~Copyable, Sendable {
    /// Words of a slot: two cache lines, so that neighbours do not slow each other.
    public static let wordsPerSlot = 16

    static let began = 0
    static let served = 1
    static let label = 8

    /// What children map: give it to them as descriptor 5.
    public let file: Descriptor
    /// How many children fit.
    public let slots: Int
    private let words: SharedWords

    /// Makes an empty table.
    public init(slots: Int) throws(SystemError) {
        let file = try SharedWords.anonymousFile("scoreboard", count: slots * Self.wordsPerSlot)
        words = try SharedWords(file, count: slots * Self.wordsPerSlot)
        self.file = file
        self.slots = slots
    }

    /// What a child said about itself.
    public struct Reading: Sendable, Equatable {
        /// When its present request began, in monotonic nanoseconds; `nil` while it has none.
        public let began: Int64?
        /// Requests it has ended.
        public let served: UInt64

        /// - Parameters: as the properties of the same names.
        public init(began: Int64?, served: UInt64) {
            self.began = began
            self.served = served
        }
    }

    /// Reads a slot.
    public borrowing func read(_ slot: Int) -> Reading {
        let start = slot * Self.wordsPerSlot
        let began = Int64(truncatingIfNeeded: words.load(start + Self.began))
        return Reading(began: began > 0 ? began : nil, served: words.load(start + Self.served))
    }

    /// What the slot's child noted about its present or last request.
    public borrowing func label(_ slot: Int) -> String {
        var packed = InlineArray<8, UInt64>(repeating: 0)
        for index in 0..<RequestLabel.words {
            packed[index] = words.load(slot * Self.wordsPerSlot + Self.label + index)
        }
        return RequestLabel(packed).text
    }

    /// Makes a slot ready for the next child; the one before must be gone.
    public borrowing func clear(_ slot: Int) {
        for index in 0..<Self.wordsPerSlot { words.store(0, at: slot * Self.wordsPerSlot + index) }
    }
}
