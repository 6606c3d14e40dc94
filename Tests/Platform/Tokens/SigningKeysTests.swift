import Core
import POSIX
import Testing

@testable import Tokens

private let one = "nX4cV8bM2kL6jH0gF5dS9aP3oI7uY1tR"
private let two = "qZ9wE3rT7yU1iO5pA8sD2fG6hJ0kL4xC"
private let second: Int64 = 1_000_000_000

@Suite struct SigningKeysTests {
    private let file = "/tmp/rg-signers-\(Host.processID)-\(UInt32.random(in: 0 ... .max))"

    private func write(_ text: String) throws { try Files.replace(file, with: Array(text.utf8).span) }

    private func knows(_ keys: SigningKeys, _ id: String) -> Bool { keys.ring.key(Array(id.utf8).span) != nil }

    private func started() throws -> SigningKeys {
        let settings = try Settings(
            ["SECRET_KEY": "kX7mQ2vR9tB4wN6zL1pS8dF3gH5jC0aY", "SIGNING_KEYS_FILE": file], need: .tokens)
        return SigningKeys(settings, log: Log("test"))
    }

    @Test("E20 a key comes and goes without a restart, looked for at most once a second") func follows() throws {
        try write("k1 \(one)\n")
        defer { try? Files.remove(file) }
        let keys = try started()
        #expect(knows(keys, "k1") && !knows(keys, "k2"))
        #expect(keys.refresh(now: 10 * second))
        try write("k1 \(one)\nk2 \(two) signs\n")
        #expect(!keys.refresh(now: 11 * second - 1), "not yet looked")
        #expect(keys.refresh(now: 11 * second))
        #expect(knows(keys, "k2") && keys.ring.signer.id == "k2")
        #expect(!keys.refresh(now: 12 * second), "nothing changed")
        try write("k2 \(two)\n")
        #expect(keys.refresh(now: 13 * second))
        #expect(!knows(keys, "k1") && keys.ring.signer.id == nil)
    }

    @Test("E20 E30 a file that is broken, weak or gone changes nothing; a good one is taken again") func broken() throws
    {
        try write("k1 \(one)\n")
        defer { try? Files.remove(file) }
        let keys = try started()
        var now = 10 * second
        for text in ["k1\n", "k1 short\n", "k1 \(one)\nk1 \(two)\n", "k1 kX7mQ2vR9tB4wN6zL1pS8dF3gH5jC0aY\n"] {
            try write(text)
            now += second
            #expect(!keys.refresh(now: now))
            #expect(knows(keys, "k1") && keys.ring.key(nil) != nil)
        }
        try Files.remove(file)
        #expect(!keys.refresh(now: now + second))
        #expect(knows(keys, "k1"))
        try write("k3 \(two)\n")
        #expect(keys.refresh(now: now + 2 * second))
        #expect(knows(keys, "k3") && !knows(keys, "k1"))
    }
}
