/// Which key and which initialisation vector a segment is encrypted with (AES-128-CBC, RFC 8216 §5.2).
///
/// No two renditions share a key, and no vector comes twice within a key.
public enum KeyPlan {
    /// Segments in a row that share a key.
    public static let period = 20
    /// Stands for a segment's number in the vector of an initialization section, which has the first segment's key.
    public static let initialisation = UInt32.max

    /// The key's number in its publication: ordinal × 65536 + ⌊segment ÷ 20⌋.
    public static func number(ordinal: UInt16, segment: UInt32) -> UInt32 {
        UInt32(ordinal) << 16 | min(segment / UInt32(period), 0xFFFF)
    }

    /// The 16 bytes u64be ordinal ‖ u64be segment.
    public static func vector(ordinal: UInt16, segment: UInt32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16)
        bytes[6] = UInt8(ordinal >> 8)
        bytes[7] = UInt8(ordinal & 255)
        for index in 0..<4 { bytes[12 + index] = UInt8(truncatingIfNeeded: segment >> UInt32(24 - 8 * index)) }
        return bytes
    }

    /// The playlist's tag in front of a segment, with its line's end (RFC 8216 §4.3.2.4).
    static func tag(ordinal: UInt16, segment: UInt32) -> String {
        let number = number(ordinal: ordinal, segment: segment == initialisation ? 0 : segment)
        var text = "#EXT-X-KEY:METHOD=AES-128,URI=\"../key/\(number)\",IV=0x"
        for byte in vector(ordinal: ordinal, segment: segment) {
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return text + "\n"
    }

    /// All keys a rendition of `segments` segments needs, for the pipe to the helper.
    public static func numbers(ordinal: UInt16, segments: Range<Int>) -> [UInt32] {
        guard let last = segments.last, segments.lowerBound >= 0, last <= Int(UInt32.max) else { return [] }
        return (segments.lowerBound / period...last / period).map {
            number(ordinal: ordinal, segment: UInt32($0 * period))
        }
    }
}
