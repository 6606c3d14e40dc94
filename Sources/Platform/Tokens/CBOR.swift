internal import Core

/// Reads CBOR (RFC 8949) in place, allocating nothing, and takes one spelling of each thing only: shortest numbers,
/// definite lengths, no floating point, texts that are UTF-8, map keys that are numbers or texts and differ.
struct CBOR {
    /// Where the next item begins.
    var at = 0

    /// One item; of arrays, maps and tags its head.
    enum Item {
        case unsigned(Int64)
        /// A negative number.
        case negative(Int64)
        /// Where the bytes lie.
        case bytes(Range<Int>)
        /// Where the text lies.
        case text(Range<Int>)
        /// How many items follow.
        case array(Int)
        /// How many pairs follow.
        case map(Int)
        /// What the next item is.
        case tag(Int64)
        /// false, true or null.
        case simple
    }

    /// Reads an item's head; `nil` for anything not as above.
    mutating func next(_ source: Span<UInt8>) -> Item? {
        guard at < source.count else { return nil }
        let first = source[at]
        let low = first & 31
        var value = UInt64(low)
        var size = 1
        if first >> 5 == 7 {
            guard (20...22).contains(low) else { return nil }
            at += 1
            return .simple
        }
        if low >= 24 {
            guard low <= 27 else { return nil }
            let more = 1 << Int(low - 24)
            guard source.count - at > more else { return nil }
            value = 0
            for index in 1...more { value = value << 8 | UInt64(source[at + index]) }
            let least: UInt64 = more == 1 ? 24 : 1 << UInt64(more * 4)
            guard value >= least else { return nil }
            size += more
        }
        guard let number = Int64(exactly: value) else { return nil }
        let start = at + size
        let left = source.count - start
        switch first >> 5 {
        case 0:
            at = start
            return .unsigned(number)
        case 1:
            at = start
            return .negative(-1 - number)
        case 2, 3:
            guard number <= left else { return nil }
            let range = start..<(start + Int(number))
            if first >> 5 == 3, !isText(source.extracting(range)) { return nil }
            at = range.upperBound
            return first >> 5 == 2 ? .bytes(range) : .text(range)
        case 4:
            guard number <= left else { return nil }
            at = start
            return .array(Int(number))
        case 5:
            guard number <= left / 2 else { return nil }
            at = start
            return .map(Int(number))
        default:
            at = start
            return .tag(number)
        }
    }

    /// Passes over one whole item; of tags only those of addresses (RFC 9164) are known.
    mutating func skip(_ source: Span<UInt8>, depth: Int = 0) -> Bool {
        guard depth < 8, let item = next(source) else { return false }
        switch item {
        case .unsigned, .negative, .bytes, .text, .simple: return true
        case .tag(let tag): return (tag == 52 || tag == 54) && skip(source, depth: depth + 1)
        case .array(let count):
            for _ in 0..<count where !skip(source, depth: depth + 1) { return false }
            return true
        case .map(let count): return pairs(count, source, depth: depth + 1) { _, _ in }
        }
    }

    /// Passes over the pairs of a map of at most 32, and calls `body` with where each key and its value lie.
    ///
    /// - Returns: whether they are as above.
    mutating func pairs(
        _ count: Int, _ source: Span<UInt8>, depth: Int = 0, _ body: (Range<Int>, Range<Int>) -> Void
    ) -> Bool {
        guard count <= 32 else { return false }
        var keys = InlineArray<32, Range<Int>>(repeating: 0..<0)
        for pair in 0..<count {
            let start = at
            switch next(source) {
            case .unsigned, .negative, .text: break
            default: return false
            }
            let key = start..<at
            // One spelling each: the same key is the same bytes.
            for index in 0..<pair where source.extracting(keys[index]).equals(source.extracting(key)) { return false }
            keys[pair] = key
            guard skip(source, depth: depth) else { return false }
            body(key, key.upperBound..<at)
        }
        return true
    }

    private func isText(_ bytes: Span<UInt8>) -> Bool {
        do {
            _ = try UTF8Span(validating: bytes)
            return true
        } catch { return false }
    }
}

/// Writes what `CBOR` reads.
enum CBORWriter {
    static func head(_ major: UInt8, _ value: UInt64) -> [UInt8] {
        let more = value < 24 ? 0 : value <= 0xFF ? 1 : value <= 0xFFFF ? 2 : value <= 0xFFFF_FFFF ? 4 : 8
        if more == 0 { return [major << 5 | UInt8(value)] }
        let low: UInt8 = more == 1 ? 24 : more == 2 ? 25 : more == 4 ? 26 : 27
        return [major << 5 | low] + (0..<more).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (more - 1 - $0))) }
    }

    static func number(_ value: Int64) -> [UInt8] {
        value < 0 ? head(1, UInt64(-1 - value)) : head(0, UInt64(value))
    }

    static func bytes(_ bytes: [UInt8]) -> [UInt8] { head(2, UInt64(bytes.count)) + bytes }

    static func text(_ text: String) -> [UInt8] { head(3, UInt64(text.utf8.count)) + Array(text.utf8) }

    static func array(_ items: [[UInt8]]) -> [UInt8] { head(4, UInt64(items.count)) + items.flatMap { $0 } }

    /// Keys in the order of their bytes (RFC 8949 §4.2.1).
    static func map(_ pairs: [(key: [UInt8], value: [UInt8])]) -> [UInt8] {
        let sorted = pairs.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return head(5, UInt64(pairs.count)) + sorted.flatMap { $0.key + $0.value }
    }

    static func tag(_ tag: UInt64, _ item: [UInt8]) -> [UInt8] { head(6, tag) + item }
}
