import POSIX
import Testing

@testable import Sessions

@Suite struct RevocationTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func holds(_ list: RevocationList, _ kind: RevocationKind, _ value: String, _ issued: Int64) -> Bool {
        list.holds(kind, Array(value.utf8).span, issued: issued)
    }

    @Test("E18 tokens issued at or before a revocation are refused, later ones work")
    func times() throws {
        let path = "\(scratch.path)/revocations"
        #expect(RevocationList(path) == nil)
        let all = [
            Revocation(kind: .user, value: "u1", time: 100), Revocation(kind: .user, value: "u1", time: 50),
            Revocation(kind: .session, value: "s", time: 70), Revocation(kind: .token, value: "j", time: 70),
            Revocation(kind: .rel, value: "t/c/m/l", time: 70),
        ]
        try RevocationList.write(all, to: path)
        let list = try #require(RevocationList(path))
        #expect(list.count == 5)
        for (kind, value, time) in [
            (RevocationKind.user, "u1", 100 as Int64), (.session, "s", 70), (.token, "j", 70), (.rel, "t/c/m/l", 70),
        ] {
            #expect(holds(list, kind, value, 0), "without a time of issue everything is older")
            #expect(holds(list, kind, value, time))
            #expect(!holds(list, kind, value, time + 1))
            #expect(!holds(list, kind, value + "x", time))
        }
        #expect(!holds(list, .session, "u1", 1), "a session is no user")
        #expect(!holds(list, .user, "", 1))
    }

    @Test func aFileThatIsNotWholeIsNotTaken() throws {
        let path = "\(scratch.path)/revocations"
        try RevocationList.write([Revocation(kind: .user, value: "u", time: 1)], to: path)
        let bytes = try Descriptor(reading: path).readAll(limit: 1000)
        var broken: [[UInt8]] = [[], Array(bytes.dropLast(8)), Array(bytes.dropLast(1)), bytes + bytes]
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            broken.append(changed)
        }
        for (number, text) in broken.enumerated() {
            try Files.replace("\(path)\(number)", with: text.span)
            #expect(RevocationList("\(path)\(number)") == nil)
        }
        try RevocationList.write([], to: path)
        #expect(RevocationList(path)?.count == 0)
    }
}
