/// SRT: a number, a line of times, lines of text, a blank line. There is no standard; this takes what editors write.
enum SubRip {
    static func read(_ lines: [[UInt8]]) throws(CaptionFault) -> [Cue] {
        var spans: [(start: Int64, end: Int64, line: Int)] = []
        for (index, line) in lines.enumerated() {
            guard let span = try CueClock.span(line, number: index + 1, lenient: true) else { continue }
            spans.append((span.start, span.end, index))
            if spans.count > CaptionFile.most {
                throw CaptionFault(.amount, line: index + 1, "the file has more than 20,000 cues")
            }
        }
        // In front of the first times there is a number at most.
        for index in 0..<(spans.first?.line ?? lines.count) {
            let line = lines[index]
            if !CueLines.isBlank(line), !CueLines.isNumber(line) {
                throw CaptionFault(.format, line: index + 1, "this is neither SRT nor WebVTT")
            }
        }
        var cues: [Cue] = []
        for (place, span) in spans.enumerated() {
            var end = place + 1 < spans.count ? spans[place + 1].line : lines.count
            // The next cue's number is not this one's text.
            if place + 1 < spans.count, end - 1 > span.line, CueLines.isNumber(lines[end - 1]) { end -= 1 }
            var payload: [UInt8] = []
            for line in lines[(span.line + 1)..<end] where !CueLines.isBlank(line) {
                if !payload.isEmpty { payload.append(10) }
                payload += line
            }
            if payload.count > CaptionFile.longestText {
                throw CaptionFault(.amount, line: span.line + 1, "a cue holds more than 4,096 bytes")
            }
            let marks = CueMarkup.fromSubRip(payload)
            // A cue that takes no time is never seen.
            if marks.text.isEmpty || span.end == span.start { continue }
            cues.append(Cue(start: span.start, end: span.end, settings: marks.settings, text: marks.text))
        }
        return cues
    }
}
