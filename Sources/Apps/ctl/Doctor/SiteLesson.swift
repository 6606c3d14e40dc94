internal import Foundation

/// What one lesson has to fetch, by its kind.
struct SiteLesson {
    /// A class of protected files.
    enum Kind: String, CaseIterable {
        case master, playlist, segment, key, image, captions
        case oldMaster = "old-playlist"
        case oldSegment = "old-segment"
        case oldKey = "old-key"

        /// Whether the gate itself answers it, under `/hls2` at least.
        var isAnswered: Bool { [.master, .key, .oldMaster, .oldKey].contains(self) }
        var isKey: Bool { self == .key || self == .oldKey }
        var isPlaylist: Bool { [.master, .playlist, .oldMaster].contains(self) }
    }

    /// Its path.
    let rel: String
    /// Each kind's path below the lesson.
    var files: [Kind: String] = [:]
    /// The first bytes of each, where they are known.
    var known: [Kind: [UInt8]] = [:]
    /// The original's path below `originals/`, where it is known.
    var original: String?

    init(_ rel: String) { self.rel = rel }

    /// The path of a kind below the transport's prefix.
    func path(_ kind: Kind) -> String? { files[kind].map { "\(rel)/\($0)" } }

    /// Whether bytes begin with, or are, what a file of the lesson begins with.
    func owns(_ body: [UInt8]) -> Bool {
        known.values.contains { bytes in
            bytes.count >= 16 && body.count >= 16 && body.starts(with: bytes.prefix(min(body.count, 512)))
        }
    }

    // MARK: From the data directory

    /// What lies on this host's disk; `nil` when it can't be read.
    static func onDisk(_ rel: String, data: String) -> SiteLesson? {
        var lesson = SiteLesson(rel)
        let base = "\(data)/hls/\(rel)"
        guard let master = FileManager.default.contents(atPath: "\(base)/output.m3u8") else { return nil }
        lesson.files[.master] = "output.m3u8"
        let lines = String(decoding: master, as: UTF8.self).split(whereSeparator: { $0.isNewline }).map { String($0) }
        guard let playlist = lines.first(where: { !$0.hasPrefix("#") && $0.hasPrefix("_") && $0.hasSuffix(".m3u8") })
        else { return nil }
        lesson.files[.playlist] = playlist
        let publication = String(playlist.prefix { $0 != "/" })
        lesson.files[.key] = "\(publication)/key/0"
        if let media = FileManager.default.contents(atPath: "\(base)/\(playlist)") {
            lesson.read(playlist: String(decoding: media, as: UTF8.self), at: playlist)
        }
        for rendition in names("\(base)/\(publication)") {
            for name in names("\(base)/\(publication)/\(rendition)") {
                let kind: Kind? =
                    name.hasSuffix(".jpg") ? .image : name.hasSuffix(".vtt") && rendition != "sprites" ? .captions : nil
                if let kind, lesson.files[kind] == nil { lesson.files[kind] = "\(publication)/\(rendition)/\(name)" }
            }
        }
        lesson.original = names("\(data)/originals/\(rel)").first.map { "\(rel)/\($0)" }
        for (kind, name) in lesson.files {
            lesson.known[kind] = front("\(base)/\(name)")
        }
        return lesson
    }

    /// Adds the files of a tree that an older server made.
    mutating func readOldTree(data: String) {
        let base = "\(data)/hls/\(rel)"
        guard FileManager.default.fileExists(atPath: "\(base)/enc.key") else { return }
        files[.oldKey] = "enc.key"
        files[.oldMaster] = "output.m3u8"
        files[.oldSegment] = Self.names(base).first { $0.hasSuffix(".ts") }
        for (kind, name) in files { known[kind] = Self.front("\(base)/\(name)") }
    }

    /// The first lessons below a data directory that have a publication, and the first tree of an older server.
    static func search(data: String, limit: Int = 2) -> (lessons: [String], old: String?) {
        var lessons: [String] = []
        var old: String?
        let base = "\(data)/hls"
        search: for trainer in names(base) {
            for course in names("\(base)/\(trainer)") {
                for module in names("\(base)/\(trainer)/\(course)") {
                    for lesson in names("\(base)/\(trainer)/\(course)/\(module)") {
                        let rel = "\(trainer)/\(course)/\(module)/\(lesson)"
                        let there = names("\(base)/\(rel)")
                        if there.contains("enc.key") { old = old ?? rel }
                        if lessons.count < limit, there.contains("output.m3u8"),
                            there.contains(where: { $0.hasPrefix("_") })
                        {
                            lessons.append(rel)
                        }
                        if lessons.count == limit, old != nil { break search }
                    }
                }
            }
        }
        return (lessons, old)
    }

    private static func names(_ directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    private static func front(_ path: String) -> [UInt8]? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        return (try? file.read(upToCount: 4096)).map { Array($0) }
    }

    // MARK: From playlists

    /// Takes the first segment and key out of a media playlist that lies at `place`.
    mutating func read(playlist text: String, at place: String) {
        let directory = place.split(separator: "/").dropLast().joined(separator: "/")
        for line in text.split(whereSeparator: { $0.isNewline }) {
            if line.hasPrefix("#EXT-X-KEY:"), let uri = Self.attribute("URI", of: line) {
                if let path = Self.resolve(uri, at: directory) { files[.key] = path }
            } else if !line.hasPrefix("#"), files[.segment] == nil, let path = Self.resolve(String(line), at: directory)
            {
                files[.segment] = path
            }
        }
    }

    /// The quoted value of a tag's attribute.
    static func attribute(_ name: String, of line: Substring) -> String? {
        guard let start = line.range(of: "\(name)=\"") else { return nil }
        return line[start.upperBound...].split(separator: "\"", omittingEmptySubsequences: false).first.map {
            String($0)
        }
    }

    /// A relative reference below the lesson; `nil` when it leads elsewhere. A query is left out.
    static func resolve(_ reference: String, at directory: String) -> String? {
        let path = reference.prefix { $0 != "?" }
        guard !path.hasPrefix("/"), !path.contains("://") else { return nil }
        var parts = directory.split(separator: "/").map { String($0) }
        for part in path.split(separator: "/") {
            if part == ".." { guard parts.popLast() != nil else { return nil } } else { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }
}
