public import Core
internal import Crypto
public import Fetch

/// Which addresses a callback may go to.
public enum AddressRule {
    /// Whether an address belongs to the public internet.
    ///
    /// Refused are all special-purpose blocks (IANA registries, RFC 6890), and in IPv6 everything but global unicast
    /// (2000::/3) without its special blocks; addresses that carry an IPv4 address (mapped, NAT64, 6to4, Teredo,
    /// translated) are refused whole.
    public static func isPublic(_ address: IPAddress) -> Bool {
        if let four = address.four { return !blocks4.contains { matches(four, $0.0, $0.1) } }
        guard address.bytes[0] & 0xE0 == 0x20 else { return false }
        return !blocks6.contains { matches(address.bytes, $0.0, $0.1) }
    }

    private static let blocks4: [([UInt8], Int)] = [
        ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12), ([192, 0, 0], 24),
        ([192, 0, 2], 24), ([192, 31, 196], 24), ([192, 52, 193], 24), ([192, 88, 99], 24), ([192, 168], 16),
        ([192, 175, 48], 24), ([198, 18], 15), ([198, 51, 100], 24), ([203, 0, 113], 24), ([224], 3),
        ([168, 63, 129, 16], 32),
    ]
    private static let blocks6: [([UInt8], Int)] = [
        ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0d, 0xb8], 32), ([0x20, 0x02], 16),
        ([0x26, 0x20, 0, 0x4f, 0x80, 0], 48),
        ([0x3f, 0xff], 20), ([0x3f, 0xfe], 16),
    ]

    private static func matches(_ bytes: [UInt8], _ block: [UInt8], _ bits: Int) -> Bool {
        for bit in 0..<bits {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            let wanted = bit / 8 < block.count ? block[bit / 8] : 0
            if bytes[bit / 8] & mask != wanted & mask { return false }
        }
        return true
    }

    /// The address to connect to, or why there is none. One private address among public ones spoils the name.
    public static func choose(_ addresses: [IPAddress], allowPrivate: Bool) -> Result<IPAddress, Refusal> {
        guard let first = addresses.first(where: { $0.four != nil }) ?? addresses.first else {
            return .failure(.callbackFailed)
        }
        if allowPrivate { return .success(first) }
        return addresses.allSatisfy(isPublic) ? .success(first) : .failure(.callbackAddress)
    }
}

/// What a receiver can verify.
public enum CallbackSignature {
    /// `t=<seconds>,v1=<HMAC-SHA-256 of "t.body" in hexadecimal digits>`
    public static func header(_ body: [UInt8], secret: [UInt8], at time: UnixTime) -> String {
        let message = Array("\(time.seconds).".utf8) + body
        return "t=\(time.seconds),v1=\(Hex.encode(HMACSHA256(key: secret.span).code(for: message.span).bytes))"
    }
}

/// When a delivery is over.
public enum DeliveryRule {
    /// How long it is tried, in seconds after the task's end.
    public static let longest = 86_400.0
    /// Attempts that fit into that time, and more.
    public static let attempts = 64

    /// Whether a receiver took it.
    public static func isAccepted(_ status: Int) -> Bool { (200...299).contains(status) }

    /// Seconds until the next attempt: 5 s doubled up to an hour.
    public static func wait(failures: Int, chance: Double) -> Double {
        min(3600, 5 * Double(1 << min(max(0, failures - 1), 10))) * (0.75 + 0.5 * chance)
    }
}
