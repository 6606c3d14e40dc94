import Core
import Testing

@Suite struct NamesTests {
    @Test(
        "E14 G06 what is no lesson path",
        arguments: [
            "", "/", "a", "a/b/c", "a/b/c/d/e", "/a/b/c/d", "a/b/c/d/", "a//c/d", "a/./c/d", "a/b/../d", "a/b/c/*",
            "a/b/c/_d",
            "a/b/c/-d", "a/b/c/d e", "a/b/c/é", "a/b/c/d\0", "a/b/c/d\n", "a\\b/c/d/e",
            "a/b/c/" + String(repeating: "x", count: 65),
        ])
    func noRel(text: String) { #expect(RelPath(text) == nil) }

    @Test func rel() throws {
        let long = String(repeating: "x", count: 64)
        for text in ["t1/c1/m1/l1", "T_1/c-1/0/9", "a/b/c/\(long)"] { #expect(RelPath(text)?.description == text) }
        let path = Array("t1/c1/m1/l1/output.m3u8".utf8)
        #expect(RelPath.prefixLength(of: path.span) == 11)
    }

    @Test(
        "what was stored may have two parts; what a client names may not",
        arguments: [
            ("u1/film", true), ("t1/c1/m1/l1", true), ("u1", false), ("u1/film/", false), ("u1/_film", false),
            ("u1//film", false), ("u1/a/b", false), ("u1/..", false), ("u1/film.mp4", false),
        ])
    func stored(text: String, valid: Bool) throws {
        #expect(RelPath(stored: text)?.description == (valid ? text : nil))
        if text.utf8.filter({ $0 == 47 }).count != 3 { #expect(RelPath(text) == nil) }
        #expect(try #require(RelPath(stored: "u1/film")).playlistPath == "/hls/u1/film/output.m3u8")
        #expect(try #require(RelPath(stored: "a/b/c/d")).playlistPath == "/hls2/a/b/c/d/output.m3u8")
    }

    @Test(
        "G06 names of files that may be fetched by name",
        arguments: [
            ("a.mp4", true), ("My-film_v2.final.mov", true), ("a", false), ("a.", false), (".a.mp4", false),
            ("-a.mp4", false), ("_a.mp4", false), ("a/b.mp4", false), ("..", false), ("a b.mp4", false),
            ("a%2e.mp4", false), ("é.mp4", false), ("a.mp4\0", false), ("a\"b.mp4", false), ("", false),
            (String(repeating: "x", count: 125) + ".ts", true), (String(repeating: "x", count: 126) + ".ts", false),
        ])
    func fileNames(text: String, valid: Bool) {
        #expect((FileName(text) != nil) == valid)
        if let name = FileName(text) { #expect(text.hasSuffix("." + name.fileExtension)) }
    }

    @Test(arguments: [
        ("_0123456789ab-k1-d6000", true), ("_0123456789AB-k1-d6000", false), ("_0123456789ab-k0-d6000", false),
        ("_0123456789ab-k01-d6000", false), ("_0123456789ab-k1-d", false), ("0123456789ab-k1-d6000", false),
        ("_0123456789ab-k1-d6000-", false), ("_0123456789ab_k1_d6000", false), ("_0123456789ab-k12-d10000", true),
    ])
    func publication(text: String, valid: Bool) {
        #expect((PublicationName(text) != nil) == valid)
        if valid { #expect(PublicationName(text)?.description == text) }
    }

    @Test func newPublicationsReadBack() {
        let name = PublicationName(keyVersion: 3, targetMilliseconds: 6000)
        #expect(PublicationName(name.description) == name)
    }

    @Test(
        "D08 G13 numbers are digits and nothing else",
        arguments: [
            ("0", 0), ("7", 7), ("9223372036854775807", Int64.max), ("9223372036854775808", nil), ("+5", nil),
            ("05", nil),
            ("-1", nil), ("", nil), (" 1", nil), ("1 ", nil), ("1e3", nil), ("0x1", nil), ("１", nil),
        ] as [(String, Int64?)])
    func digits(text: String, value: Int64?) { #expect(Digits.parse(text) == value) }

    @Test(
        "D12 one spelling for one value",
        arguments: [
            ("QQ", "A"), ("QUI", "AB"), ("QUJD", "ABC"), ("", ""), ("QR", nil), ("QQ==", nil), ("Q", nil), ("Q+", nil),
            ("Q/", nil), ("QQ\n", nil), (" QQ", nil),
        ] as [(String, String?)])
    func base64(text: String, plain: String?) {
        #expect(Base64URL.decode(text) == plain.map { Array($0.utf8) })
    }

    @Test func uuids() {
        let made = UUID()
        #expect(UUID(made.description) == made)
        #expect(made.description.utf8.count == 36)
        #expect(UUID("0123ABCD-0000-4000-8000-000000000000") == nil)
        #expect(UUID("0123abcd-0000-4000-8000-00000000000") == nil)
        #expect(UUID("0123abcd-0000-4000-8000-0000000000000") == nil)
        #expect(UUID("0123abcd00000-4000-8000-000000000000") == nil)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (1_772_323_199, "2026-02-28T23:59:59Z"),
            (-5, "1970-01-01T00:00:00Z"), (Int64.max, "9999-12-31T23:59:59Z"),
        ] as [(Int64, String)])
    func times(seconds: Int64, text: String) { #expect(UnixTime(seconds).rfc3339 == text) }

    @Test("K10 a secret shows nothing") func secret() {
        let secret = Secret("canary")
        let many: [String: Secret<String>?] = ["a": secret]
        var dumped = ""
        dump(many, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\(many)", dumped] { #expect(!text.contains("canary")) }
    }

    @Test func everyRefusalHasCodeStatusAndSentence() {
        #expect(Set(Refusal.allCases.map(\.code)).count == Refusal.allCases.count)
        for refusal in Refusal.allCases {
            #expect((400...599).contains(refusal.status))
            #expect(!refusal.sentence.isEmpty)
            #expect(refusal.code.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || $0 == 95 })
        }
    }
}
