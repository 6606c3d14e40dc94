internal import Core
internal import Sessions

extension MediaPath {
    /// What this path fetches, as far as limits care.
    ///
    /// - Parameter older: milliseconds of a segment of an older tree, which its name does not tell.
    func use(_ path: Span<UInt8>, older: (Span<UInt8>) -> Int64) -> MediaUse {
        switch target {
        case .playlist, .mediaPlaylist: return .beside
        case .key, .fileKey: return .free
        case .file: break
        }
        let tail = path.extracting(tail)
        let slash = tail.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        let name = tail.extracting(slash..<tail.count)
        if name.equals("init.mp4") { return .free }
        guard let dot = name.firstIndex(of: UInt8(ascii: ".")) else { return .beside }
        let type = name.extracting(dot..<name.count)
        guard type.equals(".ts") || type.equals(".m4s") else { return .beside }
        if publication.isEmpty {
            return .segment(Self.trailingNumber(name.extracting(0..<dot)), older(path.extracting(rel)))
        }
        // Whole pictures for winding are numbered as the segments are, and cost as little as small pictures do.
        if tail.extracting(0..<slash).ends(with: "/iframes/") { return .free }
        let number = Digits.parse(name.extracting(0..<dot)) ?? 0
        let target = PublicationName.target(of: path.extracting(publication)) ?? 0
        return .segment(UInt32(truncatingIfNeeded: number), target)
    }

    /// The number at the end of a name such as `segment_007`; 0 where there is none.
    private static func trailingNumber(_ name: Span<UInt8>) -> UInt32 {
        var start = name.count
        while start > 0, name.count - start < 9, (48...57).contains(name[start - 1]) { start -= 1 }
        var number: UInt32 = 0
        for index in start..<name.count { number = number * 10 + UInt32(name[index] - 48) }
        return number
    }
}
