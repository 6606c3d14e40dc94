/// A moment, in whole seconds since 1970-01-01T00:00:00Z.
public struct UnixTime: Hashable, Comparable, Sendable {
    /// Seconds.
    public let seconds: Int64

    /// - Parameter seconds: since 1970.
    public init(_ seconds: Int64) { self.seconds = seconds }

    /// Earlier is smaller.
    public static func < (one: UnixTime, other: UnixTime) -> Bool { one.seconds < other.seconds }

    /// As in RFC 3339, in UTC: `2026-01-31T23:59:59Z`. Years outside 1970…9999 are clamped.
    public var rfc3339: String {
        let clamped = min(max(0, seconds), 253_402_300_799)
        let days = clamped / 86_400
        let rest = clamped % 86_400
        // Days to civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let z = days + 719_468
        let era = z / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        var text: [UInt8] = []
        text.reserveCapacity(20)
        func add(_ value: Int64, _ digits: Int64, _ separator: Unicode.Scalar) {
            var unit = digits == 4 ? 1000 : 10 as Int64
            while unit > 0 {
                text.append(UInt8(ascii: "0") + UInt8(value / unit % 10))
                unit /= 10
            }
            text.append(UInt8(ascii: separator))
        }
        add(year, 4, "-")
        add(month, 2, "-")
        add(day, 2, "T")
        add(rest / 3600, 2, ":")
        add(rest / 60 % 60, 2, ":")
        add(rest % 60, 2, "Z")
        return String(decoding: text, as: UTF8.self)
    }
}

/// A universally unique identifier of version 4 (RFC 9562): 122 random bits from the system's generator.
public struct UUID: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// A new one.
    public init() {
        var generator = SystemRandomNumberGenerator()
        high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    /// Exactly the 36 characters with lower-case digits that `description` gives; anything else is `nil`.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (index, byte) in bytes.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == 45 else { return nil }
                continue
            }
            guard let value = Hex.value(of: byte), byte < 65 || byte > 70 else { return nil }
            if digits < 16 { words.0 = words.0 << 4 | UInt64(value) } else { words.1 = words.1 << 4 | UInt64(value) }
            digits += 1
        }
        (high, low) = words
    }

    /// The 16 bytes.
    public var bytes: [UInt8] {
        func bytes(_ word: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
        return bytes(high) + bytes(low)
    }

    /// `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx`
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for place in 0..<32 {
            if place == 8 || place == 12 || place == 16 || place == 20 { text.append(UInt8(ascii: "-")) }
            let digit = UInt8(truncatingIfNeeded: (place < 16 ? high : low) >> UInt64(60 - 4 * (place % 16))) & 15
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// An identifier that can't be mistaken for another kind of identifier.
public struct ID<Subject>: Hashable, Sendable, CustomStringConvertible {
    /// The identifier itself.
    public let rawValue: UUID

    /// A new one.
    public init() { rawValue = UUID() }

    /// - Parameter rawValue: an existing one.
    public init(_ rawValue: UUID) { self.rawValue = rawValue }

    /// From its text; `nil` unless it is a lower-case UUID.
    public init?(_ text: String) {
        guard let rawValue = UUID(text) else { return nil }
        self.rawValue = rawValue
    }

    /// The UUID's text.
    public var description: String { rawValue.description }
}
