public import Core

/// A chapter a file names.
public struct Chapter: MediaMessage {
    /// When it begins.
    public var start: Ticks
    /// What it is called, cleaned; may be empty.
    public var title: String

    /// Chapters that are kept of a file.
    public static let most = 500
    /// Bytes of a title that are kept.
    public static let longestTitle = 200

    /// - Parameters:
    ///   - start: when it begins.
    ///   - title: as the file has it; control characters, line breaks and what turns the direction of writing go.
    public init(start: Ticks, title: String) {
        self.start = start
        self.title = Self.clean(title)
    }

    /// Chapters of a lesson from what a file says: by time, none before the beginning or behind the end, none at the
    /// same time as another, at most `most`.
    public static func list(_ found: [Chapter], duration: Ticks) -> [Chapter] {
        var all: [Chapter] = []
        for chapter in found.sorted(by: { $0.start < $1.start }) where chapter.start < duration {
            let start = max(0, chapter.start)
            // A chapter of less than a second is none.
            if let last = all.last, start < last.start + Ticks.perSecond { continue }
            if all.count == most { break }
            all.append(Chapter(start: start, title: chapter.title))
        }
        return all
    }

    static func clean(_ title: String) -> String {
        var kept = ""
        var space = false
        for scalar in title.unicodeScalars {
            let value = scalar.value
            // Bidirectional controls, joiners at will, byte order marks, private and unassigned ends of planes.
            let isHidden =
                (0x200B...0x200F).contains(value) || (0x2028...0x202E).contains(value)
                || (0x2060...0x2069).contains(value) || value == 0xFEFF || value == 0xFFFD
                || (0xE000...0xF8FF).contains(value) || value & 0xFFFE == 0xFFFE
            if value <= 32 || (0x7F...0xA0).contains(value) {
                space = !kept.isEmpty
                continue
            }
            if isHidden { continue }
            let length = UTF8.width(scalar) + (space ? 1 : 0)
            if kept.utf8.count + length > longestTitle { break }
            if space { kept.unicodeScalars.append(" ") }
            space = false
            kept.unicodeScalars.append(scalar)
        }
        return kept
    }

    /// The chapter as JSON.
    public var json: JSON { ["start": .integer(start), "title": .string(title)] }

    /// Reads it back.
    public init(json: JSON) throws(MediaMessageError) {
        start = try json.ticks("start")
        title = Self.clean(try json.text("title", upTo: 4 * Self.longestTitle))
    }
}
