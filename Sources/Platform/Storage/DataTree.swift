public import Core

/// Every path below the data directory.
public struct DataTree: Sendable {
    /// The data directory.
    public let root: String

    /// - Parameter root: an absolute path without a slash at the end.
    public init(_ root: String) { self.root = root }

    // MARK: Uploads

    /// Where bodies are written while they are received.
    public var incoming: String { "\(root)/uploads/.incoming" }

    /// A body being received.
    public func incoming(_ id: UUID) -> String { "\(incoming)/\(id)" }

    /// Where all accepted uploads wait.
    public var uploads: String { "\(root)/uploads" }

    /// Where a lesson's accepted uploads wait.
    public func uploads(_ rel: RelPath) -> String { "\(uploads)/\(rel.isOlder ? "\(rel.trainer)" : "\(rel)")" }

    /// An accepted upload that waits for its task; one of two parts under the name it is asked for until then.
    public func upload(_ rel: RelPath, task: UUID, _ kind: FileExtension) -> String {
        "\(uploads(rel))/\(rel.isOlder ? "\(rel.lesson)" : "\(task)").\(kind)"
    }

    // MARK: Originals

    /// Where all originals are kept.
    public var originals: String { "\(root)/originals" }

    /// Where a lesson's original is kept.
    public func originals(_ rel: RelPath) -> String { "\(originals)/\(rel.isOlder ? "\(rel.trainer)" : "\(rel)")" }

    /// A lesson's original, relative to the data directory: as it stands in the database.
    public func originalPath(_ rel: RelPath, _ kind: FileExtension) -> String {
        rel.isOlder ? "originals/\(rel).\(kind)" : "originals/\(rel)/\(rel.lesson)_lesson.\(kind)"
    }

    /// A lesson's original.
    public func original(_ rel: RelPath, _ kind: FileExtension) -> String { "\(root)/\(originalPath(rel, kind))" }

    // MARK: Lessons

    /// Where a lesson's playlists and publications are.
    public func lesson(_ rel: RelPath) -> String { "\(root)/hls/\(rel)" }

    /// A lesson's master playlist.
    public func master(_ rel: RelPath) -> String { "\(lesson(rel))/output.m3u8" }

    /// The mark that a lesson is being made and can't be played yet.
    public func pending(_ rel: RelPath) -> String { "\(lesson(rel))/.pending" }

    /// One publication of a lesson.
    public func publication(_ rel: RelPath, _ name: PublicationName) -> String { "\(lesson(rel))/\(name)" }

    /// One rendition of a publication.
    public func rendition(_ rel: RelPath, _ name: PublicationName, _ rendition: RenditionName) -> String {
        "\(publication(rel, name))/\(rendition)"
    }

    // MARK: Work

    /// What is being made for all tasks.
    public var work: String { "\(root)/work" }

    /// What is being made for a task.
    public func work(_ task: UUID) -> String { "\(work)/\(task)" }

    /// A complete rendition on its way into a publication.
    public func assembly(_ task: UUID, _ rendition: RenditionName) -> String { "\(work(task))/\(rendition)/complete" }

    /// Captions being cut into segments.
    public var captions: String { "\(work)/captions" }

    /// One version of captions that a job is cutting; `attempt` keeps two claims of it apart.
    public func captions(_ version: String, job: Int64, attempt: Int) -> String {
        "\(captions)/\(version)-\(job)-\(attempt)"
    }

    /// The segments of one rendition that one attempt made of one slice.
    public func slice(_ task: UUID, _ rendition: RenditionName, _ number: Int, attempt: Int) -> String {
        "\(work(task))/\(rendition)/\(number)-\(attempt)"
    }

    // MARK: Presentations

    /// Where all presentations are.
    public var presentations: String { "\(root)/presentation_videos" }

    /// Where a course's presentation is.
    public func presentation(course: Slug) -> String { "\(presentations)/courses/\(course)" }

    /// Where a module's presentation is.
    public func presentation(course: Slug, module: Slug) -> String { "\(presentations)/modules/\(course)/\(module)" }
}

/// The extension of a kind of file that may be uploaded.
public enum FileExtension: String, CaseIterable, Sendable, CustomStringConvertible {
    case mp4, mov, m4v, mkv, webm, avi, wmv, flv, mpg, ts

    /// The extension without a dot.
    public var description: String { rawValue }
}

/// The name of a file that came by an older route: its video's id and its extension. It is its place as well, so the
/// id says where the file is and the file's name says which video it is.
public struct OlderName: Hashable, Sendable, CustomStringConvertible {
    /// The video's id.
    public let video: Slug
    /// The container.
    public let kind: FileExtension

    /// - Parameters: as the properties.
    public init(video: Slug, kind: FileExtension) {
        self.video = video
        self.kind = kind
    }

    /// `<video>.<extension>`
    public var description: String { "\(video).\(kind)" }

    /// `nil` unless the text has exactly the form.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, let video = Slug(String(parts[0]) ?? ""),
            let kind = FileExtension(rawValue: String(parts[1]) ?? "")
        else { return nil }
        self.video = video
        self.kind = kind
    }
}

/// The directory of a rendition: `720p`, `audio`; 1…64 lower-case letters, digits and dashes, not beginning with a dash.
public struct RenditionName: Hashable, Sendable, CustomStringConvertible {
    /// The text.
    public let description: String

    /// `nil` unless the text has the form.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 1, bytes.count <= 64, bytes[0] != 45,
            bytes.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }), text != "key"
        else { return nil }
        description = text
    }

    /// The directory of one version of captions.
    public static func captions(_ language: String, _ version: String) -> RenditionName? {
        RenditionName("captions-\(language.lowercased())-\(version)")
    }
}
