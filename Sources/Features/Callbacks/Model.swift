public import Core

/// A callback's URL in its parts: what the checks and the connection agree on.
public struct CallbackURL: Sendable, Equatable {
    /// As the client wrote it.
    public let text: String
    /// Whether it is https.
    public let isSecure: Bool
    /// A name or an IPv4 address; for an IPv6 address without brackets.
    public let host: String
    /// The port.
    public let port: Int

    /// Reads `http(s)://host[:port][/path][?query]`. User information, fragments, escapes and anything but plain ASCII
    /// in the host, and control bytes or blanks anywhere, are refused: then there is only one way to read it.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 2048, bytes.allSatisfy({ $0 > 32 && $0 < 127 && $0 != 92 && $0 != 35 }) else { return nil }
        let lower = bytes.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
        let secure = lower.starts(with: "https://".utf8)
        guard secure || lower.starts(with: "http://".utf8) else { return nil }
        let rest = lower[(secure ? 8 : 7)...]
        let authority = rest.prefix { $0 != 47 && $0 != 63 }
        var host = authority
        var digits: ArraySlice<UInt8>?
        if authority.first == 91 {
            guard let close = authority.firstIndex(of: 93) else { return nil }
            host = authority[(authority.startIndex + 1)..<close]
            guard host.count >= 2, host.allSatisfy({ Hex.value(of: $0) != nil || $0 == 58 || $0 == 46 }) else {
                return nil
            }
            let after = authority[(close + 1)...]
            if let first = after.first {
                guard first == 58 else { return nil }
                digits = after.dropFirst()
            }
        } else {
            if let colon = authority.firstIndex(of: 58) {
                host = authority[..<colon]
                digits = authority[(colon + 1)...]
            }
            guard !host.isEmpty, host.count <= 253,
                host.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }),
                host.first != 46, host.first != 45
            else { return nil }
            // 0x7f000001, 2130706433, 127.1: forms that some resolvers take for addresses. A last label that begins
            // with a digit is an address of four plain numbers or nothing.
            let labels = host.split(separator: 46, omittingEmptySubsequences: false)
            if labels.contains(where: \.isEmpty) { return nil }
            if let last = labels.last?.first, (48...57).contains(last) {
                guard labels.count == 4,
                    labels.allSatisfy({ label in
                        Digits.parse(String(decoding: label, as: UTF8.self)).map { $0 <= 255 } ?? false
                    })
                else { return nil }
            }
        }
        var port: Int64 = secure ? 443 : 80
        if let digits {
            guard let value = Digits.parse(String(decoding: digits, as: UTF8.self)), value >= 1, value <= 65_535 else {
                return nil
            }
            port = value
        }
        self.text = text
        isSecure = secure
        self.host = String(decoding: host, as: UTF8.self)
        self.port = Int(port)
    }
}

/// What is sent.
public struct Delivery: Sendable, Equatable {
    /// Names the delivery, the same over all its attempts.
    public var id: String
    /// Where to.
    public var url: String
    /// The body.
    public var body: JSON
    /// Seconds since the task ended.
    public var age: Double
}
