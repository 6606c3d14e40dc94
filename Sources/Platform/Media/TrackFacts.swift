public import Core

/// The picture of a source.
public struct VideoFacts: MediaMessage {
    /// The stream's number in the file.
    public var stream: Int
    /// libav's name: h264, hevc, vp9…
    public var codec: String
    /// Samples in a row, as coded.
    public var width: Int
    /// Rows, as coded.
    public var height: Int
    /// The shape of a sample; above 1 is wide.
    public var sampleAspect: Ratio
    /// How far to turn it clockwise when shown: 0, 90, 180 or 270.
    public var rotation: Int
    /// Frames in a second, on average.
    public var frameRate: Ratio
    /// Frames in the file.
    public var frames: Int
    /// Bytes of the track.
    public var bytes: Int64
    /// When the first frame stands in the file's own order; above 0 when sound begins earlier. It is shown from 0 on.
    public var firstFrame: Ticks
    /// When the last frame ends.
    public var end: Ticks
    /// Made of fields.
    public var interlaced: Bool
    /// What its colours mean.
    public var colour: ColourFacts
    /// What a playlist calls it (RFC 6381) when copied: `avc1.4D401F`.
    public var codecs: String
    /// Whether it can be copied.
    public var copy: CopyDecision
    /// Whether captions are inside the picture's stream (CEA-608 in H.264's messages).
    public var hasClosedCaptions = false
    /// When frames are shown that decoding can start at, rising, at least a second apart; what stills are taken from.
    public var keys: [Ticks]

    /// Key frames that are kept of a file.
    public static let mostKeys = 20_000

    /// - Parameters: as the properties.
    public init(
        stream: Int, codec: String, width: Int, height: Int, sampleAspect: Ratio = .one, rotation: Int = 0,
        frameRate: Ratio, frames: Int, bytes: Int64, firstFrame: Ticks = 0, end: Ticks, interlaced: Bool = false,
        colour: ColourFacts = ColourFacts(), codecs: String = "", copy: CopyDecision, keys: [Ticks] = []
    ) {
        self.stream = stream
        self.codec = codec
        self.width = width
        self.height = height
        self.sampleAspect = sampleAspect
        self.rotation = rotation
        self.frameRate = frameRate
        self.frames = frames
        self.bytes = bytes
        self.firstFrame = firstFrame
        self.end = end
        self.interlaced = interlaced
        self.colour = colour
        self.codecs = codecs
        self.copy = copy
        self.keys = keys
    }

    /// Bits in a second, on average.
    public var meanBitRate: Int64 { end > 0 ? bytes * 8 * Ticks.perSecond / end : 0 }

    /// Width and height as shown, with square samples, turned upright.
    public var displaySize: (width: Int, height: Int) {
        let wide = max(1, Int((Int64(width) * sampleAspect.numerator * 2 / sampleAspect.denominator + 1) / 2))
        return rotation % 180 == 0 ? (wide, height) : (height, wide)
    }

    /// The facts as JSON.
    public var json: JSON {
        [
            "stream": JSON(stream), "codec": .string(codec), "width": JSON(width), "height": JSON(height),
            "sample_aspect": sampleAspect.json, "rotation": JSON(rotation), "frame_rate": frameRate.json,
            "frames": JSON(frames), "bytes": .integer(bytes), "first_frame": .integer(firstFrame),
            "end": .integer(end), "interlaced": .bool(interlaced), "colour": colour.json, "codecs": .string(codecs),
            "obstacle": copy.json, "closed_captions": .bool(hasClosedCaptions),
            "keys": .array(keys.map { .integer($0) }),
        ]
    }

