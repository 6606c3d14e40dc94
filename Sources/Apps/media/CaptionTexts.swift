internal import AV
internal import Media

/// Reads captions that lie in the file as text and hands each track out as one WebVTT file, in one pass.
final class CaptionTexts {
    private let demuxer: Demuxer
    private let source: SourceFacts
    private let output: SegmentOutput
    private var tracks: [Track] = []

    /// A track on its way.
    private struct Track {
        let ordinal: UInt16
        let stream: Int
        let codec: String
        var found: [(start: Int64, end: Int64?, packet: [UInt8])] = []
        var bytes = 0
        /// More than is taken: the track is left out.
        var isTooMuch = false
    }

    init(_ demuxer: Demuxer, _ source: SourceFacts, _ wanted: [TrackJob], _ output: SegmentOutput) throws {
        self.demuxer = demuxer
        self.source = source
        self.output = output
        for job in wanted {
            guard source.captions.indices.contains(job.track) else { throw StepFailure(.badJob, "track") }
            let facts = source.captions[job.track]
            guard demuxer.streams.indices.contains(facts.stream), demuxer.streams[facts.stream].codec == facts.codec
            else { throw StepFailure(.changed, "stream") }
            tracks.append(Track(ordinal: job.ordinal, stream: facts.stream, codec: facts.codec))
        }
    }

    func run() throws {
        demuxer.keep(tracks.map(\.stream))
        let packet = try Packet()
        var count = 0
        while true {
            do {
                guard try demuxer.read(into: packet) else { break }
            } catch {
                throw StepFailure(error.isMemory ? .memory : .changed, error.description)
            }
            guard let index = tracks.firstIndex(where: { $0.stream == packet.stream }) else { continue }
            take(packet, into: &tracks[index])
            count += 1
            if count % 200 == 0 { Helper.say(.progress(segment: 0, frames: 0)) }
        }
        for track in tracks { try write(track) }
        Helper.say(.done(segments: output.count, frames: 0))
    }

    private func take(_ packet: borrowing Packet, into track: inout Track) {
        guard let time = packet.presentation ?? packet.decoding, !track.isTooMuch else { return }
        track.bytes += packet.size
        if track.found.count >= 2 * CaptionFile.most || track.bytes > 4 * CaptionFile.largest {
            track.isTooMuch = true
            track.found = []
            return
        }
        let unit = demuxer.streams[track.stream].timeBase
        func milliseconds(_ value: Int64) -> Int64 {
            (unit.convert(value, to: .ticks) - source.origin) * 1000 / Ticks.perSecond
        }
        let bytes = packet.withBytes { span in
            var all: [UInt8] = []
            all.reserveCapacity(span.count)
            for index in span.indices { all.append(span[index]) }
            return all
        }
        let end = packet.duration > 0 ? milliseconds(time.addingReportingOverflow(packet.duration).partialValue) : nil
        track.found.append((milliseconds(time), end, bytes))
    }

    /// How long a cue stands whose end nobody knows.
    private static let usual: Int64 = 5000

    private func write(_ track: Track) throws {
        var cues: [Cue] = []
        for (index, entry) in track.found.enumerated() {
            let next = index + 1 < track.found.count ? track.found[index + 1].start : Int64.max
            let end = entry.end ?? min(entry.start + Self.usual, max(next, entry.start))
            if let cue = EmbeddedCue.read(entry.packet, codec: track.codec, start: entry.start, end: end) {
                cues.append(cue)
            }
        }
        guard !cues.isEmpty, let ordered = try? CaptionFile.ordered(cues) else { return }
        let text = Array(CaptionFile.write(ordered).utf8)
        guard text.count <= CaptionFile.largest else { return }
        Helper.say(.rendition(RenditionFacts(ordinal: track.ordinal, codecs: "wvtt", width: 0, height: 0)))
        try output.emit(
            text: text, ordinal: track.ordinal, duration: source.plan.start(of: 1) - source.plan.start(of: 0))
    }
}
