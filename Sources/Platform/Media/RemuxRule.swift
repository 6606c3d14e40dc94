/// What decides whether a picture can be copied, as read from the file.
public struct VideoTraits: Equatable, Sendable {
    /// libav's codec name.
    public var codec: String
    /// H.264 profile_idc: 66 Baseline, 77 Main, 100 High.
    public var profile: Int
    /// Level × 10: 42 is 4.2.
    public var level: Int
    /// 8 bits and 4:2:0 throughout.
    public var is8Bit420: Bool
    /// frame_mbs_only_flag is off, or fields were seen.
    public var interlaced: Bool
    /// Its colours have to be converted.
    public var needsColours: Bool
    /// Clockwise turn in degrees.
    public var rotation: Int
    /// The container's sample shape is another than the stream's.
    public var aspectDiffers: Bool
    /// Presentation times of the IDR frames, rising.
    public var idrTimes: [Ticks]
    /// When the picture ends.
    public var end: Ticks
    /// Every packet has time stamps, decoding times rise, none is after its presentation time.
    public var timestampsSane: Bool
    /// Parameter sets stand in front of every IDR frame, or in the container, and never change.
    public var parametersSteady: Bool

    /// - Parameters: as the properties.
    public init(
        codec: String, profile: Int, level: Int, is8Bit420: Bool = true, interlaced: Bool = false,
        needsColours: Bool = false, rotation: Int = 0,
        aspectDiffers: Bool = false, idrTimes: [Ticks], end: Ticks, timestampsSane: Bool = true,
        parametersSteady: Bool = true
    ) {
        self.codec = codec
        self.profile = profile
        self.level = level
        self.is8Bit420 = is8Bit420
        self.interlaced = interlaced
        self.needsColours = needsColours
        self.rotation = rotation
        self.aspectDiffers = aspectDiffers
        self.idrTimes = idrTimes
        self.end = end
        self.timestampsSane = timestampsSane
        self.parametersSteady = parametersSteady
    }
}

/// What decides whether a sound track can be copied.
public struct AudioTraits: Equatable, Sendable {
    /// libav's codec name.
    public var codec: String
    /// AAC-LC with a channel configuration of 1 or 2, at a rate of the AAC table.
    public var isPlainLC: Bool
    /// Channels.
    public var channels: Int
    /// When it begins.
    public var start: Ticks
    /// When it ends.
    public var end: Ticks
    /// The longest silence between two packets that follow each other.
    public var largestHole: Ticks
    /// Every packet has a time stamp and they rise.
    public var timestampsSane: Bool

    /// - Parameters: as the properties.
    public init(
        codec: String, isPlainLC: Bool, channels: Int, start: Ticks, end: Ticks, largestHole: Ticks = 0,
        timestampsSane: Bool = true
    ) {
        self.codec = codec
        self.isPlainLC = isPlainLC
        self.channels = channels
        self.start = start
        self.end = end
        self.largestHole = largestHole
        self.timestampsSane = timestampsSane
    }
}

/// What every player can be given as it is.
public enum RemuxRule {
    /// IDR frames must come at least this often.
    public static let longestIDRGap: Ticks = 12 * Ticks.perSecond

    /// Whether the picture can be copied.
    public static func video(_ traits: VideoTraits) -> CopyDecision {
        if traits.codec != "h264" { return .encode(.codec) }
        if ![66, 77, 100].contains(traits.profile) { return .encode(.profile) }
        if !(9...42).contains(traits.level) { return .encode(.level) }
        if !traits.is8Bit420 { return .encode(.format) }
        if traits.interlaced { return .encode(.interlaced) }
        if traits.needsColours { return .encode(.colour) }
        if traits.rotation != 0 { return .encode(.rotation) }
        if traits.aspectDiffers { return .encode(.aspect) }
        if !traits.timestampsSane { return .encode(.timestamps) }
        if !traits.parametersSteady { return .encode(.parameters) }
        // The first frame has to be a whole picture too.
        guard let first = traits.idrTimes.first, first <= 0 else { return .encode(.keyframes) }
        var last = first
        for time in traits.idrTimes.dropFirst() + [traits.end] {
            if time - last > longestIDRGap { return .encode(.keyframes) }
            last = time
        }
        return .copy
    }

    /// Whether a picture that could be copied is light enough for its place in the ladder: up to 1.5 × what a rung of its
    /// size may need.
    public static func rate(_ video: VideoFacts, steps: [Ladder.Step]) -> CopyDecision {
        guard video.copy.isCopy else { return video.copy }
        let size = video.displaySize
        let allowed = Ladder.rate(short: min(size.width, size.height), steps: steps)
        return video.meanBitRate * 2 > allowed * 3 ? .encode(.bitRate) : .copy
    }

    /// Whether a sound track can be copied beside a lesson of `duration` (its picture's end, or its own).
    public static func audio(_ traits: AudioTraits, duration: Ticks) -> CopyDecision {
        if traits.codec != "aac" { return .encode(.codec) }
        if traits.channels > 2 || traits.channels < 1 { return .encode(.channels) }
        if !traits.isPlainLC { return .encode(.profile) }
        if !traits.timestampsSane || traits.largestHole > Ticks.perSecond / 10 { return .encode(.timestamps) }
        // A player waits for sound where there is none; encoding fills it with silence.
        if traits.start > Ticks.perSecond / 2 || traits.end < duration - 2 * Ticks.perSecond {
            return .encode(.coverage)
        }
        return .copy
    }
}
