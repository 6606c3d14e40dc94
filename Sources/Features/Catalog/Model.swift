public import Core

/// What a title is.
public enum TitleKind: String, Sendable, CaseIterable {
    case movie, series, episode
}

/// Where an episode belongs.
public struct EpisodePlace: Sendable, Equatable {
    /// The series.
    public var series: UUID
    /// From 0, which is for specials.
    public var season: Int
    /// Its number in the season, from 0.
    public var episode: Int

    /// - Parameters: as the properties.
    public init(series: UUID, season: Int, episode: Int) {
        self.series = series
        self.season = season
        self.episode = episode
    }
}

/// What whoever keeps the catalogue writes about a title.
public struct TitleFields: Sendable, Equatable {
    /// What it is; never changes.
    public let kind: TitleKind
    /// Of an episode alone.
    public var place: EpisodePlace?
    /// What people call it.
    public var title = ""
    /// What it is about.
    public var description = ""
    /// As they are shown: `Drama`.
    public var genres: [String] = []
    /// Who plays in it.
    public var cast: [String] = []
    /// Words it is found by.
    public var tags: [String] = []
    /// When it came out.
    public var year: Int?
    /// BCP 47, or empty.
    public var language = ""
    /// Tenths: 0…100 stands for 0.0…10.0.
    public var rating: Int?
    /// As the country has it: `PG-13`, `FSK 12`; or empty.
    public var maturity = ""
    /// Where its picture is: an http(s) URL, or a path of this host.
    public var poster: String?
    /// What it takes to watch it.
    public var level = SubscriptionLevel.free
    /// What plays.
    public var video: UUID?
    /// From when on it is seen; `nil`: it is a draft.
    public var publishedFrom: UnixTime?
    /// From when on it is seen no more.
    public var publishedUntil: UnixTime?

    /// A title of which nothing is written yet.
    public init(kind: TitleKind, place: EpisodePlace? = nil) {
        self.kind = kind
        self.place = place
    }
}

/// A picture of a title's video that is ready.
public struct Quality: Sendable, Equatable {
    /// `720p`
    public let name: String
    /// As shown.
    public let width: Int
    /// As shown.
    public let height: Int
    /// Bits a second it needs at most.
    public let bitrate: Int64

    /// - Parameters: as the properties.
    public init(name: String, width: Int, height: Int, bitrate: Int64) {
        self.name = name
        self.width = width
        self.height = height
        self.bitrate = bitrate
    }
}

/// A title as it stands in the catalogue.
public struct Title: Sendable, Equatable {
    /// Its id.
    public let id: UUID
    /// What was written about it.
    public let fields: TitleFields
    /// How often it was watched.
    public let views: Int64
    /// Whether anyone may see it now.
    public let isOpen: Bool
    /// Whether its video plays.
    public let isPlayable: Bool
    /// Seconds its video plays, once known.
    public let duration: Double?
    /// Best first; empty until the video is ready.
    public let qualities: [Quality]
    /// Where its video is.
    public let rel: RelPath?
    /// When it was written down.
    public let created: UnixTime
    /// When it was changed.
    public let updated: UnixTime
}

/// An order of titles.
public enum TitleOrder: String, Sendable, CaseIterable {
    /// How well they answer a search.
    case relevance
    /// The last written down first.
    case newest
    /// The most watched first.
    case views
    /// The best rated first.
    case rating
    /// The latest year first.
    case year
    /// By name.
    case title
}

/// Which titles somebody wants to see.
public struct TitleWish: Sendable, Equatable {
    /// Only such; `nil`: films and series.
    public var kind: TitleKind?
    /// Only episodes of this series.
    public var series: UUID?
    /// Only of this genre, whatever its case and accents.
    public var genre: String?
    /// Only of these years.
    public var years: ClosedRange<Int>?
    /// Only in this language; `en` holds `en-GB`.
    public var language: String?
    /// Only what takes exactly this level.
    public var level: SubscriptionLevel?
    /// Only with this mark.
    public var maturity: String?
    /// Only what answers to these words.
    public var search: String?
    /// In which order.
    public var order = TitleOrder.newest
    /// Also, or only, what nobody else sees.
    public var visibility = Visibility.open

    /// Which titles count by their publication.
    public enum Visibility: String, Sendable, CaseIterable {
        /// What anyone may see.
        case open = "published"
        /// What nobody else sees.
        case hidden = "draft"
        /// Both.
        case all
    }

    /// The newest films and series.
    public init() {}
}

/// A title in a list, with its place in the list's order.
public struct ListedTitle: Sendable, Equatable {
    /// The title.
    public let title: Title
    /// Its place: the parts of a cursor behind it.
    public let place: [String]
}

/// How many titles there are of each kind of something.
public struct Facet: Sendable, Equatable {
    /// Of what: `genre`, `type`, `language`, `year`, `required_level`, `maturity`.
    public let name: String
    /// Which one.
    public let value: String
    /// How many.
    public let count: Int64
}

/// Who wants to watch.
public struct Viewer: Sendable, Equatable {
    /// What he pays for.
    public let level: SubscriptionLevel
    /// Whether he may watch nothing.
    public let isDisabled: Bool

    /// - Parameters: as the properties.
    public init(level: SubscriptionLevel, isDisabled: Bool) {
        self.level = level
        self.isDisabled = isDisabled
    }
}

/// What is to be signed for somebody who may watch.
public struct StreamWish: Sendable, Equatable {
    /// Who watches.
    public let user: String
    /// The video.
    public let rel: RelPath
    /// Streams he may have at once; 0 without a limit.
    public let streams: Int
    /// Seconds it plays, once known.
    public let duration: Double?
    /// For an app rather than a page.
    public let isMobile: Bool

    /// - Parameters: as the properties.
    public init(user: String, rel: RelPath, streams: Int, duration: Double?, isMobile: Bool) {
        self.user = user
        self.rel = rel
        self.streams = streams
        self.duration = duration
        self.isMobile = isMobile
    }
}

/// What a player needs.
public struct StreamPass: Sendable, Equatable {
    /// For the header.
    public let token: String
    /// Seconds it holds.
    public let expiresIn: Int64
    /// With the token beside it.
    public let playlistURL: String
    /// With the token in its path.
    public let pathPlaylistURL: String
    /// The session that begins with it.
    public let session: String

    /// - Parameters: as the properties.
    public init(token: String, expiresIn: Int64, playlistURL: String, pathPlaylistURL: String, session: String) {
        self.token = token
        self.expiresIn = expiresIn
        self.playlistURL = playlistURL
        self.pathPlaylistURL = pathPlaylistURL
        self.session = session
    }
}

/// Where the making of a title's video stands.
public struct Processing: Sendable, Equatable {
    /// The video; `nil`: the title has none.
    public let video: UUID?
    /// Whether something of it plays.
    public let isPlayable: Bool
    /// Its newest task, if it ever had one.
    public let task: UUID?
}
