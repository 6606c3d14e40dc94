internal import Core
internal import POSIX
internal import Storage
internal import Web

/// Takes an upload's form as it streams in: its texts are kept, its file is written, in any order.
final class UploadForm: FormSink {
    /// The file, once it came.
    private(set) var file: IncomingFile?
    /// What the file's name claims to be.
    private(set) var kind: FileExtension?
    /// The file's name as the client wrote it.
    private(set) var fileName = ""
    private var texts: [(name: String, value: [UInt8])] = []
    private var part = Part.skipped
    private let open: () throws(Problem) -> IncomingFile

    private enum Part { case text, file, skipped }

    /// Bytes of the longest text.
    private static let longestText = 8192

    /// - Parameter open: makes the file when its part begins.
    init(open: @escaping () throws(Problem) -> IncomingFile) { self.open = open }

    func begin(_ head: PartHead) throws(Problem) {
        part = .skipped
        if head.name.utf8.elementsEqual("video".utf8), let name = head.filename {
            // A form whose file was left out still has the part, without a name.
            if name.isEmpty { return }
            guard file == nil else { throw Problem(.badRequest, detail: "video stands twice.") }
            guard let kind = UploadRules.kind(ofFileNamed: name) else { throw Problem(.fileType) }
            file = try open()
            self.kind = kind
            fileName = name
            part = .file
        } else if head.filename == nil {
            for text in texts where text.name.utf8.elementsEqual(head.name.utf8) {
                throw Problem(.badRequest, detail: "\(UploadRules.shortened(head.name, to: 64)) stands twice.")
            }
            texts.append((head.name, []))
            part = .text
        }
    }

    func take(_ bytes: Span<UInt8>) throws(Problem) {
        switch part {
        case .file: try file?.write(bytes)
        case .text:
            let index = texts.count - 1
            guard texts[index].value.count + bytes.count <= Self.longestText else {
                throw Problem(.badRequest, detail: "\(UploadRules.shortened(texts[index].name, to: 64)) is too long.")
            }
            texts[index].value += bytes.copied
        case .skipped: break
        }
    }

    func end() throws(Problem) { part = .skipped }

    /// A text, or `nil` when it is absent or empty.
    ///
    /// - Throws: 400 when it is no UTF-8 or holds a NUL.
    func text(_ name: String) throws(Problem) -> String? {
        for text in texts where text.name.utf8.elementsEqual(name.utf8) && !text.value.isEmpty {
            guard let value = String(validating: text.value, as: UTF8.self), !text.value.contains(0) else {
                throw Problem(.badRequest, detail: "\(name) is not valid text.")
            }
            return value
        }
        return nil
    }

    /// A text that is an id.
    ///
    /// - Throws: 400 when it is absent or has another form.
    func slug(_ name: String) throws(Problem) -> Slug {
        guard let text = try text(name) else { throw Problem(.fieldMissing, detail: "\(name) is required.") }
        guard let slug = Slug(text) else {
            throw Problem(
                .badRequest, detail: "\(name) must be 1 to 64 letters, digits, - or _, not beginning with - or _.")
        }
        return slug
    }
}
