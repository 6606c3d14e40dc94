public import Core
public import Tokens

/// What is known of a person who wants to watch.
public struct Viewer: Sendable, Equatable {
    /// What he has subscribed to.
    public let level: SubscriptionLevel
    /// Whether nothing of his plays at the moment.
    public let isDisabled: Bool

    /// - Parameters: as the properties.
    public init(level: SubscriptionLevel, isDisabled: Bool) {
        self.level = level
        self.isDisabled = isDisabled
    }
}

/// How somebody names what he wants to watch.
public enum TitleReference: Sendable, Equatable {
    /// A row of the catalogue.
    case content(UUID)
    /// A video, by its id or its lesson's path.
    case video(VideoReference)
}

/// What history is kept of: a title of the catalogue, or a lesson that no title plays.
public enum TitleKey: Sendable, Equatable {
    /// A row of the catalogue.
    case content(UUID)
    /// A video.
    case lesson(UUID)

    /// Its id: no two of either kind are alike.
    public var id: UUID {
        switch self {
        case .content(let id), .lesson(let id): id
        }
    }

    /// The id of the catalogue's row, or `nil`.
    var content: UUID? { if case .content(let id) = self { id } else { nil } }
    /// The id of the lesson's video, or `nil`.
    var lesson: UUID? { if case .lesson(let id) = self { id } else { nil } }
}

/// What is known of something that somebody wants to watch.
public struct Playable: Sendable, Equatable {
    /// What it is.
    public let key: TitleKey
    /// Whether it only holds others together.
    public let isSeries: Bool
    /// What plays, if there is something.
    public let video: PlayableVideo?
    /// The least subscription that plays it.
    public let level: SubscriptionLevel
    /// When it may be watched from, in seconds since 1970; `nil`: not published, or not in the catalogue at all.
    public let opens: Int64?
    /// When it may be watched no more; `nil`: no such time is set.
    public let closes: Int64?

    /// - Parameters: as the properties.
    public init(
        key: TitleKey, isSeries: Bool = false, video: PlayableVideo?, level: SubscriptionLevel = .free,
        opens: Int64? = nil, closes: Int64? = nil
    ) {
        self.key = key
        self.isSeries = isSeries
        self.video = video
        self.level = level
        self.opens = opens
        self.closes = closes
    }
}

/// The video that plays.
public struct PlayableVideo: Sendable, Equatable {
    /// Its id.
    public let id: UUID
    /// The lesson's path.
    public let rel: RelPath
    /// Who uploaded it: a trainer's or a person's id, or a key's.
    public let owner: String
    /// Whether something of it is published.
    public let isReady: Bool
    /// Seconds it plays, once known.
    public let duration: Double?
    /// Who may watch it, if that was said; see `ViewerRules`.
    public let rules: String?

    /// - Parameters: as the properties.
    public init(id: UUID, rel: RelPath, owner: String, isReady: Bool, duration: Double?, rules: String?) {
        self.id = id
        self.rel = rel
        self.owner = owner
        self.isReady = isReady
        self.duration = duration
        self.rules = rules
    }
}

/// What somebody asks a session for.
public struct ViewingWish: Sendable, Equatable {
    /// What he wants to watch.
    public let title: TitleReference
    /// What he calls the device; empty where he says nothing.
    public let device: String
    /// The kind of player.
    public let platform: Platform
}

/// A session that begins.
public struct NewViewing: Sendable, Equatable {
    /// Names it, and is the `sid` of its tokens.
    public let id: UUID
    /// Who watches.
    public let user: UUID
    /// What.
    public let key: TitleKey
    /// The video that plays.
    public let video: PlayableVideo
    /// On what.
    public let wish: ViewingWish
    /// Seconds into it.
    public let position: Double
}

/// A session as it was started, for whoever renews it.
public struct Viewing: Sendable, Equatable {
    /// What is watched.
    public let title: TitleReference
    /// The kind of player.
    public let platform: Platform
    /// Whether it is over.
    public let isEnded: Bool
}

/// What a player is doing.
public enum ViewingState: String, Sendable {
    /// It plays.
    case playing
    /// It stands still.
    case paused
    /// It is over.
    case ended
}

/// What a player says.
public struct Report: Sendable, Equatable {
    /// Seconds into the title; `nil`: where it was.
    public let position: Double?
    /// What it is doing.
    public let state: ViewingState

    /// - Parameters: as the properties.
    public init(position: Double?, state: ViewingState) {
        self.position = position
        self.state = state
    }
}

/// How things stood when a report came; times are the database's.
public struct Standing: Sendable, Equatable {
    /// What the session was doing.
    public var state = ViewingState.playing
    /// Where it was, in seconds.
    public var position = 0.0
    /// Seconds the title plays; 0: not known.
    public var duration = 0.0
    /// Seconds that were played so far.
    public var watched = 0.0
    /// Seconds since the session last reported.
    public var sinceLast = 0.0
    /// Whether it has counted as a view.
    public var hasCounted = false
    /// Whether it came to the end before.
    public var isCompleted = false
    /// Whether the history follows this session.
    public var isFollowed = false
    /// Whether it began after the one that the history follows.
    public var isNewest = false

    /// The beginning of a session that nobody else disturbs.
    public init() {}
}

/// What a report changes.
public struct Step: Sendable, Equatable {
    /// Where the session is now, in seconds.
    public let position: Double
    /// Seconds that were played in all.
    public let watched: Double
    /// Whether it has lasted long enough to be a view.
    public let isView: Bool
    /// Whether it came to the end, now or before.
    public let isCompleted: Bool
    /// Whether the history goes where this session is.
    public let leads: Bool
}

/// Where a session stands after a report.
public struct ViewingPlace: Sendable, Equatable {
    /// What it is doing.
    public let state: ViewingState
    /// Seconds into the title.
    public let position: Double
    /// Seconds that were played.
    public let watched: Double
    /// Whether it came to the end.
    public let isCompleted: Bool
}
