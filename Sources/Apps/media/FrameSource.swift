internal import AV
internal import Media

/// A picture and when it is shown, on the lesson's clock.
struct TimedPicture: Sendable {
    let picture: SharedPicture
    let time: Ticks
}

/// Decodes the picture from a little before a slice on: whole pictures in ordinary colours, in the order they are
/// shown, each with its time.
final class FrameSource {
    private let demuxer: Demuxer
    private let decoder: Decoder
    private let source: SourceFacts
    private let facts: VideoFacts
    private let timeBase: TimeBase
    private let packet: Packet
    private let frame: Frame
    private var lastTime: Ticks?
    private var lastTaken: Ticks?
    /// Decoded already, when the beginning was looked for, or come out of the filters.
    private var ready: [TimedPicture] = []
    /// What makes whole pictures and ordinary colours of what is decoded, where that is needed.
    private let filter: PictureFilter?
    private var isOver = false
    /// Before this time, in the stream's clock, a picture is decoded only where others need it.
    private let wanted: Int64

    /// - Parameters:
    ///   - segment: where pictures are wanted from; those before it come too, as far as decoding needs them.
    ///   - threads: that may decode.
    ///   - size: the largest that pictures are wanted at, upright.
    init(
        _ demuxer: Demuxer, _ source: SourceFacts, _ facts: VideoFacts, from segment: Int, maximalPixels: Int64,
        threads: Int, size: (width: Int, height: Int)? = nil
    ) throws {
        guard demuxer.streams.indices.contains(facts.stream) else { throw StepFailure(.changed, "stream") }
        guard
            let decoder = try Decoder.open(
                demuxer, stream: facts.stream, maximalPixels: maximalPixels, threads: threads)
        else { throw StepFailure(.changed, "codec") }
        self.demuxer = demuxer
        self.decoder = decoder
        self.source = source
        self.facts = facts
        timeBase = demuxer.streams[facts.stream].timeBase
        packet = try Packet()
        frame = try Frame()
        demuxer.keep([facts.stream])
        // The two pictures before the first stay: filters look at neighbours, and one may stand over the border.
        let before = source.plan.before[segment].0
        wanted = TimeBase.ticks.convert(before + source.origin, to: timeBase)
        filter = try facts.treatment(for: size).map { treatment throws(AVFailure) in try PictureFilter(treatment) }
        if let first = try findStart(segment) { try take(first) }
    }

    /// The next picture; `nil` at the end.
    func next() throws -> TimedPicture? {
        while ready.isEmpty {
            if let next = try decode() {
                try take(next)
            } else {
                add(try filter?.finish() ?? [])
                if ready.isEmpty { return nil }
            }
        }
        return ready.removeFirst()
    }

    private func take(_ next: TimedPicture) throws {
        guard let filter else { return ready.append(next) }
        // A filter that looks at neighbours must not be shown a picture out of order.
        if let lastTaken, next.time <= lastTaken { return }
        lastTaken = next.time
        add(try filter.filter(next.picture, at: next.time))
    }

    private func add(_ pictures: [(SharedPicture, Int64)]) {
        for (picture, time) in pictures { ready.append(TimedPicture(picture: picture, time: time)) }
    }

    /// Goes to where decoding has to begin and decodes the first picture there.
    ///
    /// Formats without a table land somewhere near, perhaps in the middle of what was looked for; when the first
    /// picture that decodes comes too late, an earlier place is asked for.
    private func findStart(_ segment: Int) throws -> TimedPicture? {
        let goal = source.plan.decodeFrom[segment] + source.origin
        let isVague = ["mpegts", "mpeg"].contains(demuxer.format)
        for back in isVague ? [Ticks(1), 5, 20] : [0, 1, 5, 20] {
            let time = TimeBase.ticks.convert(goal - back * Ticks.perSecond, to: timeBase)
            guard (try? demuxer.seek(stream: facts.stream, to: time)) != nil else { continue }
            beginAgain()
            guard let found = try decode() else { continue }
            // Filters look at the picture before, too.
            let start = source.plan.start(of: segment)
            if found.time < start || (found.time == start && (filter == nil || segment == 0)) { return found }
        }
        try demuxer.rewind()
        beginAgain()
        return try decode()
    }

    private func beginAgain() {
        decoder.reset()
        isOver = false
        lastTime = nil
    }

    private func decode() throws -> TimedPicture? {
        while true {
            switch try decoder.receive(into: frame) {
            case .frame:
                guard let time = time() else { continue }
                lastTime = time
                return TimedPicture(picture: try SharedPicture(frame), time: time)
            case .end: return nil
            case .hungry where isOver: return nil
            case .hungry:
                if (try? demuxer.read(into: packet)) == true {
                    decoder.skipUnreferenced(packet.presentation.map { $0 < wanted } ?? false)
                    try decoder.send(packet)
                } else {
                    decoder.finish()
                    isOver = true
                }
            }
        }
    }

    /// When the frame is shown; `nil` where nothing says so.
    private func time() -> Ticks? {
        guard let shown = frame.presentation else { return lastTime.map { $0 + 1 } }
        let time = timeBase.convert(shown, to: .ticks) - source.origin
        return time == facts.firstFrame ? 0 : time
    }
}
