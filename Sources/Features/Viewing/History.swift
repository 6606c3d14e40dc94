public import Core

/// What a list says of a title.
public struct TitleCard: Sendable, Equatable {
    /// Which it is.
    public let key: TitleKey
    /// Its name.
    public let title: String
    /// `movie`, `series`, `episode`, or `lesson`.
    public let type: String
    /// An episode's place.
    public let place: Place?
    /// The poster's URL, if there is one.
    public let poster: String?
    /// Whether it is published at the moment.
    public let isAvailable: Bool

    /// Where an episode belongs.
    public struct Place: Sendable, Equatable {
        /// The series.
        public let series: String
        /// Its season.
        public let season: Int
        /// Its number in the season.
        public let episode: Int
    }
}

/// Where somebody stands in a title.
public struct HistoryEntry: Sendable, Equatable {
    /// What.
    public let card: TitleCard
    /// Seconds into it.
    public let position: Double
    /// Seconds it plays; 0: not known.
    public let duration: Double
    /// Whether he came to the end at least once.
    public let isCompleted: Bool
    /// How often it counted as a view.
    public let views: Int
    /// When he first watched it.
    public let first: UnixTime
    /// When he last did, in microseconds since 1970.
    public let last: Int64
}

/// A title that somebody keeps.
public struct Favorite: Sendable, Equatable {
    /// What.
    public let card: TitleCard
    /// Since when, in microseconds since 1970.
    public let added: Int64
}

/// Where a history's last report left somebody.
public struct HistoryPlace: Sendable, Equatable {
    /// Seconds into the title.
    public let position: Double
    /// Seconds it plays; 0: not known.
    public let duration: Double

    /// - Parameters: as the properties.
    public init(position: Double, duration: Double) {
        self.position = position
        self.duration = duration
    }
}
