public import Core

/// One step of work for the media helper: one JSON object on its descriptor 0.
public enum MediaJob: MediaMessage {
    /// Look at the file and plan. The extension is the one the file was uploaded with.
    case inspect(extension: String, limits: MediaLimits)
    /// Measure how loud the sound tracks are; the answer is the facts with that filled in.
    case loudness(source: SourceFacts, limits: MediaLimits)
    /// Copy segments `from ..< to` of what can be copied: the ordinals they get, `nil` for what is not wanted.
    case remux(source: SourceFacts, from: Int, to: Int, video: UInt16?, audio: UInt16?, limits: MediaLimits)
    /// Encode segments `from ..< to` of the picture at these rungs, decoding once.
    case encode(source: SourceFacts, from: Int, to: Int, rungs: [RungJob], limits: MediaLimits)
    /// Encode segments `from ..< to` of the preferred sound track.
    case audio(source: SourceFacts, from: Int, to: Int, ordinal: UInt16, limits: MediaLimits)
    /// Encode a few seconds from the beginnings of segments `places` at these rungs, and say what they needed.
    case probe(source: SourceFacts, places: [Int], rungs: [RungJob], limits: MediaLimits)
    /// Take pictures out of the film, as `StillsPlan` has them.
    case stills(source: SourceFacts, wanted: StillsJob, limits: MediaLimits)

    /// Read captions that lie in the file as text: each track one WebVTT file.
    case captions(source: SourceFacts, tracks: [TrackJob], limits: MediaLimits)

    /// Its limits.
    public var limits: MediaLimits {
        switch self {
        case .inspect(_, let limits), .loudness(_, let limits), .remux(_, _, _, _, _, let limits),
            .encode(_, _, _, _, let limits), .audio(_, _, _, _, let limits), .probe(_, _, _, let limits),
            .captions(_, _, let limits), .stills(_, _, let limits):
            limits
        }
    }

    /// The numbers of all keys its segments are encrypted with, for the pipe on the helper's descriptor 4.
    public var keyNumbers: [UInt32] {
        switch self {
        case .inspect, .loudness, .probe, .captions: []
        case .remux(_, let from, let to, let video, let audio, _):
            [video, audio].compactMap { $0 }.flatMap { KeyPlan.numbers(ordinal: $0, segments: from..<to) }
        case .encode(_, let from, let to, let rungs, _):
            rungs.flatMap { KeyPlan.numbers(ordinal: $0.ordinal, segments: from..<to) }
        case .audio(_, let from, let to, let ordinal, _): KeyPlan.numbers(ordinal: ordinal, segments: from..<to)
        case .stills(let source, let wanted, _):
            KeyPlan.numbers(ordinal: wanted.frames, segments: 0..<(StillsPlan(source)?.frames.count ?? 0))
        }
    }

    /// The job as JSON.
    public var json: JSON {
        switch self {
        case .inspect(let name, let limits): ["op": "inspect", "extension": .string(name), "limits": limits.json]
        case .loudness(let source, let limits):
            ["op": "loudness", "source": source.json, "limits": limits.json]
        case .remux(let source, let from, let to, let video, let audio, let limits):
            [
                "op": "remux", "source": source.json, "from": JSON(from), "to": JSON(to),
                "video": JSON(video.map { Int($0) }), "audio": JSON(audio.map { Int($0) }), "limits": limits.json,
            ]
        case .encode(let source, let from, let to, let rungs, let limits):
            [
                "op": "encode", "source": source.json, "from": JSON(from), "to": JSON(to),
                "rungs": .array(rungs.map(\.json)), "limits": limits.json,
            ]
        case .captions(let source, let tracks, let limits):
            [
                "op": "captions", "source": source.json, "tracks": .array(tracks.map(\.json)), "limits": limits.json,
            ]
        case .audio(let source, let from, let to, let ordinal, let limits):
            [
                "op": "audio", "source": source.json, "from": JSON(from), "to": JSON(to),
                "ordinal": JSON(Int(ordinal)), "limits": limits.json,
            ]
        case .probe(let source, let places, let rungs, let limits):
            [
                "op": "probe", "source": source.json, "places": .array(places.map { JSON($0) }),
                "rungs": .array(rungs.map(\.json)), "limits": limits.json,
            ]
        case .stills(let source, let wanted, let limits):
            ["op": "stills", "source": source.json, "wanted": wanted.json, "limits": limits.json]
        }
    }

