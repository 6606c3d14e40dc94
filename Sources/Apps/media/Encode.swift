internal import AV
internal import Media
internal import POSIX

/// Encodes a slice of the lesson at several rungs, decoding it once: pictures are decoded on this thread, and each rung
/// scales and encodes them on a thread of its own.
final class Encode {
    private let pictures: FrameSource
    private let source: SourceFacts
    private let facts: VideoFacts
    private let slice: Range<Int>
    private let limits: MediaLimits
    private let output: SegmentOutput
    private let rungs: [RungEncoder]
    private let lanes: [Lane<RungEncoder.Step>]
    /// The picture shown last; repeated where the source stands still.
    private var held: TimedPicture?
    /// The segment that pictures go to at present.
    private var segment: Int
    /// Pictures of the source that were encoded.
    private var frames = 0
    private var reported: Int
    private var saidFrames = 0

    init(
        _ demuxer: Demuxer, _ source: SourceFacts, _ slice: Range<Int>, _ rungs: [RungJob], _ limits: MediaLimits,
        _ output: SegmentOutput
    ) throws {
        guard let facts = source.video, slice.upperBound <= source.plan.videoSegments, !rungs.isEmpty else {
            throw StepFailure(.badJob, "video")
        }
        self.source = source
        self.facts = facts
        self.slice = slice
        self.limits = limits
        self.output = output
        let cores = limits.threads > 0 ? limits.threads : Host.cores()
        let share = ThreadShare(cores: cores, rungs: rungs, source: facts)
        let weight =
            rungs.contains { $0.effort == .careful }
            ? try SliceWeight.percent(demuxer, source, facts, slice) : 100
        pictures = try FrameSource(
            demuxer, source, facts, from: slice.lowerBound, maximalPixels: limits.pixels, threads: share.decoding,
            size: rungs.map { ($0.width, $0.height) }.max { $0.0 * $0.1 < $1.0 * $1.1 })
        var made: [RungEncoder] = []
        var lanes: [Lane<RungEncoder.Step>] = []
        for (rung, threads) in zip(rungs, share.encoding) {
            let encoder = try RungEncoder(rung, source, facts, slice, output, threads: threads, weight: weight)
            made.append(encoder)
            lanes.append(try Lane(room: share.room) { try encoder.take($0) })
        }
        self.rungs = made
        self.lanes = lanes
        segment = slice.lowerBound - 1
        reported = slice.lowerBound
    }

    private var start: Ticks { source.plan.start(of: slice.lowerBound) }
    private var isLast: Bool { slice.upperBound == source.plan.count }
    private var end: Ticks { isLast ? .max : source.plan.start(of: slice.upperBound) }

    func run() throws {
        var isFull = false
        while !isFull, let next = try pictures.next() { isFull = try take(next) }
        // The last picture stands until the lesson's end, also where that is behind the slice: the plan says so.
        if !isFull { try standStill(until: facts.end) }
        guard let held else { throw StepFailure(.changed, "no frame in the slice") }
        // Segments that a damaged source left empty show the last picture.
        while segment + 1 < slice.upperBound {
            try put(held.picture, at: source.plan.start(of: segment + 1))
        }
        self.held = nil
        for lane in lanes { try lane.put(.end) }
        for lane in lanes { try lane.finish() }
        Helper.say(.done(segments: output.count, frames: frames))
    }

    /// Takes a picture.
    ///
    /// - Returns: whether the slice is complete.
    private func take(_ next: TimedPicture) throws -> Bool {
        let time = next.time
        if let held, time <= held.time { return false }
        try standStill(until: time)
        if time >= end { return true }
        if time >= start {
            while segment + 1 < source.plan.segment(at: time) {
                // A whole segment was lost to damage.
                try put(next.picture, at: source.plan.start(of: segment + 1))
            }
            try put(next.picture, at: time)
            frames += 1
            if frames > limits.frames { throw StepFailure(.tooManyFrames, "\(limits.frames)") }
        }
        held = next
        return false
    }

    /// Repeats the last picture where nothing comes for long.
    private func standStill(until time: Ticks) throws {
        guard let held else { return }
        for filler in Fillers.times(after: held.time, before: time) where filler >= start && filler < end {
            try put(held.picture, at: filler)
        }
    }

    private func put(_ picture: SharedPicture, at time: Ticks) throws {
        let number = max(source.plan.segment(at: time), slice.lowerBound)
        let isCut = number > segment
        segment = max(segment, number)
        for lane in lanes { try lane.put(.picture(picture, time, isCut: isCut)) }
        let done = rungs.map(\.finishedSegments).min() ?? 0
        if done > reported || frames >= saidFrames + 25 {
            reported = done
            saidFrames = frames
            Helper.say(.progress(segment: done, frames: frames))
        }
    }
}

/// How a step's threads are spread over what it has to do.
struct ThreadShare {
    /// Threads that decode.
    let decoding: Int
    /// Threads of each rung's encoder.
    let encoding: [Int]
    /// Pictures that may wait for a rung.
    let room: Int

    /// - Parameters:
    ///   - cores: that the step may use.
    ///   - rungs: encoded at once.
    init(cores: Int, rungs: [RungJob], source: VideoFacts) {
        let weights = rungs.map { Int64($0.width) * Int64($0.height) }
        let all = max(1, weights.reduce(0, +))
        // A rung that has more than a core's share of the work would keep the others waiting on one.
        encoding = weights.map { max(1, min(16, Int(($0 * Int64(cores) + all - 1) / all))) }
        // A picture of 4K is 12 to 25 MB; each thread of a decoder holds some.
        let isLarge = Int64(source.width) * Int64(source.height) > 2048 * 1152
        decoding = max(1, min(cores, isLarge ? 3 : 4))
        room = isLarge ? 2 : 4
    }
}
