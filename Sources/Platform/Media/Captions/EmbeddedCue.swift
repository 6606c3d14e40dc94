/// Captions as they lie in a file beside picture and sound: one packet, one cue.
public enum EmbeddedCue {
    /// Reads a packet.
    ///
    /// - Parameters:
    ///   - packet: its bytes.
    ///   - codec: libav's name: mov_text, subrip, text, webvtt, ass or ssa.
    ///   - start: milliseconds from the lesson's beginning.
    ///   - end: milliseconds from the lesson's beginning.
    /// - Returns: `nil` for what shows nothing, is no text, or is longer than a cue may be.
    public static func read(_ packet: [UInt8], codec: String, start: Int64, end: Int64) -> Cue? {
        let start = max(0, start)
        guard end > start, end < CueClock.limit, packet.count <= 4 * CaptionFile.longestText else { return nil }
        var bytes = packet
        // A NUL ends the text for some writers.
        if codec != "mov_text", let nul = bytes.firstIndex(of: 0) { bytes.removeSubrange(nul...) }
        switch codec {
        case "mov_text": bytes = timedText(bytes)
        case "ass", "ssa": bytes = dialogue(bytes)
        default: break
        }
        guard let text = try? CueLines(bytes) else { return nil }
        let payload = Array(text.lines.filter { !CueLines.isBlank($0) }.joined(separator: [10]))
        guard !payload.isEmpty, payload.count <= CaptionFile.longestText else { return nil }
        if codec == "webvtt" {
            let markup = CueMarkup.fromWebVTT(payload, start...end)
            return markup.isEmpty ? nil : Cue(start: start, end: end, text: markup)
        }
        let markup = CueMarkup.fromSubRip(payload)
        return markup.text.isEmpty ? nil : Cue(start: start, end: end, settings: markup.settings, text: markup.text)
    }

    /// 3GPP timed text (TS 26.245 §5.17): a length, the text, boxes of styles. Angle brackets are text.
    private static func timedText(_ packet: [UInt8]) -> [UInt8] {
        guard packet.count > 2 else { return [] }
        let length = min(Int(packet[0]) << 8 | Int(packet[1]), packet.count - 2)
        let text = Array(packet[2..<2 + length])
        guard !text.starts(with: [0xFE, 0xFF]), !text.starts(with: [0xFF, 0xFE]) else { return text }
        var escaped: [UInt8] = []
        for byte in text {
            if byte == UInt8(ascii: "<") { escaped += "&lt;".utf8 } else { escaped.append(byte) }
        }
        return escaped
    }

    /// Advanced SubStation Alpha in Matroska: eight fields, then the text with its overrides in braces; drawings are
    /// left out.
    private static func dialogue(_ packet: [UInt8]) -> [UInt8] {
        let fields = packet.split(separator: UInt8(ascii: ","), maxSplits: 8, omittingEmptySubsequences: false)
        guard fields.count == 9 else { return [] }
        let text = Array(fields[8])
        var out: [UInt8] = []
        var at = 0
        while at < text.count {
            let next = at + 1 < text.count ? text[at + 1] : 0
            if text[at] == UInt8(ascii: "{"), let end = text[at...].firstIndex(of: UInt8(ascii: "}")) {
                let override = Array(text[(at + 1)..<end])
                if isDrawing(override) { return [] }
                if override.count == 4, override.starts(with: "\\an".utf8) { out += text[at...end] }
                at = end + 1
            } else if text[at] == UInt8(ascii: "\\"), next == UInt8(ascii: "N") || next == UInt8(ascii: "n") {
                out.append(10)
                at += 2
            } else if text[at] == UInt8(ascii: "\\"), next == UInt8(ascii: "h") {
                out += "&nbsp;".utf8
                at += 2
            } else {
                if text[at] == UInt8(ascii: "<") { out += "&lt;".utf8 } else { out.append(text[at]) }
                at += 1
            }
        }
        return out
    }

    /// `\p1` and above turn the text into lines to be drawn.
    private static func isDrawing(_ override: [UInt8]) -> Bool {
        var index = 0
        while index + 2 < override.count {
            if override[index] == UInt8(ascii: "\\"), override[index + 1] == UInt8(ascii: "p"),
                (49...57).contains(override[index + 2])
            {
                return true
            }
            index += 1
        }
        return false
    }
}
