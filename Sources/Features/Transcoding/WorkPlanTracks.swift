internal import Media
internal import Storage

extension WorkPlan {
    /// Sound tracks of one lesson.
    static let mostTracks = 8
    /// Further sound tracks: behind what plays at once, before further rungs.
    static let furtherSound = 300
    /// Captions of the file: soon read, and wanted early.
    static let captions = 450

    /// The ordinal behind all that are taken.
    private var nextOrdinal: UInt16 { renditions.map(\.ordinal).max().map { $0 + 1 } ?? 0 }

    /// The sound tracks besides the preferred one: each is listed when it is complete.
    mutating func addFurtherSound(_ facts: SourceFacts) {
        for (index, sound) in facts.audio.enumerated().dropFirst().prefix(Self.mostTracks - 1) {
            guard let name = RenditionName("audio-\(index + 1)") else { continue }
            let length = max(1, sound.end - sound.start)
            renditions.append(
                Rendition(
                    ordinal: nextOrdinal, name: name, kind: .audio, copied: sound.copy.isCopy, growing: false, width: 0,
                    height: 0,
                    cap: sound.copy.isCopy ? max(sound.bytes * 8 * Ticks.perSecond / length, 1) : Self.soundRate,
                    rateFactor: 0, track: index, language: sound.language, label: sound.title))
        }
    }

    /// Captions of the file, and the slices of all that nobody waits for.
    mutating func addFurtherSlices(_ facts: SourceFacts, isLong: Bool) {
        let all = facts.plan.count
        for (index, track) in facts.captions.enumerated() {
            guard let name = RenditionName("captions-\(index + 1)") else { continue }
            renditions.append(
                Rendition(
                    ordinal: nextOrdinal, name: name, kind: .captions, copied: true, growing: false, width: 0,
                    height: 0,
                    cap: 1, rateFactor: 0, track: index, language: track.language, label: track.title))
        }
        let captions = renditions.filter { $0.kind == .captions }.map(\.ordinal)
        if !captions.isEmpty { add(.captions, captions, 0..<all, Self.captions) }
        for rendition in renditions where rendition.kind == .audio && (rendition.track ?? 0) > 0 {
            if rendition.copied {
                add(.copy, [rendition.ordinal], 0..<all, each: isLong ? Self.copySlices : [all], Self.furtherSound)
            } else {
                add(.audio, [rendition.ordinal], 0..<all, each: [Self.soundSlice], Self.furtherSound)
            }
        }
    }
}
