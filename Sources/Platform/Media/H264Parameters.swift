extension H264 {
    /// What a sequence parameter set says (ISO 14496-10 §7.3.2.1.1).
    public struct SequenceParameters: Equatable, Sendable {
        /// profile_idc.
        public let profile: Int
        /// The constraint flags as one byte.
        public let constraints: UInt8
        /// level_idc.
        public let level: Int
        /// 1 is 4:2:0.
        public let chroma: Int
        /// Bits of a luma sample.
        public let depth: Int
        /// Frames only, no fields.
        public let framesOnly: Bool

        /// Reads a set, NAL header included; `nil` when it ends too early.
        public init?(_ unit: [UInt8]) {
            let payload = H264.unescape(unit.span, from: 1)
            guard payload.count >= 4, unit[0] & 0x1F == 7 else { return nil }
            profile = Int(payload[0])
            constraints = payload[1]
            level = Int(payload[2])
            var bits = Bits(payload, from: 24)
            _ = bits.number()
            var chroma = 1
            var depth = 8
            if [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(profile) {
                chroma = bits.number()
                if chroma == 3 { _ = bits.take(1) }
                depth = 8 + bits.number()
                depth = max(depth, 8 + bits.number())
                _ = bits.take(1)
                if bits.take(1) == 1 {
                    for list in 0..<(chroma == 3 ? 12 : 8) where bits.take(1) == 1 {
                        bits.skipScaling(list < 6 ? 16 : 64)
                    }
                }
            }
            self.chroma = chroma
            self.depth = depth
            _ = bits.number()
            let orderType = bits.number()
            if orderType == 0 {
                _ = bits.number()
            } else if orderType == 1 {
                _ = bits.take(1)
                _ = bits.number()
                _ = bits.number()
                let cycle = bits.number()
                guard cycle <= 255 else { return nil }
                for _ in 0..<cycle { _ = bits.number() }
            }
            _ = bits.number()
            _ = bits.take(1)
            _ = bits.number()
            _ = bits.number()
            framesOnly = bits.take(1) == 1
            if bits.isOver { return nil }
        }

        /// RFC 6381: `avc1.PPCCLL`.
        public var codecs: String {
            func hex(_ byte: Int) -> String {
                (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
            return "avc1." + hex(profile) + hex(Int(constraints)) + hex(level)
        }
    }

    /// The parameter sets of an `avcC` box or of bytes in start codes.
    public struct Configuration: Equatable, Sendable {
        /// Bytes of the length in front of each unit, 0 where start codes divide them.
        public let lengthSize: Int
        /// Sequence parameter sets.
        public let sequences: [[UInt8]]

        /// Reads extradata; what it has none of is empty.
        public init(_ extradata: [UInt8]) {
            var sequences: [[UInt8]] = []
            guard extradata.count >= 7, extradata[0] == 1 else {
                lengthSize = 0
                var cursor = Units(lengthSize: 0)
                let span = extradata.span
                while let unit = cursor.next(span) {
                    if unit.lowerBound < unit.upperBound, span[unit.lowerBound] & 0x1F == 7 {
                        sequences.append(Array(extradata[unit]))
                    }
                }
                self.sequences = sequences
                return
            }
            lengthSize = Int(extradata[4] & 3) + 1
            var at = 6
            for _ in 0..<Int(extradata[5] & 0x1F) {
                guard at + 2 <= extradata.count else { break }
                let length = Int(extradata[at]) << 8 | Int(extradata[at + 1])
                at += 2
                guard at + length <= extradata.count else { break }
                sequences.append(Array(extradata[at..<at + length]))
                at += length
            }
            self.sequences = sequences
        }
    }

    /// Reads bits, most significant first; beyond the end they are 0.
    struct Bits {
        private let bytes: [UInt8]
        private var at: Int
        /// More was taken than there is.
        var isOver: Bool { at > bytes.count * 8 }

        init(_ bytes: [UInt8], from: Int) {
            self.bytes = bytes
            at = from
        }

        mutating func take(_ count: Int) -> Int {
            var value = 0
            for _ in 0..<count {
                let bit = at >> 3 < bytes.count ? Int(bytes[at >> 3] >> UInt8(7 - at & 7)) & 1 : 0
                value = value << 1 | bit
                at += 1
            }
            return value
        }

        /// An Exp-Golomb number (§9.1), at most 2³¹.
        mutating func number() -> Int {
            var zeros = 0
            while zeros < 31, take(1) == 0, !isOver { zeros += 1 }
            return (1 << zeros) - 1 + take(zeros)
        }

        mutating func signed() -> Int {
            let value = number()
            return value % 2 == 1 ? (value + 1) / 2 : -value / 2
        }

        mutating func skipScaling(_ size: Int) {
            var last = 8
            var next = 8
            for _ in 0..<size {
                if next != 0 { next = (last + signed() + 256) % 256 }
                if next != 0 { last = next }
                if isOver { return }
            }
        }
    }
}

/// AAC's AudioSpecificConfig (ISO 14496-3 §1.6.2.1).
public enum AAC {
    /// Whether it is AAC-LC of one or two channels at a listed rate, which is what a copied track must be.
    ///
    /// - Parameter config: AudioSpecificConfig; empty where the stream has ADTS headers.
    public static func isPlainLC(_ config: [UInt8], profile: Int, channels: Int) -> Bool {
        guard profile == 1, (1...2).contains(channels) else { return false }
        if config.isEmpty { return true }
        var bits = H264.Bits(config, from: 0)
        guard bits.take(5) == 2, bits.take(4) < 13 else { return false }
        return (1...2).contains(bits.take(4))
    }

    /// What an ADTS header (ISO 14496-3 §1.A.2.2.1) in front of a block says: the AudioSpecificConfig that stands for it,
    /// and the header's bytes. `nil` where there is none, or where several blocks share it.
    public static func header(_ bytes: Span<UInt8>) -> (config: [UInt8], size: Int)? {
        guard bytes.count > 7, bytes[0] == 0xFF, bytes[1] & 0xF6 == 0xF0, bytes[6] & 3 == 0 else { return nil }
        let object = bytes[2] >> 6 + 1
        let rate = bytes[2] >> 2 & 15
        let channels = (bytes[2] & 1) << 2 | bytes[3] >> 6
        guard rate < 13 else { return nil }
        return ([object << 3 | rate >> 1, rate << 7 | channels << 3], bytes[1] & 1 == 1 ? 7 : 9)
    }
}
