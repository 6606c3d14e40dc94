extension H264 {
    /// Whether a picture carries captions of the first field (CEA-608 in ATSC A/53 part 4 §6.2.3.1, as user data of
    /// ITU-T T.35 in an SEI message).
    ///
    /// What only fills the place of captions (no valid pair, or the null pair 0x80 0x80) does not count: encoders write
    /// it into films that have none.
    ///
    /// - Parameter lengthSize: as for `inspect`.
    public static func hasClosedCaptions(_ bytes: Span<UInt8>, lengthSize: Int) -> Bool {
        var cursor = Units(lengthSize: lengthSize)
        while let unit = cursor.next(bytes) {
            guard unit.lowerBound < unit.upperBound else { continue }
            let type = bytes[unit.lowerBound] & 0x1F
            if (1...5).contains(type) { return false }
            if type == 6, messages(of: unescape(bytes.extracting(unit), from: 1)) { return true }
        }
        return false
    }

    private static func messages(of payload: [UInt8]) -> Bool {
        var at = 0
        func number() -> Int? {
            var value = 0
            while at < payload.count {
                let byte = payload[at]
                at += 1
                value += Int(byte)
                if byte != 0xFF { return value }
            }
            return nil
        }
        while at + 2 < payload.count, let type = number(), let size = number(), at + size <= payload.count {
            if type == 4, pairs(in: payload[at..<at + size]) { return true }
            at += size
        }
        return false
    }

    /// 0xB5 (USA), provider 0x0031, "GA94", type 3; then a count, a byte, and three bytes for each pair.
    private static func pairs(in data: ArraySlice<UInt8>) -> Bool {
        let bytes = Array(data)
        guard bytes.count >= 10, bytes.starts(with: [0xB5, 0x00, 0x31, 0x47, 0x41, 0x39, 0x34, 0x03]) else {
            return false
        }
        let count = Int(bytes[8] & 0x1F)
        for index in 0..<count {
            let at = 10 + 3 * index
            guard at + 2 < bytes.count else { return false }
            let isFirstField = bytes[at] & 0x07 == 0x04
            if isFirstField, bytes[at + 1] & 0x7F != 0 || bytes[at + 2] & 0x7F != 0 { return true }
        }
        return false
    }
}
