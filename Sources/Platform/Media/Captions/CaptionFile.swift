internal import Core

/// A file of captions that somebody sent, read: SRT or WebVTT by its content, never by its name.
///
/// UTF-8 with or without mark, UTF-16 with one; what is neither is read as Windows-1252, and `encoding` says so.
public struct CaptionFile: Equatable, Sendable {
    /// Bytes of a file.
    public static let largest = 2 << 20
    /// Cues in a file.
    public static let most = 20_000
    /// Bytes of one cue's text.
    static let longestText = 4096
    /// What all segments together may hold at two seconds each: a cue stands in every segment it reaches into.
    static let room = 64 << 20

    /// How its text was written.
    public enum Encoding: String, Sendable { case utf8 = "utf-8", utf16 = "utf-16", windows1252 = "windows-1252" }
    /// What it was.
    public enum Format: String, Sendable { case subRip = "srt", webVTT = "vtt" }

    /// What it was.
    public let format: Format
    /// How its text was written.
    public let encoding: Encoding
    /// Its cues by the time they begin.
    public let cues: [Cue]

    /// Reads a file.
    ///
    /// - Throws: `CaptionFault` with the line at fault.
    public init(_ bytes: [UInt8]) throws(CaptionFault) {
        if bytes.count > Self.largest { throw CaptionFault(.amount, line: 0, "it is larger than 2 MiB") }
        let text = try CueLines(bytes)
        encoding = text.encoding
        let isWebVTT = text.lines.first.map { CueLines.begins($0, with: "WEBVTT") } ?? false
        format = isWebVTT ? .webVTT : .subRip
        let found = isWebVTT ? try WebVTT.read(text.lines) : try SubRip.read(text.lines)
        if found.isEmpty { throw CaptionFault(.format, line: 0, "there is no cue in it") }
        cues = try Self.ordered(found)
    }

    /// Puts cues in order and holds them to the limits.
    public static func ordered(_ cues: [Cue]) throws(CaptionFault) -> [Cue] {
        if cues.count > most { throw CaptionFault(.amount, line: 0, "it has more than 20,000 cues") }
        var needed = 0
        for cue in cues {
            needed += (Int((cue.end - cue.start) / 2000) + 2) * (cue.text.utf8.count + cue.settings.utf8.count + 40)
            if needed > room { throw CaptionFault(.amount, line: 0, "too much text is shown for too long") }
        }
        return cues.enumerated().sorted {
            ($0.element.start, $0.element.end, $0.offset) < ($1.element.start, $1.element.end, $1.offset)
        }.map(\.element)
    }

    /// Reads back what `write` wrote.
    public static func stored(_ text: String) throws(CaptionFault) -> [Cue] {
        try ordered(try WebVTT.read(try CueLines(Array(text.utf8)).lines))
    }

    /// Cues as a WebVTT file; reading it gives them back.
    public static func write(_ cues: [Cue]) -> String {
        var text = "WEBVTT\n\n"
        for cue in cues { text += cue.webVTT }
        return text
    }
}
