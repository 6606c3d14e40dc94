internal import Core
public import Media
internal import Storage

/// What a task makes, and in which order: decided once, from the facts alone.
public struct WorkPlan: Sendable, Equatable {
    /// Renditions by ordinal: pictures from the top, sound last.
    public var renditions: [Rendition]
    /// Slices in the order of making.
    public var slices: [Slice]

    /// Bits a second of encoded sound.
    static let soundRate: Int64 = 128_000
    /// Segments of the slices that several rungs are encoded in: small at the beginning, which somebody may be
    /// waiting for, then about half a minute.
    static let sharedSlices = [1, 2, 4, 6]
    /// Segments of the slices in which the lowest rung goes ahead alone, behind its opening.
    static let leadingSlices = [2, 3, 4, 6]
    /// Samples a second of a source that is decoded for the lowest rung and the others at once, 1080 lines at 30
    /// pictures: two cores make all rungs of it about as fast as it plays. Of a larger one the lowest rung alone has
    /// to go ahead.
    static let largestTogether: Int64 = 1920 * 1088 * 31
    /// Samples of a picture up to which a rung is encoded together with others: 1440 lines.
    static let largestShared = 2560 * 1440
    /// Segments of a slice of sound: two minutes.
    static let soundSlice = 20
    /// Segments up to which a film is copied in one slice: a quarter of an hour, a third of a second's work.
    static let shortCopy = 150
    /// Segments of the slices in which a longer one is copied: five minutes that play at once, then more at a time.
    static let copySlices = [50, 200]
    /// What makes a lesson playable goes before everything.
    static let first = 900
    /// What it needs to go on playing.
    static let soon = 800
    /// Further rungs.
    static let later = 100

    /// Plans the work.
    ///
    /// What can be copied is copied by the task's first job, the first minutes of a long film, which then plays and
    /// grows; that job also encodes the first half minute of sound where only sound has to be encoded. Where the
    /// picture has to be encoded, the lowest rung comes first and grows (see `addPictures`).
    public init(_ facts: SourceFacts, _ choices: EncodingChoices = EncodingChoices(), probe: ContentProbe? = nil) {
        renditions = []
        slices = []
        let ladder = facts.video.map { Ladder.rungs(for: $0, steps: choices.steps) } ?? []
        let rungs = probe.map { PerTitle.refine(ladder, $0) } ?? ladder
        let copiesPicture = rungs.first?.isCopied ?? false
        let all = facts.plan.count
        let isLong = all > Self.shortCopy
        for (index, rung) in rungs.enumerated() {
            guard let name = RenditionName(rung.name) else { continue }
            renditions.append(
                Rendition(
                    ordinal: rung.ordinal, name: name, kind: .video, copied: rung.isCopied,
                    growing: rung.isCopied ? isLong : !copiesPicture && index == rungs.count - 1, width: rung.width,
                    height: rung.height,
                    cap: rung.cap, rateFactor: rung.rateFactor))
        }
        let sound = facts.audio.first
        let soundOrdinal = UInt16(clamping: rungs.count)
        if let sound, let name = RenditionName("audio") {
            let rate = sound.end > sound.start ? sound.bytes * 8 * Ticks.perSecond / (sound.end - sound.start) : 0
            renditions.append(
                Rendition(
                    ordinal: soundOrdinal, name: name, kind: .audio, copied: sound.copy.isCopy,
                    growing: isLong || !sound.copy.isCopy, width: 0, height: 0,
                    cap: sound.copy.isCopy ? max(rate, 1) : Self.soundRate, rateFactor: 0, track: 0,
                    language: sound.language, label: sound.title))
        }
        addFurtherSound(facts)
        defer { addFurtherSlices(facts, isLong: isLong) }
        let copied = renditions.filter { $0.copied && ($0.track ?? 0) == 0 }.map(\.ordinal)
        if !copied.isEmpty {
            let opening = isLong ? Self.copySlices[0] : all
            add(.copy, copied, 0..<opening, nil)
            add(.copy, copied, opening..<all, each: Array(Self.copySlices.dropFirst()), Self.first)
        }
        if let sound, !sound.copy.isCopy {
            let start = Self.opening(of: facts.plan)
            add(.audio, [soundOrdinal], 0..<start, rungs.isEmpty || copiesPicture ? nil : Self.first)
            add(.audio, [soundOrdinal], start..<all, each: [Self.soundSlice], Self.soon)
        }
        guard facts.video != nil else {
            addBeside(facts)
            return
        }
        addPictures(rungs, facts.video, facts.plan)
        addBeside(facts)
    }

