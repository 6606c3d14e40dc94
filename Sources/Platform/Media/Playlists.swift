/// A finished segment as playlists need it.
public struct SegmentFacts: Equatable, Sendable {
    /// Its number in the plan.
    public var number: Int
    /// How long it plays.
    public var duration: Ticks
    /// Bytes of its file.
    public var bytes: Int64

    /// - Parameters: as the properties.
    public init(number: Int, duration: Ticks, bytes: Int64) {
        self.number = number
        self.duration = duration
        self.bytes = bytes
    }
}

extension Sequence<SegmentFacts> {
    /// The highest rate of a segment in bits a second, rounded up. Segments under half a second count with their neighbour's
    /// time, that is: not, unless there is nothing else.
    public var peakRate: Int64 {
        var long: Int64 = 0
        var short: Int64 = 0
        for segment in self where segment.duration > 0 {
            let rate = (segment.bytes * 8 * Ticks.perSecond + segment.duration - 1) / segment.duration
            if segment.duration * 2 >= Ticks.perSecond {
                long = Swift.max(long, rate)
            } else {
                short = Swift.max(short, rate)
            }
        }
        return long > 0 ? long : short
    }

    /// The mean rate in bits a second, rounded up.
    public var meanRate: Int64 {
        var bytes: Int64 = 0
        var duration: Ticks = 0
        for segment in self {
            bytes += segment.bytes
            duration += segment.duration
        }
        return duration > 0 ? (bytes * 8 * Ticks.perSecond + duration - 1) / duration : 0
    }
}

/// The playlist of one rendition (RFC 8216 §4.3.3).
public enum MediaPlaylist {
    /// Writes it.
    ///
    /// Key changes stand where `KeyPlan` has them, every segment has its explicit vector, and names are relative to the
    /// rendition's directory.
    ///
    /// - Parameters:
    ///   - segments: what is there, in order; numbers may begin above 0 but must not skip.
    ///   - ordinal: the rendition's.
    ///   - isComplete: whether nothing will follow. Otherwise it is an EVENT playlist that starts at its beginning.
    ///   - longest: the longest segment of the plan, so that the target does not change while the playlist grows.
    ///   - packaging: how segments are wrapped.
    public static func write(
        _ segments: [SegmentFacts], ordinal: UInt16, isComplete: Bool, longest: Ticks = 0, packaging: Packaging = .ts
    ) -> String {
        let longest = segments.reduce(max(longest, Ticks.perSecond)) { max($0, $1.duration) }
        var text = "#EXTM3U\n#EXT-X-VERSION:\(packaging == .ts ? 6 : 7)\n"
        // RFC 8216 §4.3.3.1: each duration, rounded to the nearest second, is at most the target.
        text += "#EXT-X-TARGETDURATION:\((longest + Ticks.perSecond / 2) / Ticks.perSecond)\n"
        text += "#EXT-X-MEDIA-SEQUENCE:\(segments.first?.number ?? 0)\n"
        text += "#EXT-X-PLAYLIST-TYPE:\(isComplete ? "VOD" : "EVENT")\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        if !isComplete { text += "#EXT-X-START:TIME-OFFSET=0\n" }
        if packaging == .cmaf {
            // The key in front of it holds for the initialization section, too, and needs its vector (§4.3.2.5).
            text += KeyPlan.tag(ordinal: ordinal, segment: KeyPlan.initialisation)
            text += "#EXT-X-MAP:URI=\"\(FrameKind.initialisation.fileName(0, packaging))\"\n"
        }
        for segment in segments {
            let number = UInt32(clamping: segment.number)
            text += KeyPlan.tag(ordinal: ordinal, segment: number)
            text += "#EXTINF:\(seconds(segment.duration)),\n"
            text += "\(FrameKind.picture.fileName(segment.number, packaging))\n"
        }
        if isComplete { text += "#EXT-X-ENDLIST\n" }
        return text
    }

    /// Seconds with six decimals, exact to the microsecond below.
    static func seconds(_ duration: Ticks) -> String {
        let micro = max(0, duration) * 100 / 9
        let rest = String(micro % 1_000_000)
        return "\(micro / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
    }
}

/// The playlist that names the renditions (RFC 8216 §4.3.4).
public struct MasterPlaylist: Equatable, Sendable {
    /// A rendition of the picture.
    public struct Video: Equatable, Sendable {
        /// The rendition's directory.
        public var name: String
        /// RFC 6381.
        public var codecs: String
        /// As shown.
        public var width: Int
        /// As shown.
        public var height: Int
        /// Frames a second.
        public var frameRate: Ratio
        /// The rate to announce while it grows.
        public var cap: Int64
        /// What there is of it.
        public var segments: [SegmentFacts]
        /// Whether all of it is there.
        public var isComplete: Bool
        /// Whether captions are inside (CEA-608).
        public var hasClosedCaptions: Bool

