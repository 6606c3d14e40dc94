internal import AV
internal import Media

/// From what the scans saw to the plan.
struct Planning {
    private let video: VideoScan?
    /// The file's time that is our 0.
    let origin: Ticks
    /// From 0 to the end of picture and sound.
    let duration: Ticks
    private let copy: CopyDecision
    private let pictureEnd: Ticks
    /// Frames on our clock; the first at 0.
    private let shown: [Ticks]
    private let firstFrame: Ticks

    /// Sound may begin this much before the picture; the first frame then stands from the beginning.
    static let longestLead: Ticks = 10 * Ticks.perSecond
    /// A lead of up to this is the encoder's; it goes before 0 with the sound.
    static let shortestLead: Ticks = Ticks.perSecond / 5
    /// Sound that goes on for longer than this after the picture needs a picture.
    static let longestRest: Ticks = 3 * Ticks.perSecond

    init(video: VideoScan?, sound: AudioScan?) {
        self.video = video
        guard let video, let range = video.range else {
            let range = sound?.range ?? 0..<1
            origin = range.lowerBound
            duration = range.upperBound - range.lowerBound
            copy = .encode(.codec)
            pictureEnd = 0
            shown = []
            firstFrame = 0
            return
        }
        let heard = sound?.range ?? range
        let lead = range.lowerBound - heard.lowerBound
        let isLed = lead > Self.shortestLead
        let origin = isLed ? max(heard.lowerBound, range.lowerBound - Self.longestLead) : range.lowerBound
        self.origin = origin
        firstFrame = range.lowerBound - origin
        var times = video.entries.map { $0.shown - origin }
        if !times.isEmpty { times[0] = 0 }
        shown = times
        let soundEnd = heard.upperBound - origin
        let rest = soundEnd - (range.upperBound - origin)
        let standsStill = rest > Self.longestRest
        pictureEnd = standsStill ? soundEnd : range.upperBound - origin
        duration = max(pictureEnd, soundEnd)
        copy = standsStill ? .encode(.coverage) : Planning.decide(video, origin: origin, end: pictureEnd)
    }

    private static func decide(_ video: VideoScan, origin: Ticks, end: Ticks) -> CopyDecision {
        let stream = video.stream
        let sequence = video.sequence
        let said = stream.containerAspect.0 > 0 && stream.streamAspect.0 > 0
        let differs =
            said
            && Int64(stream.containerAspect.0) * Int64(stream.streamAspect.1)
                != Int64(stream.streamAspect.0) * Int64(stream.containerAspect.1)
        if video.startsAreFar { return .encode(.keyframes) }
        var starts = video.entries.filter(\.isStart).map { $0.shown - origin }
        if let first = video.entries.first, first.isStart, !starts.isEmpty { starts[0] = 0 }
        return RemuxRule.video(
            VideoTraits(
                codec: stream.codec, profile: sequence?.profile ?? stream.profile & 0xFF,
                level: sequence?.level ?? stream.level,
                is8Bit420: stream.is8Bit420 && (sequence?.chroma ?? 1) == 1 && (sequence?.depth ?? 8) == 8,
                interlaced: video.interlaced,
                needsColours: video.colour.needsConversion, rotation: stream.rotation,
                aspectDiffers: differs, idrTimes: starts, end: end, timestampsSane: video.timestampsSane,
                parametersSteady: video.parametersSteady && sequence != nil))
    }

    var videoFacts: VideoFacts? {
        guard let video else { return nil }
        let stream = video.stream
        let aspect = stream.containerAspect.0 > 0 ? stream.containerAspect : stream.streamAspect
        var shape = Ratio(Int64(aspect.0), Int64(aspect.1)) ?? .one
        // Shapes no camera makes are mistakes.
        if shape.numerator > 4 * shape.denominator || shape.denominator > 4 * shape.numerator { shape = .one }
        return VideoFacts(
            stream: stream.index, codec: stream.codec, width: video.width, height: video.height, sampleAspect: shape,
            rotation: stream.rotation,
            frameRate: video.frameRate(over: video.range.map { $0.upperBound - $0.lowerBound } ?? 1),
            frames: video.frames,
            bytes: video.bytes, firstFrame: firstFrame, end: pictureEnd, interlaced: video.interlaced,
            colour: video.colour, codecs: video.sequence?.codecs ?? "", copy: copy, keys: keys(of: video))
    }

    /// Frames that libav takes for places to start at, thinned out. The first frame stands from the beginning.
    private func keys(of video: VideoScan) -> [Ticks] {
        let step = max(Ticks.perSecond, pictureEnd / Ticks(VideoFacts.mostKeys - 1) + 1)
        var kept: [Ticks] = []
        for shown in video.keyTimes.sorted() {
            let time = shown - origin == firstFrame ? 0 : shown - origin
            if time >= 0, time < pictureEnd, kept.last.map({ time - $0 >= step }) ?? true { kept.append(time) }
        }
        return kept
    }

    func plan() -> SegmentPlan {
        guard let video, let frameLength = averageLength else {
            return SegmentPlan(boundaries: SegmentPlan.even(from: 0, to: duration), videoSegments: 0)
        }
        let all = copy.isCopy ? shown : Fillers.fill(shown, end: pictureEnd)
        let candidates = copy.isCopy ? zip(shown, video.entries).filter { $1.isStart }.map(\.0) : []
        let cuts =
            copy.isCopy
            ? SegmentPlan.cut(at: candidates, end: pictureEnd) : SegmentPlan.cut(onFrames: all, end: pictureEnd)
        let count = cuts.count - 1
        var before: [(Ticks, Ticks)] = []
        var decodeFrom: [Ticks] = []
        var index = 0
        var entry = 0
        var start = video.entries.first?.decoded ?? 0
        for cut in cuts.dropLast() {
            while index < all.count, all[index] < cut { index += 1 }
            let one = index >= 1 ? all[index - 1] : cut - frameLength
            before.append((index >= 2 ? all[index - 2] : one - frameLength, one))
            while entry < shown.count, shown[entry] <= cut {
                if video.entries[entry].isStart { start = video.entries[entry].decoded }
                entry += 1
            }
            decodeFrom.append(start - origin)
        }
        return SegmentPlan(
            boundaries: SegmentPlan.extend(cuts, soundEnd: duration), videoSegments: count, before: before,
            decodeFrom: decodeFrom)
    }

    private var averageLength: Ticks? {
        guard let first = shown.first, let last = shown.last else { return nil }
        guard shown.count > 1 else { return Ticks.perSecond / 25 }
        return max(1, min(Ticks.perSecond, (last - first) / Int64(shown.count - 1)))
    }
}
