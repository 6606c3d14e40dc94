internal import AV
internal import Media

/// Copies a slice of picture and sound into segments, in one pass, each segment out as soon as it is whole.
final class Remux {
    private let demuxer: Demuxer
    private let source: SourceFacts
    private let slice: Range<Int>
    private let output: SegmentOutput
    private let picture: Track?
    private let sound: Track?

    /// A track on its way from file to segments.
    private final class Track {
        let stream: Int
        let timeBase: TimeBase
        let filter: AnnexBFilter?
        let parameters: Parameters
        let writer: RenditionWriter
        var lastDecoding = Ticks.min
        var packets = 0
        /// The slice's first packet was seen.
        var isOpen: Bool
        /// The slice's last packet was seen.
        var isOver = false

        init(
            _ demuxer: Demuxer, stream: Int, needsFilter: Bool, isOpen: Bool, _ writer: RenditionWriter
        ) throws {
            guard demuxer.streams.indices.contains(stream) else { throw StepFailure(.changed, "stream") }
            self.stream = stream
            timeBase = demuxer.streams[stream].timeBase
            let input = try Parameters.of(demuxer, stream: stream)
            let filter = needsFilter ? try AnnexBFilter.make(input, timeBase: timeBase) : nil
            self.filter = filter
            parameters = filter?.output ?? input
            self.isOpen = isOpen
            self.writer = writer
        }
    }

    init(
        _ demuxer: Demuxer, _ source: SourceFacts, _ slice: Range<Int>, video: UInt16?, audio: UInt16?,
        _ output: SegmentOutput
    ) throws {
        self.demuxer = demuxer
        self.source = source
        self.slice = slice
        self.output = output
        if let ordinal = video {
            guard let facts = source.video, facts.copy.isCopy else { throw StepFailure(.badJob, "video") }
            let writer = RenditionWriter(
                ordinal: ordinal, isAudio: false, plan: source.plan, from: slice.lowerBound, end: facts.end, output)
            picture = try Track(
                demuxer, stream: facts.stream, needsFilter: true, isOpen: slice.lowerBound == 0, writer)
            let size = facts.displaySize
            Helper.say(
                .rendition(
                    RenditionFacts(ordinal: ordinal, codecs: facts.codecs, width: size.width, height: size.height)))
        } else {
            picture = nil
        }
        if let ordinal = audio {
            guard let facts = source.audio.first, facts.copy.isCopy else { throw StepFailure(.badJob, "audio") }
            let end = min(facts.end, source.plan.start(of: source.plan.count) + SoundSlices.block)
            let writer = RenditionWriter(
                ordinal: ordinal, isAudio: true, plan: source.plan, from: slice.lowerBound, end: end, output)
            sound = try Track(
                demuxer, stream: facts.stream, needsFilter: false, isOpen: slice.lowerBound == 0, writer)
            Helper.say(.rendition(RenditionFacts(ordinal: ordinal, codecs: facts.codecs, width: 0, height: 0)))
        } else {
            sound = nil
        }
    }

    private var isWhole: Bool { slice == 0..<source.plan.count }
    private var isLast: Bool { slice.upperBound == source.plan.count }

    func run() throws {
        let tracks = [picture, sound].compactMap { $0 }
        demuxer.keep(tracks.map(\.stream))
        let packet = try Packet()
        if slice.lowerBound > 0 { try findStart(tracks, packet) }
        var finished = slice.lowerBound
        while !tracks.allSatisfy(\.isOver) {
            do {
                guard try demuxer.read(into: packet) else { break }
            } catch {
                throw StepFailure(error.isMemory ? .memory : .changed, error.description)
            }
            if let picture, packet.stream == picture.stream {
                try addPicture(packet, picture)
            } else if let sound, packet.stream == sound.stream {
                try addSound(packet, sound)
            }
            let done = min(picture?.writer.segment ?? .max, sound?.writer.segment ?? .max)
            if done > finished {
                finished = done
                Helper.say(.progress(segment: done, frames: picture?.packets ?? 0))
            }
        }
        try picture?.writer.finish()
        try sound?.writer.finish()
        if let picture, let facts = source.video {
            guard picture.isOpen, picture.writer.segment == slice.upperBound,
                !isWhole || picture.packets == facts.frames
            else { throw StepFailure(.changed, "\(picture.packets) of \(facts.frames) frames") }
        }
        Helper.say(.done(segments: output.count, frames: picture?.packets ?? 0))
    }

