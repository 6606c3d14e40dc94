internal import AV
internal import Media
internal import Synchronization

/// One rung of a slice: scales pictures, encodes them and writes its segments.
///
/// Made by the slice's thread, then used by its lane's thread alone; only `finishedSegments` is read from elsewhere.
final class RungEncoder: @unchecked Sendable {
    /// What it is handed.
    enum Step: Sendable {
        /// A picture, when it is shown, and whether a segment begins with it.
        case picture(SharedPicture, Ticks, isCut: Bool)
        /// Nothing more comes.
        case end
    }

    private let job: RungJob
    private let plan: SegmentPlan
    private let scaler: Scaler
    private let encoder: VideoEncoder
    private let writer: RenditionWriter
    private let finished: Atomic<Int>
    private var parameters: Parameters?
    /// When pictures are shown, in that order, the two before the slice first.
    private var times: [Ticks]
    private var packets = 0
    private var lastDecoding = Ticks.min
    /// When the first picture of the next slice is decoded, if there is one.
    private let following: Ticks?
    /// Pictures since the segment's first.
    private var sinceCut = 0

    init(
        _ job: RungJob, _ source: SourceFacts, _ facts: VideoFacts, _ slice: Range<Int>, _ output: SegmentOutput,
        threads: Int, weight: Int64
    ) throws {
        self.job = job
        plan = source.plan
        scaler = try Scaler(
            width: job.width, height: job.height, rotation: facts.rotation, colours: facts.encodedColours)
        let whole = facts.frameRate
        let rate = job.halvesFrameRate ? Ratio(whole.numerator, whole.denominator * 2) ?? whole : whole
        let encoder = try VideoEncoder.make(
            VideoEncoder.Settings(
                width: job.width, height: job.height,
                frameRate: (Int32(clamping: rate.numerator), Int32(clamping: rate.denominator)),
                cap: job.effort == .careful ? job.cap * 2 : job.cap,
                rateFactorTenths: job.effort.tenths(of: job.rateFactor, short: min(job.width, job.height)),
                mean: job.effort == .careful ? job.cap * weight / 100 : nil, preset: job.effort.preset,
                parameters: job.effort.parameters, threads: threads))
        self.encoder = encoder
        writer = RenditionWriter(
            ordinal: job.ordinal, isAudio: false, plan: plan, from: slice.lowerBound, end: facts.end, output)
        following = slice.upperBound < plan.before.count ? plan.before[slice.upperBound].0 : nil
        let before = plan.before[slice.lowerBound]
        times = [before.0, before.1]
        finished = Atomic(slice.lowerBound)
    }

    /// Segments before this one are written.
    var finishedSegments: Int { finished.load(ordering: .relaxed) }

    func take(_ step: Step) throws {
        switch step {
        case .picture(let picture, let time, let isCut):
            sinceCut = isCut ? 0 : sinceCut + 1
            if job.halvesFrameRate, sinceCut % 2 == 1 { return }
            times.append(time)
            try scaler.scale(picture.frame) { scaled in
                try encoder.encode(scaled, at: time, isCut: isCut) { try self.add($0) }
            }
            finished.store(writer.segment, ordering: .relaxed)
        case .end:
            try encoder.finish { try self.add($0) }
            try writer.finish(decoding: following ?? (packets < times.count ? times[packets] : nil))
        }
    }

    private func add(_ packet: borrowing Packet) throws {
        let parameters = try announce(packet)
        guard let shown = packet.presentation, packets < times.count else { throw StepFailure(.library, "x264 times") }
        // Decoding times follow the plan, not the encoder, so that slices join: the n-th picture decoded has the time
        // of the (n − 2)th shown.
        var decoding = min(times[packets], shown)
        if decoding <= lastDecoding { decoding = min(lastDecoding + 1, shown) }
        lastDecoding = decoding
        packets += 1
        let number = max(plan.segment(at: shown), writer.segment)
        try writer.add(packet, to: number, presentation: shown, decoding: decoding, parameters)
    }

    /// Says once what the stream is called, from the first parameter set the encoder wrote.
    private func announce(_ packet: borrowing Packet) throws -> Parameters {
        if let parameters { return parameters }
        let made = try encoder.parameters()
        parameters = made
        let set = packet.withBytes { H264.inspect($0, lengthSize: 0).sequenceParameters }
        guard let sequence = set.flatMap({ H264.SequenceParameters($0) }) else {
            throw StepFailure(.library, "no parameter set")
        }
        Helper.say(
            .rendition(
                RenditionFacts(ordinal: job.ordinal, codecs: sequence.codecs, width: job.width, height: job.height)))
        return made
    }
}

extension EncodingEffort {
    /// x264's preset.
    var preset: String {
        switch self {
        case .light: "superfast"
        case .usual: "veryfast"
        case .careful: "veryfast"
        }
    }

    /// The rate factor in tenths: what an effort saves in time it loses in likeness, most in small pictures, and gets back
    /// as a little more rate.
    ///
    /// - Parameter short: the picture's shorter side.
    func tenths(of rateFactor: Int, short: Int) -> Int {
        switch self {
        case .light: rateFactor * 10 - (short < 900 ? 4 : 3)
        case .usual: rateFactor * 10 - (short < 900 ? 3 : 0)
        case .careful: rateFactor * 10
        }
    }

    /// What differs from it. The rates and likenesses these were chosen by are what `scripts/bench-transcode` measures.
    var parameters: String {
        switch self {
        case .light: "aq-mode=2:aq-strength=0.7:rc-lookahead=20:subme=2:mbtree=1:weightp=1"
        case .usual: "aq-mode=2:aq-strength=0.7:rc-lookahead=20:trellis=1"
        case .careful: "aq-mode=2:aq-strength=1.0:rc-lookahead=40:trellis=1:psy=0:qcomp=0.5"
        }
    }
}
