import Core
import Foundation
import POSIX
import Synchronization
import Testing
import Web

@testable import Serving

@Suite("Rate limits") struct RateTests {
    static func table() throws -> RateTable {
        let file = try SharedWords.anonymousFile("rates", count: RateTable.places)
        return try RateTable(file)
    }

    @Test("a limit holds for any 60 seconds, and says when to come again") func window() throws {
        let table = try Self.table()
        for _ in 0..<10 { #expect(table.admit(7, limit: 10, now: 30) == nil) }
        #expect(table.admit(7, limit: 10, now: 31) == 30)
        #expect(table.admit(8, limit: 10, now: 31) == nil)
        // Half of the next minute gone: half of the ten still count.
        for _ in 0..<5 { #expect(table.admit(7, limit: 10, now: 90) == nil) }
        let wait = table.admit(7, limit: 10, now: 90) ?? 0
        #expect(wait > 0)
        #expect(table.admit(7, limit: 10, now: 90 + Int64(wait)) == nil)
        for _ in 0..<10 { #expect(table.admit(7, limit: 10, now: 1000) == nil) }
        #expect(table.admit(7, limit: 0, now: 2000) != nil)
    }

    @Test("what was counted can be taken back, never below nothing") func forgiven() throws {
        let table = try Self.table()
        table.forgive(7, now: 30)
        for _ in 0..<3 { #expect(table.admit(7, limit: 3, now: 30) == nil) }
        #expect(table.admit(7, limit: 3, now: 30) != nil)
        table.forgive(7, now: 30)
        #expect(table.admit(7, limit: 3, now: 30) == nil)
        #expect(table.admit(7, limit: 3, now: 30) != nil)
        table.forgive(8, now: 30)
        #expect(table.admit(7, limit: 3, now: 30) != nil)
    }

    @Test("B28 an account is tried ten times in a quarter of an hour, from wherever") func attempts() throws {
        let path = NSTemporaryDirectory() + "attempts-\(Core.UUID())"
        defer { try? Files.removeTree(path) }
        let limits = AttemptLimits(path, failures: 10, secret: Array("s".utf8))
        for second in 0..<10 { try limits.begin("ann@example.com", now: 9000 + Int64(second)) }
        do throws(Problem) {
            try limits.begin("ann@example.com", now: 9100)
            Issue.record("passed")
        } catch {
            #expect(error.refusal == .tooMany)
            #expect((1...900).contains(error.retryAfter ?? 0))
        }
        try limits.begin("eve@example.com", now: 9100)
        try limits.forgive("ann@example.com", now: 9100)
        try limits.begin("ann@example.com", now: 9100)
        try limits.begin("ann@example.com", now: 9000 + 1800)
        for _ in 0..<5 { #expect(try limits.mayMail("ann@example.com", now: 9100)) }
        #expect(try !limits.mayMail("ann@example.com", now: 9100))
    }

    @Test("B24 a crowd of other names does not free the one that counts most") func crowd() throws {
        let table = try Self.table()
        for _ in 0..<100 { _ = table.admit(1, limit: 100, now: 5) }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200_000 { _ = table.admit(generator.next(), limit: 100, now: 5) }
        #expect(table.admit(1, limit: 100, now: 5) != nil)
    }

    @Test("J01 parallel callers together get exactly the limit") func parallel() throws {
        let path = NSTemporaryDirectory() + "rates-\(Core.UUID())"
        defer { try? Files.remove(path) }
        let admitted = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            guard let file = try? Descriptor(updating: path), let table = try? RateTable(file) else { return }
            var count = 0
            for _ in 0..<5000 where table.admit(99, limit: 12_345, now: 5) == nil { count += 1 }
            let all = count
            admitted.withLock { $0 += all }
        }
        #expect(admitted.withLock { $0 } == 12_345)
    }

    @Test(
        "B27 an IPv6 client counts by its /64",
        arguments: [
            ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false),
            ("::ffff:192.0.2.7", "192.0.2.7", true),
            ("2001:db8::1", "2001:db8:0:0:ffff::2", true), ("2001:db8::1", "2001:db8:0:1::1", false),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", true), ("unix:", "unix:", true), ("::1", "::2", true),
        ])
    func prefixes(one: String, other: String, same: Bool) {
        #expect((ClientAddress.prefix(one) == ClientAddress.prefix(other)) == same)
    }
}
