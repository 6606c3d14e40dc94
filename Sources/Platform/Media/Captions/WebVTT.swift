internal import Core

/// WebVTT (W3C, 4 April 2019), §6: files, blocks and settings. Styles, regions and notes are left out.
enum WebVTT {
    /// - Parameter lines: the first is the signature.
    static func read(_ lines: [[UInt8]]) throws(CaptionFault) -> [Cue] {
        var cues: [Cue] = []
        // The header ends at a blank line; an arrow in it already belongs to a cue.
        var index = 1
        while index < lines.count, !CueLines.isBlank(lines[index]), CueLines.arrow(in: lines[index]) == nil {
            index += 1
        }
        while index < lines.count {
            if CueLines.isBlank(lines[index]) {
                index += 1
                continue
            }
            let times: Int
            if CueLines.arrow(in: lines[index]) != nil {
                times = index
            } else if index + 1 < lines.count, CueLines.arrow(in: lines[index + 1]) != nil {
                times = index + 1
            } else {
                // A style, a region, a note, or nothing anybody knows.
                while index < lines.count, !CueLines.isBlank(lines[index]) {
                    if CueLines.arrow(in: lines[index]) != nil { break }
                    index += 1
                }
                continue
            }
            guard let span = try CueClock.span(lines[times], number: times + 1, lenient: false) else { break }
            index = times + 1
            var payload: [UInt8] = []
            while index < lines.count, !CueLines.isBlank(lines[index]), CueLines.arrow(in: lines[index]) == nil {
                if !payload.isEmpty { payload.append(10) }
                payload += lines[index]
                index += 1
            }
            if payload.count > CaptionFile.longestText {
                throw CaptionFault(.amount, line: times + 1, "a cue holds more than 4,096 bytes")
            }
            let text = CueMarkup.fromWebVTT(payload, span.start...span.end)
            if text.isEmpty || span.end == span.start { continue }
            let settings = Self.settings(lines[times][span.rest...])
            cues.append(Cue(start: span.start, end: span.end, settings: settings, text: text))
            if cues.count > CaptionFile.most {
                throw CaptionFault(.amount, line: times + 1, "the file has more than 20,000 cues")
            }
        }
        return cues
    }

    /// The settings that are right, each once; others are left out (§6.4).
    static func settings(_ text: ArraySlice<UInt8>) -> String {
        var kept: [(name: String, value: String)] = []
        for word in text.split(whereSeparator: { $0 == 32 || $0 == 9 }) {
            guard let colon = word.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: word[..<colon], as: UTF8.self)
            let value = String(decoding: word[(colon + 1)...], as: UTF8.self)
            guard isRight(name, value), !kept.contains(where: { $0.name == name }) else { continue }
            kept.append((name, value))
        }
        return kept.map { "\($0.name):\($0.value)" }.joined(separator: " ")
    }

    private static func isRight(_ name: String, _ value: String) -> Bool {
        let parts = value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { Array($0) }
        let second = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : nil
        guard let first = parts.first, parts.count <= 2 else { return false }
        switch name {
        case "vertical": return ["rl", "lr"].contains(value)
        case "align": return ["start", "center", "end", "left", "right"].contains(value)
        case "size": return parts.count == 1 && isPercentage(first)
        case "position":
            return isPercentage(first) && second.map { ["line-left", "center", "line-right"].contains($0) } ?? true
        case "line":
            let isPlace = isPercentage(first) || isLineNumber(first)
            return isPlace && second.map { ["start", "center", "end"].contains($0) } ?? true
        default: return false
        }
    }

    /// `0%`…`100%`, with up to six decimals.
    private static func isPercentage(_ text: [UInt8]) -> Bool {
        guard text.last == UInt8(ascii: "%"), text.count <= 11 else { return false }
        let parts = text.dropLast().split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Digits.parse(Array(parts[0]).span), whole <= 100 else {
            return false
        }
        guard parts.count == 2 else { return true }
        let isZero = parts[1].allSatisfy { $0 == 48 }
        return !parts[1].isEmpty && parts[1].allSatisfy { (48...57).contains($0) } && (whole < 100 || isZero)
    }

    private static func isLineNumber(_ text: [UInt8]) -> Bool {
        let digits = text.first == UInt8(ascii: "-") ? Array(text.dropFirst()) : text
        return digits.count <= 4 && Digits.parse(digits.span) != nil
    }
}
