import Media
import Testing

/// Packets as a muxer writes them: tables, then an elementary stream.
private func stream(_ payloads: [Int], pid: Int = 0x100) -> [UInt8] {
    var out: [UInt8] = []
    for table in [0x11, 0, 0x1000] {
        out += [0x47, UInt8(0x40 | table >> 8), UInt8(table & 255), 0x10] + [UInt8](repeating: 1, count: 184)
    }
    for (index, payload) in payloads.enumerated() {
        var packet: [UInt8] = [0x47, UInt8(pid >> 8), UInt8(pid & 255), 0x10]
        if index == 0 { packet[1] |= 0x40 }
        if payload < 184 {
            packet[3] |= 0x20
            packet.append(UInt8(183 - payload))
            if payload < 183 { packet += [0] + [UInt8](repeating: 0xFF, count: 182 - payload) }
        }
        var body = (0..<payload).map { UInt8(truncatingIfNeeded: $0 + index) }
        if index == 0 { body[8] = 10 }
        out += packet + body
    }
    return out
}

private struct Packet {
    let pid: Int
    let counter: Int
    let payload: [UInt8]
}

private func packets(_ bytes: [UInt8]) -> [Packet] {
    stride(from: 0, to: bytes.count, by: 188).map { start in
        let packet = Array(bytes[start..<start + 188])
        let offset = packet[3] & 0x20 != 0 ? 5 + Int(packet[4]) : 4
        return Packet(
            pid: Int(packet[1] & 0x1F) << 8 | Int(packet[2]), counter: Int(packet[3] & 15),
            payload: packet[3] & 0x10 != 0 ? Array(packet[offset...]) : [])
    }
}

@Suite("Segments that join")
struct TransportStreamTests {
    @Test(
        "Whatever was muxed, sixteen packets fit and no byte of the stream changes",
        arguments: [
            [184], [40], [184, 184, 10], [184, 1], [184, 183], [184, 182], [100] + [Int](repeating: 184, count: 14),
            [Int](repeating: 184, count: 16), [Int](repeating: 184, count: 17), [184, 184, 184, 2], [35, 1, 1, 1],
        ])
    func counters(payloads: [Int]) throws {
        let before = stream(payloads)
        let after = packets(try TransportStream.normalise(before, segment: 5))
        let media = after.filter { $0.pid == 0x100 }
        #expect(media.count % 16 == 0)
        #expect(media.enumerated().allSatisfy { $1.counter == $0 % 16 })
        #expect(media.flatMap(\.payload) == packets(before).filter { $0.pid == 0x100 }.flatMap(\.payload))
        #expect(media.allSatisfy { !$0.payload.isEmpty })
        #expect(after.filter { $0.pid != 0x100 }.map(\.counter) == [5, 5, 5])
        // The PES header stays in the first packet.
        #expect((media.first?.payload.count ?? 0) >= 20)
    }

    @Test func tablesStandOnce() throws {
        let tables = stream([])
        let one = stream([184, 184])
        let twice = packets(try TransportStream.normalise(one + tables + one.dropFirst(3 * 188) + tables, segment: 17))
        #expect(twice.filter { $0.pid != 0x100 }.map(\.pid) == [0x11, 0, 0x1000])
        #expect(twice.filter { $0.pid == 0x100 }.count == 16)
        #expect(twice.prefix(3).allSatisfy { $0.counter == 1 })
    }

    @Test func refusesWhatIsNone() {
        #expect(throws: TransportStream.Fault.framing) { try TransportStream.normalise([0x47], segment: 0) }
        #expect(throws: TransportStream.Fault.framing) {
            try TransportStream.normalise([UInt8](repeating: 0, count: 188), segment: 0)
        }
        #expect(throws: TransportStream.Fault.payload) { try TransportStream.normalise(stream([20]), segment: 0) }
    }
}

@Suite("H.264")
struct H264Tests {
    private static func unit(_ type: UInt8, _ body: [UInt8], code: Int = 4) -> [UInt8] {
        (code == 4 ? [0] : []) + [0, 0, 1, type] + body
    }
    private static func lengths(_ units: [[UInt8]]) -> [UInt8] {
        units.flatMap { [0, 0, 0, UInt8($0.count)] + $0 }
    }

