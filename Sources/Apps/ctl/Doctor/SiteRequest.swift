/// A request as bytes: nothing is normalised, escaped or added but what stands here.
struct SiteRequest {
    var method = "GET"
    /// The target as it goes out; each character is one byte (Latin-1).
    var target: String
    var version = "HTTP/1.1"
    /// The Host field; `nil` sends none.
    var host: String?
    /// Fields in order.
    var fields: [(name: String, value: String)] = []
    /// Whether the fields of a page on the site's own origin are left out.
    var bare = false

    init(_ target: String, host: String? = nil) {
        self.target = target
        self.host = host
    }

    /// The same with a field more.
    func with(_ name: String, _ value: String) -> SiteRequest {
        var copy = self
        copy.fields.append((name, value))
        return copy
    }

    /// The same by another method.
    func by(_ method: String) -> SiteRequest {
        var copy = self
        copy.method = method
        return copy
    }

    /// The value of a field, if it is there.
    func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// What goes out.
    var bytes: [UInt8] {
        var text = "\(method) \(target) \(version)\r\n"
        if let host { text += "Host: \(host)\r\n" }
        for field in fields { text += "\(field.name): \(field.value)\r\n" }
        text += "Connection: close\r\n\r\n"
        return text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }
}

/// What came back.
struct SiteAnswer {
    /// The status; 0 when the peer closed without an answer, −1 when no connection or no byte came in time.
    var status = 0
    /// Fields in order, names in lower case.
    var fields: [(name: String, value: String)] = []
    /// The body as far as it was taken, without chunk marks.
    var body: [UInt8] = []
    /// Whether the blank line behind the fields came.
    private var isHeadWhole = false
    /// What went wrong, when the status is −1.
    var trouble = ""

    /// An answer that did not come.
    init(trouble: String) {
        status = -1
        self.trouble = trouble
    }

    /// Reads the bytes of an HTTP/1 answer.
    init(_ bytes: [UInt8]) {
        if bytes.isEmpty { return }
        var end = bytes.count
        var start = bytes.count
        for index in bytes.indices.dropLast(3)
        where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13 && bytes[index + 3] == 10 {
            end = index
            start = index + 4
            isHeadWhole = true
            break
        }
        let lines = bytes[..<end].split(separator: 10).map { line in
            String(String.UnicodeScalarView(line.filter { $0 != 13 }.map { UnicodeScalar($0) }))
        }
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count > 1, words[0].hasPrefix("HTTP/"), let code = Int(words[1]) else {
            // No status line: an HTTP/0.9 answer, or none at all.
            body = bytes
            return
        }
        status = code
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            fields.append((line[..<colon].lowercased(), Self.trimmed(value)))
        }
        body = Array(bytes[min(start, bytes.count)...])
        if field("transfer-encoding") == "chunked" { body = Self.joined(body) }
    }

    /// Whether nothing more can belong to it.
    ///
    /// - Parameter toHead: whether the request was a HEAD, whose answer has no body.
    func isWhole(toHead: Bool) -> Bool {
        guard status > 0, isHeadWhole else { return false }
        if toHead || status == 204 || status == 304 { return true }
        guard let text = field("content-length"), let length = Int(text) else { return false }
        return body.count >= length
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    /// A body without its chunk marks.
    private static func joined(_ chunks: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var rest = chunks[...]
        while let end = rest.firstIndex(of: 10) {
            let digits = String(decoding: rest[..<end].prefix { $0 != 13 && $0 != UInt8(ascii: ";") }, as: UTF8.self)
            guard let size = Int(digits, radix: 16), size > 0 else { break }
            rest = rest[(end + 1)...]
            out += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
        return out
    }

    /// The value of a field; the first when it stands twice.
    func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    /// All values of a field.
    func fields(_ name: String) -> [String] { fields.filter { $0.name == name }.map { $0.value } }

    /// Whether the server did what was asked, in whole or in part.
    var isServed: Bool { (200...299).contains(status) || status == 304 }
    /// The refusal's code as the header tells it.
    var reason: String { field("x-reelgate-reason") ?? "" }
    /// Whether it carries what every media answer of ours carries.
    var isOurs: Bool { field("x-content-type-options") == "nosniff" && field("referrer-policy") == "no-referrer" }
    /// Whether the body is a page.
    var isHTML: Bool {
        let front = String(decoding: body.prefix(256), as: UTF8.self).lowercased()
        return (field("content-type") ?? "").hasPrefix("text/html") || front.contains("<html")
            || front.contains("<!doctype html")
    }

    /// In a line, without a byte of the body.
    var summary: String {
        switch status {
        case -1: trouble
        case 0: body.isEmpty ? "closed without an answer" : "\(body.count) bytes without a status"
        default:
            "\(status)\(reason.isEmpty ? "" : " \(reason)"), \(body.count) bytes"
                + (field("content-type").map { " \($0)" } ?? "")
        }
    }
}