        /// - Parameters: as the properties.
        public init(
            name: String, codecs: String, width: Int, height: Int, frameRate: Ratio, cap: Int64,
            segments: [SegmentFacts], isComplete: Bool, hasClosedCaptions: Bool = false
        ) {
            self.hasClosedCaptions = hasClosedCaptions
            self.name = name
            self.codecs = codecs
            self.width = width
            self.height = height
            self.frameRate = frameRate
            self.cap = cap
            self.segments = segments
            self.isComplete = isComplete
        }
    }

    /// A rendition of the sound.
    public struct Audio: Equatable, Sendable {
        /// The rendition's directory.
        public var name: String
        /// RFC 6381.
        public var codecs: String
        /// 1 or 2.
        public var channels: Int
        /// As the file has it: BCP 47, ISO 639, or empty.
        public var language: String
        /// What the file calls the track, or empty.
        public var label: String
        /// Says what is to be seen, for those who do not.
        public var isDescriptive: Bool
        /// The rate to announce while it grows.
        public var cap: Int64
        /// What there is of it.
        public var segments: [SegmentFacts]
        /// Whether all of it is there.
        public var isComplete: Bool

        /// - Parameters: as the properties.
        public init(
            name: String, codecs: String, channels: Int, language: String, label: String = "",
            isDescriptive: Bool = false, cap: Int64, segments: [SegmentFacts], isComplete: Bool
        ) {
            self.label = label
            self.isDescriptive = isDescriptive
            self.name = name
            self.codecs = codecs
            self.channels = channels
            self.language = language
            self.cap = cap
            self.segments = segments
            self.isComplete = isComplete
        }

        var peak: Int64 { isComplete ? segments.peakRate : max(cap, segments.peakRate) }
        var mean: Int64 { isComplete ? segments.meanRate : max(cap, segments.meanRate) }
    }

    /// A rendition as it is listed.
    public struct Listed: Equatable, Sendable {
        /// The rendition.
        public var video: Video
        /// Bits a second at the peak, sound included.
        public var bandwidth: Int64
        /// Bits a second in the mean, sound included.
        public var average: Int64
    }

    /// Renditions of the picture, from the top.
    public var videos: [Video]
    /// The sound, the preferred track first.
    public var audios: [Audio]
    /// Captions beside the picture.
    public var captions: [Captions]
    /// What stands beside them.
    public var beside = Beside()
    /// Where the publication's directory lies, as the playlist names it: `_0123456789ab-k1-d6000/`, or empty.
    public var prefix: String

    /// - Parameters: as the properties.
    public init(videos: [Video], audios: [Audio], captions: [Captions] = [], prefix: String = "") {
        self.videos = videos
        self.audios = audios
        self.captions = captions
        self.prefix = prefix
    }

    /// What is listed: a rung that needs more than 0.9 × what the next higher listed one needs is left out. The top
    /// always stays.
    public var listed: [Listed] {
        var all: [Listed] = []
        // Whichever track somebody chooses must fit.
        let sound = (peak: audios.map(\.peak).max() ?? 0, mean: audios.map(\.mean).max() ?? 0)
        for video in videos where !video.segments.isEmpty {
            let peak = video.isComplete ? video.segments.peakRate : max(video.cap, video.segments.peakRate)
            let mean = video.isComplete ? video.segments.meanRate : max(video.cap, video.segments.meanRate)
            let bandwidth = max(1, peak + sound.peak)
            if let higher = all.last, bandwidth * 10 > higher.bandwidth * 9 { continue }
            all.append(Listed(video: video, bandwidth: bandwidth, average: min(bandwidth, mean + sound.mean)))
        }
        return all
    }

    /// The playlist's text.
    public var text: String {
        var text = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        let sounds = audios.filter { !$0.segments.isEmpty }
        let listed = listed
        if !listed.isEmpty || sounds.count > 1 { text += tags(of: sounds) }
        text += captionTags
        let codecs = sounds.map(\.codecs).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        for entry in listed {
            let video = entry.video
            text += "#EXT-X-STREAM-INF:BANDWIDTH=\(entry.bandwidth),AVERAGE-BANDWIDTH=\(entry.average)"
            text += ",CODECS=\"\(([video.codecs] + codecs).joined(separator: ","))\""
            text += ",RESOLUTION=\(video.width)x\(video.height),FRAME-RATE=\(rate(video.frameRate))"
            if !sounds.isEmpty { text += ",AUDIO=\"audio\"" }
            text += "\(captionAttributes(of: video))\n\(prefix)\(video.name)/index.m3u8\n"
        }
        if listed.isEmpty, let sound = sounds.first {
            text += "#EXT-X-STREAM-INF:BANDWIDTH=\(max(1, sound.peak)),AVERAGE-BANDWIDTH=\(max(1, sound.mean))"
            text += ",CODECS=\"\(codecs.joined(separator: ","))\"\(sounds.count > 1 ? ",AUDIO=\"audio\"" : "")"
            text += "\(captionAttributes(of: nil))\n\(prefix)\(sound.name)/index.m3u8\n"
        }
        return text + beside.text(prefix: prefix)
    }

    private func rate(_ ratio: Ratio) -> String {
        let thousandths = ratio.thousandths
        let rest = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }
}