    @Test(
        "Only NAL type 5 is a place to cut at",
        arguments: [
            (lengths([[9, 1], [0x65, 1, 2]]), 4, true),
            (lengths([[9, 1], [6, 6, 1, 1, 0x80], [0x41, 1]]), 4, false),
            (unit(9, [1]) + unit(0x67, [1, 2]) + unit(0x68, [1]) + unit(0x65, [9]), 0, true),
            (unit(9, [1]) + unit(0x41, [9], code: 3), 0, false), ([], 4, false), ([0, 0, 0, 200, 0x65], 4, false),
        ] as [([UInt8], Int, Bool)])
    func idr(bytes: [UInt8], lengthSize: Int, expected: Bool) {
        let picture = H264.inspect(bytes.span, lengthSize: lengthSize)
        #expect(picture.isIDR == expected)
    }

    @Test("Recovery points go, captions and everything else stays")
    func recoveryPoints() {
        let slice = Self.unit(0x41, [1, 2, 3, 0, 0, 1, 6, 6, 1, 1, 0x80])
        let captions: [UInt8] = [4, 5, 0xB5, 0, 0x31, 7, 7]
        let alone = Self.unit(9, [0x10]) + Self.unit(6, [6, 1, 0xC4, 0x80]) + slice
        let mixed = Self.unit(9, [0x10]) + Self.unit(6, captions + [6, 1, 0xC4, 0x80]) + slice
        let others = Self.unit(9, [0x10]) + Self.unit(6, captions + [0x80]) + slice
        let a = H264.withoutRecoveryPoints(alone.span)
        #expect(a == Self.unit(9, [0x10]) + slice)
        let b = H264.withoutRecoveryPoints(mixed.span)
        #expect(b == others)
        let c = H264.withoutRecoveryPoints(others.span)
        #expect(c == nil)
        let d = H264.withoutRecoveryPoints(slice.span)
        #expect(d == nil)
    }

    @Test(
        "Messages that do not add up are left alone",
        arguments: [
            [6, 6, 200, 1], [6, 0xFF], [6, 0xFF, 0xFF], [6], [6, 6], [6, 6, 0xFF],
        ] as [[UInt8]])
    func brokenMessages(unit: [UInt8]) {
        let bytes = [0, 0, 0, 1] + unit + [0, 0, 0, 1, 0x41, 9]
        let out = H264.withoutRecoveryPoints(bytes.span)
        #expect(out == nil)
    }

    @Test("Sequence parameter sets are read, and short ones refused")
    func sequenceParameters() {
        // x264, High at level 3.1, 1280 × 720, frames only.
        let set: [UInt8] = [
            0x67, 0x64, 0x00, 0x1F, 0xAC, 0xD9, 0x40, 0x50, 0x05, 0xBB, 0x01, 0x10, 0x00, 0x00, 0x03, 0x00, 0x10,
        ]
        let read = H264.SequenceParameters(set)
        #expect(read?.codecs == "avc1.64001F")
        #expect(read?.chroma == 1 && read?.depth == 8 && read?.framesOnly == true)
        for count in 0..<6 { #expect(H264.SequenceParameters(Array(set.prefix(count))) == nil) }
        #expect(H264.SequenceParameters([0x68] + set.dropFirst()) == nil)
        let box: [UInt8] = [1, 0x64, 0, 0x1F, 0xFF, 0xE1, 0, 17] + set + [1, 0, 1, 0x68]
        let configuration = H264.Configuration(box)
        #expect(configuration.lengthSize == 4 && configuration.sequences == [set])
        #expect(H264.Configuration([1, 0, 0, 0, 0xFF, 0xE5, 0xFF, 0xFF]).sequences == [])
        #expect(H264.Configuration([0, 0, 0, 1] + set + [0, 0, 1, 0x68, 1]).sequences == [set])
    }
}
