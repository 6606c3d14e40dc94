internal import Core
internal import Web

extension RouteDocumentation {
    static let showViewing = RouteDocumentation(
        "Shows what was watched.",
        detail: "A person sees what he watched himself; admins and services what all did.", query: days,
        answers: [.json("The figures.", .viewingFigures)], refusals: [.notFound])

    static let showStats = RouteDocumentation(
        "Shows what there is and what was watched.", query: days, answers: [.json("The figures.", .allFigures)])

    private static let days = [
        Parameter.optional(
            "days", .integer(1...365, example: 30),
            "Days of the series and of what is popular, today among them; 30 where nothing is said.")
    ]
}

extension Schema {
    private static let count = integer(0..., example: 12)
    private static let seconds = number(0..., example: 86_400.5)
    private static let views = object(["total": count, "today": count])
    private static let engagement = object([
        "completion_rate": number(0...1, example: 0.62)
            .described("The share of titles that their viewers watched to the end."),
        "average_watch_seconds": seconds.described("Seconds that were played for each view."),
    ])

    private static let popular = list(
        of: object([
            "content_id": uuid, "title": text(example: "The Analytical Engine"),
            "type": oneOf("movie", "series", "episode"), "views": count, "watch_time_seconds": seconds,
        ]).named("PopularTitle"))

    private static let series = list(
        of: object([
            "day": text(format: "date", example: "2026-03-01"), "views": count, "watch_time_seconds": seconds,
            "users": count,
        ]).named("DayOfViewing"))

    fileprivate static let viewingFigures = object([
        "scope": oneOf("own", "all"), "views": views, "watch_time_seconds": seconds, "engagement": engagement,
        "popular": popular, "live_streams": count, "series": series,
    ]).named("ViewingFigures")

    fileprivate static let allFigures = object([
        "users": object([
            "total": count, "new_7d": count, "active_7d": count,
            "by_level": object(["free": count, "premium": count, "family": count]),
        ]),
        "content": object(["total": count, "by_type": object(["movie": count, "series": count, "episode": count])]),
        "storage_bytes": integer(0..., example: 73_400_320)
            .described("Of originals, and of the segments that play."),
        "queue": object(["queued": count, "running": count, "dead": count, "oldest_seconds": count]),
        "views": views, "watch_time_seconds": seconds, "engagement": engagement, "popular": popular,
        "live_streams": count, "series": series,
    ]).named("AllFigures")
}
