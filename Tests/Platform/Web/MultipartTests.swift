import Core
import Testing

@testable import Web

/// Hands out a body in pieces of given sizes.
final class Pieces: BodySource {
    private let bytes: [UInt8]
    private let cuts: [Int]
    private var at = 0
    private var next = 0
    let wasCut: Bool

    init(_ bytes: [UInt8], cuts: [Int], wasCut: Bool = false) {
        self.bytes = bytes
        self.cuts = cuts
        self.wasCut = wasCut
    }

    func read(into target: inout MutableSpan<UInt8>, from offset: Int) -> Int {
        let wanted = cuts[next % cuts.count]
        next += 1
        let count = min(wanted, target.count - offset, bytes.count - at)
        for index in 0..<max(0, count) { target[offset + index] = bytes[at + index] }
        at += max(0, count)
        return max(0, count)
    }
}

/// Writes down what it is told.
final class Notes: FormSink {
    var parts: [(head: PartHead, bytes: [UInt8], ended: Bool)] = []
    func begin(_ part: PartHead) throws(Problem) { parts.append((part, [], false)) }
    func take(_ bytes: Span<UInt8>) throws(Problem) { parts[parts.count - 1].bytes += bytes.copied }
    func end() throws(Problem) { parts[parts.count - 1].ended = true }

    var text: String {
        parts.map {
            "\($0.head.name)[\($0.head.filename ?? "-")]=\(String(decoding: $0.bytes, as: UTF8.self))\($0.ended ? "" : "…")"
        }
        .joined(separator: "|")
    }
}

@Suite("Multipart") struct MultipartTests {
    static func read(
        _ body: String, boundary: String = "B", cuts: [Int] = [1 << 20], limits: FormLimits = FormLimits()
    ) -> String {
        read(Array(body.utf8), boundary: boundary, cuts: cuts, limits: limits)
    }

    static func read(
        _ body: [UInt8], boundary: String = "B", cuts: [Int] = [1 << 20], limits: FormLimits = FormLimits()
    ) -> String {
        let notes = Notes()
        do throws(Problem) {
            let source = Body(Pieces(body, cuts: cuts), declared: Int64(body.count), limit: 1 << 30)
            try MultipartForm.read(source, boundary: Array(boundary.utf8), limits: limits, into: notes)
            return notes.text
        } catch {
            return "\(error.refusal.status) \(error.detail)"
        }
    }