    /// Reads it back.
    public init(json: JSON) throws(MediaMessageError) {
        let limits: MediaLimits = try json.message("limits")
        switch json["op"]?.string {
        case "inspect": self = .inspect(extension: try json.text("extension", upTo: 16), limits: limits)
        case "loudness": self = .loudness(source: try json.message("source"), limits: limits)
        case "remux":
            let source: SourceFacts = try json.message("source")
            let slice = try json.slice(of: source.plan)
            self = .remux(
                source: source, from: slice.lowerBound, to: slice.upperBound, video: try json.ordinal("video"),
                audio: try json.ordinal("audio"), limits: limits)
        case "encode":
            let source: SourceFacts = try json.message("source")
            let slice = try json.slice(of: source.plan)
            let rungs: [RungJob] = try json.messages("rungs", upTo: 16)
            self = .encode(source: source, from: slice.lowerBound, to: slice.upperBound, rungs: rungs, limits: limits)
        case "audio":
            let source: SourceFacts = try json.message("source")
            let slice = try json.slice(of: source.plan)
            guard let ordinal = try json.ordinal("ordinal") else { throw MediaMessageError("ordinal") }
            self = .audio(
                source: source, from: slice.lowerBound, to: slice.upperBound, ordinal: ordinal, limits: limits)
        case "probe":
            var places: [Int] = []
            for place in try json.list("places", upTo: 32) {
                guard let number = place.integer, (0...1_000_000).contains(number) else {
                    throw MediaMessageError("places")
                }
                places.append(Int(number))
            }
            self = .probe(
                source: try json.message("source"), places: places, rungs: try json.messages("rungs", upTo: 16),
                limits: limits)
        case "captions":
            self = .captions(
                source: try json.message("source"), tracks: try json.messages("tracks", upTo: CaptionFacts.most),
                limits: limits)
        case "stills":
            self = .stills(source: try json.message("source"), wanted: try json.message("wanted"), limits: limits)
        default: throw MediaMessageError("op")
        }
    }
}

/// A rung of the ladder as the helper is asked to make it.
public struct RungJob: MediaMessage {
    /// The rendition's ordinal.
    public var ordinal: UInt16
    /// Width in samples; even.
    public var width: Int
    /// Height in samples; even.
    public var height: Int
    /// Highest rate in bits a second (over 1.5 s).
    public var cap: Int64
    /// Constant rate factor; smaller is better and heavier.
    public var rateFactor: Int
    /// How much work goes into it.
    public var effort: EncodingEffort
    /// Takes every second picture, counted from each segment's first.
    public var halvesFrameRate: Bool

    /// - Parameters: as the properties.
    public init(
        ordinal: UInt16, width: Int, height: Int, cap: Int64, rateFactor: Int, effort: EncodingEffort = .usual,
        halvesFrameRate: Bool = false
    ) {
        self.ordinal = ordinal
        self.width = width
        self.height = height
        self.cap = cap
        self.rateFactor = rateFactor
        self.effort = effort
        self.halvesFrameRate = halvesFrameRate
    }

    /// The rung as JSON.
    public var json: JSON {
        [
            "ordinal": JSON(Int(ordinal)), "width": JSON(width), "height": JSON(height), "cap": .integer(cap),
            "rate_factor": JSON(rateFactor), "effort": .string(effort.rawValue),
            "halves_frame_rate": .bool(halvesFrameRate),
        ]
    }

    /// Reads it back.
    public init(json: JSON) throws(MediaMessageError) {
        guard let ordinal = try json.ordinal("ordinal") else { throw MediaMessageError("ordinal") }
        self.ordinal = ordinal
        width = Int(try json.whole("width", 2...8192))
        height = Int(try json.whole("height", 2...8192))
        guard width % 2 == 0, height % 2 == 0 else { throw MediaMessageError("width") }
        cap = try json.whole("cap", 10_000...200_000_000)
        rateFactor = Int(try json.whole("rate_factor", 0...51))
        guard let effort = EncodingEffort(rawValue: try json.text("effort")) else { throw MediaMessageError("effort") }
        self.effort = effort
        halvesFrameRate = try json.flag("halves_frame_rate")
    }
}

/// A track of captions and the rendition it becomes.
public struct TrackJob: MediaMessage {
    /// The rendition's ordinal.
    public var ordinal: UInt16
    /// A place in the facts' list.
    public var track: Int

