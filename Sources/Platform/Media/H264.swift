/// What has to be read of H.264 (ISO 14496-10) to copy it safely.
public enum H264 {
    /// What the NAL units of one picture are.
    public struct Picture: Equatable, Sendable {
        /// The first slice is one of an IDR picture (type 5).
        public var isIDR = false
        /// It holds a slice at all.
        public var hasSlice = false
        /// The first sequence parameter set in it.
        public var sequenceParameters: [UInt8]?
        /// It brings a picture parameter set.
        public var hasPictureParameters = false

        /// Nothing seen.
        public init() {}
    }

    /// Looks at the NAL units up to the first slice.
    ///
    /// - Parameter lengthSize: bytes of the length in front of each unit (1…4), or 0 where start codes divide them.
    public static func inspect(_ bytes: Span<UInt8>, lengthSize: Int) -> Picture {
        var picture = Picture()
        var cursor = Units(lengthSize: lengthSize)
        while let unit = cursor.next(bytes) {
            guard unit.lowerBound < unit.upperBound else { continue }
            switch bytes[unit.lowerBound] & 0x1F {
            case 5:
                picture.isIDR = true
                picture.hasSlice = true
                return picture
            case 1...4:
                picture.hasSlice = true
                return picture
            case 7 where picture.sequenceParameters == nil:
                picture.sequenceParameters = unit.map { bytes[$0] }
            case 8: picture.hasPictureParameters = true
            default: break
            }
        }
        return picture
    }

    /// Whether units fill the bytes from end to end: each length leads to the next, or a start code comes first. What is
    /// damaged can be decoded with some luck, but not copied.
    ///
    /// - Parameter lengthSize: as in `inspect`.
    public static func isWhole(_ bytes: Span<UInt8>, lengthSize: Int) -> Bool {
        if lengthSize == 0 {
            var zeros = 0
            while zeros < bytes.count, bytes[zeros] == 0 { zeros += 1 }
            return zeros >= 2 && zeros < bytes.count && bytes[zeros] == 1
        }
        var at = 0
        while at + lengthSize <= bytes.count {
            var length = 0
            for index in at..<at + lengthSize { length = length << 8 | Int(bytes[index]) }
            at += lengthSize
            guard length > 0, length <= bytes.count - at else { return false }
            at += length
        }
        return at == bytes.count && at > 0
    }

    /// Takes the recovery point messages (payload type 6) out of a picture in start codes; captions and all others stay.
    ///
    /// Players take a picture with such a message for a place to start at and die on the pictures before it that it
    /// leans on.
    ///
    /// - Returns: the bytes without them, or `nil` when there were none.
    public static func withoutRecoveryPoints(_ bytes: Span<UInt8>) -> [UInt8]? {
        var cursor = Units(lengthSize: 0)
        var removals: [(range: Range<Int>, unit: [UInt8]?)] = []
        while let unit = cursor.next(bytes) {
            guard unit.lowerBound < unit.upperBound else { continue }
            let type = bytes[unit.lowerBound] & 0x1F
            if (1...5).contains(type) { break }
            guard type == 6, let kept = filterMessages(bytes.extracting(unit)) else { continue }
            removals.append((cursor.codeStart..<unit.upperBound, kept.isEmpty ? nil : kept))
        }
        return cut(removals, from: bytes)
    }

    /// The parameter sets in front of the first slice of a picture in start codes, as such bytes again.
    public static func parameterSets(_ bytes: Span<UInt8>) -> [UInt8] {
        var cursor = Units(lengthSize: 0)
        var sets: [UInt8] = []
        while let unit = cursor.next(bytes), unit.lowerBound < unit.upperBound {
            let type = bytes[unit.lowerBound] & 0x1F
            if (1...5).contains(type) { break }
            if type == 7 || type == 8 { sets += [0, 0, 0, 1] + unit.map { bytes[$0] } }
        }
        return sets
    }

    /// Takes the parameter sets that are known already out of a picture in start codes: files have them apart (ISO
    /// 14496-15 §5.3.2). What comes with the same number and other content stays.
    ///
    /// - Parameter known: parameter sets in start codes.
    /// - Returns: the bytes without them, or `nil` when there were none.
    public static func without(_ known: [UInt8], _ bytes: Span<UInt8>) -> [UInt8]? {
        var sets: [[UInt8]] = []
        var all = Units(lengthSize: 0)
        while let unit = all.next(known.span) { sets.append(Array(known[unit])) }
        var cursor = Units(lengthSize: 0)
        var removals: [(range: Range<Int>, unit: [UInt8]?)] = []
        while let unit = cursor.next(bytes) {
            guard unit.lowerBound < unit.upperBound else { continue }
            let type = bytes[unit.lowerBound] & 0x1F
            if (1...5).contains(type) { break }
            guard type == 7 || type == 8, sets.contains(unit.map { bytes[$0] }) else { continue }
            removals.append((cursor.codeStart..<unit.upperBound, nil))
        }
        return cut(removals, from: bytes)
    }

