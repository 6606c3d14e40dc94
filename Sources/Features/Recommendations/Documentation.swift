internal import Core
internal import Web

extension RouteDocumentation {
    private static let limit = [
        Parameter.optional("limit", .integer(1...100, example: 20), "How many at most; 20 where nothing is said.")
    ]
    private static let never =
        "Never what is not published, what the caller's level does not include, or what he saw to the end."

    static let listTrending = RouteDocumentation(
        "Lists what many people watch these days.",
        detail: "Each viewer counts once, half as much every three days. \(never)", query: limit,
        answers: [.json("The titles, best first.", .recommendations)])

    static let listPopular = RouteDocumentation(
        "Lists what many people watched, and how much of it; in a genre or in all.",
        detail: "Filled up with what is new. \(never)",
        query: [
            .optional("genre", .text(0...100, example: "Drama"), "Only of this genre, whatever its case and accents.")
        ]
            + limit, answers: [.json("The titles, best first.", .recommendations)])

    static let listPersonalized = RouteDocumentation(
        "Lists what the caller may like.",
        detail: "By what he watched and keeps. While that is little, mixed with what is popular in the genres of his "
            + "preferences (`{\"genres\": [\"Drama\"]}`), trending and popular. \(never) Nor what he began or keeps.",
        query: limit, answers: [.json("The titles, best first.", .recommendations)])

    static let listSimilar = RouteDocumentation(
        "Lists what is like a title; an episode counts as its series.",
        detail: "By who watched both, and by common genres, tags and people. \(never)", query: limit,
        answers: [.json("The titles, most alike first.", .recommendations)], refusals: [.notFound])
}

extension Schema {
    private static let words = list(of: text(example: "Drama"))
    private static let named = object(["id": uuid, "title": text(example: "Metropolis")])
    private static let sentence = text(example: "Because you watched “Metropolis”.")

    private static let reason = any(
        object(["kind": oneOf("because_you_watched"), "text": sentence, "title": named]),
        object(["kind": oneOf("trending", "popular", "new"), "text": sentence]),
        object(["kind": oneOf("popular", "preferred_genre"), "text": sentence, "genre": text(example: "Drama")]),
        object([
            "kind": oneOf("similar"), "text": sentence, "title": named, "genres": words, "tags": words, "cast": words,
            "watched_together": boolean,
        ])
    ).named("RecommendationReason")

    private static let quality = object([
        "name": text(example: "720p"), "width": integer(0..., example: 1280), "height": integer(0..., example: 720),
        "bitrate": integer(0..., example: 3_000_000),
    ])

    /// A title as lists show it, with the reason.
    private static let recommendation = object([
        "id": uuid, "type": oneOf("movie", "series"), "series_id": null, "season": null, "episode": null,
        "title": text(example: "Metropolis"), "description": text(example: "A city above, and one below."),
        "genres": words, "cast": words, "tags": words, "release_year": integer(0..., example: 1927).orNull,
        "language": text(example: "de"), "rating": number(0...10, example: 8.3).orNull, "maturity": text(example: "PG"),
        "poster": text(example: "/images/posters/metropolis.webp").orNull,
        "required_level": oneOf("free", "premium", "family"), "video_id": uuid.orNull, "playable": boolean,
        "duration": number(0..., example: 9180).orNull, "qualities": list(of: quality),
        "view_count": integer(0..., example: 1204), "published": boolean, "published_from": time.orNull,
        "published_until": time.orNull, "created_at": time, "updated_at": time, "reason": reason,
    ]).named("Recommendation")

    static let recommendations = object(["items": list(of: recommendation), "next_cursor": null])
        .named("Recommendations")
}
