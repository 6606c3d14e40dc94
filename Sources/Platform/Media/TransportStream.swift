/// Makes segments that were muxed apart join into one transport stream (ISO 13818-1).
///
/// Continuity counters of tables carry the segment's number; those of the elementary stream start at 0 in each segment,
/// and its last packets are split until their count is a multiple of 16, so that the next segment's 0 is what follows.
public enum TransportStream {
    /// Bytes of a packet.
    public static let packetSize = 188

    /// What is wrong with a stream that was to be normalised.
    public enum Fault: Error, Equatable {
        /// Not whole packets that begin with 0x47.
        case framing
        /// Too few bytes of payload to split.
        case payload
    }

    /// Rewrites a segment.
    ///
    /// - Parameters:
    ///   - bytes: whole packets of one programme with one elementary stream.
    ///   - segment: the segment's number.
    /// - Returns: the packets: tables once, and at most 15 more of the stream than before.
    public static func normalise(_ bytes: [UInt8], segment: Int) throws(Fault) -> [UInt8] {
        guard bytes.count % packetSize == 0 else { throw .framing }
        let bytes = try withTablesOnce(bytes)
        var media = 0
        for start in stride(from: 0, to: bytes.count, by: packetSize) {
            if isMedia(bytes, at: start), hasPayload(bytes, at: start) { media += 1 }
        }
        let extra = media == 0 ? 0 : (16 - media % 16) % 16
        var out = bytes
        if extra > 0 { out = try split(bytes, extra: extra) }
        number(&out, segment: segment)
        return out
    }

    /// The muxer repeats its tables at every whole picture; one of each in front of a segment is enough.
    private static func withTablesOnce(_ bytes: [UInt8]) throws(Fault) -> [UInt8] {
        var seen: Set<Int> = []
        var repeats: [Int] = []
        for start in stride(from: 0, to: bytes.count, by: packetSize) {
            guard bytes[start] == 0x47 else { throw .framing }
            if !isMedia(bytes, at: start), !seen.insert(pid(bytes, at: start)).inserted { repeats.append(start) }
        }
        if repeats.isEmpty { return bytes }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var from = 0
        for start in repeats {
            out += bytes[from..<start]
            from = start + packetSize
        }
        out += bytes[from...]
        return out
    }

    private static func pid(_ bytes: [UInt8], at start: Int) -> Int {
        Int(bytes[start + 1] & 0x1F) << 8 | Int(bytes[start + 2])
    }

    /// libav's muxer gives elementary streams the identifiers from 0x100 on, and the programme map 0x1000.
    private static func isMedia(_ bytes: [UInt8], at start: Int) -> Bool {
        (0x100..<0x1000).contains(pid(bytes, at: start))
    }

    private static func hasPayload(_ bytes: [UInt8], at start: Int) -> Bool { bytes[start + 3] & 0x10 != 0 }

    /// Where the payload begins, counted from the packet's start.
    private static func payloadOffset(_ bytes: [UInt8], at start: Int) -> Int {
        bytes[start + 3] & 0x20 != 0 ? min(packetSize, 5 + Int(bytes[start + 4])) : 4
    }

    /// How many more packets the payload of one could be spread over. A PES header stays in one piece.
    private static func room(_ bytes: [UInt8], at start: Int) -> Int {
        let offset = payloadOffset(bytes, at: start)
        let payload = packetSize - offset
        guard bytes[start + 1] & 0x40 != 0 else { return max(0, payload - 1) }
        guard payload > 9 else { return 0 }
        return max(0, payload - 10 - Int(bytes[start + offset + 8]))
    }

    private static func split(_ bytes: [UInt8], extra: Int) throws(Fault) -> [UInt8] {
        var left = extra
        var tail: [UInt8] = []
        var start = bytes.count - packetSize
        while left > 0 {
            guard start >= 0 else { throw .payload }
            var packets = Array(bytes[start..<start + packetSize])
            if isMedia(bytes, at: start), hasPayload(bytes, at: start) {
                let count = min(left, room(bytes, at: start))
                packets = spread(packets, over: count + 1)
                left -= count
            }
            tail = packets + tail
            start -= packetSize
        }
        return Array(bytes[..<(start + packetSize)]) + tail
    }

    /// Spreads the payload of a packet over `count` packets; the first keeps its header and adaptation field.
    private static func spread(_ packet: [UInt8], over count: Int) -> [UInt8] {
        guard count > 1 else { return packet }
        let offset = payloadOffset(packet, at: 0)
        let payload = Array(packet[offset...])
        let others = count - 1
        // The first keeps as much as it can leave: the others take one byte each, or an even share.
        let isStart = packet[1] & 0x40 != 0
        let share = isStart ? 1 : max(1, payload.count / count)
        let first = payload.count - others * share
        var out = stuffed(header: Array(packet[..<offset]), payload: Array(payload[..<first]))
        for index in 0..<others {
            let from = first + index * share
            let header = [0x47, packet[1] & ~0x40, packet[2], 0x10]
            out += stuffed(header: header, payload: Array(payload[from..<from + share]))
        }
        return out
    }

    /// A packet of 188 bytes: the adaptation field grows by as much as the payload is short.
    private static func stuffed(header: [UInt8], payload: [UInt8]) -> [UInt8] {
        var head = header
        let missing = packetSize - head.count - payload.count
        guard missing > 0 else { return head + payload }
        if head[3] & 0x20 == 0 {
            head[3] |= 0x20
            head.append(UInt8(missing - 1))
            if missing > 1 { head.append(0) }
            if missing > 2 { head += [UInt8](repeating: 0xFF, count: missing - 2) }
        } else {
            // A field of length 0 has no byte for flags yet.
            if head[4] == 0 {
                head.append(0)
                head += [UInt8](repeating: 0xFF, count: missing - 1)
            } else {
                head += [UInt8](repeating: 0xFF, count: missing)
            }
            head[4] += UInt8(missing)
        }
        return head + payload
    }

    private static func number(_ bytes: inout [UInt8], segment: Int) {
        var media: UInt8 = 0
        for start in stride(from: 0, to: bytes.count, by: packetSize) {
            let counter: UInt8
            if isMedia(bytes, at: start) {
                // A packet without payload repeats the number before it.
                counter = hasPayload(bytes, at: start) ? media : media &- 1
                if hasPayload(bytes, at: start) { media &+= 1 }
            } else {
                counter = UInt8(truncatingIfNeeded: segment)
            }
            bytes[start + 3] = bytes[start + 3] & 0xF0 | counter & 0x0F
        }
    }
}
