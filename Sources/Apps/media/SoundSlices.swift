internal import AV
internal import Media

/// Encodes a slice of the sound as AAC-LC, 48 kHz stereo, in pieces of at most a minute.
///
/// Blocks lie on one grid of 1024 samples from the lesson's beginning: frame k holds the samples before k · 1024 and is
/// heard (k − 1) · 1024 samples after it. Where the source has no sound there is silence.
final class SoundSlices {
    /// Ticks of a block of 1024 samples at 48 kHz.
    static let block: Ticks = 1920
    static let rate: Int64 = 128_000
    /// Segments encoded in one piece; its samples are held in memory.
    private static let piece = 10
    private static let preroll = 4
    /// Raises or lowers the track, and limits what is louder than it may be; `nil` where neither can be needed.
    private let limiter: Limiter?

    private let demuxer: Demuxer
    private let source: SourceFacts
    private let facts: AudioFacts
    private let slice: Range<Int>
    private let limits: MediaLimits
    private let output: SegmentOutput
    private let writer: RenditionWriter
    private let ordinal: UInt16

    init(
        _ demuxer: Demuxer, _ source: SourceFacts, _ slice: Range<Int>, _ ordinal: UInt16, _ limits: MediaLimits,
        _ output: SegmentOutput
    ) throws {
        guard let facts = source.audio.first else { throw StepFailure(.badJob, "audio") }
        guard demuxer.streams.indices.contains(facts.stream) else { throw StepFailure(.changed, "stream") }
        self.demuxer = demuxer
        self.source = source
        self.facts = facts
        self.slice = slice
        self.limits = limits
        self.output = output
        self.ordinal = ordinal
        let gain = Decibels.factor(hundredths: facts.gain)
        limiter = facts.gain != 0 || facts.channels > 2 ? Limiter(gain: gain) : nil
        writer = RenditionWriter(
            ordinal: ordinal, isAudio: true, plan: source.plan, from: slice.lowerBound,
            end: Self.time(of: Self.firstBlock(from: source.plan.start(of: source.plan.count))), output)
    }

    /// When frame `block` is heard.
    static func time(of block: Int) -> Ticks { (Ticks(block) - 1) * Self.block }

    /// The first frame heard at `time` or later.
    static func firstBlock(from time: Ticks) -> Int {
        let above = time + Self.block
        return Int(above >= 0 ? (above + Self.block - 1) / Self.block : 0)
    }

    func run() throws {
        Helper.say(.rendition(RenditionFacts(ordinal: ordinal, codecs: "mp4a.40.2", width: 0, height: 0)))
        demuxer.keep([facts.stream])
        var from = slice.lowerBound
        while from < slice.upperBound {
            // The first piece is one segment: somebody may be waiting for it.
            let to = min(slice.upperBound, from + (from == slice.lowerBound ? 1 : Self.piece))
            let low = from == 0 ? 0 : Self.firstBlock(from: source.plan.start(of: from))
            let high = Self.firstBlock(from: source.plan.start(of: to))
            try encode(low..<high)
            from = to
            Helper.say(.progress(segment: min(from, writer.segment), frames: 0))
        }
        try writer.finish(at: Self.time(of: Self.firstBlock(from: source.plan.start(of: slice.upperBound))))
        Helper.say(.progress(segment: slice.upperBound, frames: 0))
        Helper.say(.done(segments: output.count, frames: 0))
    }

