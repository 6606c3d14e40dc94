internal import Core
internal import Web

enum FormFuzz {
    static func run(_ input: Span<UInt8>) -> String? {
        let (first, body) = input.firstLine
        let boundary = (try? MultipartForm.boundary(of: first.span.text)) ?? Array("B".utf8)
        let whole = read(body, boundary, piece: max(body.count, 1))
        let size = 1 + body.count % 41
        let pieces = read(body, boundary, piece: size)
        if whole == pieces { return nil }
        // Where a form breaks off, how much of it was handed on may differ.
        if whole.last == refused, pieces.last == refused { return nil }
        return "in pieces of \(size) it is read as something else"
    }

    private static let refused = "refused"

    /// What the sink was told; contents of a part are joined.
    private static func read(_ body: [UInt8], _ boundary: [UInt8], piece: Int) -> [String] {
        var limits = FormLimits()
        limits.window = 1024
        limits.head = 512
        let notes = Notes()
        do throws(Problem) {
            let source = Body(Pieces(body, piece), declared: Int64(body.count), limit: 1 << 30)
            try MultipartForm.read(source, boundary: boundary, limits: limits, into: notes)
        } catch {
            notes.all.append(refused)
        }
        return notes.all
    }

    private final class Pieces: BodySource {
        private let bytes: [UInt8]
        private let size: Int
        private var at = 0
        let wasCut = false

        init(_ bytes: [UInt8], _ size: Int) {
            self.bytes = bytes
            self.size = size
        }

        func read(into target: inout MutableSpan<UInt8>, from offset: Int) -> Int {
            let count = max(0, min(size, target.count - offset, bytes.count - at))
            for index in 0..<count { target[offset + index] = bytes[at + index] }
            at += count
            return count
        }
    }

    private final class Notes: FormSink {
        var all: [String] = []
        private var open: [UInt8] = []
        func begin(_ part: PartHead) throws(Problem) { all.append("\(part.name)[\(part.filename ?? "-")]") }
        func take(_ bytes: Span<UInt8>) throws(Problem) { open += bytes.copied }
        func end() throws(Problem) {
            all.append(Hex.encode(open))
            open = []
        }
    }
}
