internal import POSIX

/// Whole numbers as clients may write them: decimal digits and nothing else.
public enum Digits {
    /// The number, or `nil` for a sign, a leading zero, white space, no digit, or more than 64 bits hold.
    public static func parse(_ bytes: Span<UInt8>) -> Int64? {
        guard bytes.count > 0, bytes.count <= 19, bytes[0] != 48 || bytes.count == 1 else { return nil }
        var value: Int64 = 0
        for index in bytes.indices {
            guard bytes[index] >= 48, bytes[index] <= 57 else { return nil }
            let (tens, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, overSum) = tens.addingReportingOverflow(Int64(bytes[index] - 48))
            if over || overSum { return nil }
            value = sum
        }
        return value
    }

    /// The number in a text.
    public static func parse(_ text: String) -> Int64? { parse(Array(text.utf8).span) }
}

/// Base 16.
public enum Hex {
    /// A digit's value.
    public static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 97...102: byte - 87
        case 65...70: byte - 55
        default: nil
        }
    }

    /// Lower-case digits.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes {
            text.unicodeScalars.append(UnicodeScalar(digit(byte >> 4)))
            text.unicodeScalars.append(UnicodeScalar(digit(byte & 15)))
        }
        return text
    }

    /// The lower-case digit of a value below 16.
    public static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

    /// The bytes, or `nil` for an odd count or another character.
    public static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}

/// Base 64 with the URL-safe alphabet and no padding (RFC 4648 §5), where every value has exactly one spelling.
public enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The text for `bytes`.
    public static func encode(_ bytes: Span<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count * 4 + 2) / 3)
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            let a = bytes[index]
            let b = left > 1 ? bytes[index + 1] : 0
            let c = left > 2 ? bytes[index + 2] : 0
            out.append(alphabet[Int(a >> 2)])
            out.append(alphabet[Int((a & 3) << 4 | b >> 4)])
            if left > 1 { out.append(alphabet[Int((b & 15) << 2 | c >> 6)]) }
            if left > 2 { out.append(alphabet[Int(c & 63)]) }
            index += 3
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Decodes into the front of `target`, allocating nothing.
    ///
    /// - Returns: how many bytes, or `nil` for another character, padding, unused bits that are set, or too little room.
    public static func decode(_ text: Span<UInt8>, into target: inout MutableSpan<UInt8>) -> Int? {
        guard text.count % 4 != 1 else { return nil }
        let count = text.count / 4 * 3 + (text.count % 4 == 0 ? 0 : text.count % 4 - 1)
        guard count <= target.count else { return nil }
        var bits: UInt32 = 0
        var held = 0
        var out = 0
        for index in text.indices {
            guard let value = value(of: text[index]) else { return nil }
            bits = bits << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                target[out] = UInt8(truncatingIfNeeded: bits >> UInt32(held))
                out += 1
                bits &= (1 << UInt32(held)) - 1
            }
        }
        return bits == 0 ? out : nil
    }

    /// Decodes a text, or `nil` as above.
    public static func decode(_ text: String) -> [UInt8]? {
        let bytes = Array(text.utf8)
        var out = [UInt8](repeating: 0, count: bytes.count)
        var span = out.mutableSpan
        guard let count = decode(bytes.span, into: &span) else { return nil }
        return Array(out.prefix(count))
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case 65...90: byte - 65
        case 97...122: byte - 71
        case 48...57: byte + 4
        case 45: 62
        case 95: 63
        default: nil
        }
    }
}

extension Span<UInt8> {
    /// Whether these bytes are exactly `text`.
    public func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && starts(with: text) }

    /// Whether these bytes begin with `text`.
    public func starts(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= length else { return false }
        return text.withBytes { bytes in
            for index in 0..<length where self[index] != bytes[index] { return false }
            return true
        }
    }

    /// Whether these bytes end with `text`.
    public func ends(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        return count >= length && extracting((count - length)..<count).starts(with: text)
    }

    /// Whether both hold the same bytes; not for secrets.
    public func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    /// The first place of `byte` from `start` on.
    public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        var index = start
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// The last place of `byte`.
    public func lastIndex(of byte: UInt8) -> Int? {
        var index = count
        while index > 0 {
            index -= 1
            if self[index] == byte { return index }
        }
        return nil
    }

    /// A copy.
    public var copied: [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(count)
        for index in indices { all.append(self[index]) }
        return all
    }

    /// The text, or `nil` when the bytes are no UTF-8.
    public var text: String? { String(validating: copied, as: UTF8.self) }
}
