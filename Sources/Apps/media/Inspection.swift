internal import AV
internal import Media

/// Reads a file once from end to end and decides everything that follows from it.
final class Inspection {
    private let name: String
    private let limits: MediaLimits
    private let demuxer: Demuxer
    private var video: VideoScan?
    private var sounds: [AudioScan] = []
    private var lastIsDamaged = false

    init(extension name: String, limits: MediaLimits) throws {
        self.name = name
        self.limits = limits
        do {
            demuxer = try Demuxer.open(descriptor: Helper.input, maximalStreams: limits.streams)
        } catch AVFailure.tooManyStreams {
            throw StepFailure(.tooManyStreams, "\(limits.streams)")
        } catch {
            throw StepFailure(.unreadable, error.description)
        }
    }

    func run() throws -> SourceFacts {
        let media = demuxer.streams.filter { ($0.kind == .video || $0.kind == .audio) && !$0.isCover }
        guard
            let container = Container.canonicalExtension(
                format: demuxer.format, brand: demuxer.text("major_brand"), codecs: media.map(\.codec))
        else { throw StepFailure(.unreadable, demuxer.format) }
        guard Container.agrees(name: name, canonical: container) else {
            throw StepFailure(.extensionMismatch, "\(name) \(container)")
        }
        try chooseStreams(media)
        try scan()
        try checkWhole(isISO: ["mp4", "mov", "m4v"].contains(container))
        return try conclude(container)
    }

    private func chooseStreams(_ media: [StreamFacts]) throws {
        let pictures = media.filter { $0.kind == .video }
        if let stream = pictures.first(where: { $0.isDefault }) ?? pictures.first {
            if Int64(stream.width) * Int64(stream.height) > limits.pixels {
                throw StepFailure(.tooManyPixels, "\(stream.width)x\(stream.height)")
            }
            guard let decoder = try openDecoder(stream) else { throw StepFailure(.codec, stream.codec) }
            video = VideoScan(stream, decoder)
        }
        for stream in media where stream.kind == .audio && sounds.count < 8 {
            // A track that can't be decoded is passed over as long as something else plays.
            if stream.channels > 0, AudioScan.rates.contains(stream.sampleRate), let decoder = try? openDecoder(stream)
            {
                sounds.append(AudioScan(stream, decoder))
            }
        }
        if video == nil, sounds.isEmpty {
            throw media.isEmpty
                ? StepFailure(.nothingPlayable, "no stream")
                : StepFailure(.codec, media.map(\.codec).joined(separator: " "))
        }
    }

    private func openDecoder(_ stream: StreamFacts) throws -> Decoder? {
        do {
            return try Decoder.open(demuxer, stream: stream.index, maximalPixels: limits.pixels)
        } catch {
            if error.isMemory { throw error }
            throw StepFailure(.unreadable, error.description)
        }
    }

    private func scan() throws {
        demuxer.keep((video.map { [$0.stream.index] } ?? []) + sounds.map(\.stream.index))
        let packet = try Packet()
        while true {
            do {
                guard try demuxer.read(into: packet) else { return }
            } catch {
                if error.isMemory { throw error }
                // What is behind damage can't be read; whether enough is there is decided afterwards.
                return
            }
            if packet.isEncrypted { throw StepFailure(.encrypted) }
            lastIsDamaged = packet.isCorrupt
            if let video, packet.stream == video.stream.index {
                try video.add(packet)
                if video.frames > limits.frames { throw StepFailure(.tooManyFrames, "\(limits.frames)") }
                if video.pixels > limits.pixels { throw StepFailure(.tooManyPixels, "\(video.pixels)") }
            } else if let sound = sounds.first(where: { $0.stream.index == packet.stream }) {
                try sound.add(packet)
            }
        }
    }

    /// A file that ends before its own tables say is refused: half a lesson must not look like one.
    private func checkWhole(isISO: Bool) throws {
        let used = (video.map { [$0.stream.index] } ?? []) + sounds.map(\.stream.index)
        var end: Ticks = 0
        var start = Ticks.max
        for range in [video?.range].compactMap({ $0 }) + sounds.compactMap(\.range) {
            end = max(end, range.upperBound)
            start = min(start, range.lowerBound)
        }
        let found = start == .max ? 0 : max(end - start, end)
        if start != .max, end - start > limits.duration { throw StepFailure(.tooLong, "\(found / Ticks.perSecond) s") }
        if demuxer.isCutShort(used) || lastIsDamaged { throw StepFailure(.truncated, "bytes missing") }
        // An ISO file's header may say anything about its length; its sample tables were looked at above.
        guard !isISO, let announced = demuxer.announcedDuration, announced < 1 << 45 else { return }
        if announced - found > max(2 * Ticks.perSecond, announced / 50) + (video?.stream.nominalLength ?? 0) {
            throw StepFailure(.truncated, "\(found / Ticks.perSecond) of \(announced / Ticks.perSecond) s")
        }
    }

    private func conclude(_ container: String) throws -> SourceFacts {
        let tracks = sounds.filter { $0.decodes && $0.range != nil }
        if let video {
            try video.conclude()
            guard video.decodes, !video.entries.isEmpty else {
                throw StepFailure(.nothingPlayable, "no picture decodes")
            }
            guard (1...65_536).contains(video.width), (1...65_536).contains(video.height) else {
                throw StepFailure(.unreadable, "\(video.width)x\(video.height)")
            }
            // A lesson that keeps silent about its second half must not look like a whole one.
            if video.framesOfThePast > max(12, video.frames / 50) {
                throw StepFailure(.unreadable, "time goes backwards in \(video.framesOfThePast) frames")
            }
        } else if tracks.isEmpty {
            throw StepFailure(.nothingPlayable, "no sound decodes")
        }
        let usual = tracks.filter { !$0.stream.isDescriptive }
        let preferred = usual.first { $0.stream.isDefault } ?? usual.first ?? tracks.first
        let ordered = (preferred.map { [$0] } ?? []) + tracks.filter { $0 !== preferred }
        let verdict = Planning(video: video, sound: preferred)
        guard verdict.duration <= limits.duration else {
            throw StepFailure(.tooLong, "\(verdict.duration / Ticks.perSecond) s")
        }
        let plan = verdict.plan()
        var picture = verdict.videoFacts
        picture?.hasClosedCaptions = video?.hasClosedCaptions ?? false
        return SourceFacts(
            container: container, duration: verdict.duration, origin: verdict.origin, video: picture,
            audio: ordered.map { $0.facts(origin: verdict.origin, duration: verdict.duration) }, plan: plan,
            chapters: Chapter.list(
                demuxer.chapters(atMost: 4 * Chapter.most).map {
                    Chapter(start: $0.start - verdict.origin, title: $0.title)
                }, duration: verdict.duration), captions: CaptionTracks.list(demuxer.streams))
    }
}
