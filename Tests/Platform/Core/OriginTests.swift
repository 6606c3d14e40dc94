import Core
import Testing

@Suite struct OriginTests {
    /// Whether a referrer passes a list, as the gate asks it.
    private func passes(_ referrer: String, _ list: [String]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 320)
        var span = buffer.mutableSpan
        guard let count = Origin.normalise(Array(referrer.utf8).span, wholeOrigin: false, into: &span) else {
            return false
        }
        let normal = Array(buffer.prefix(count))
        return list.contains { Origin($0)?.matches(normal.span) ?? false }
    }

    @Test(
        "B01–B13 B16 B18 referrers",
        arguments: [
            ("B01", "https://good.example/", true), ("B01", "https://good.example", true),
            ("B01", "https://good.example/a?b#c", true),
            ("B02", "https://sub.good.example/a", false), ("B03", "https://good.example.evil.com/", false),
            ("B04", "https://evilgood.example/", false), ("B05", "https://good.example@evil.com/", false),
            ("B06", "https://evil.com/?r=https://good.example/", false),
            ("B06", "https://evil.com/#good.example", false),
            ("B07", "http://good.example/", false), ("B08", "https://good.example:8443/", false),
            ("B08", "https://good.example:443/", true), ("B09", "https://GOOD.EXAMPLE/", true),
            ("B09", "HTTPS://good.example/", true),
            ("B10", "https://good.example./", false), ("B11", "//good.example/", false), ("B11", "good.example", false),
            ("B11", "garbage", false), ("B11", "null", false), ("B11", "file:///good.example", false),
            ("B12", "", false),
            ("B13", "https://evil.com\\@good.example/", false), ("B13", "https://good.example\\@evil.com/", false),
            ("B13", "https://good.example%2eevil.com/", false), ("B13", "https://[good.example]/", false),
            ("B16", "https://go\u{43e}d.example/", false), ("B18", "https://good\u{2024}example/", false),
            ("B18", "https://\u{212A}.example/", false), ("-", "https://good.example:0/", false),
            ("-", "https://good.example:/", false),
            ("-", "https://good.example/ x", false), ("-", "https://.good.example/", false),
            ("-", "https:///good.example", false),
        ])
    func exact(row: String, referrer: String, passes: Bool) {
        #expect(self.passes(referrer, ["https://good.example"]) == passes, "\(row)")
    }

    @Test(
        "B02 a wildcard stands for deeper names only",
        arguments: [
            ("https://sub.good.example/", true), ("https://a.b.good.example/", true), ("https://good.example/", false),
            ("https://evilgood.example/", false), ("http://sub.good.example/", false),
            ("https://sub.good.example:8443/", false),
        ])
    func wildcard(referrer: String, passes: Bool) {
        #expect(self.passes(referrer, ["https://*.good.example"]) == passes)
    }

    @Test(arguments: [
        "https://*", "https://*good.example", "https://a.*.example", "*.good.example", "https://good.example/",
        "ftp://good.example", "https://", "https://good.example:99999", "https://go od.example",
    ])
    func noOrigin(text: String) { #expect(Origin(text) == nil) }

    @Test func ports() {
        #expect(Origin("http://127.0.0.1:8080")?.description == "http://127.0.0.1:8080")
        #expect(passes("http://127.0.0.1:8080/x", ["http://127.0.0.1:8080"]))
        #expect(!passes("http://127.0.0.1:8081/x", ["http://127.0.0.1:8080"]))
        #expect(passes("http://localhost/", ["http://localhost:80"]))
    }
}
