internal import Core

/// The part of a peer's address that limits count for: an IPv4 address whole, of an IPv6 address its /64.
enum ClientAddress {
    /// The bytes to count for; anything that is no address counts by its text.
    static func prefix(_ text: String) -> [UInt8] {
        if let four = version4(text) { return four }
        if let groups = version6(text) {
            if groups[..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xffff {
                return [groups[6], groups[7]].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
            }
            return groups[..<4].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        }
        return Array(text.utf8)
    }

    private static func version4(_ text: String) -> [UInt8]? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard let value = Digits.parse(Array(part).span), value <= 255 else { return nil }
            bytes.append(UInt8(value))
        }
        return bytes
    }

    private static func version6(_ text: String) -> [UInt16]? {
        guard text.utf8.contains(UInt8(ascii: ":")) else { return nil }
        var text = text
        // An IPv4 tail (RFC 4291 §2.2) becomes two groups.
        if let dot = text.utf8.lastIndex(of: UInt8(ascii: ":")), text.utf8.contains(UInt8(ascii: ".")) {
            guard let four = version4(String(text[text.utf8.index(after: dot)...])) else { return nil }
            let high = UInt16(four[0]) << 8 | UInt16(four[1])
            let low = UInt16(four[2]) << 8 | UInt16(four[3])
            text = String(text[...dot]) + String(high, radix: 16) + ":" + String(low, radix: 16)
        }
        var front: [UInt16] = []
        var back: [UInt16] = []
        var gap = false
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: ":"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: ":") {
                if gap { return nil }
                gap = true
                at += 2
                continue
            }
            if bytes[at] == UInt8(ascii: ":") { at += 1 }
            var value: UInt16 = 0
            var digits = 0
            while at < bytes.count, let digit = Hex.value(of: bytes[at]) {
                digits += 1
                if digits > 4 { return nil }
                value = value << 4 | UInt16(digit)
                at += 1
            }
            if digits == 0 { return nil }
            if gap { back.append(value) } else { front.append(value) }
        }
        let missing = 8 - front.count - back.count
        guard gap ? missing >= 0 : missing == 0 else { return nil }
        return front + [UInt16](repeating: 0, count: missing) + back
    }
}
