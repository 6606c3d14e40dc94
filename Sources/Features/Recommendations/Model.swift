public import Core

/// Who is to be shown something.
public struct Viewer: Sendable, Equatable {
    /// The account; `nil` for a service, and for somebody whose account is not here: both have no history.
    public let id: UUID?
    /// Levels of titles that play for him.
    public let levels: [String]
    /// Genres he said he likes.
    public let genres: [String]

    /// - Parameters: as the properties.
    public init(id: UUID?, levels: [String], genres: [String] = []) {
        self.id = id
        self.levels = levels
        self.genres = genres
    }
}

/// A film or a series, as lists show it.
public struct Title: Sendable, Equatable {
    /// Its id.
    public let id: UUID
    /// `movie` or `series`.
    public let type: String
    /// Its name.
    public let name: String
    /// What it is about.
    public let description: String
    /// Its genres.
    public let genres: [String]
    /// Who plays.
    public let cast: [String]
    /// What else is said of it in single words.
    public let tags: [String]
    /// The year it came out.
    public let year: Int?
    /// BCP 47, or empty.
    public let language: String
    /// 0…10
    public let rating: Double?
    /// For which age, as the country has it.
    public let maturity: String
    /// Its picture's URL.
    public let poster: String?
    /// The level it takes.
    public let level: String
    /// How often it was watched.
    public let views: Int64
    /// What plays; a series has none.
    public let video: UUID?
    /// What is known of that video.
    public let picture: Picture
    /// From when and until when it is published.
    public let published: (from: UnixTime?, until: UnixTime?)
    /// When it was written down and changed.
    public let written: (created: UnixTime, updated: UnixTime)

    /// A title's video at present.
    public struct Picture: Sendable, Equatable {
        /// Whether it plays.
        public let isPlayable: Bool
        /// Seconds, once known.
        public let duration: Double?
        /// `{name, width, height, bitrate}` each, the best first.
        public let qualities: [JSON]

        /// - Parameters: as the properties.
        public init(isPlayable: Bool = false, duration: Double? = nil, qualities: [JSON] = []) {
            self.isPlayable = isPlayable
            self.duration = duration
            self.qualities = qualities
        }
    }

    /// - Parameters: as the properties.
    public init(
        id: UUID, type: String, name: String, description: String = "", genres: [String] = [], cast: [String] = [],
        tags: [String] = [], year: Int? = nil, language: String = "", rating: Double? = nil, maturity: String = "",
        poster: String? = nil, level: String = "free", views: Int64 = 0, video: UUID? = nil,
        picture: Picture = Picture(), published: (from: UnixTime?, until: UnixTime?) = (nil, nil),
        written: (created: UnixTime, updated: UnixTime) = (UnixTime(0), UnixTime(0))
    ) {
        self.id = id
        self.type = type
        self.name = name
        self.description = description
        self.genres = genres
        self.cast = cast
        self.tags = tags
        self.year = year
        self.language = language
        self.rating = rating
        self.maturity = maturity
        self.poster = poster
        self.level = level
        self.views = views
        self.video = video
        self.picture = picture
        self.published = published
        self.written = written
    }

    /// Whether it is the same title.
    public static func == (one: Title, other: Title) -> Bool { one.id == other.id }
}

/// Why a title is recommended.
public enum Reason: Sendable, Equatable {
    /// Many watch it these days.
    case trending
    /// Many watched it, and watched it through; in a genre where one was asked for.
    case popular(genre: String?)
    /// The viewer said that he likes the genre.
    case preferred(genre: String)
    /// It came lately.
    case new
    /// It is like another title.
    case similar(Likeness)
    /// The viewer watched, or kept, a title that it goes with.
    case watched(id: UUID, name: String)
}

/// In what a title is like another.
public struct Likeness: Sendable, Equatable {
    /// The other title.
    public let id: UUID
    /// Its name.
    public let name: String
    /// Genres of both.
    public let genres: [String]
    /// Tags of both.
    public let tags: [String]
    /// People who play in both.
    public let cast: [String]
    /// Whether the same people watched both.
    public let isWatchedTogether: Bool

    /// - Parameters: as the properties.
    public init(
        id: UUID, name: String, genres: [String], tags: [String], cast: [String], isWatchedTogether: Bool
    ) {
        self.id = id
        self.name = name
        self.genres = genres
        self.tags = tags
        self.cast = cast
        self.isWatchedTogether = isWatchedTogether
    }
}

/// A title that was chosen, and why.
public struct Pick: Sendable, Equatable {
    /// What.
    public let title: UUID
    /// Why.
    public let reason: Reason

    /// - Parameters: as the properties.
    public init(_ title: UUID, _ reason: Reason) {
        self.title = title
        self.reason = reason
    }
}

/// A title with the reason why it is shown.
public struct Recommendation: Sendable, Equatable {
    /// What.
    public let title: Title
    /// Why.
    public let reason: Reason

    /// - Parameters: as the properties.
    public init(_ title: Title, _ reason: Reason) {
        self.title = title
        self.reason = reason
    }
}

/// Something a viewer watched or kept, an episode as its series.
public struct Trace: Sendable, Equatable {
    /// The title.
    public let title: UUID
    /// Tenths: 1…10 by how much was seen, 5 more for what was kept.
    public let strength: Int
    /// Seconds since.
    public let age: Double

    /// - Parameters: as the properties.
    public init(title: UUID, strength: Int, age: Double) {
        self.title = title
        self.strength = strength
        self.age = age
    }
}

/// A trace and what it counts for.
public struct Seed: Sendable, Equatable {
    /// The title.
    public let title: UUID
    /// 0…1.5
    public let weight: Double

    /// - Parameters: as the properties.
    public init(title: UUID, weight: Double) {
        self.title = title
        self.weight = weight
    }
}

/// A title that a viewer may like.
public struct Candidate: Sendable, Equatable {
    /// What.
    public let title: UUID
    /// Its genres.
    public let genres: [String]
    /// How much, compared with the other candidates.
    public let score: Double
    /// The seed that spoke most for it.
    public let because: UUID
    /// That seed's name.
    public let becauseName: String

    /// - Parameters: as the properties.
    public init(title: UUID, genres: [String], score: Double, because: UUID, becauseName: String) {
        self.title = title
        self.genres = genres
        self.score = score
        self.because = because
        self.becauseName = becauseName
    }
}

/// What the history says about one title.
public struct Tally: Sendable, Equatable {
    /// The title.
    public let title: UUID
    /// People, each once.
    public let viewers: Int
    /// Sum of strengths.
    public let mass: Int
    /// Sum of their squares.
    public let square: Int
    /// How hot it is, as the time (Unix seconds) at which one whole viewing would be as hot; `nil` without any. It need
    /// not be counted anew as time passes: all titles cool alike.
    public let heat: Double?
    /// `RecommendationRules.step` of the last count.
    public let formerStep: Int

    /// - Parameters: as the properties.
    public init(title: UUID, viewers: Int, mass: Int, square: Int, heat: Double?, formerStep: Int) {
        self.title = title
        self.viewers = viewers
        self.mass = mass
        self.square = square
        self.heat = heat
        self.formerStep = formerStep
    }
}