    /// Goes to where the slice's first packets of all tracks are still to come.
    ///
    /// Formats without a table of samples land somewhere near, and sound may lie before the picture it belongs to: what
    /// comes first decides whether the place is good; if not, an earlier one is asked for.
    private func findStart(_ tracks: [Track], _ packet: borrowing Packet) throws {
        guard let lead = tracks.first else { return }
        let number = slice.lowerBound
        let start = source.plan.start(of: number)
        let decoding = number < source.plan.videoSegments ? source.plan.decodeFrom[number] : start
        let goal = min(start, decoding) + source.origin
        for back in [Ticks(2), 10, 40] {
            let time = TimeBase.ticks.convert(goal - back * Ticks.perSecond, to: lead.timeBase)
            guard (try? demuxer.seek(stream: lead.stream, to: time)) != nil else { continue }
            var early: Set<Int> = []
            while early.count < tracks.count, (try? demuxer.read(into: packet)) == true {
                guard let track = tracks.first(where: { $0.stream == packet.stream }), !early.contains(track.stream)
                else { continue }
                guard let found = packet.decoding ?? packet.presentation,
                    track.timeBase.convert(found, to: .ticks) - source.origin < min(start, decoding)
                else { break }
                early.insert(track.stream)
            }
            if early.count == tracks.count, (try? demuxer.seek(stream: lead.stream, to: time)) != nil { return }
        }
        try demuxer.rewind()
    }

    private func addPicture(_ packet: borrowing Packet, _ track: Track) throws {
        guard let shown = packet.presentation, let facts = source.video else {
            throw StepFailure(.changed, "time stamps")
        }
        var presentation = track.timeBase.convert(shown, to: .ticks) - source.origin
        var decoding =
            packet.decoding.map { track.timeBase.convert($0, to: .ticks) - source.origin }
            ?? source.plan.decodeFrom[0] + Ticks(track.packets) * demuxer.streams[track.stream].nominalLength
        // The first frame stands from the beginning.
        if presentation == facts.firstFrame { presentation = 0 }
        if track.isOver { return }
        if !track.isOpen {
            guard presentation == source.plan.start(of: slice.lowerBound) else { return }
            // The first frames after a jump have none in formats that leave it to be worked out.
            guard packet.decoding != nil else { throw StepFailure(.changed, "time stamps") }
            track.isOpen = true
        }
        if !isLast, presentation == source.plan.start(of: slice.upperBound) {
            try track.writer.finish(decoding: min(decoding, presentation))
            track.isOver = true
            return
        }
        decoding = min(decoding, presentation)
        guard decoding > track.lastDecoding else { throw StepFailure(.changed, "time stamps") }
        track.lastDecoding = decoding
        let writer = track.writer
        let next = writer.segment + 1
        let opens = next < slice.upperBound && presentation == source.plan.start(of: next)
        do { try track.filter?.rewrite(packet) } catch {
            // Damage that inspection could not see.
            throw StepFailure(error.isMemory ? .memory : .changed, error.description)
        }
        if let cleaned = packet.withBytes({ H264.withoutRecoveryPoints($0) }) { try packet.replaceBytes(with: cleaned) }
        try writer.add(
            packet, to: opens ? next : writer.segment, presentation: presentation, decoding: decoding, track.parameters)
        track.packets += 1
    }

    private func addSound(_ packet: borrowing Packet, _ track: Track) throws {
        guard let shown = packet.presentation ?? packet.decoding else { throw StepFailure(.changed, "time stamps") }
        let presentation = track.timeBase.convert(shown, to: .ticks) - source.origin
        // A block or two before the beginning bring the decoder into swing; what an edit cut off must not be heard.
        let earliest = packet.isHidden ? -Ticks.perSecond / 20 : -Planning.shortestLead
        guard presentation > track.lastDecoding, presentation >= earliest, !track.isOver else { return }
        track.lastDecoding = presentation
        // A further track may go on for longer than the lesson.
        if presentation >= source.plan.start(of: source.plan.count) { return }
        let number = source.plan.segment(at: presentation)
        if number < slice.lowerBound { return }
        track.isOpen = true
        if number >= slice.upperBound {
            // Segments of sound last until the next one's first block, wherever that is made.
            try track.writer.finish(at: presentation)
            track.isOver = true
            return
        }
        try track.writer.add(
            packet, to: number, presentation: presentation, decoding: presentation, track.parameters)
        track.packets += 1
    }
}
