internal import Core

/// A path of ours, taken apart without an allocation: how the token is carried, which lesson, what of it.
///
/// Only canonical paths have a reading, and only shapes the product writes. Everything else is `nil`.
package struct MediaPath {
    /// How the token comes.
    enum Transport {
        /// `/hls2/`, `/hls/`, `/videos-user/`: in a header or a cookie.
        case header
        /// `/mobile/hls2/`, `/mobile/hls/`: in a header or the query.
        case query
        /// `/play/<token>/`: in the path.
        case path
    }

    /// What is asked for.
    enum Target {
        /// The master playlist, or a playlist of an older tree: answered by the gate.
        case playlist
        /// A media playlist below a publication, or the cues that name small pictures: rewritten under `/mobile`, else
        /// static.
        case mediaPlaylist
        /// A segment, an image, subtitles.
        case file
        /// A derived key: its number; the publication lies at `publication`.
        case key(UInt32)
        /// The key file of an older tree.
        case fileKey
    }

    let transport: Transport
    /// Where the token lies, for `.path`.
    let token: Range<Int>
    /// Where the lesson's four parts lie, or the two of a video that came by an older route.
    let rel: Range<Int>
    /// Where the publication's name lies; empty for files beside the master.
    let publication: Range<Int>
    /// Everything behind the lesson's path and its slash.
    let tail: Range<Int>
    let target: Target

    init?(_ path: Span<UInt8>) {
        var start = 0
        var token = 0..<0
        var parts = Parts.four
        if path.starts(with: "/hls2/") {
            transport = .header
            start = 6
        } else if path.starts(with: "/mobile/hls2/") {
            transport = .query
            start = 13
        } else if path.starts(with: "/hls/") {
            transport = .header
            start = 5
            parts = .two
        } else if path.starts(with: "/mobile/hls/") {
            transport = .query
            start = 12
            parts = .two
        } else if path.starts(with: "/videos-user/") {
            guard let (dot, slash) = Self.waiting(path) else { return nil }
            transport = .header
            self.token = token
            rel = 13..<dot
            publication = 0..<0
            tail = (slash + 1)..<path.count
            target = .file
            return
        } else if path.starts(with: "/play/") {
            transport = .path
            guard let end = path.firstIndex(of: UInt8(ascii: "/"), from: 6), end > 6 else { return nil }
            token = 6..<end
            start = end + 1
            parts = .any
        } else {
            return nil
        }
        let rest = path.extracting(start..<path.count)
        let four = parts == .two ? nil : RelPath.prefixLength(of: rest)
        guard let length = four ?? RelPath.prefixLength(of: rest, parts: 2) else { return nil }
        let relEnd = start + length
        guard relEnd + 1 < path.count else { return nil }
        self.token = token
        rel = start..<relEnd
        tail = (relEnd + 1)..<path.count
        guard let (target, publication) = Self.target(path, tail) else { return nil }
        // The older server's playlists ask below /hls2 for a key, of whichever kind of path; for nothing else.
        if parts == .four, four == nil {
            guard case .fileKey = target else { return nil }
        }
        self.target = target
        self.publication = publication
    }

    /// How many parts a lesson's path may have in a place.
    private enum Parts { case four, two, any }

    /// `/videos-user/<user>/<video>.<extension>`: a video of two parts while its file waits for its task.
    private static func waiting(_ path: Span<UInt8>) -> (dot: Int, slash: Int)? {
        guard let slash = path.firstIndex(of: UInt8(ascii: "/"), from: 13),
            FileName.isValid(path.extracting((slash + 1)..<path.count)),
            let dot = path.firstIndex(of: UInt8(ascii: "."), from: slash),
            path.firstIndex(of: UInt8(ascii: "."), from: dot + 1) == nil,
            RelPath.prefixLength(of: path.extracting(13..<dot), parts: 2) == dot - 13
        else { return nil }
        return (dot, slash)
    }

    private static func target(_ path: Span<UInt8>, _ tail: Range<Int>) -> (Target, Range<Int>)? {
        guard let slash = path.firstIndex(of: UInt8(ascii: "/"), from: tail.lowerBound) else {
            return beside(path.extracting(tail)).map { ($0, 0..<0) }
        }
        let publication = tail.lowerBound..<slash
        guard PublicationName.isValid(path.extracting(publication)),
            let second = path.firstIndex(of: UInt8(ascii: "/"), from: slash + 1),
            path.firstIndex(of: UInt8(ascii: "/"), from: second + 1) == nil
        else { return nil }
        let rendition = path.extracting((slash + 1)..<second)
        let name = path.extracting((second + 1)..<path.count)
        if rendition.equals("key") {
            guard let number = Digits.parse(name), let number = UInt32(exactly: number) else { return nil }
            return (.key(number), publication)
        }
        guard Slug.isValid(rendition) else { return nil }
        if name.equals("index.m3u8") { return (.mediaPlaylist, publication) }
        // Names images beside it, which under `/mobile` need the token as segments do.
        if name.equals("0.vtt"), rendition.equals("sprites") { return (.mediaPlaylist, publication) }
        if name.equals("init.mp4") { return (.file, publication) }
        guard let dot = name.firstIndex(of: UInt8(ascii: ".")), Digits.parse(name.extracting(0..<dot)) != nil else {
            return nil
        }
        let type = name.extracting(dot..<name.count)
        let known =
            type.equals(".ts") || type.equals(".m4s") || type.equals(".vtt") || type.equals(".jpg")
            || type.equals(".webp")
        return known ? (.file, publication) : nil
    }

    /// A file directly in a lesson's directory: the master, or one of an older tree.
    private static func beside(_ name: Span<UInt8>) -> Target? {
        guard name.count <= 128, name[0] != UInt8(ascii: "."), name[0] != UInt8(ascii: "-"),
            name[0] != UInt8(ascii: "_")
        else { return nil }
        if name.equals("key") || name.equals("enc.key") { return .fileKey }
        var dot: Int?
        for index in name.indices {
            switch name[index] {
            case 48...57, 65...90, 97...122, 45, 95: continue
            case 46: dot = index
            default: return nil
            }
        }
        guard let dot, name[dot - 1] != UInt8(ascii: ".") else { return nil }
        let type = name.extracting(dot..<name.count)
        if type.equals(".m3u8") { return .playlist }
        if type.equals(".ts") || type.equals(".vtt") || type.equals(".jpg") { return .file }
        return nil
    }
}
