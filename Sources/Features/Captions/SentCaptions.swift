internal import Core
internal import Media
internal import Web

/// A file of captions as it was sent: the body itself with what goes with it in the query, or a form with both.
struct SentCaptions {
    let file: [UInt8]
    let label: String?
    let kind: String?
    let isDefault: String?

    /// - Throws: 415 for another type, 413 over 2 MiB, 400 for what is no form, holds no file, or says something twice.
    init(_ request: Request) throws(Problem) {
        let query = request.query
        let type = try request.headers.one("content-type")
        if let coding = try request.headers.one("content-encoding"), coding.lowercased() != "identity" {
            throw Problem(.mediaType, detail: "The body must not be compressed.")
        }
        guard let parsed = ContentType(type ?? ""), parsed.name == "multipart/form-data" else {
            guard Self.isText(type) else { throw Problem(.mediaType) }
            request.body.limit = Int64(CaptionFile.largest)
            file = try request.body.all()
            label = try query.one("label")
            kind = try query.one("kind")
            isDefault = try query.one("default")
            return
        }
        let boundary = try MultipartForm.boundary(of: type)
        request.body.limit = Int64(CaptionFile.largest + CaptionForm.framing)
        let form = CaptionForm()
        try MultipartForm.read(request.body, boundary: boundary, into: form)
        guard let sent = form.file else { throw Problem(.fileMissing, detail: "No file of captions was sent.") }
        file = sent
        label = try Self.only(try form.text("label"), try query.one("label"), "label")
        kind = try Self.only(try form.text("kind"), try query.one("kind"), "kind")
        isDefault = try Self.only(try form.text("default"), try query.one("default"), "default")
    }

    private static func only(_ one: String?, _ other: String?, _ name: String) throws(Problem) -> String? {
        if one != nil, other != nil { throw Problem(.badRequest, detail: "\(name) stands twice.") }
        return one ?? other
    }

    /// What clients send a text file as; programs that do not know it say one of the others, or nothing.
    private static func isText(_ type: String?) -> Bool {
        guard let type, !type.isEmpty else { return true }
        guard let name = ContentType(type)?.name else { return false }
        return name.hasPrefix("text/")
            || ["application/x-subrip", "application/octet-stream", "application/x-www-form-urlencoded"].contains(name)
    }
}

/// A form with one file, whatever its field is called, and a few texts.
private final class CaptionForm: FormSink {
    /// Room for what stands around the file.
    static let framing = 1 << 16
    private static let longestText = 1024

    private(set) var file: [UInt8]?
    private var texts: [(name: String, value: [UInt8])] = []
    private var isFile = false
    private var isText = false

    func begin(_ head: PartHead) throws(Problem) {
        (isFile, isText) = (false, false)
        if let name = head.filename {
            // A form whose file was left out still has the part, without a name.
            if name.isEmpty { return }
            guard file == nil else { throw Problem(.badRequest, detail: "There is more than one file.") }
            file = []
            isFile = true
        } else {
            if texts.contains(where: { $0.name.utf8.elementsEqual(head.name.utf8) }) {
                throw Problem(.badRequest, detail: "A field stands twice.")
            }
            texts.append((head.name, []))
            isText = true
        }
    }

    func take(_ bytes: Span<UInt8>) throws(Problem) {
        if isFile {
            guard (file?.count ?? 0) + bytes.count <= CaptionFile.largest else { throw Problem(.tooLarge) }
            file?.append(contentsOf: bytes.copied)
        } else if isText {
            guard texts[texts.count - 1].value.count + bytes.count <= Self.longestText else {
                throw Problem(.badRequest, detail: "A field is too long.")
            }
            texts[texts.count - 1].value += bytes.copied
        }
    }

    func end() throws(Problem) { (isFile, isText) = (false, false) }

    /// - Throws: 400 when it is no UTF-8 or holds a NUL.
    func text(_ name: String) throws(Problem) -> String? {
        for text in texts where text.name.utf8.elementsEqual(name.utf8) {
            guard let value = String(validating: text.value, as: UTF8.self), !text.value.contains(0) else {
                throw Problem(.badRequest, detail: "\(name) is not valid text.")
            }
            return value
        }
        return nil
    }
}