    private func encode(_ blocks: Range<Int>) throws {
        let first = max(0, blocks.lowerBound - Self.preroll)
        let margin = limiter == nil ? 0 : Limiter.reach
        let count = (blocks.upperBound + 1 - first) * 1024
        var samples = SampleStore(from: Int64(first) * 1024 - Int64(margin), count: count + 2 * margin)
        try fill(&samples)
        if let limiter { samples.change { limiter.apply(&$0, &$1) } }
        let encoder = try AudioEncoder.open(rate: Self.rate)
        let parameters = try encoder.parameters()
        var number = first
        func take(_ packet: borrowing Packet) throws {
            if blocks.contains(number) {
                let time = Self.time(of: number)
                try writer.add(
                    packet, to: source.plan.segment(at: time), presentation: time, decoding: time, parameters)
            }
            number += 1
        }
        for block in first...blocks.upperBound {
            let at = (block - first) * 1024 + margin
            try encoder.encode(
                samples.left.span.extracting(at..<at + 1024), samples.right.span.extracting(at..<at + 1024)
            ) { try take($0) }
        }
        try encoder.finish { try take($0) }
    }

    /// Decodes what is heard in the store's range.
    private func fill(_ samples: inout SampleStore) throws {
        let start = samples.from * Ticks.perSecond / Int64(Resampler.rate)
        guard let decoder = try Decoder.open(demuxer, stream: facts.stream, maximalPixels: limits.pixels) else {
            throw StepFailure(.changed, "codec")
        }
        let packet = try Packet()
        try goTo(start, packet)
        let frame = try Frame()
        var waiting: [HeldFrame] = []
        var placement = SoundPlacement(timeBase: timeBase, origin: source.origin)
        var isPlaced = isExact
        let resampler = try Resampler()
        func put(_ frame: borrowing Frame) throws {
            if placement.place(frame) { try resampler.drain { samples.put($0, $1) } }
            if let jump = placement.jump { samples.at = jump }
            try resampler.convert(frame) { samples.put($0, $1) }
        }
        func putWaiting() throws {
            isPlaced = true
            placement = SoundPlacement(timeBase: timeBase, origin: source.origin, shift: placement.shift)
            for held in waiting { try put(held.frame) }
            waiting = []
        }
        var more = true
        while true {
            if more { try decoder.send(packet) } else { decoder.finish() }
            while try decoder.receive(into: frame) == .frame {
                if isPlaced {
                    try put(frame)
                    if samples.isFull { return }
                } else {
                    waiting.append(try HeldFrame(frame))
                    if placement.place(frame) || waiting.count == Self.measured { try putWaiting() }
                }
            }
            if !more { break }
            more = (try? demuxer.read(into: packet)) ?? false
        }
        if !isPlaced { try putWaiting() }
        try resampler.drain { samples.put($0, $1) }
    }

    /// A decoded frame that waits for its turn.
    private final class HeldFrame {
        let frame: Frame

        init(_ other: borrowing Frame) throws {
            let made = try Frame()
            try made.hold(other)
            frame = made
        }
    }

    /// Frames whose stamps are looked at before the first is placed, where stamps are rounded.
    private static let measured = 60

    private var timeBase: TimeBase { demuxer.streams[facts.stream].timeBase }

    /// Whether time stamps name samples exactly; files that count milliseconds round them.
    private var isExact: Bool {
        Int64(timeBase.denominator) >= Int64(timeBase.numerator) * Int64(facts.sampleRate)
    }

    /// Goes a second before `start`, so that the decoder is in full swing there, and reads the first packet.
    private func goTo(_ start: Ticks, _ packet: borrowing Packet) throws {
        let goal = start - Ticks.perSecond
        if goal > facts.start {
            for back in [Ticks(0), 10] {
                let time = TimeBase.ticks.convert(goal - back * Ticks.perSecond + source.origin, to: timeBase)
                guard (try? demuxer.seek(stream: facts.stream, to: time)) != nil,
                    (try? demuxer.read(into: packet)) == true
                else { continue }
                if let found = packet.presentation ?? packet.decoding,
                    timeBase.convert(found, to: .ticks) - source.origin <= start - Ticks.perSecond / 4
                {
                    return
                }
            }
        }
        try demuxer.rewind()
        guard try demuxer.read(into: packet) else { throw StepFailure(.changed, "no packet") }
    }
}
