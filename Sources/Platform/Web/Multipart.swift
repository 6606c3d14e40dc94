internal import Core

/// Takes the parts of a form as they come in.
public protocol FormSink: AnyObject {
    /// A part begins.
    func begin(_ part: PartHead) throws(Problem)
    /// More bytes of the part that is open.
    func take(_ bytes: Span<UInt8>) throws(Problem)
    /// The part is complete.
    func end() throws(Problem)
}

/// How much of a form is read before it is refused; memory never exceeds one window, whatever is sent.
public struct FormLimits: Sendable {
    /// Parts.
    public var parts = 32
    /// Bytes of one part's head.
    public var head = 8192
    /// Bytes in front of the first boundary.
    public var preamble = 4096
    /// Bytes of the window the body is read through.
    public var window = 65_536

    /// The product's limits.
    public init() {}
}

/// `multipart/form-data` (RFC 7578, RFC 2046 §5.1), by bytes and as it streams in.
public enum MultipartForm {
    /// The boundary that a content type names.
    ///
    /// - Throws: 415 unless it is `multipart/form-data` with a boundary and, if any, the charset UTF-8; 400 for a
    ///   boundary that RFC 2046 does not allow.
    public static func boundary(of contentType: String?) throws(Problem) -> [UInt8] {
        guard let contentType, let type = ContentType(contentType), type.name == "multipart/form-data", type.isUTF8,
            let boundary = type["boundary"]
        else { throw Problem(.mediaType, detail: "The body must be multipart/form-data with a boundary.") }
        let bytes = Array(boundary.utf8)
        guard (1...70).contains(bytes.count), bytes.last != 32, bytes.allSatisfy(isBoundaryByte) else {
            throw Problem(.badRequest, detail: "The boundary is not valid.")
        }
        return bytes
    }

    private static func isBoundaryByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "'()+_,-./:=? ".utf8.contains(byte)
        }
    }

    /// Reads the whole body and hands its parts to `sink`.
    ///
    /// - Throws: 400 for anything that is not a complete form within the limits, what the body or the sink throws.
    public static func read(
        _ body: Body, boundary: [UInt8], limits: FormLimits = FormLimits(), into sink: some FormSink
    ) throws(Problem) {
        var parser = MultipartParser(boundary: boundary, limits: limits)
        var window = [UInt8](repeating: 0, count: max(limits.window, limits.head + 512))
        var filled = 0
        while true {
            var span = window.mutableSpan
            let count = try body.read(into: &span, from: filled)
            filled += count
            let used = try parser.consume(window.span.extracting(0..<filled), atEnd: count == 0, into: sink)
            if count == 0 { return try parser.finish() }
            for index in used..<filled { window[index - used] = window[index] }
            filled -= used
            if filled == window.count { throw Problem(.badRequest, detail: "The form is not valid.") }
        }
    }
}

/// The state between two windows of a form's body.
struct MultipartParser {
    private enum State { case start, preamble, head, data, epilogue }

    private let delimiter: [UInt8]  // CRLF, two dashes, the boundary
    private let skip: [Int]  // how far the search may go on after a byte (Horspool, 1980)
    private let limits: FormLimits
    private var state = State.start
    private var parts = 0
    private var passed = 0

    init(boundary: [UInt8], limits: FormLimits) {
        let delimiter = [13, 10, 45, 45] + boundary
        var skip = [Int](repeating: delimiter.count, count: 256)
        for (index, byte) in delimiter.dropLast().enumerated() { skip[Int(byte)] = delimiter.count - 1 - index }
        self.delimiter = delimiter
        self.skip = skip
        self.limits = limits
    }

    /// Works through `window`.
    ///
    /// - Parameter atEnd: nothing follows.
    /// - Returns: how many bytes are done with; the others are to stand at the front of the next window.
    mutating func consume(_ window: Span<UInt8>, atEnd: Bool, into sink: some FormSink) throws(Problem) -> Int {
        var at = 0
        while true {
            switch state {
            case .start:
                guard let next = try opening(window, atEnd) else { return 0 }
                at = next
            case .preamble, .data:
                let (next, goOn) = try content(window, from: at, atEnd, sink)
                at = next
                if !goOn { return at }
            case .head:
                guard let next = try head(window, from: at, sink) else { return at }
                at = next
            case .epilogue:
                return window.count
            }
        }
    }

    /// To be called behind the last window.
    func finish() throws(Problem) {
        if state != .epilogue { throw Self.invalid("The form's last boundary is missing.") }
    }

    private static func invalid(_ detail: String) -> Problem { Problem(.badRequest, detail: detail) }

