internal import CCurl
internal import Glibc

/// An IP address as 16 bytes; IPv4 is v4-mapped (RFC 4291 §2.5.5.2).
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 16 bytes.
    public let bytes: [UInt8]

    /// `nil` unless there are 16 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// From its text, as in `192.0.2.1` or `2001:db8::1`; `nil` for anything else.
    public init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            let value = UInt32(bigEndian: four.s_addr)
            bytes =
                [UInt8](repeating: 0, count: 10) + [255, 255]
                + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
            return
        }
        var six = [UInt8](repeating: 0, count: 16)
        let done = unsafe six.withUnsafeMutableBytes { unsafe inet_pton(AF_INET6, text, $0.baseAddress) }
        guard done == 1 else { return nil }
        bytes = six
    }

    /// The four bytes of an IPv4 address.
    public var four: [UInt8]? {
        bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255 ? Array(bytes[12...]) : nil
    }

    /// As in a URL, without brackets.
    public var description: String {
        if let four { return four.map { "\($0)" }.joined(separator: ".") }
        var buffer = [CChar](repeating: 0, count: 64)
        _ = unsafe bytes.withUnsafeBufferPointer { from in
            unsafe buffer.withUnsafeMutableBufferPointer { to in
                unsafe shim_address_text(from.baseAddress, to.baseAddress, Int32(to.count))
            }
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The system's name resolution.
public enum Resolver {
    /// The addresses of a host; empty when it has none or can't be resolved now.
    public static func addresses(of host: String) -> [IPAddress] {
        guard !host.isEmpty, !host.utf8.contains(0) else { return [] }
        var buffer = [UInt8](repeating: 0, count: 16 * 32)
        let count = unsafe buffer.withUnsafeMutableBufferPointer { unsafe shim_resolve(host, $0.baseAddress, 32) }
        guard count > 0 else { return [] }
        return (0..<Int(count)).compactMap { IPAddress(Array(buffer[(16 * $0)..<(16 * $0 + 16)])) }
    }
}
