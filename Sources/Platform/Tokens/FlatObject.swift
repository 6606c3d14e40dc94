internal import Core

/// Reads the members of one JSON object in place, allocating nothing: what a token's header and claims need on the hot
/// path. Stricter than the reader in Core, never laxer: names and the texts handed out hold no escape, names differ,
/// at most 32 members, exponents have two digits; nested values are checked and passed over.
enum FlatObject {
    /// A member's value.
    enum Value {
        /// Where a text without escapes lies.
        case text(Range<Int>)
        /// A whole number that fits 64 bits.
        case integer(Int64)
        /// Anything else: null, truth values, fractions, arrays, objects, texts with escapes.
        case other
    }

    /// Calls `body` with where each name lies and its value.
    ///
    /// - Returns: whether the bytes are one such object and nothing else.
    static func scan(_ bytes: Span<UInt8>, _ body: (Range<Int>, Value) -> Void) -> Bool {
        var scanner = Scanner(at: 0)
        return scanner.object(bytes, body) && scanner.at == bytes.count
    }

    private struct Scanner {
        var at: Int

        mutating func object(_ bytes: Span<UInt8>, _ body: (Range<Int>, Value) -> Void) -> Bool {
            var names = InlineArray<32, Range<Int>>(repeating: 0..<0)
            var count = 0
            skipSpace(bytes)
            guard take(bytes, UInt8(ascii: "{")) else { return false }
            skipSpace(bytes)
            if take(bytes, UInt8(ascii: "}")) {
                skipSpace(bytes)
                return true
            }
            while true {
                skipSpace(bytes)
                guard count < 32, let (name, plain) = text(bytes), plain else { return false }
                for index in 0..<count where bytes.extracting(names[index]).equals(bytes.extracting(name)) {
                    return false
                }
                names[count] = name
                count += 1
                skipSpace(bytes)
                guard take(bytes, UInt8(ascii: ":")), let value = value(bytes, depth: 0) else { return false }
                body(name, value)
                skipSpace(bytes)
                if take(bytes, UInt8(ascii: ",")) { continue }
                guard take(bytes, UInt8(ascii: "}")) else { return false }
                skipSpace(bytes)
                return true
            }
        }

        private mutating func value(_ bytes: Span<UInt8>, depth: Int) -> Value? {
            skipSpace(bytes)
            guard at < bytes.count, depth < 8 else { return nil }
            switch bytes[at] {
            case UInt8(ascii: "\""):
                guard let (range, plain) = text(bytes) else { return nil }
                return plain ? .text(range) : .other
            case UInt8(ascii: "{"), UInt8(ascii: "["): return nested(bytes, depth: depth) ? .other : nil
            case UInt8(ascii: "t"): return word(bytes, "true") ? .other : nil
            case UInt8(ascii: "f"): return word(bytes, "false") ? .other : nil
            case UInt8(ascii: "n"): return word(bytes, "null") ? .other : nil
            default: return number(bytes)
            }
        }

        private mutating func nested(_ bytes: Span<UInt8>, depth: Int) -> Bool {
            let isObject = bytes[at] == UInt8(ascii: "{")
            let end = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
            at += 1
            var names = InlineArray<32, Range<Int>>(repeating: 0..<0)
            var count = 0
            skipSpace(bytes)
            if take(bytes, end) { return true }
            while true {
                if isObject {
                    skipSpace(bytes)
                    guard count < 32, let (name, plain) = text(bytes), plain else { return false }
                    for index in 0..<count where bytes.extracting(names[index]).equals(bytes.extracting(name)) {
                        return false
                    }
                    names[count] = name
                    count += 1
                    skipSpace(bytes)
                    guard take(bytes, UInt8(ascii: ":")) else { return false }
                }
                guard value(bytes, depth: depth + 1) != nil else { return false }
                skipSpace(bytes)
                if take(bytes, UInt8(ascii: ",")) { continue }
                return take(bytes, end)
            }
        }

