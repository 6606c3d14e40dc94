public import Core
public import Helper
public import Media
public import Storage

/// Where a task stands.
public enum TaskState: String, Sendable, CaseIterable {
    case queued, running, done, failed, cancelled

    /// Nothing more will happen.
    public var isOver: Bool { self != .queued && self != .running }
}

/// One upload on its way to being a lesson.
public struct LessonTask: Sendable {
    /// The task.
    public var id: UUID
    /// The video's row.
    public var video: String
    /// Where the lesson lives.
    public var rel: RelPath
    /// Whose jobs these are.
    public var owner: String
    /// Where it stands.
    public var state: TaskState
    /// What is done at present.
    public var stage: String
    /// Whether something of it was published.
    public var playable: Bool
    /// Extension of the stored file.
    public var fileExtension: FileExtension
    /// What the helper's inspection found, once it has.
    public var facts: SourceFacts?
    /// What the operator chose for it, once it is planned.
    public var choices: EncodingChoices?
    /// What a look at the content found, once there was one.
    public var probe: ContentProbe?
    /// What its caller wants done differently from the settings: `EncodingChoices` in part.
    var wishes: JSON?
    /// It encodes a video's original anew.
    public var isTranscode: Bool
    /// The directory it fills, once it is planned.
    public var publication: PublicationName?
    /// No later upload of the lesson exists.
    public var isNewest: Bool
    /// The directory that plays now.
    public var playing: PublicationName?
}

extension LessonTask {
    /// Whether what is ready is shown at once; where another publication plays, one that is encoded anew takes its
    /// place when it is complete.
    func mayShow(_ shelf: Shelf) -> Bool {
        shelf.isPlayable && isNewest && (!isTranscode || playing == nil || playing == publication || shelf.isComplete)
    }

    /// The stage of a task that goes on when there is room again.
    static let waitsForRoom = "no_room"
}

extension SourceFacts {
    /// Whether something of it is copied that can be encoded as well.
    var canBeEncodedInstead: Bool { video?.copy.isCopy == true || audio.contains { $0.copy.isCopy } }
}

/// A rendition a task makes.
public struct Rendition: Sendable, Equatable {
    /// What it is: picture, sound, or what stands beside them.
    public enum Kind: String, Sendable, CaseIterable {
        case video, audio, iframes, images, poster, captions, chapters

        /// Whether a lesson is unfinished without it.
        public var isEssential: Bool { self == .video || self == .audio }
    }

    /// How far it is.
    public enum State: String, Sendable {
        case queued, running, growing, done, dropped
    }

    /// Stands in key numbers and vectors.
    public var ordinal: UInt16
    /// Its directory.
    public var name: RenditionName
    /// What it is.
    public var kind: Kind
    /// The source's own track.
    public var copied: Bool
    /// Published while it is being made.
    public var growing: Bool
    /// As shown; 0 for sound.
    public var width: Int
    /// As shown; 0 for sound.
    public var height: Int
    /// Bits a second it may need.
    public var cap: Int64
    /// The encoder's rate factor.
    public var rateFactor: Int
    /// Which of the source's sound (or caption) tracks it comes from: an index into the facts' list.
    public var track: Int?
    /// BCP 47, or empty.
    public var language: String
    /// What a person reads in a menu, or empty.
    public var label: String
    /// How far it is.
    public var state: State = .queued
    /// What the helper says about it, once it began.
    public var facts: RenditionFacts?

    /// - Parameters: as the properties.
    public init(
        ordinal: UInt16, name: RenditionName, kind: Kind, copied: Bool, growing: Bool, width: Int, height: Int,
        cap: Int64, rateFactor: Int, track: Int? = nil, language: String = "", label: String = "",
        state: State = .queued, facts: RenditionFacts? = nil
    ) {
        self.ordinal = ordinal
        self.name = name
        self.kind = kind
        self.copied = copied
        self.growing = growing
        self.width = width
        self.height = height
        self.cap = cap
        self.rateFactor = rateFactor
        self.track = track
        self.language = language
        self.label = label
        self.state = state
        self.facts = facts
    }
}

/// A stretch of segments of some renditions, made in one go.
public struct Slice: Sendable, Equatable {
    /// What the helper is asked to do.
    public enum Kind: String, Sendable {
        case copy, video, audio, stills, captions

        /// Whether its progress is that of the lesson; the rest takes a moment.
        public var isEncoding: Bool { self != .stills && self != .captions }
    }

    /// Its number in the task, in the order of making.
    public var number: Int
    /// What is done.
    public var kind: Kind
    /// For which renditions.
    public var ordinals: [UInt16]
    /// Which segments of the plan.
    public var range: Range<Int>
    /// How urgent its job is; `nil`: the task's first job makes it itself.
    public var priority: Int?
    /// The attempt whose files count, once it is done.
    public var attempt: Int?
    /// What was made.
    public var made: [MadeSegment] = []

    /// - Parameters: as the properties.
    public init(
        number: Int, kind: Kind, ordinals: [UInt16], range: Range<Int>, priority: Int?, attempt: Int? = nil,
        made: [MadeSegment] = []
    ) {
        self.number = number
        self.kind = kind
        self.ordinals = ordinals
        self.range = range
        self.priority = priority
        self.attempt = attempt
        self.made = made
    }
}

/// A task as its owner sees it.
public struct TaskStatus: Sendable {
    /// A rendition as its owner sees it.
    public struct Rung: Sendable {
        var name: String
        var kind: String
        var width: Int?
        var height: Int?
        var copied: Bool
        var state: String
        var progress: Double
        /// Seconds of it made in a second, of late.
        var speed: Double?
        /// Of the task's work, until it is whole.
        var workLeft: Double?
    }

    var id: UUID
    var video: String
    var rel: RelPath
    var owner: String
    var state: TaskState
    var stage: String
    var playable: Bool
    var mediaSeconds: Double
    var madeSeconds: Double
    var forecast: Forecast
    var duration: Double?
    var errorCode: String?
    var callbackState: String?
    var callbackCode: String?
    var created: UnixTime
    var started: UnixTime?
    var finished: UnixTime?
    var rungs: [Rung]
}
