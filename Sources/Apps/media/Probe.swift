internal import AV
internal import Media
internal import POSIX
internal import Synchronization

/// Encodes a few seconds at several places at each rung, with no rate but what quality needs, and says what that was.
struct Probe {
    let source: SourceFacts
    let places: [Int]
    let rungs: [RungJob]
    let limits: MediaLimits
    let demuxer: Demuxer

    func run() throws {
        guard let facts = source.video, !rungs.isEmpty else { throw StepFailure(.badJob, "video") }
        var samples: [ContentProbe.Sample] = []
        for place in places {
            guard place < source.plan.videoSegments else { throw StepFailure(.badJob, "places") }
            samples += try look(at: place, facts)
        }
        Helper.say(.probed(ContentProbe(samples: samples)))
        Helper.say(.done(segments: 0, frames: 0))
    }

    private func look(at place: Int, _ facts: VideoFacts) throws -> [ContentProbe.Sample] {
        let cores = limits.threads > 0 ? limits.threads : Host.cores()
        let share = ThreadShare(cores: cores, rungs: rungs, source: facts)
        let pictures = try FrameSource(
            demuxer, source, facts, from: place, maximalPixels: limits.pixels, threads: share.decoding,
            size: rungs.map { ($0.width, $0.height) }.max { $0.0 * $0.1 < $1.0 * $1.1 })
        var scales: [Scale] = []
        var lanes: [Lane<TimedPicture?>] = []
        for (rung, threads) in zip(rungs, share.encoding) {
            let scale = try Scale(rung, facts, threads: threads)
            scales.append(scale)
            lanes.append(try Lane(room: share.room) { try scale.take($0) })
        }
        let start = source.plan.start(of: place)
        let end = min(start + PerTitle.length, source.plan.start(of: place + 1))
        while let next = try pictures.next(), next.time < end {
            if next.time < start { continue }
            for lane in lanes { try lane.put(next) }
        }
        for lane in lanes {
            try lane.put(nil)
            try lane.finish()
        }
        return zip(rungs, scales).map { rung, scale in
            ContentProbe.Sample(
                short: min(rung.width, rung.height), segment: place, duration: end - start, bytes: scale.bytes)
        }
    }

    /// Weighs one rung; used by its lane's thread, and read when that has ended.
    private final class Scale: @unchecked Sendable {
        private let scaler: Scaler
        private let encoder: VideoEncoder
        private let halves: Bool
        private var count = 0
        private(set) var bytes: Int64 = 0

        init(_ rung: RungJob, _ facts: VideoFacts, threads: Int) throws {
            scaler = try Scaler(
                width: rung.width, height: rung.height, rotation: facts.rotation, colours: facts.encodedColours)
            halves = rung.halvesFrameRate
            let rate = facts.frameRate
            encoder = try VideoEncoder.make(
                VideoEncoder.Settings(
                    width: rung.width, height: rung.height,
                    frameRate: (Int32(clamping: rate.numerator), Int32(clamping: rate.denominator)), cap: 200_000_000,
                    rateFactorTenths: EncodingEffort.light.tenths(
                        of: rung.rateFactor, short: min(rung.width, rung.height)),
                    preset: EncodingEffort.light.preset,
                    parameters: EncodingEffort.light.parameters, threads: threads))
        }

        func take(_ next: TimedPicture?) throws {
            guard let next else { return try encoder.finish { bytes += Int64($0.size) } }
            count += 1
            if halves, count % 2 == 0 { return }
            try scaler.scale(next.picture.frame) { scaled in
                try encoder.encode(scaled, at: next.time, isCut: count == 1) { bytes += Int64($0.size) }
            }
        }
    }
}