    /// - Parameters: as the properties.
    public init(ordinal: UInt16, track: Int) {
        self.ordinal = ordinal
        self.track = track
    }

    /// The pair as JSON.
    public var json: JSON { ["ordinal": JSON(Int(ordinal)), "track": JSON(track)] }

    /// Reads it back.
    public init(json: JSON) throws(MediaMessageError) {
        guard let ordinal = try json.ordinal("ordinal") else { throw MediaMessageError("ordinal") }
        self.ordinal = ordinal
        track = try json.count("track", upTo: CaptionFacts.most)
    }
}

/// Which renditions the stills of a film become.
public struct StillsJob: MediaMessage {
    /// Ordinal of the pictures for winding.
    public var frames: UInt16
    /// Ordinal of the sheets of small pictures.
    public var images: UInt16
    /// Ordinal of the picture that stands for the film.
    public var poster: UInt16

    /// - Parameters: as the properties.
    public init(frames: UInt16, images: UInt16, poster: UInt16) {
        self.frames = frames
        self.images = images
        self.poster = poster
    }

    /// The ordinals as JSON.
    public var json: JSON {
        ["frames": JSON(Int(frames)), "images": JSON(Int(images)), "poster": JSON(Int(poster))]
    }

    /// Reads them back.
    public init(json: JSON) throws(MediaMessageError) {
        guard let frames = try json.ordinal("frames"), let images = try json.ordinal("images"),
            let poster = try json.ordinal("poster"), Set([frames, images, poster]).count == 3
        else { throw MediaMessageError("wanted") }
        self.frames = frames
        self.images = images
        self.poster = poster
    }
}

/// What a step may use; beyond any of these it fails with a code of its own.
public struct MediaLimits: MediaMessage {
    /// Streams in the file.
    public var streams: Int
    /// Samples of a picture (width × height).
    public var pixels: Int64
    /// Length of the lesson.
    public var duration: Ticks
    /// Frames of picture.
    public var frames: Int
    /// Bytes written in this step.
    public var outputBytes: Int64
    /// Address space in bytes; 0 is no limit.
    public var memory: Int64
    /// Processor time in seconds; 0 is no limit.
    public var processorSeconds: Int64
    /// Threads that work at once; 0: as many as there are processors.
    public var threads: Int

    /// - Parameters: as the properties; what is left out has the product's default.
    public init(
        streams: Int = 16, pixels: Int64 = 8192 * 4352, duration: Ticks = 12 * 3600 * Ticks.perSecond,
        frames: Int = 6_000_000, outputBytes: Int64 = 1 << 36, memory: Int64 = 4 << 30,
        processorSeconds: Int64 = 4 * 3600, threads: Int = 0
    ) {
        self.streams = streams
        self.pixels = pixels
        self.duration = duration
        self.frames = frames
        self.outputBytes = outputBytes
        self.memory = memory
        self.processorSeconds = processorSeconds
        self.threads = threads
    }

    /// The limits as JSON.
    public var json: JSON {
        [
            "streams": JSON(streams), "pixels": .integer(pixels), "duration": .integer(duration),
            "frames": JSON(frames), "output_bytes": .integer(outputBytes), "memory": .integer(memory),
            "processor_seconds": .integer(processorSeconds), "threads": JSON(threads),
        ]
    }

    /// Reads them back.
    public init(json: JSON) throws(MediaMessageError) {
        streams = Int(try json.whole("streams", 1...1000))
        pixels = try json.whole("pixels", 1...(1 << 30))
        duration = try json.whole("duration", 1...(1 << 40))
        frames = Int(try json.whole("frames", 1...(1 << 40)))
        outputBytes = try json.whole("output_bytes", 1...(1 << 50))
        memory = try json.whole("memory", 0...(1 << 45))
        processorSeconds = try json.whole("processor_seconds", 0...10_000_000)
        threads = Int(try json.whole("threads", 0...1024))
    }
}

extension JSON {
    func ordinal(_ name: String) throws(MediaMessageError) -> UInt16? {
        guard let value = self[name], value != .null else { return nil }
        return UInt16(truncatingIfNeeded: try whole(name, 0...65_535))
    }

    func slice(of plan: SegmentPlan) throws(MediaMessageError) -> Range<Int> {
        let from = try count("from", upTo: plan.count)
        let to = try count("to", upTo: plan.count)
        guard from < to else { throw MediaMessageError("to") }
        return from..<to
    }
}
