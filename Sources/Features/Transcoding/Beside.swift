internal import Media
internal import Storage

extension WorkPlan {
    /// Behind what the lowest rung needs, before further rungs.
    static let stills = 300

    /// Plans what stands beside picture and sound: its ordinals come after all others.
    mutating func addBeside(_ facts: SourceFacts) {
        var next = renditions.map(\.ordinal).max().map { $0 + 1 } ?? 0
        func add(_ name: String, _ kind: Rendition.Kind, _ size: PictureSize?, cap: Int64) -> UInt16? {
            guard let name = RenditionName(name) else { return nil }
            let ordinal = next
            next += 1
            renditions.append(
                Rendition(
                    ordinal: ordinal, name: name, kind: kind, copied: false, growing: false, width: size?.width ?? 0,
                    height: size?.height ?? 0, cap: cap, rateFactor: 0))
            return ordinal
        }
        if let plan = StillsPlan(facts) {
            let made = [
                add("iframes", .iframes, plan.frameSize, cap: 200_000),
                add("sprites", .images, plan.tiles.tile, cap: 50_000),
                add("poster", .poster, plan.posterSize, cap: 20_000),
            ]
            slices.append(
                Slice(
                    number: slices.count, kind: .stills, ordinals: made.compactMap { $0 }, range: 0..<facts.plan.count,
                    priority: Self.stills))
        }
        if !facts.chapters.isEmpty { _ = add("chapters", .chapters, nil, cap: 0) }
    }
}

extension Shelf {
    /// What of it stands beside picture and sound and is ready.
    func beside() -> MasterPlaylist.Beside {
        var beside = MasterPlaylist.Beside()
        for row in rows where row.isListed {
            let name = row.rendition.name.description
            func pictures() -> MasterPlaylist.Beside.Pictures? {
                row.rendition.facts.map {
                    MasterPlaylist.Beside.Pictures(
                        name: name, codecs: $0.codecs, size: PictureSize(width: $0.width, height: $0.height),
                        segments: row.facts)
                }
            }
            switch row.rendition.kind {
            case .iframes: beside.frames = pictures()
            case .images: beside.images = pictures()
            case .poster: beside.poster = name
            case .chapters: beside.chapters = name
            case .video, .audio, .captions: break
            }
        }
        return beside
    }
}

extension Shelf.Row {
    /// The texts that stand beside its segments, by file name.
    func texts(_ facts: SourceFacts, _ packaging: Packaging) -> [(name: String, text: String)] {
        switch rendition.kind {
        case .iframes: return [("index.m3u8", IFramePlaylist.write(self.facts, ordinal: rendition.ordinal))]
        case .images:
            guard let tiles = StillsPlan(facts)?.tiles else { return [] }
            return [
                ("index.m3u8", ImagePlaylist.write(tiles)),
                ("0.vtt", ThumbnailCues.write(tiles, duration: facts.duration)),
            ]
        case .poster: return []
        case .chapters: return [("0.vtt", ChapterCues.write(facts.chapters, duration: facts.duration))]
        case .video, .audio, .captions:
            let longest = (0..<facts.plan.count).reduce(Ticks(0)) {
                max($0, facts.plan.start(of: $1 + 1) - facts.plan.start(of: $1))
            }
            return [
                (
                    "index.m3u8",
                    MediaPlaylist.write(
                        self.facts, ordinal: rendition.ordinal, isComplete: isClosed, longest: longest,
                        packaging: packaging)
                )
            ]
        }
    }
}