    /// Reads them back.
    public init(json: JSON) throws(MediaMessageError) {
        stream = try json.count("stream", upTo: 1000)
        codec = try json.text("codec", upTo: 32)
        width = Int(try json.whole("width", 1...65_536))
        height = Int(try json.whole("height", 1...65_536))
        sampleAspect = try json.ratio("sample_aspect")
        rotation = Int(try json.whole("rotation", 0...270))
        guard rotation % 90 == 0 else { throw MediaMessageError("rotation") }
        frameRate = try json.ratio("frame_rate")
        frames = try json.count("frames")
        bytes = try json.whole("bytes", 0...(1 << 50))
        firstFrame = try json.ticks("first_frame")
        end = try json.ticks("end")
        interlaced = try json.flag("interlaced")
        colour = try json.optional("colour") ?? ColourFacts()
        codecs = try json.text("codecs", upTo: 32)
        copy = try CopyDecision(json: json["obstacle"])
        hasClosedCaptions = json["closed_captions"] == nil ? false : try json.flag("closed_captions")
        // Facts of an earlier version have none.
        keys = json["keys"] == nil ? [] : try json.allTicks("keys")
        guard keys.count <= Self.mostKeys, zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw MediaMessageError("keys")
        }
    }
}

/// A sound track of a source.
public struct AudioFacts: MediaMessage {
    /// The stream's number in the file.
    public var stream: Int
    /// libav's name: aac, mp3, opus…
    public var codec: String
    /// Channels.
    public var channels: Int
    /// Samples in a second of one channel.
    public var sampleRate: Int
    /// ISO 639 as the file has it, or empty.
    public var language: String
    /// When it begins.
    public var start: Ticks
    /// When it ends.
    public var end: Ticks
    /// Bytes of the track.
    public var bytes: Int64
    /// What a playlist calls it when copied: `mp4a.40.2`.
    public var codecs: String
    /// Whether it can be copied.
    public var copy: CopyDecision
    /// What the file calls it, or empty.
    public var title: String
    /// Says what is to be seen, for those who do not.
    public var isDescriptive: Bool
    /// How loud it is as a whole, in hundredths of LUFS (ITU-R BS.1770); -7000 is silence, `nil`: not measured.
    public var loudness: Int?
    /// What it is to be raised by, in hundredths of a decibel; negative: lowered, 0: left as it is.
    public var gain = 0

    /// - Parameters: as the properties.
    public init(
        stream: Int, codec: String, channels: Int, sampleRate: Int, language: String = "", start: Ticks, end: Ticks,
        bytes: Int64, codecs: String = "mp4a.40.2", copy: CopyDecision, title: String = "", isDescriptive: Bool = false
    ) {
        self.title = title
        self.isDescriptive = isDescriptive
        self.stream = stream
        self.codec = codec
        self.channels = channels
        self.sampleRate = sampleRate
        self.language = language
        self.start = start
        self.end = end
        self.bytes = bytes
        self.codecs = codecs
        self.copy = copy
    }

    /// The facts as JSON.
    public var json: JSON {
        [
            "stream": JSON(stream), "codec": .string(codec), "channels": JSON(channels),
            "sample_rate": JSON(sampleRate), "language": .string(language), "start": .integer(start),
            "end": .integer(end), "bytes": .integer(bytes), "codecs": .string(codecs), "obstacle": copy.json,
            "title": .string(title), "descriptive": .bool(isDescriptive),
            "loudness": JSON(loudness), "gain": JSON(gain),
        ]
    }

    /// Reads them back.
    public init(json: JSON) throws(MediaMessageError) {
        stream = try json.count("stream", upTo: 1000)
        codec = try json.text("codec", upTo: 32)
        channels = try json.count("channels", upTo: 64)
        sampleRate = Int(try json.whole("sample_rate", 1...768_000))
        language = try json.text("language", upTo: 16)
        start = try json.ticks("start")
        end = try json.ticks("end")
        bytes = try json.whole("bytes", 0...(1 << 50))
        codecs = try json.text("codecs", upTo: 32)
        copy = try CopyDecision(json: json["obstacle"])
        // Facts of an earlier version have none of these.
        title = json["title"] == nil ? "" : try json.text("title", upTo: PlaylistName.longest)
        isDescriptive = json["descriptive"] == nil ? false : try json.flag("descriptive")
        if let value = json["loudness"], value != .null { loudness = Int(try json.whole("loudness", -7000...10_000)) }
        if json["gain"] != nil { gain = Int(try json.whole("gain", -6000...Int64(Levels.most))) }
    }
}
