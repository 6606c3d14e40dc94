/// An address of the Internet: IPv4, or IPv6 (RFC 4291), read by bytes and without an allocation. An IPv4 address mapped
/// into IPv6 is the IPv4 address.
public struct NetworkAddress: Equatable, Sendable {
    /// As IPv6; IPv4 as `::ffff:a.b.c.d`.
    public let bits: UInt128

    /// Whether it is IPv4.
    public var isIPv4: Bool { bits >> 32 == 0xFFFF }

    /// - Parameter bits: as the property.
    public init(bits: UInt128) { self.bits = bits }

    /// - Parameter ipv4: the four bytes, most significant first.
    public init(ipv4: UInt32) { bits = 0xFFFF << 32 | UInt128(ipv4) }

    /// `nil` for anything but one address: no zone, no brackets, no blank, no number with a leading zero in IPv4.
    public init?(_ text: Span<UInt8>) {
        if text.firstIndex(of: UInt8(ascii: ":")) == nil {
            guard let four = Self.dotted(text) else { return nil }
            self.init(ipv4: four)
        } else {
            guard let bits = Self.groups(text) else { return nil }
            self.init(bits: bits)
        }
    }

    /// The address in a text.
    public init?(_ text: String) { self.init(Array(text.utf8).span) }

    private static func dotted(_ text: Span<UInt8>) -> UInt32? {
        var value: UInt32 = 0
        var start = 0
        for part in 0..<4 {
            let end = part == 3 ? text.count : text.firstIndex(of: UInt8(ascii: "."), from: start) ?? text.count
            guard end <= text.count, start < end, let number = Digits.parse(text.extracting(start..<end)), number <= 255
            else { return nil }
            value = value << 8 | UInt32(number)
            if part < 3 {
                guard end < text.count else { return nil }
                start = end + 1
            }
        }
        return value
    }

    private static func groups(_ text: Span<UInt8>) -> UInt128? {
        guard text.count >= 2, text.count <= 45 else { return nil }
        // What stands before the gap, what behind it, and how many groups each.
        var value: UInt128 = 0
        var head: UInt128 = 0
        var count = 0
        var gap: Int?
        var at = 0
        func open() {
            gap = count
            head = value
            value = 0
        }
        if text.starts(with: "::") {
            open()
            at = 2
        }
        while at < text.count {
            let end = text.firstIndex(of: UInt8(ascii: ":"), from: at) ?? text.count
            let part = text.extracting(at..<end)
            if end == text.count, part.firstIndex(of: UInt8(ascii: ".")) != nil {
                guard count <= 6, let four = dotted(part) else { return nil }
                value = value << 32 | UInt128(four)
                count += 2
                break
            }
            guard count < 8, (1...4).contains(part.count) else { return nil }
            var group: UInt128 = 0
            for index in part.indices {
                guard let digit = Hex.value(of: part[index]) else { return nil }
                group = group << 4 | UInt128(digit)
            }
            value = value << 16 | group
            count += 1
            at = end
            if at == text.count { break }
            at += 1
            if at < text.count, text[at] == UInt8(ascii: ":") {
                guard gap == nil else { return nil }
                open()
                at += 1
            } else if at == text.count {
                return nil
            }
        }
        guard let gap else { return count == 8 ? value : nil }
        return count < 8 ? head << UInt128(16 * (8 - gap)) | value : nil
    }
}

/// All addresses that begin alike: `203.0.113.0/24`, `2001:db8:1:200::/56`. IPv6 networks hold no IPv4 address.
public struct NetworkPrefix: Equatable, Sendable, CustomStringConvertible {
    /// The first address, as its bits.
    public let first: UInt128
    /// How many bits count, of 128.
    private let length: Int
    private let isIPv4: Bool

    /// - Parameters:
    ///   - address: any of them.
    ///   - bits: how many count, as it is written: of 32 or of 128.
    /// - Returns: `nil` when there are not so many, or when others are set.
    public init?(_ address: NetworkAddress, bits: Int) {
        let length = address.isIPv4 ? bits + 96 : bits
        guard bits >= 0, length <= 128, length == 128 || address.bits << UInt128(length) == 0 else { return nil }
        (first, self.length, isIPv4) = (address.bits, length, address.isIPv4)
    }

    /// The network that an address is taken to be in: /24, in IPv6 /56.
    public init(around address: NetworkAddress) {
        length = address.isIPv4 ? 120 : 56
        first = (address.bits >> UInt128(128 - length)) << UInt128(128 - length)
        isIPv4 = address.isIPv4
    }

    /// `address/bits`, or an address alone for itself; `nil` for anything else.
    public init?(_ text: Span<UInt8>) {
        let slash = text.firstIndex(of: UInt8(ascii: "/"))
        guard let address = NetworkAddress(text.extracting(0..<(slash ?? text.count))) else { return nil }
        var bits: Int64 = address.isIPv4 ? 32 : 128
        if let slash {
            guard let number = Digits.parse(text.extracting((slash + 1)..<text.count)), number <= 128 else {
                return nil
            }
            bits = number
        }
        self.init(address, bits: Int(bits))
    }

    /// Whether it is one of them.
    public func contains(_ address: NetworkAddress) -> Bool {
        address.isIPv4 == isIPv4 && (address.bits ^ first) >> UInt128(128 - length) == 0
    }

    /// How many bits count, as it is written, and the address's bytes.
    public var parts: (bits: Int, bytes: [UInt8]) {
        let size = isIPv4 ? 4 : 16
        return (
            isIPv4 ? length - 96 : length,
            (0..<size).map { UInt8(truncatingIfNeeded: first >> UInt128(8 * (size - 1 - $0))) }
        )
    }

    /// As it is read.
    public var description: String {
        let (bits, bytes) = parts
        if isIPv4 { return bytes.map { "\($0)" }.joined(separator: ".") + "/\(bits)" }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        let used = groups.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
        let shown = groups.prefix(used).map { String($0, radix: 16) }.joined(separator: ":")
        return (used == 8 ? shown : shown + "::") + "/\(bits)"
    }
}