    /// Plans the rungs that are encoded.
    ///
    /// Where nothing is copied, the opening of the lowest rung comes before everything: with it the lesson plays. From
    /// there on it grows together with the others, so that the source is decoded once, unless that would be slower than
    /// it plays; then it goes ahead alone. What the others lack of the opening comes last: they are listed when they
    /// are whole.
    private mutating func addPictures(_ rungs: [Rung], _ video: VideoFacts?, _ plan: SegmentPlan) {
        guard let video else { return }
        let pictures = plan.videoSegments
        let encoded = renditions.filter { $0.kind == .video && !$0.copied }
        // A rung of 4K needs a gigabyte to itself.
        let large = encoded.filter { !$0.growing && $0.width * $0.height > Self.largestShared }.map(\.ordinal)
        var shared = encoded.map(\.ordinal).filter { !large.contains($0) }
        var start = 0
        var priority = Self.later
        if let lowest = encoded.first(where: \.growing)?.ordinal {
            start = min(SegmentPlan.openingSegments, pictures)
            add(.video, [lowest], 0..<start, Self.first)
            let others = shared.filter { $0 != lowest }
            let rate = Int64(video.width) * Int64(video.height) * video.frameRate.thousandths / 1000
            if rate <= Self.largestTogether {
                if !others.isEmpty { add(.video, others, 0..<start, Self.later) }
                priority = Self.soon / 2
            } else {
                add(.video, [lowest], start..<pictures, along: plan, each: Self.leadingSlices, Self.soon / 2)
                shared = others
                start = 0
            }
        }
        if !shared.isEmpty {
            add(.video, shared, start..<pictures, along: plan, each: Self.sharedSlices, priority)
        }
        for ordinal in large { add(.video, [ordinal], 0..<pictures, along: plan, each: Self.sharedSlices, Self.later) }
    }

    /// Segments that make half a minute, at least three: what players want before they begin.
    static func opening(of plan: SegmentPlan) -> Int {
        var number = min(3, plan.count)
        while number < plan.count, plan.start(of: number) - plan.start(of: 0) < 30 * Ticks.perSecond { number += 1 }
        return number
    }

    mutating func add(_ kind: Slice.Kind, _ ordinals: [UInt16], _ range: Range<Int>, _ priority: Int?) {
        if range.isEmpty { return }
        slices.append(
            Slice(number: slices.count, kind: kind, ordinals: ordinals, range: range, priority: priority))
    }

    /// Cuts a range into slices of these sizes; the last size holds on.
    ///
    /// - Parameter plan: where decoding can begin; a slice ends a segment or two away from its size where the next one
    ///   then has less to decode in vain.
    mutating func add(
        _ kind: Slice.Kind, _ ordinals: [UInt16], _ range: Range<Int>, along plan: SegmentPlan? = nil,
        each sizes: [Int], _ priority: Int
    ) {
        var start = range.lowerBound
        var index = 0
        while start < range.upperBound {
            let size = sizes[min(index, sizes.count - 1)]
            let end =
                plan.map { $0.border(near: start + size, within: size / 3, of: range) }
                ?? min(range.upperBound, start + size)
            add(kind, ordinals, start..<end, priority)
            start = end
            index += 1
        }
    }
}

extension SegmentPlan {
    /// A segment near `number` that little is decoded in vain for when a slice begins with it.
    ///
    /// - Parameters:
    ///   - reach: how far away it may be.
    ///   - range: what is cut; its end is a border too.
    fileprivate func border(near number: Int, within reach: Int, of range: Range<Int>) -> Int {
        guard number + reach < range.upperBound else { return range.upperBound }
        let choice = (number - reach...number + reach).filter { decodeFrom.indices.contains($0) }
        func waste(_ number: Int) -> Ticks { start(of: number) - decodeFrom[number] }
        return choice.min { (waste($0), abs($0 - number)) < (waste($1), abs($1 - number)) } ?? number
    }
}
