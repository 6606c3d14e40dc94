/// One part of a lesson's path, or a site's own id: `[A-Za-z0-9][A-Za-z0-9_-]{0,63}`, compared byte for byte.
public struct Slug: Hashable, Sendable, CustomStringConvertible {
    /// The text; ASCII.
    public let description: String

    /// `nil` unless the text has exactly the form above.
    public init?(_ text: String) {
        guard Slug.isValid(Array(text.utf8).span) else { return nil }
        description = text
    }

    /// Whether the bytes have the form.
    public static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count >= 1, bytes.count <= 64 else { return false }
        for index in bytes.indices {
            switch bytes[index] {
            case 48...57, 65...90, 97...122: continue
            case 45, 95: if index == 0 { return false }
            default: return false
            }
        }
        return true
    }
}

/// Where a lesson lives: `trainer_id/course_id/module_id/lesson_id`, exactly four slugs.
///
/// A video that came by an older route has two: `user_id/video_id`. Such a path is read only where it was stored, never
/// where a client names a lesson.
public struct RelPath: Hashable, Sendable, CustomStringConvertible {
    /// Who made it.
    public let trainer: Slug
    /// The course and the module of it; `nil` for a path of two parts.
    public let place: Place?
    /// The lesson of the module; the video of a path of two parts.
    public let lesson: Slug

    /// The middle of a path of four parts.
    public struct Place: Hashable, Sendable {
        /// The course.
        public let course: Slug
        /// The module of the course.
        public let module: Slug
    }

    /// The parts with slashes between.
    public var description: String {
        guard let place else { return "\(trainer)/\(lesson)" }
        return "\(trainer)/\(place.course)/\(place.module)/\(lesson)"
    }

    /// Whether it is one of two parts.
    public var isOlder: Bool { place == nil }

    /// Where its master playlist is asked for.
    public var playlistPath: String { "\(isOlder ? "/hls/" : "/hls2/")\(self)/output.m3u8" }

    /// - Parameters: as the properties.
    public init(trainer: Slug, course: Slug, module: Slug, lesson: Slug) {
        self.trainer = trainer
        place = Place(course: course, module: module)
        self.lesson = lesson
    }

    /// A path of two parts.
    ///
    /// - Parameters:
    ///   - user: who sent the video.
    ///   - video: its name below him.
    public init(user: Slug, video: Slug) {
        trainer = user
        place = nil
        lesson = video
    }

    /// `nil` unless the text is four slugs, or two, with single slashes between and nothing around.
    public init?(stored text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if parts.count == 2, let user = Slug(String(parts[0]) ?? ""), let video = Slug(String(parts[1]) ?? "") {
            self.init(user: user, video: video)
        } else {
            self.init(text)
        }
    }

    /// `nil` unless the text is four slugs with single slashes between and nothing around.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 4, let a = Slug(String(parts[0]) ?? ""), let b = Slug(String(parts[1]) ?? ""),
            let c = Slug(String(parts[2]) ?? ""), let d = Slug(String(parts[3]) ?? "")
        else { return nil }
        self.init(trainer: a, course: b, module: c, lesson: d)
    }

    /// Where the four slugs (or as many as `parts` says) at the front of `bytes` end, or `nil` when there aren't four.
    ///
    /// What follows must be the end or a slash. Allocates nothing: the gate asks this on every request.
    public static func prefixLength(of bytes: Span<UInt8>, parts: Int = 4) -> Int? {
        var start = 0
        for part in 0..<parts {
            let end = bytes.firstIndex(of: UInt8(ascii: "/"), from: start) ?? bytes.count
            guard Slug.isValid(bytes.extracting(start..<end)) else { return nil }
            if part == parts - 1 { return end }
            guard end < bytes.count else { return nil }
            start = end + 1
        }
        return nil
    }
}

/// The directory of one publication of a lesson: `_<id>-k<key version>-d<target ms>`.
///
/// No id can begin with an underscore, so no lesson's name can look like one.
public struct PublicationName: Hashable, Sendable, CustomStringConvertible {
    /// Twelve lower-case hexadecimal digits.
    public let id: String
    /// Which master secret its keys come from; 1 or more.
    public let keyVersion: Int64
    /// The segments' target duration in milliseconds.
    public let targetMilliseconds: Int64

    /// The directory's name.
    public var description: String { "_\(id)-k\(keyVersion)-d\(targetMilliseconds)" }

    /// A name nobody has used.
    public init(keyVersion: Int64, targetMilliseconds: Int64) {
        var generator = SystemRandomNumberGenerator()
        let bits = generator.next()
        id = Hex.encode((0..<6).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt64($0))) })
        self.keyVersion = keyVersion
        self.targetMilliseconds = targetMilliseconds
    }

    /// `nil` unless the text has exactly the form.
    public init?(_ text: String) { self.init(Array(text.utf8).span) }

    /// Whether the bytes have exactly the form; allocates nothing.
    public static func isValid(_ bytes: Span<UInt8>) -> Bool { read(bytes) != nil }

    /// `nil` unless the bytes have exactly the form.
    public init?(_ bytes: Span<UInt8>) {
        guard let (version, target) = Self.read(bytes) else { return nil }
        id = String(decoding: (1...12).map { bytes[$0] }, as: UTF8.self)
        keyVersion = version
        targetMilliseconds = target
    }

    /// The target duration in milliseconds that the bytes name; allocates nothing.
    public static func target(of bytes: Span<UInt8>) -> Int64? { read(bytes)?.target }

    private static func read(_ bytes: Span<UInt8>) -> (version: Int64, target: Int64)? {
        guard bytes.count >= 19, bytes.count <= 48, bytes[0] == UInt8(ascii: "_") else { return nil }
        for index in 1...12 {
            guard Hex.value(of: bytes[index]) != nil, bytes[index] < 65 || bytes[index] > 70 else { return nil }
        }
        guard bytes[13] == UInt8(ascii: "-"), bytes[14] == UInt8(ascii: "k"),
            let dash = bytes.firstIndex(of: UInt8(ascii: "-"), from: 15), dash + 2 < bytes.count,
            bytes[dash + 1] == UInt8(ascii: "d"),
            let version = Digits.parse(bytes.extracting(15..<dash)), version >= 1,
            let target = Digits.parse(bytes.extracting((dash + 2)..<bytes.count)), target >= 1
        else { return nil }
        return (version, target)
    }
}