        /// A quoted text: where it lies, and whether it is plain (ASCII without escapes).
        private mutating func text(_ bytes: Span<UInt8>) -> (Range<Int>, Bool)? {
            guard take(bytes, UInt8(ascii: "\"")) else { return nil }
            let start = at
            var plain = true
            while at < bytes.count {
                let byte = bytes[at]
                at += 1
                if byte == UInt8(ascii: "\"") { return (start..<(at - 1), plain) }
                if byte < 32 { return nil }
                if byte >= 127 { plain = false }
                if byte >= 128, !character(bytes, byte) { return nil }
                if byte == UInt8(ascii: "\\") {
                    plain = false
                    guard escape(bytes) else { return nil }
                }
            }
            return nil
        }

        /// The rest of a character of two to four bytes (RFC 3629 §4).
        private mutating func character(_ bytes: Span<UInt8>, _ first: UInt8) -> Bool {
            let more: Int
            switch first {
            case 0xC2...0xDF: more = 1
            case 0xE0...0xEF: more = 2
            case 0xF0...0xF4: more = 3
            default: return false
            }
            guard at + more <= bytes.count else { return false }
            let lowest: UInt8 = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80
            let highest: UInt8 = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF
            guard bytes[at] >= lowest, bytes[at] <= highest else { return false }
            for index in (at + 1)..<(at + more) where bytes[index] & 0xC0 != 0x80 { return false }
            at += more
            return true
        }

        /// What may follow a backslash (RFC 8259 §7); no NUL, no half of a pair.
        private mutating func escape(_ bytes: Span<UInt8>) -> Bool {
            guard at < bytes.count else { return false }
            at += 1
            switch bytes[at - 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                return true
            case UInt8(ascii: "u"):
                guard let code = code(bytes), code != 0 else { return false }
                if code & 0xF800 != 0xD800 { return true }
                guard code < 0xDC00, take(bytes, UInt8(ascii: "\\")), take(bytes, UInt8(ascii: "u")),
                    let low = self.code(bytes)
                else { return false }
                return low >= 0xDC00 && low < 0xE000
            default: return false
            }
        }

        private mutating func code(_ bytes: Span<UInt8>) -> Int? {
            guard at + 4 <= bytes.count else { return nil }
            var code = 0
            for index in at..<(at + 4) {
                guard let digit = Hex.value(of: bytes[index]) else { return nil }
                code = code << 4 | Int(digit)
            }
            at += 4
            return code
        }

        private mutating func number(_ bytes: Span<UInt8>) -> Value? {
            let start = at
            let negative = take(bytes, UInt8(ascii: "-"))
            let digits = at
            guard skipDigits(bytes), bytes[digits] != 48 || at == digits + 1 else { return nil }
            let end = at
            if take(bytes, UInt8(ascii: ".")), !skipDigits(bytes) { return nil }
            if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
                at += 1
                if !take(bytes, UInt8(ascii: "+")) { _ = take(bytes, UInt8(ascii: "-")) }
                let exponent = at
                guard skipDigits(bytes), at <= exponent + 2 else { return nil }
            }
            guard at - start <= 64 else { return nil }
            if at > end { return .other }
            guard let value = Digits.parse(bytes.extracting(digits..<end)) else { return .other }
            return .integer(negative ? -value : value)
        }

        /// Whether there was a digit.
        private mutating func skipDigits(_ bytes: Span<UInt8>) -> Bool {
            let start = at
            while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57 { at += 1 }
            return at > start
        }

        private mutating func word(_ bytes: Span<UInt8>, _ word: StaticString) -> Bool {
            guard bytes.extracting(at..<bytes.count).starts(with: word) else { return false }
            at += word.utf8CodeUnitCount
            return true
        }

        private mutating func take(_ bytes: Span<UInt8>, _ byte: UInt8) -> Bool {
            guard at < bytes.count, bytes[at] == byte else { return false }
            at += 1
            return true
        }

        private mutating func skipSpace(_ bytes: Span<UInt8>) {
            while at < bytes.count,
                bytes[at] == 32 || (bytes[at] >= 9 && bytes[at] <= 13 && bytes[at] != 11 && bytes[at] != 12)
            {
                at += 1
            }
        }
    }
}
