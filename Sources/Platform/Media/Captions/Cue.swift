/// One caption: what is shown from when to when.
public struct Cue: Equatable, Sendable {
    /// Milliseconds from the lesson's beginning.
    public var start: Int64
    /// Milliseconds from the lesson's beginning; after `start`.
    public var end: Int64
    /// Where it is shown, in WebVTT's words (`line:0 align:start`), or empty.
    public var settings: String
    /// Lines of WebVTT cue text: escaped, tags closed, none of them blank.
    public var text: String

    /// - Parameters: as the properties.
    public init(start: Int64, end: Int64, settings: String = "", text: String) {
        self.start = start
        self.end = end
        self.settings = settings
        self.text = text
    }

    /// The cue as WebVTT has it, with the blank line behind it.
    public var webVTT: String {
        let line = "\(CueClock.text(start)) --> \(CueClock.text(end))"
        return line + (settings.isEmpty ? "" : " \(settings)") + "\n\(text)\n\n"
    }
}

/// Why a file of captions is refused, and the line at fault.
public struct CaptionFault: Error, Equatable, Sendable {
    /// What kind of mistake it is.
    public enum Kind: Sendable {
        /// Neither SRT nor WebVTT, or damaged.
        case format
        /// A time that can't be.
        case time
        /// More than is taken.
        case amount
    }

    /// What kind of mistake it is.
    public let kind: Kind
    /// The line, from 1; 0 where it is the whole file.
    public let line: Int
    /// What is wrong, as a sentence's end: "the cue ends before it begins".
    public let reason: String

    init(_ kind: Kind, line: Int, _ reason: String) {
        self.kind = kind
        self.line = line
        self.reason = reason
    }

    /// One sentence for whoever sent the file.
    public var sentence: String { line > 0 ? "Line \(line): \(reason)." : "The file: \(reason)." }
}

/// Times of cues.
enum CueClock {
    /// Cues begin and end before this: 100 hours.
    static let limit: Int64 = 360_000_000

    /// What a place in a line holds.
    enum Reading: Equatable {
        /// A time in milliseconds, and where it ends.
        case time(Int64, end: Int)
        /// A time before the beginning.
        case negative
        /// A time beyond the limit, or with more than 59 minutes or seconds.
        case outside
        /// Something else.
        case none
    }

    /// Reads `[H…:]MM:SS.mmm`; `lenient` is SRT's: a comma will do, one to three digits behind it, and one of minutes
    /// and seconds.
    static func read(_ line: [UInt8], at start: Int, lenient: Bool) -> Reading {
        var at = start
        var isNegative = false
        if at < line.count, line[at] == UInt8(ascii: "-") {
            isNegative = true
            at += 1
        }
        var fields: [Int64] = []
        var widths: [Int] = []
        while true {
            let from = at
            var value: Int64 = 0
            while at < line.count, (48...57).contains(line[at]) {
                if value < 1_000_000_000 { value = value * 10 + Int64(line[at] - 48) }
                at += 1
            }
            guard at > from else { return .none }
            fields.append(value)
            widths.append(at - from)
            guard at < line.count, line[at] == UInt8(ascii: ":") else { break }
            at += 1
        }
        guard fields.count == 2 || fields.count == 3 else { return .none }
        for width in widths.suffix(2) where lenient ? width > 2 : width != 2 { return .none }
        if !lenient, fields.count == 3, widths[0] < 2 { return .none }
        guard at < line.count, line[at] == UInt8(ascii: ".") || (lenient && line[at] == UInt8(ascii: ",")) else {
            return .none
        }
        at += 1
        let from = at
        var part: Int64 = 0
        while at < line.count, (48...57).contains(line[at]), at - from < 4 {
            part = part * 10 + Int64(line[at] - 48)
            at += 1
        }
        let digits = at - from
        guard lenient ? (1...3).contains(digits) : digits == 3 else { return .none }
        for _ in digits..<3 { part *= 10 }
        let hours = fields.count == 3 ? fields[0] : 0
        let minutes = fields[fields.count - 2]
        let seconds = fields[fields.count - 1]
        guard minutes < 60, seconds < 60, hours < 100 else { return .outside }
        let time = ((hours * 60 + minutes) * 60 + seconds) * 1000 + part
        if isNegative { return .negative }
        return .time(time, end: at)
    }

    /// `HH:MM:SS.mmm`.
    static func text(_ time: Int64) -> String {
        func padded(_ value: Int64, _ count: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
        }
        let time = max(0, time)
        return padded(time / 3_600_000, 2) + ":" + padded(time / 60_000 % 60, 2) + ":" + padded(time / 1000 % 60, 2)
            + "." + padded(time % 1000, 3)
    }

    /// Reads a whole line `start --> end …`.
    ///
    /// - Returns: both times and where the rest of the line begins; `nil` when the line is no such thing at all.
    static func span(
        _ line: [UInt8], number: Int, lenient: Bool
    ) throws(CaptionFault) -> (start: Int64, end: Int64, rest: Int)? {
        guard let arrow = CueLines.arrow(in: line) else { return nil }
        var at = CueLines.skipBlanks(line, from: 0)
        let first = read(line, at: at, lenient: lenient)
        // A line of text may hold an arrow too.
        if lenient, first == .none, at >= line.count || !(48...57).contains(line[at]) { return nil }
        let start = try value(first, number)
        at = CueLines.skipBlanks(line, from: start.end)
        guard at == arrow else { throw CaptionFault(.format, line: number, "the line is no line of times") }
        at = CueLines.skipBlanks(line, from: arrow + 3)
        let end = try value(read(line, at: at, lenient: lenient), number)
        if end.end < line.count, line[end.end] != 32, line[end.end] != 9 {
            throw CaptionFault(.format, line: number, "the line is no line of times")
        }
        if end.time < start.time { throw CaptionFault(.time, line: number, "the cue ends before it begins") }
        return (start.time, end.time, end.end)
    }

    private static func value(_ reading: Reading, _ number: Int) throws(CaptionFault) -> (time: Int64, end: Int) {
        switch reading {
        case .time(let time, let end): return (time, end)
        case .negative: throw CaptionFault(.time, line: number, "a time is before the beginning")
        case .outside: throw CaptionFault(.time, line: number, "a time is out of range")
        case .none: throw CaptionFault(.format, line: number, "a time is not written as 00:00:00.000")
        }
    }
}
