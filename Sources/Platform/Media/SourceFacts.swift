public import Core

/// Everything `inspect` learnt about a file; later steps are given it as it is.
public struct SourceFacts: MediaMessage {
    /// The extension that belongs to the container, by content: mp4 mov mkv webm avi wmv flv mpg ts.
    public var container: String
    /// From the beginning to the end of the longest track used.
    public var duration: Ticks
    /// The time in the file's own clock (as ticks) that is our 0.
    public var origin: Ticks
    /// The picture; `nil` when there is only sound.
    public var video: VideoFacts?
    /// Sound tracks that can be played, the preferred one first.
    public var audio: [AudioFacts]
    /// Where segments begin.
    public var plan: SegmentPlan
    /// Chapters the file names, by time.
    public var chapters: [Chapter]
    /// Captions the file holds as text.
    public var captions: [CaptionFacts]

    /// - Parameters: as the properties.
    public init(
        container: String, duration: Ticks, origin: Ticks, video: VideoFacts?, audio: [AudioFacts], plan: SegmentPlan,
        chapters: [Chapter] = [], captions: [CaptionFacts] = []
    ) {
        self.container = container
        self.duration = duration
        self.origin = origin
        self.video = video
        self.audio = audio
        self.plan = plan
        self.chapters = chapters
        self.captions = captions
    }

    /// The same file as if it had one sound track alone: what the helper is given to copy or encode another than the
    /// preferred one.
    ///
    /// - Parameter track: a place in `audio`; `nil` or one that is not there is the preferred one.
    public func withSound(_ track: Int?) -> SourceFacts {
        guard let track, audio.indices.contains(track) else { return self }
        var facts = self
        facts.audio = [audio[track]]
        return facts
    }

    /// The same with what follows from the operator's ladder: a picture too heavy for its size is not copied.
    public func judged(by steps: [Ladder.Step]) -> SourceFacts {
        var facts = self
        if let video { facts.video?.copy = RemuxRule.rate(video, steps: steps) }
        return facts
    }

    /// The facts as JSON.
    public var json: JSON {
        [
            "container": .string(container), "duration": .integer(duration), "origin": .integer(origin),
            "video": video?.json ?? .null, "audio": .array(audio.map(\.json)), "plan": plan.json,
            "chapters": .array(chapters.map(\.json)), "captions": .array(captions.map(\.json)),
        ]
    }

    /// Reads them back.
    public init(json: JSON) throws(MediaMessageError) {
        container = try json.text("container", upTo: 8)
        duration = try json.ticks("duration")
        origin = try json.whole("origin", -(1 << 60)...(1 << 60))
        video = try json.optional("video")
        audio = try json.messages("audio", upTo: 32)
        plan = try json.message("plan")
        // Facts of an earlier version have none.
        chapters = json["chapters"] == nil ? [] : try json.messages("chapters", upTo: Chapter.most)
        captions = json["captions"] == nil ? [] : try json.messages("captions", upTo: CaptionFacts.most)
    }
}
