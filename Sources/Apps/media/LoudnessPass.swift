internal import AV
internal import Loudness
internal import Media

/// Measures how loud the sound tracks are, each as a whole and as it will be heard: as two channels.
final class LoudnessPass {
    private final class Track {
        let index: Int
        let stream: Int
        let decoder: Decoder
        let resampler: Resampler
        let meter: LoudnessMeter

        init(_ index: Int, _ stream: Int, _ decoder: Decoder, _ resampler: Resampler, _ meter: LoudnessMeter) {
            self.index = index
            self.stream = stream
            self.decoder = decoder
            self.resampler = resampler
            self.meter = meter
        }
    }

    private let demuxer: Demuxer
    private let source: SourceFacts
    private let limits: MediaLimits

    init(_ demuxer: Demuxer, _ source: SourceFacts, _ limits: MediaLimits) {
        self.demuxer = demuxer
        self.source = source
        self.limits = limits
    }

    /// - Returns: the facts with what was measured.
    func run() throws -> SourceFacts {
        var tracks: [Track] = []
        for (index, facts) in source.audio.enumerated() {
            guard let decoder = try Decoder.open(demuxer, stream: facts.stream, maximalPixels: limits.pixels) else {
                throw StepFailure(.changed, "codec")
            }
            guard let meter = LoudnessMeter(sampleRate: Resampler.rate) else { throw StepFailure(.memory) }
            tracks.append(Track(index, facts.stream, decoder, try Resampler(), meter))
        }
        demuxer.keep(tracks.map(\.stream))
        let packet = try Packet()
        let frame = try Frame()
        var read = 0
        while (try? demuxer.read(into: packet)) == true {
            guard let track = tracks.first(where: { $0.stream == packet.stream }) else { continue }
            try track.decoder.send(packet)
            try measure(track, frame)
            read += 1
            // The worker wants to hear something now and then.
            if read % 20_000 == 0 { Helper.say(.progress(segment: 0, frames: 0)) }
        }
        var measured = source
        for track in tracks {
            track.decoder.finish()
            try measure(track, frame)
            try track.resampler.drain { _ = track.meter.add($0, $1) }
            measured.audio[track.index].loudness = Int((track.meter.integrated * 100).rounded())
        }
        return measured
    }

    private func measure(_ track: Track, _ frame: borrowing Frame) throws {
        while try track.decoder.receive(into: frame) == .frame {
            try track.resampler.convert(frame) { _ = track.meter.add($0, $1) }
        }
    }
}
