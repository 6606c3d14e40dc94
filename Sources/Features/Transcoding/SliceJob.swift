public import Media
internal import Storage

extension Slice {
    /// What the helper is asked for this slice; `nil` where no step makes its kind.
    ///
    /// - Parameters:
    ///   - wanted: the renditions it makes.
    ///   - facts: of the source.
    ///   - choices: the operator's, for this task.
    ///   - limits: what the step may use.
    public func job(
        _ wanted: [Rendition], _ facts: SourceFacts, _ choices: EncodingChoices, limits: MediaLimits = MediaLimits()
    ) -> MediaJob? {
        switch kind {
        case .copy:
            let sound = wanted.first { $0.kind == .audio }
            return .remux(
                source: facts.withSound(sound?.track), from: range.lowerBound, to: range.upperBound,
                video: wanted.first { $0.kind == .video }?.ordinal, audio: sound?.ordinal, limits: limits)
        case .video:
            return .encode(
                source: facts, from: range.lowerBound, to: range.upperBound,
                rungs: wanted.compactMap { rendition in
                    let rung = Rung(
                        ordinal: rendition.ordinal, name: rendition.name.description, width: rendition.width,
                        height: rendition.height, cap: rendition.cap, rateFactor: rendition.rateFactor, isCopied: false)
                    return facts.video.map { rung.job(choices, for: $0) }
                }, limits: limits)
        case .audio:
            return .audio(
                source: facts.withSound(wanted.first?.track), from: range.lowerBound, to: range.upperBound,
                ordinal: ordinals.first ?? 0, limits: limits)
        case .captions:
            return .captions(
                source: facts, tracks: wanted.map { TrackJob(ordinal: $0.ordinal, track: $0.track ?? 0) },
                limits: limits)
        case .stills:
            guard let frames = wanted.first(where: { $0.kind == .iframes })?.ordinal,
                let images = wanted.first(where: { $0.kind == .images })?.ordinal,
                let poster = wanted.first(where: { $0.kind == .poster })?.ordinal
            else { return nil }
            return .stills(
                source: facts, wanted: StillsJob(frames: frames, images: images, poster: poster), limits: limits)
        }
    }
}