    static func field(_ name: String, _ value: String) -> String {
        "--B\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }

    static let cases: [(String, String)] = [
        (field("a", "1") + field("b", "2") + "--B--\r\n", "a[-]=1|b[-]=2"),
        (field("a", "1") + "--B--", "a[-]=1"),
        (field("a", "") + "--B--", "a[-]="),
        ("preamble\r\n" + field("a", "1") + "--B-- \r\nepilogue", "a[-]=1"),
        ("--B \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--B--", "a[-]=1"),
        (field("a", "x\r\n--Bx\r\ny") + "--B--", "a[-]=x\r\n--Bx\r\ny"),
        (field("a", "x\r\n--B-y") + "--B--", "a[-]=x\r\n--B-y"),
        (field("a", "x\r\n--B--y") + "--B--", "a[-]=x\r\n--B--y"),
        (field("a", "x--B\r\n--") + "--B--", "a[-]=x--B\r\n--"),
        (field("a", "\r\n\r\n") + "--B--", "a[-]=\r\n\r\n"),
        (
            "--B\r\nContent-Disposition: form-data; name=\"v\"; filename=\"a \\\"b\\\".mp4\"\r\n\r\n1\r\n--B--",
            "v[a \"b\".mp4]=1"
        ),
        (
            "--B\r\nContent-Disposition: form-data; name=\"v\"; filename=\"C:\\x.mp4\"\r\n\r\n1\r\n--B--",
            "v[C:\\x.mp4]=1"
        ),
        (
            "--B\r\ncontent-disposition:form-data; name=v; filename=\"x\"; filename*=UTF-8''caf%C3%A9.mp4\r\n\r\n1\r\n--B--",
            "v[café.mp4]=1"
        ),
        (field("a", "1"), "400 The form's last boundary is missing."),
        ("", "400 The form's boundary is missing."),
        ("--B", "400 The form's last boundary is missing."),
        ("--B\nContent-Disposition: form-data; name=a\n\n1\n--B--\n", "400 The form's last boundary is missing."),
        ("--B\r\n\r\n\r\n1\r\n--B--", "400 The head of a part of the form is not valid."),
        ("--B\r\nContent-Disposition: form-data\r\n\r\n1\r\n--B--", "400 The head of a part of the form is not valid."),
        (
            "--B\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n--B--",
            "400 The head of a part of the form is not valid."
        ),
        (
            "--B\r\nContent-Disposition: form-data; name=a\r\n folded\r\n\r\n1\r\n--B--",
            "400 The head of a part of the form is not valid."
        ),
        (
            "--B\r\nContent-Disposition: form-data; name=a\nX: y\r\n\r\n1\r\n--B--",
            "400 The head of a part of the form is not valid."
        ),
        (
            "--B\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--B--",
            "400 The head of a part of the form is not valid."
        ),
        (
            "--B\r\nX: " + String(repeating: "x", count: 1_000_000) + "\r\n\r\n1\r\n--B--",
            "400 The head of a part of the form is too long."
        ),
        (String(repeating: "x", count: 100_000), "400 The form does not begin with its boundary."),
        (String(repeating: field("a", "1"), count: 10_000) + "--B--", "400 The form has too many parts."),
    ]

    @Test("G08 forms and what is none", arguments: cases)
    func reads(body: String, expected: String) { #expect(Self.read(body) == expected) }

    @Test("G09 a boundary cut anywhere reads the same") func splits() {
        let tricky = "x\r\n--B\r\r\n--Bx\r\n--B-\r\n--\r\n--B --\r\r\n-"
        let body = field4(tricky)
        let whole = Self.read(body)
        #expect(whole.contains(tricky))
        for size in 1...(body.utf8.count) { #expect(Self.read(body, cuts: [size]) == whole, "pieces of \(size)") }
        for first in 1..<body.utf8.count {
            #expect(Self.read(body, cuts: [first, 1 << 20]) == whole, "cut at \(first)")
        }
    }

    private func field4(_ value: String) -> String {
        "ignored\r\n" + Self.field("first", value) + Self.field("second", "") + Self.field("third", value + "\r\n")
            + "--B--\r\nend"
    }

    @Test("G09 random bytes come out as they went in, whatever the pieces") func random() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<60 {
            let alphabet: [UInt8] = [13, 10, 45, 66, 120]
            let content = (0..<Int.random(in: 0...600, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            // A content that holds the boundary itself would rightly end there.
            let text = String(decoding: content, as: UTF8.self)
            if Array(("\r\n" + text + "\r\n").utf8).contains(subsequence: Array("\r\n--B".utf8)) { continue }
            let body = Self.field("a", text) + "--B--"
            var limits = FormLimits()
            limits.head = 128
            limits.window = 700
            let size = Int.random(in: 1...50, using: &generator)
            #expect(Self.read(body, cuts: [size, 3, 1], limits: limits) == "a[-]=" + text)
        }
    }

    @Test("G09 C15 a body that was cut off, is short or is long is refused") func cut() {
        let body = Array((Self.field("a", "1") + "--B--").utf8)
        for (declared, wasCut) in [
            (Int64(body.count), true), (Int64(body.count + 1), false), (Int64(body.count - 1), false),
        ] {
            let source = Body(Pieces(body, cuts: [7], wasCut: wasCut), declared: declared, limit: 1 << 20)
            #expect(throws: Problem.self) { try MultipartForm.read(source, boundary: Array("B".utf8), into: Notes()) }
        }
    }

    static let types: [(String, Int)] = [
        ("multipart/form-data; boundary=B", 0), ("Multipart/Form-Data; charset=UTF-8; boundary=\"a b\"", 0),
        ("multipart/form-data", 415), ("multipart/mixed; boundary=B", 415), ("text/plain", 415), ("", 415),
        ("multipart/form-data; boundary=B; charset=utf-16", 415), ("multipart/form-data; boundary=B; boundary=C", 415),
        ("multipart/form-data; boundary=", 415), ("multipart/form-data; boundary=\"\"", 400),
        ("multipart/form-data; boundary=" + String(repeating: "b", count: 71), 400),
        ("multipart/form-data; boundary=\"a\u{e9}\"", 400), ("multipart/form-data; boundary=\"a \"", 400),
    ]

    @Test("G10 only multipart/form-data with a valid boundary is a form", arguments: types)
    func boundaries(type: String, status: Int) {
        do throws(Problem) {
            _ = try MultipartForm.boundary(of: type)
            #expect(status == 0)
        } catch { #expect(error.refusal.status == status) }
    }
}

extension [UInt8] {
    fileprivate func contains(subsequence other: [UInt8]) -> Bool {
        guard count >= other.count else { return false }
        return (0...(count - other.count)).contains { Array(self[$0..<($0 + other.count)]) == other }
    }
}
