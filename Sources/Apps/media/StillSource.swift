internal import AV
internal import Media

/// Gets single pictures out of a film: alone where decoding can start, else by decoding up to them.
final class StillSource {
    private let demuxer: Demuxer
    private let decoder: Decoder
    private let source: SourceFacts
    private let facts: VideoFacts
    private let timeBase: TimeBase
    private let limits: MediaLimits
    private let packet: Packet
    private let frame: Frame
    /// The picture that was asked for last, as it was decoded.
    private let found: Frame
    /// What makes whole pictures and ordinary colours of what is decoded, where that is needed; and what it made.
    private let filter: PictureFilter?
    private let treated: Frame
    /// When the packet read last is shown; `nil` at the beginning.
    private var position: Ticks?
    /// Where decoding on from picture to picture began; `nil` while each is decoded alone.
    private var run: Ticks?
    /// While decoding on: the time of `found`, and a picture behind it that was decoded too.
    private var foundTime: Ticks?
    private let ahead: Frame
    private var aheadTime: Ticks?
    private var isOver = false
    private var rewinds = 0
    /// Pictures decoded so far.
    private(set) var decoded = 0

    /// Places are looked for by reading on when they are nearer than this.
    private static let near: Ticks = Ticks.perSecond
    /// So long before a picture that is wanted nothing is passed over any more.
    private static let exact: Ticks = Ticks.perSecond / 2

    /// - Parameter largest: the largest size that pictures are wanted at, upright.
    init(_ demuxer: Demuxer, _ source: SourceFacts, _ limits: MediaLimits, largest: PictureSize) throws {
        guard let facts = source.video, demuxer.streams.indices.contains(facts.stream) else {
            throw StepFailure(.changed, "stream")
        }
        guard let decoder = try Decoder.open(demuxer, stream: facts.stream, maximalPixels: limits.pixels, threads: 1)
        else { throw StepFailure(.changed, "codec") }
        self.demuxer = demuxer
        self.decoder = decoder
        self.source = source
        self.facts = facts
        self.limits = limits
        timeBase = demuxer.streams[facts.stream].timeBase
        packet = try Packet()
        frame = try Frame()
        found = try Frame()
        treated = try Frame()
        filter = try facts.treatment(for: (largest.width, largest.height)).map { treatment throws(AVFailure) in
            try PictureFilter(treatment)
        }
        ahead = try Frame()
        demuxer.keep([facts.stream])
    }

    /// Looks for the picture that is on the screen at `time`.
    ///
    /// - Parameter from: where decoding can start for it.
    /// - Returns: whether there is one; damage may have taken it.
    func find(_ time: Ticks, from: Ticks) throws -> Bool {
        if time == from, try findAlone(time) { return try treat() }
        return try decodeUpTo(time, from: from) ? try treat() : false
    }

    /// Hands the picture that was found last to `body`.
    func withPicture<R>(_ body: (borrowing Frame) throws -> R) rethrows -> R {
        filter == nil ? try body(found) : try body(treated)
    }

    /// Filters that look at neighbours see this picture alone.
    private func treat() throws -> Bool {
        guard let filter else { return true }
        let first = try filter.filter(try SharedPicture(found), at: 0)
        guard let made = (first + (try filter.finish())).first else { return false }
        try treated.hold(made.0.frame)
        return true
    }

    private func findAlone(_ time: Ticks) throws -> Bool {
        run = nil
        guard try goTo(time), shown() == time else { return false }
        decoder.reset()
        decoder.skipUnreferenced(false)
        try decoder.send(packet)
        decoder.finish()
        defer { decoder.reset() }
        guard try decoder.receive(into: frame) == .frame else { return false }
        try count()
        try found.hold(frame)
        return true
    }

    private func decodeUpTo(_ time: Ticks, from: Ticks) throws -> Bool {
        if run != from || (foundTime ?? .min) > time {
            guard try goTo(from) else { return false }
            decoder.reset()
            isOver = false
            foundTime = nil
            aheadTime = nil
            run = from
            try send(time)
        }
        while true {
            if let next = aheadTime {
                if next > time { break }
                try found.hold(ahead)
                foundTime = next
                aheadTime = nil
            }
            guard try decodeNext(time) else { break }
        }
        if foundTime == nil, let next = aheadTime {
            try found.hold(ahead)
            foundTime = next
        }
        return foundTime != nil
    }

    /// Decodes one picture into `ahead`; `false` at the end.
    private func decodeNext(_ time: Ticks) throws -> Bool {
        while true {
            switch try decoder.receive(into: frame) {
            case .frame:
                guard let stamp = frame.presentation else { continue }
                try count()
                try ahead.hold(frame)
                aheadTime = onOurClock(stamp)
                return true
            case .end: return false
            case .hungry where isOver: return false
            case .hungry:
                if try read() {
                    try send(time)
                } else {
                    decoder.finish()
                    isOver = true
                }
            }
        }
    }

    private func send(_ time: Ticks) throws {
        decoder.skipUnreferenced((position ?? 0) < time - Self.exact)
        try decoder.send(packet)
    }

    private func count() throws {
        decoded += 1
        if decoded > limits.frames { throw StepFailure(.tooManyFrames, "\(limits.frames)") }
        // Decoding up to a picture may take minutes without a result.
        if decoded % 100 == 0 { Helper.say(.progress(segment: 0, frames: decoded)) }
    }

    /// Reads the packet where decoding can start for the picture shown at `time`; at 0 that is the film's first.
    private func goTo(_ time: Ticks) throws -> Bool {
        let isVague = ["mpegts", "mpeg"].contains(demuxer.format)
        let far = isVague ? 30 * Ticks.perSecond : Self.near
        if let position, position < time, time - position < far, try readTo(time) { return true }
        if time > 0 {
            for back in isVague ? [Ticks(1), 5, 20] : [0, 1, 5, 20] {
                let goal = TimeBase.ticks.convert(time + source.origin - back * Ticks.perSecond, to: timeBase)
                guard (try? demuxer.seek(stream: facts.stream, to: goal)) != nil else { continue }
                position = nil
                if try readTo(time) { return true }
            }
        }
        if position == nil && time == 0 && rewinds == 0 {
            rewinds = 1
        } else {
            // A file that is not what it was would be read again and again.
            rewinds += 1
            if rewinds > 8 { throw StepFailure(.changed, "key frames") }
            try demuxer.rewind()
        }
        position = nil
        return try readTo(time)
    }

    /// Reads on to the place to start at; `false` when it was passed, or the film ends before.
    private func readTo(_ time: Ticks) throws -> Bool {
        while try read() {
            guard packet.isKey else { continue }
            if time == 0 { return true }
            guard let shown = shown() else { continue }
            if shown == time { return true }
            if shown > time { return false }
        }
        return false
    }

    /// Reads the film's next packet; `false` at the end.
    private func read() throws -> Bool {
        while (try? demuxer.read(into: packet)) == true {
            guard packet.stream == facts.stream else { continue }
            position = shown() ?? position ?? 0
            return true
        }
        return false
    }

    private func shown() -> Ticks? { (packet.presentation ?? packet.decoding).map { onOurClock($0) } }

    private func onOurClock(_ stamp: Int64) -> Ticks {
        let time = timeBase.convert(stamp, to: .ticks) - source.origin
        return time == facts.firstFrame ? 0 : time
    }
}