    /// The bytes with other units, or none, in the place of some; `nil` when nothing changes.
    private static func cut(_ removals: [(range: Range<Int>, unit: [UInt8]?)], from bytes: Span<UInt8>) -> [UInt8]? {
        if removals.isEmpty { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var at = 0
        for removal in removals {
            for index in at..<removal.range.lowerBound { out.append(bytes[index]) }
            if let unit = removal.unit { out += [0, 0, 0, 1] + unit }
            at = removal.range.upperBound
        }
        for index in at..<bytes.count { out.append(bytes[index]) }
        return out
    }

    /// An SEI unit without its recovery points: `nil` when it has none, empty when it had nothing else.
    private static func filterMessages(_ unit: Span<UInt8>) -> [UInt8]? {
        let payload = unescape(unit, from: 1)
        var at = 0
        var kept: [UInt8] = []
        var found = false
        // rbsp_trailing_bits end the unit; a message has at least two bytes before them.
        while at + 2 < payload.count || (at + 1 < payload.count && payload[at] != 0x80) {
            let start = at
            var type = 0
            while at < payload.count, payload[at] == 0xFF {
                type += 255
                at += 1
            }
            guard at < payload.count else { return nil }
            type += Int(payload[at])
            at += 1
            var size = 0
            while at < payload.count, payload[at] == 0xFF {
                size += 255
                at += 1
            }
            guard at < payload.count else { return nil }
            size += Int(payload[at])
            at += 1
            guard at + size <= payload.count else { return nil }
            at += size
            if type == 6 { found = true } else { kept += payload[start..<at] }
        }
        if !found { return nil }
        if kept.isEmpty { return [] }
        return [unit[0]] + escape(kept + [0x80])
    }

    /// The units of a byte sequence, one after another.
    struct Units {
        let lengthSize: Int
        private var at = 0
        /// Where the start code or length of the last unit began.
        private(set) var codeStart = 0

        init(lengthSize: Int) { self.lengthSize = lengthSize }

        mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
            if lengthSize > 0 {
                guard at + lengthSize <= bytes.count else { return nil }
                codeStart = at
                var length = 0
                for index in at..<at + lengthSize { length = length << 8 | Int(bytes[index]) }
                let start = at + lengthSize
                guard length <= bytes.count - start else { return nil }
                at = start + length
                return start..<at
            }
            guard let code = Self.code(bytes, from: at) else { return nil }
            let start = code + 3
            codeStart = code > 0 && bytes[code - 1] == 0 ? code - 1 : code
            // Looking for the end of a slice would read the whole picture; nobody asks for it.
            if start < bytes.count, (1...5).contains(bytes[start] & 0x1F) {
                at = bytes.count
                return start..<bytes.count
            }
            var end = Self.code(bytes, from: start) ?? bytes.count
            at = end
            while end > start, bytes[end - 1] == 0 { end -= 1 }
            return start..<end
        }

        private static func code(_ bytes: Span<UInt8>, from start: Int) -> Int? {
            var index = start
            while index + 2 < bytes.count {
                if bytes[index + 2] > 1 {
                    index += 3
                } else if bytes[index] == 0, bytes[index + 1] == 0, bytes[index + 2] == 1 {
                    return index
                } else {
                    index += 1
                }
            }
            return nil
        }
    }

    static func unescape(_ bytes: Span<UInt8>, from start: Int) -> [UInt8] {
        var out: [UInt8] = []
        var zeros = 0
        var index = start
        while index < bytes.count {
            if zeros >= 2, bytes[index] == 3 {
                zeros = 0
            } else {
                zeros = bytes[index] == 0 ? zeros + 1 : 0
                out.append(bytes[index])
            }
            index += 1
        }
        return out
    }

    static func escape(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var zeros = 0
        for byte in bytes {
            if zeros >= 2, byte <= 3 {
                out.append(3)
                zeros = 0
            }
            zeros = byte == 0 ? zeros + 1 : 0
            out.append(byte)
        }
        return out
    }
}
