internal import Core

/// How long the segments of older trees are: their names do not say, their playlist does (`EXT-X-TARGETDURATION`).
/// Remembered for a minute, so that a file is read once in a while and not for each segment.
struct OlderTrees {
    private static let places = 256
    /// What counts where no playlist says anything.
    private static let usual: Int64 = 6000

    private struct Entry {
        var rel = InlineArray<259, UInt8>(repeating: 0)
        var count = 0
        var milliseconds: Int64 = 0
        var read: UInt32 = 0
    }
    private var entries = [Entry](repeating: Entry(), count: places)

    /// Milliseconds of a segment.
    ///
    /// - Parameters:
    ///   - rel: the lesson's path.
    ///   - now: ticks of a tenth of a second.
    ///   - playlist: reads the lesson's playlist.
    mutating func segment(_ rel: Span<UInt8>, now: UInt32, playlist: () -> [UInt8]?) -> Int64 {
        guard rel.count <= 259 else { return Self.usual }
        var hash: UInt32 = 2_166_136_261
        for index in rel.indices { hash = (hash ^ UInt32(rel[index])) &* 16_777_619 }
        let place = Int(hash % UInt32(Self.places))
        if entries[place].count == rel.count, now &- entries[place].read < 600,
            entries[place].rel.span.extracting(0..<rel.count).equals(rel)
        {
            return entries[place].milliseconds
        }
        var entry = Entry(
            count: rel.count, milliseconds: playlist().flatMap { Self.target($0) } ?? Self.usual, read: now)
        for index in rel.indices { entry.rel[index] = rel[index] }
        entries[place] = entry
        return entry.milliseconds
    }

    /// The target duration that a playlist names (RFC 8216 §4.3.3.1), in milliseconds.
    static func target(_ playlist: [UInt8]) -> Int64? {
        for line in playlist.split(separator: 10) where line.starts(with: "#EXT-X-TARGETDURATION:".utf8) {
            let digits = line.dropFirst(22).filter { $0 != 13 }
            guard let seconds = Digits.parse(digits.span), (1...3600).contains(seconds) else { return nil }
            return seconds * 1000
        }
        return nil
    }
}
