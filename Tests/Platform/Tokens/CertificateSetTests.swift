import Core
import Crypto
import TestKeys
import Testing
import Tokens

private let now: Int64 = 1_800_000_000
private let key = try? TestKey()

private func document(_ members: [(String, String)]) -> [UInt8] {
    JSON.object(members.map { JSON.Member($0.0, .string($0.1)) }).bytes
}

@Suite struct CertificateSetTests {
    @Test(
        "F08 how long an answer holds",
        arguments: [
            (nil, 300), ("", 300), ("public, max-age=19302, must-revalidate, no-transform", 19_302), ("max-age=0", 300),
            ("max-age=300", 300), ("MAX-AGE = 400", 400), ("max-age=86400", 86_400), ("max-age=86401", 86_400),
            ("max-age=1000000000000", 86_400), ("max-age=999999999999999999999999999999", 86_400), ("max-age=-1", 300),
            ("max-age=", 300), ("max-age", 300), ("max-age=1e9", 300), ("max-age=\"500\"", 300), ("s-maxage=900", 300),
            ("no-store, max-age=0001000", 1000),
        ] as [(String?, Int64)])
    func lifetimes(field: String?, expected: Int64) {
        #expect(CertificateSet.lifetime(field) == expected)
    }

    @Test("F08 what is no set is not taken") func answers() throws {
        let pem = try #require(key).certificate
        let weak = try TestKey("rsa:1024").certificate
        let curve = try TestKey("ec", options: ["-pkeyopt", "ec_paramgen_curve:prime256v1"]).certificate
        func read(_ body: [UInt8]) -> CertificateSet? { CertificateSet(answer: body, cacheControl: nil, now: now) }
        let html = Array("<!doctype html><title>Sign in to the network</title>".utf8)
        let array = Array("[\"x\"]".utf8)
        for body in [
            html, array, [], Array("{}".utf8), Array("null".utf8), document([("k1", "")]), document([("k1", "no PEM")]),
            document([("k1", weak)]), document([("k1", curve)]), document([("", pem)]), document([("k 1", pem)]),
            Array("{\"k1\":7}".utf8), document([("k1", pem), ("k1", pem)]), document([("k1", pem)]) + [0],
            document((0..<33).map { ("k\($0)", pem) }), document([("k1", pem)]) + [UInt8](repeating: 32, count: 65_536),
            document([("k1", pem + pem)]), document([("k1", "x\n" + pem)]),
        ] { #expect(read(body) == nil, "\(String(decoding: body.prefix(60), as: UTF8.self))") }
        let some = try #require(read(document([("weak", weak), ("k1", pem), ("curve", curve), ("dead", "-")])))
        #expect(some.count == 1 && some["weak"] == nil && some["curve"] == nil && some["K1"] == nil)
        #expect(some["k1"]?.bits == 2048)
    }

    @Test("F07 fresh, stale, spent") func ages() throws {
        let pem = try #require(key).certificate
        let set = try #require(
            CertificateSet(answer: document([("k1", pem)]), cacheControl: "max-age=1000", now: now))
        for (at, expected) in [
            (now - 61, .spent), (now - 60, .fresh), (now + 999, .fresh), (now + 1000, .stale), (now + 87_399, .stale),
            (now + 87_400, .spent), (Int64.max, .spent), (0, .spent),
        ] as [(Int64, CertificateSet.Age)] { #expect(set.age(at: at) == expected, "\(at - now)") }
        let again = try #require(CertificateSet(stored: set.stored))
        #expect(again.fetched == now && again.until == now + 1000 && again["k1"] != nil)
        for bad in [
            "", "{}", "{\"fetched\":5,\"until\":4,\"certificates\":{}}",
            "{\"fetched\":0,\"until\":9223372036854775807,\"certificates\":{\"k1\":\"\"}}",
        ] { #expect(CertificateSet(stored: Array(bad.utf8)) == nil) }
    }
}
