internal import Core
internal import Postgres
internal import Tokens
public import Web

/// What the handlers need.
public struct Analytics {
    let store: any AnalyticsStore
    let window: Int64

    /// - Parameters:
    ///   - store: counts.
    ///   - window: seconds a stream counts after its last media.
    public init(store: any AnalyticsStore, window: Int64) {
        self.store = store
        self.window = window
    }
}

/// The feature's routes.
public func analyticsRoutes() -> [Route<Analytics>] {
    [
        Route(
            .get, "/api/streaming/analytics", by: .key(.admin, .catalog, or: .viewer, .instructor, .admin),
            about: .showViewing, to: showViewing),
        Route(.get, "/api/admin/stats", by: .key(.admin, or: .admin), about: .showStats, to: showStats),
    ]
}

/// Figures change all the time.
private let unstored = Response.Field("Cache-Control", "no-store")

extension ViewingFigures {
    /// As answers carry it.
    fileprivate var members: [JSON.Member] {
        [
            .init("views", ["total": JSON(views), "today": JSON(viewsToday)]),
            .init("watch_time_seconds", .number(watchSeconds)),
            .init(
                "engagement",
                [
                    "completion_rate": .number(completionRate),
                    "average_watch_seconds": .number(averageWatchSeconds),
                ]),
            .init("popular", .array(popular.map(\.json))), .init("live_streams", JSON(liveStreams)),
            .init("series", .array(series.map(\.json))),
        ]
    }
}

extension PopularTitle {
    fileprivate var json: JSON {
        [
            "content_id": .string("\(content)"), "title": .string(title), "type": .string(type), "views": JSON(views),
            "watch_time_seconds": .number(watchSeconds),
        ]
    }
}

extension DayFigures {
    fileprivate var json: JSON {
        [
            "day": .string(day), "views": JSON(views), "watch_time_seconds": .number(watchSeconds),
            "users": JSON(users),
        ]
    }
}

// MARK: GET /api/streaming/analytics

private func showViewing(_ analytics: Analytics, _ request: Request) throws(Problem) -> Response {
    let scope = try AnalyticsRules.scope(request.query, request.caller)
    let figures = try asking { () throws(DatabaseError) in
        try analytics.store.viewing(scope, window: analytics.window)
    }
    let whose: JSON = scope.user == nil ? "all" : "own"
    return .json(.object([JSON.Member("scope", whose)] + figures.members), fields: [unstored])
}

// MARK: GET /api/admin/stats

private func showStats(_ analytics: Analytics, _ request: Request) throws(Problem) -> Response {
    let scope = try AnalyticsRules.scope(request.query, request.caller)
    let figures = try asking { () throws(DatabaseError) in
        try analytics.store.viewing(scope, window: analytics.window)
    }
    let stock = try asking { () throws(DatabaseError) in try analytics.store.stock() }
    return .json(.object(stock.members + figures.members), fields: [unstored])
}

extension StockFigures {
    /// As answers carry it: every level and type, also those that nobody has.
    fileprivate var members: [JSON.Member] {
        func all(_ names: [String], _ counts: [String: Int]) -> JSON {
            .object(names.map { .init($0, JSON(counts[$0] ?? 0)) })
        }
        return [
            .init(
                "users",
                [
                    "total": JSON(users), "new_7d": JSON(newUsers), "active_7d": JSON(activeUsers),
                    "by_level": all(["free", "premium", "family"], byLevel),
                ]),
            .init(
                "content", ["total": JSON(content), "by_type": all(["movie", "series", "episode"], byType)]),
            .init("storage_bytes", .integer(storage)),
            .init(
                "queue",
                [
                    "queued": JSON(queued), "running": JSON(running), "dead": JSON(dead),
                    "oldest_seconds": .integer(oldest),
                ]),
        ]
    }
}
