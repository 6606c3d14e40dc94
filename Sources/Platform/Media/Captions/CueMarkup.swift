/// Makes safe WebVTT cue text of what stands in a file: known tags are kept and closed, everything else is text or gone.
struct CueMarkup {
    /// The text; empty when nothing is to be seen.
    var text = ""
    /// Where it is shown.
    var settings = ""

    /// Tags open at the same time.
    private static let deepest = 16

    /// From an SRT cue: `<i>`, `<b>` and `<u>` stay, `<font>` goes, `{\an1}`…`{\an9}` becomes a place on the screen,
    /// other overrides in braces go.
    static func fromSubRip(_ payload: [UInt8]) -> CueMarkup {
        var made = CueMarkup()
        var writer = Writer()
        var at = 0
        while at < payload.count {
            if payload[at] == UInt8(ascii: "{"), at + 1 < payload.count, payload[at + 1] == UInt8(ascii: "\\"),
                let end = payload[at...].firstIndex(of: UInt8(ascii: "}"))
            {
                if made.settings.isEmpty { made.settings = place(payload[(at + 2)..<end]) }
                at = end + 1
            } else if payload[at] == UInt8(ascii: "<"), let end = payload[at...].firstIndex(of: UInt8(ascii: ">")),
                let tag = subRipTag(payload[(at + 1)..<end])
            {
                switch tag {
                case .open(let name): writer.open(name, name)
                case .close(let name): writer.close(name)
                case .nothing: break
                }
                at = end + 1
            } else {
                at = writer.text(payload, at)
            }
        }
        made.text = writer.finish()
        return made
    }

    private enum SubRipTag { case open(String), close(String), nothing }

    private static func subRipTag(_ content: ArraySlice<UInt8>) -> SubRipTag? {
        let isEnd = content.first == UInt8(ascii: "/")
        let name = content.dropFirst(isEnd ? 1 : 0).prefix { $0 != 32 && $0 != 9 && $0 != 10 }.map {
            (65...90).contains($0) ? $0 + 32 : $0
        }
        let word = String(decoding: name, as: UTF8.self)
        switch word {
        case "i", "b", "u": return isEnd ? .close(word) : .open(word)
        case "font", "s", "strike": return .nothing
        default: return nil
        }
    }

    /// The numeric keypad's places: 7 8 9 above, 4 5 6 in the middle, 1 2 3 below.
    private static func place(_ override: ArraySlice<UInt8>) -> String {
        guard override.count == 3, override.starts(with: "an".utf8), let digit = override.last,
            (49...57).contains(digit)
        else { return "" }
        let number = Int(digit - 48)
        let line = number >= 7 ? "line:0" : number >= 4 ? "line:50%" : ""
        let align = number % 3 == 1 ? "align:start" : number % 3 == 0 ? "align:end" : ""
        return line + (line.isEmpty || align.isEmpty ? "" : " ") + align
    }

    /// From a WebVTT cue (§6.5): `c i b u ruby rt v lang` and times inside the cue stay, other tags go.
    static func fromWebVTT(_ payload: [UInt8], _ span: ClosedRange<Int64>) -> String {
        var writer = Writer()
        var at = 0
        while at < payload.count {
            guard payload[at] == UInt8(ascii: "<") else {
                at = writer.text(payload, at)
                continue
            }
            let end = payload[at...].firstIndex(of: UInt8(ascii: ">")) ?? payload.count
            let content = Array(payload[(at + 1)..<end])
            at = min(payload.count, end + 1)
            if content.first == UInt8(ascii: "/") {
                writer.close(String(decoding: content.dropFirst(), as: UTF8.self))
            } else if let first = content.first, (48...57).contains(first) {
                if case .time(let time, let end) = CueClock.read(content, at: 0, lenient: false), end == content.count,
                    span.contains(time)
                {
                    writer.raw("<\(CueClock.text(time))>")
                }
            } else {
                open(content, &writer)
            }
        }
        return writer.finish()
    }

    private static func open(_ content: [UInt8], _ writer: inout Writer) {
        let head = content.prefix { $0 != 32 && $0 != 9 && $0 != 10 }
        let parts = head.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let name = String(decoding: parts.first ?? [], as: UTF8.self)
        guard ["c", "i", "b", "u", "ruby", "rt", "v", "lang"].contains(name) else { return }
        var tag = name
        for part in parts.dropFirst() where !part.isEmpty && part.allSatisfy(isClassByte) {
            tag += "." + String(decoding: part, as: UTF8.self)
        }
        if name == "v" || name == "lang" {
            var annotation = Writer()
            var at = head.count
            while at < content.count { at = annotation.text(content, at) }
            let words = annotation.finish().split { $0 == " " || $0 == "\t" || $0 == "\n" }.joined(separator: " ")
            if !words.isEmpty { tag += " " + words }
        }
        writer.open(name, tag)
    }

    private static func isClassByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 45, 95: true
        default: false
        }
    }

    /// Collects the result and knows which tags are open.
    private struct Writer {
        private var out: [UInt8] = []
        private var stack: [String] = []
        private var isSeen = false

        mutating func raw(_ text: String) { out.append(contentsOf: text.utf8) }

        mutating func open(_ name: String, _ tag: String) {
            guard stack.count < CueMarkup.deepest else { return }
            stack.append(name)
            raw("<\(tag)>")
        }

        /// Closes the tag and those opened inside of it; one that is not open is passed over.
        mutating func close(_ name: String) {
            guard stack.contains(name) else { return }
            while let last = stack.popLast() {
                raw("</\(last)>")
                if last == name { return }
            }
        }

        /// Adds one byte of text, or one entity.
        ///
        /// - Returns: where the next one is.
        mutating func text(_ bytes: [UInt8], _ at: Int) -> Int {
            let byte = bytes[at]
            if byte > 32 { isSeen = true }
            switch byte {
            case UInt8(ascii: "<"): raw("&lt;")
            case UInt8(ascii: ">"): raw("&gt;")
            case UInt8(ascii: "&"):
                for entity in ["&amp;", "&lt;", "&gt;", "&nbsp;", "&lrm;", "&rlm;"]
                where bytes[at...].starts(with: entity.utf8) {
                    raw(entity)
                    return at + entity.utf8.count
                }
                raw("&amp;")
            default: out.append(byte)
            }
            return at + 1
        }

        /// The text with every tag closed and without blank lines.
        mutating func finish() -> String {
            while let last = stack.popLast() { raw("</\(last)>") }
            if !isSeen { return "" }
            let lines = out.split(separator: 10).filter { !CueLines.isBlank(Array($0)) }
            return String(decoding: Array(lines.joined(separator: [10])), as: UTF8.self)
        }
    }
}
