import Foundation
import Fuzzing
import Testing

/// The fuzzer's own work is scripts/fuzz-parsers; here every target takes its corpus, each input of it altered, and
/// random bytes.
@Suite struct FuzzTests {
    private static func corpus(_ target: FuzzTarget) throws -> [[UInt8]] {
        let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: target.rawValue)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path()).sorted()
        return try names.map { [UInt8](try Data(contentsOf: directory.appending(path: $0))) }
    }

    @Test("I04 G08 C11 E22 a corpus, and every input of it altered", arguments: FuzzTarget.allCases)
    func corpus(target: FuzzTarget) throws {
        let inputs = try Self.corpus(target)
        #expect(inputs.count > 5)
        var draw = Draw(state: 7)
        for input in inputs {
            #expect(target.run(input.span) == nil, "\(input)")
            for _ in 0..<(8000 / inputs.count) {
                var altered = input
                for _ in 0...(draw.next(4)) { draw.alter(&altered) }
                if let mistake = target.run(altered.span) { Issue.record("\(mistake): \(altered)") }
            }
        }
    }

    @Test("I04 no random bytes trouble a reader", arguments: FuzzTarget.allCases)
    func random(target: FuzzTarget) {
        var draw = Draw(state: 11)
        for _ in 0..<10_000 {
            let input = (0..<draw.next(draw.next(8) == 0 ? 2000 : 60)).map { _ in UInt8(draw.next(256)) }
            if let mistake = target.run(input.span) { Issue.record("\(mistake): \(input)") }
        }
    }
}

/// Numbers that come again in every run (splitmix64).
private struct Draw {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(bound, 1)))
    }

    mutating func alter(_ bytes: inout [UInt8]) {
        let place = next(bytes.count + 1)
        switch next(5) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(next(8))
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2: bytes.insert(UInt8(next(256)), at: place)
        case 3: bytes.insert(contentsOf: bytes[next(place + 1)..<place], at: next(bytes.count + 1))
        default: bytes.removeSubrange(place..<min(bytes.count, place + next(9)))
        }
    }
}
