public import Core

/// Whose figures, and of how many days.
public struct FigureScope: Sendable, Equatable {
    /// One person's; `nil`: everybody's.
    public let user: UUID?
    /// Days of the series, today among them.
    public let days: Int

    /// - Parameters: as the properties.
    public init(user: UUID?, days: Int) {
        self.user = user
        self.days = days
    }
}

/// What was watched.
public struct ViewingFigures: Sendable, Equatable {
    /// Views that counted, ever.
    public let views: Int
    /// Those of today, in UTC.
    public let viewsToday: Int
    /// Seconds that were played.
    public let watchSeconds: Double
    /// The share of titles that their viewers watched to the end.
    public let completionRate: Double
    /// Streams that count now, on all hosts.
    public let liveStreams: Int
    /// What was watched most in the days of the series.
    public let popular: [PopularTitle]
    /// A row a day, the oldest first.
    public let series: [DayFigures]

    /// Seconds that a view lasts.
    public var averageWatchSeconds: Double { views == 0 ? 0 : watchSeconds / Double(views) }
}

/// A title and how much it is watched.
public struct PopularTitle: Sendable, Equatable {
    /// The title's id.
    public let content: UUID
    /// Its name.
    public let title: String
    /// `movie` or `episode`.
    public let type: String
    /// Views that counted.
    public let views: Int
    /// Seconds that were played.
    public let watchSeconds: Double
}

/// A day (UTC) of watching; sessions belong to the day they began on.
public struct DayFigures: Sendable, Equatable {
    /// As `2026-01-31`.
    public let day: String
    /// Views that counted.
    public let views: Int
    /// Seconds that were played.
    public let watchSeconds: Double
    /// People who watched.
    public let users: Int
}

/// What an operator has.
public struct StockFigures: Sendable, Equatable {
    /// Accounts.
    public let users: Int
    /// Those made within seven days.
    public let newUsers: Int
    /// Those who began to watch something within seven days.
    public let activeUsers: Int
    /// Accounts by subscription level.
    public let byLevel: [String: Int]
    /// Titles.
    public let content: Int
    /// Titles by type.
    public let byType: [String: Int]
    /// Bytes of originals and of the segments that play.
    public let storage: Int64
    /// Jobs that wait.
    public let queued: Int
    /// Jobs that run.
    public let running: Int
    /// Jobs that were given up.
    public let dead: Int
    /// Seconds that the oldest job which could run has waited; 0 without one.
    public let oldest: Int64
}