    /// The first boundary may stand at the very front, without the CRLF that every other one has.
    private mutating func opening(_ window: Span<UInt8>, _ atEnd: Bool) throws(Problem) -> Int? {
        let count = delimiter.count - 2
        let there = min(count, window.count)
        for index in 0..<there where window[index] != delimiter[index + 2] {
            state = .preamble
            return 0
        }
        if there < count { return atEnd ? try missing() : nil }
        switch tail(window, from: count, atEnd) {
        case .more: return nil
        case .next(let end):
            state = .head
            return end
        case .last(let end):
            state = .epilogue
            return end
        case .none:
            state = .preamble
            return 0
        }
    }

    private func missing() throws(Problem) -> Int? { throw Self.invalid("The form's boundary is missing.") }

    /// Bytes up to the next boundary.
    private mutating func content(
        _ window: Span<UInt8>, from start: Int, _ atEnd: Bool, _ sink: some FormSink
    ) throws(Problem) -> (at: Int, goOn: Bool) {
        var from = start
        while true {
            guard let found = search(window, from: from) else {
                let sure = atEnd ? window.count : max(start, window.count - delimiter.count + 1)
                try give(window.extracting(start..<sure), sink)
                return (sure, false)
            }
            let after: Int
            switch tail(window, from: found + delimiter.count, atEnd) {
            case .more:
                try give(window.extracting(start..<found), sink)
                return (found, false)
            case .none:
                from = found + 1
                continue
            case .next(let end):
                try give(window.extracting(start..<found), sink)
                if state == .data { try sink.end() }
                state = .head
                after = end
            case .last(let end):
                try give(window.extracting(start..<found), sink)
                if state == .data { try sink.end() }
                state = .epilogue
                after = end
            }
            return (after, true)
        }
    }

    private mutating func give(_ bytes: Span<UInt8>, _ sink: some FormSink) throws(Problem) {
        if state == .data {
            if bytes.count > 0 { try sink.take(bytes) }
        } else {
            passed += bytes.count
            if passed > limits.preamble { throw Self.invalid("The form does not begin with its boundary.") }
        }
    }

    private func search(_ window: Span<UInt8>, from start: Int) -> Int? {
        let last = delimiter.count - 1
        var at = start
        while at + last < window.count {
            // The first byte decides before the others: a boundary of one letter and content of that letter would
            // else be compared whole at every byte.
            if window[at] == delimiter[0], matches(window, at) { return at }
            at += skip[Int(window[at + last])]
        }
        return nil
    }

    private func matches(_ window: Span<UInt8>, _ at: Int) -> Bool {
        for index in delimiter.indices where window[at + index] != delimiter[index] { return false }
        return true
    }

    private enum Tail {
        /// Undecided: more bytes are needed.
        case more
        /// Not a boundary after all: `--Bx` is none of `B`.
        case none
        /// Another part's head begins there.
        case next(Int)
        /// The form ends there.
        case last(Int)
    }

    /// What follows a boundary: blanks and CRLF, or two dashes and then blanks, CRLF or nothing.
    private func tail(_ window: Span<UInt8>, from start: Int, _ atEnd: Bool) -> Tail {
        var at = start
        var closing = false
        if at < window.count, window[at] == 45 {
            guard at + 1 < window.count else { return atEnd ? .none : .more }
            guard window[at + 1] == 45 else { return .none }
            closing = true
            at += 2
        }
        while at < window.count, window[at] == 32 || window[at] == 9 {
            at += 1
            if at - start > 256 { return .none }
        }
        if at == window.count { return atEnd ? (closing ? .last(at) : .none) : .more }
        guard window[at] == 13 else { return .none }
        guard at + 1 < window.count else { return atEnd ? .none : .more }
        guard window[at + 1] == 10 else { return .none }
        return closing ? .last(at + 2) : .next(at + 2)
    }

    /// The lines in front of a part's content.
    private mutating func head(_ window: Span<UInt8>, from start: Int, _ sink: some FormSink) throws(Problem) -> Int? {
        var end = start
        while end + 3 < window.count, end - start <= limits.head {
            if window[end] == 13, window[end + 1] == 10, window[end + 2] == 13, window[end + 3] == 10 {
                parts += 1
                if parts > limits.parts { throw Self.invalid("The form has too many parts.") }
                guard let head = PartHead(window.extracting(start..<end)) else {
                    throw Self.invalid("The head of a part of the form is not valid.")
                }
                try sink.begin(head)
                state = .data
                return end + 4
            }
            end += 1
        }
        if end - start > limits.head { throw Self.invalid("The head of a part of the form is too long.") }
        return nil
    }
}
