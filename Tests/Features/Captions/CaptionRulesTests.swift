import Core
import Media
import Testing
import Tokens
import Web

@testable import Captions

private final class Bytes: BodySource {
    private var left: ArraySlice<UInt8>
    let wasCut = false

    init(_ bytes: [UInt8]) { left = bytes[...] }

    func read(into target: inout MutableSpan<UInt8>, from offset: Int) -> Int {
        let count = min(left.count, target.count - offset)
        for index in 0..<count { target[offset + index] = left[left.startIndex + index] }
        left = left.dropFirst(count)
        return count
    }
}

private func request(_ body: String, type: String? = nil, query: String = "") throws -> Request {
    Request(
        method: .put, path: try Path("/".utf8), query: try Query(query.utf8),
        headers: Headers(type.map { [("content-type", $0)] } ?? []),
        body: Body(Bytes(Array(body.utf8)), declared: nil, limit: .max), address: "::1", id: "x")
}

private func refusal(_ body: () throws -> Void) -> Refusal? {
    do {
        try body()
        return nil
    } catch { return (error as? Problem)?.refusal }
}

@Suite("What is sent as captions") struct CaptionRulesTests {
    private static let form = """
        --b\r
        Content-Disposition: form-data; name="label"\r
        \r
        Deutsch\r
        --b\r
        Content-Disposition: form-data; name="captions"; filename="../../x.srt"\r
        \r
        FILE\r
        --b--\r

        """

    @Test(
        "the body itself, of any text type",
        arguments: [nil, "text/vtt", "text/plain; charset=x", "application/x-subrip"])
    func raw(_ type: String?) throws {
        let sent = try SentCaptions(try request("abc", type: type, query: "label=a%20b&kind=captions&default=true"))
        #expect(
            sent.file == Array("abc".utf8) && sent.label == "a b" && sent.kind == "captions" && sent.isDefault == "true"
        )
    }

    @Test func form() throws {
        let sent = try SentCaptions(
            try request(Self.form, type: "multipart/form-data; boundary=b", query: "kind=subtitles"))
        #expect(sent.file == Array("FILE".utf8) && sent.label == "Deutsch" && sent.kind == "subtitles")
    }

    @Test func refused() {
        let multipart = "multipart/form-data; boundary=b"
        #expect(refusal { _ = try SentCaptions(try request("x", type: "application/json")) } == .mediaType)
        #expect(
            refusal { _ = try SentCaptions(try request(Self.form, type: multipart, query: "label=x")) } == .badRequest)
        #expect(refusal { _ = try SentCaptions(try request("--b--\r\n", type: multipart)) } == .fileMissing)
        #expect(refusal { _ = try SentCaptions(try request("x", query: "label=a&label=b")) } == .badRequest)
        let large = String(repeating: "x", count: CaptionFile.largest + 1)
        #expect(refusal { _ = try SentCaptions(try request(large)) } == .tooLarge)
        let largeForm = Self.form.replacing("FILE", with: large)
        #expect(refusal { _ = try SentCaptions(try request(largeForm, type: multipart)) } == .tooLarge)
    }

    @Test("H37 what goes with a file") func wishes() throws {
        let file = try CaptionRules.read(Array("00:00:01,000 --> 00:00:02,000\nx".utf8))
        let tag = try CaptionRules.language("pt-br")
        func wish(_ label: String?, _ kind: String?, _ shown: String?) throws -> NewCaptions {
            try CaptionRules.wish(language: tag, label: label, kind: kind, isDefault: shown, file: file)
        }
        let plain = try wish(nil, nil, nil)
        #expect(plain.label == "Portuguese (BR)" && plain.purpose == .subtitles && !plain.isDefault)
        #expect(try wish("a\"b\r\nc", "captions", "1").label == "a'b c")
        #expect(refusal { _ = try wish("x\n#EXTM3U", nil, nil) } == .badRequest)
        #expect(refusal { _ = try wish(nil, "forced", nil) } == .badRequest)
        #expect(refusal { _ = try wish(nil, nil, "yes") } == .badRequest)
    }

    @Test("each mistake has its code and its line") func codes() {
        let table: [(String, Refusal, String)] = [
            ("no", .captionsFormat, "Line 1"), ("1\n00:00:02,000 --> 00:00:01,000\nx", .captionsTime, "Line 2"),
            (String(repeating: "00:00:01,000 --> 00:00:02,000\nx\n", count: 20_001), .captionsAmount, "Line 40001"),
        ]
        for (text, refusal, line) in table {
            do throws(Problem) {
                _ = try CaptionRules.read(Array(text.utf8))
                Issue.record("taken")
            } catch { #expect(error.refusal == refusal && error.detail.hasPrefix(line), "\(error)") }
        }
        for text in ["", "..", "en_US", "x-a"] {
            #expect(refusal { _ = try CaptionRules.language(text) } == .captionsLanguage)
        }
    }

    @Test("J12 what is somebody else's is not there") func access() throws {
        let rel = try #require(RelPath("anna/c/m/l"))
        let table: [(Caller, Refusal?)] = [
            (.anyone, .notFound), (.user(id: "anna", role: .instructor), nil),
            (.user(id: "anna", role: .viewer), .notFound),
            (.user(id: "ben", role: .instructor), .notFound), (.user(id: "ben", role: .admin), nil),
            (.key(id: "k", scopes: [.catalog]), nil),
        ]
        for (caller, wanted) in table {
            #expect(refusal { try caller.mustManage(rel.trainer) } == wanted, "\(caller)")
        }
        #expect(VideoReference("anna/c/m/l") == .rel(rel) && VideoReference("anna/c/m") == nil)
    }
}
