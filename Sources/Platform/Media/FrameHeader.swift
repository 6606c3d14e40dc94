/// What stands before each file on the helper's descriptor 3: 32 bytes, numbers big-endian.
///
/// "RGF1" ‖ ordinal u16 ‖ kind u16 ‖ segment u32 ‖ duration in ticks u32 ‖ start tick i64 ‖ length u64; then the bytes.
public struct FrameHeader: Equatable, Sendable {
    /// Length of an encoded header in bytes.
    public static let size = 32

    /// The rendition's number in the plan.
    public var ordinal: UInt16
    /// What follows.
    public var kind: FrameKind
    /// The file's number in its rendition, from 0; a segment's is that of the plan.
    public var segment: UInt32
    /// How long it plays.
    public var duration: UInt32
    /// When it begins.
    public var start: Ticks
    /// Bytes that follow.
    public var length: UInt64

    /// - Parameters: as the properties.
    public init(
        ordinal: UInt16, kind: FrameKind, segment: UInt32, duration: UInt32, start: Ticks, length: UInt64
    ) {
        self.ordinal = ordinal
        self.kind = kind
        self.segment = segment
        self.duration = duration
        self.start = start
        self.length = length
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        var all: [UInt8] = [0x52, 0x47, 0x46, 0x31]
        func put(_ value: UInt64, _ count: Int) {
            for shift in (0..<count).reversed() { all.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * shift))) }
        }
        put(UInt64(ordinal), 2)
        put(UInt64(kind.rawValue), 2)
        put(UInt64(segment), 4)
        put(UInt64(duration), 4)
        put(UInt64(bitPattern: start), 8)
        put(length, 8)
        return all
    }

    /// Reads a header; `nil` unless there are 32 bytes that begin with the mark and name a kind there is.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size, bytes[0] == 0x52, bytes[1] == 0x47, bytes[2] == 0x46, bytes[3] == 0x31 else {
            return nil
        }
        func number(_ range: Range<Int>) -> UInt64 {
            var value: UInt64 = 0
            for index in range { value = value << 8 | UInt64(bytes[index]) }
            return value
        }
        guard let kind = FrameKind(rawValue: UInt16(truncatingIfNeeded: number(6..<8))) else { return nil }
        ordinal = UInt16(truncatingIfNeeded: number(4..<6))
        self.kind = kind
        segment = UInt32(truncatingIfNeeded: number(8..<12))
        duration = UInt32(truncatingIfNeeded: number(12..<16))
        start = Int64(bitPattern: number(16..<24))
        length = number(24..<32)
    }
}
