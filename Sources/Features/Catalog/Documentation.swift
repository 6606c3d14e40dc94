internal import Core
internal import Web

extension RouteDocumentation {
    static let listTitles = RouteDocumentation(
        "Lists titles: films and series, or what the filters name.",
        detail:
            "A search forgives accents and mistyped words, takes the last word as unfinished, and understands quotes, "
            + "`or` and a minus in front of a word; there nothing is forgiven. It answers with what is called so first, "
            + "then titles with the words, then names, then the whole text, each the most watched first.",
        query: [
            .optional("type", .oneOf(TitleKind.self), "Only such; films and series where nothing is said."),
            .optional("genre", .text(1...100, example: "Drama"), "Only of this genre, whatever its case."),
            .optional("year", .integer(1...9999, example: 2019), "Only of this year."),
            .optional("year_from", .integer(1...9999, example: 1990), "Only of this year or later."),
            .optional("year_to", .integer(1...9999, example: 1999), "Only of this year or earlier."),
            .optional(
                "language", .language, "Only in this language; `en` holds `en-GB`."),
            .optional("required_level", .oneOf(SubscriptionLevel.self), "Only what takes exactly this level."),
            .optional("maturity", .text(1...100, example: "PG-13"), "Only with this mark."),
            .optional("series_id", .uuid, "Only this series' episodes."),
            .optional("search", .text(0...200, example: "amelie"), "Only what answers to these words."),
            .optional(
                "sort", .oneOf(TitleOrder.self), "`relevance` with a search and `newest` without where nothing is said."
            ),
            .optional(
                "status", .oneOf(TitleWish.Visibility.self),
                "`published` where nothing is said; the others are for who keeps the catalogue."),
            .optional("facets", .oneOf("false", "true"), "Also counts what was found, by genre, type and so on."),
        ] + Parameter.page,
        answers: [
            .json(
                "A part of the list.",
                .object(
                    [
                        "items": .list(of: .title),
                        "next_cursor": .text(pattern: "^[A-Za-z0-9_-]+$", example: "MAoxMgowYjhmM2M1Mg").orNull,
                    ], optional: ["facets": .facets]))
        ])

    static let showTitle = RouteDocumentation(
        "Shows a title; a series with its seasons and episodes.",
        answers: [.json("The title.", .any(.title, .series))], refusals: [.notFound])

    static let streamTitle = RouteDocumentation(
        "Begins to play a title: a new session's token and where it plays.",
        detail: "A person plays for himself, if his level includes the title's; a service says for whom.",
        query: [
            .optional("platform", .oneOf("web", "mobile"), "The kind of player; `web` where nothing is said."),
            .optional(
                "user_id", .text(1...128, pattern: "^[!#-\\[\\]-~]{1,128}$", example: "ada"),
                "Who watches; of services."),
        ],
        answers: [
            .json(
                "What a player needs.",
                .object([
                    "playlist_url": .url, "path_playlist_url": .url, "token": .text(example: "eyJ…"),
                    "expires_in": .integer(1..., example: 3600), "session_id": .uuid,
                    "qualities": .list(of: .quality),
                ]))
        ], refusals: [.notFound, .notReady, .notEntitled, .suspended, .fieldMissing])

    static let addTitle = RouteDocumentation(
        "Adds a title.", detail: "Without `published_from` it is a draft.",
        body: .json(.any(.newTitle, .newEpisode)),
        answers: [.json("The title.", .any(.title, .series), status: 201)],
        refusals: [.fieldMissing, .notFound, .conflict])

    static let changeTitle = RouteDocumentation(
        "Changes a title.", detail: "Members that are sent are written, `null` empties, the rest stays.",
        body: .json(.any(.titleChange, .episodeChange)),
        answers: [.json("The title.", .any(.title, .series))], refusals: [.notFound, .conflict])

    static let removeTitle = RouteDocumentation(
        "Removes a title, and a series' episodes with it.",
        answers: [.json("It is removed.", .message("The title was removed."))])

    static let addFilm = RouteDocumentation(
        "Adds a title with its video.",
        detail: "The file is taken in as any upload is. Lists are JSON arrays, or words between commas.",
        body: .form(
            .object(
                [
                    "video": .file, "type": .oneOf("movie", "episode"),
                    "title": .text(1...500, example: "Metropolis"),
                ], optional: Schema.formTexts)),
        answers: [
            .json(
                "The title, and the task that makes its video.",
                .object([
                    "content": .title, "video_id": .uuid, "task_id": .uuid,
                    "hls_path": .text(
                        example: "/hls2/library/ada/0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60/main/output.m3u8"),
                    "status_url": .url.example(
                        "https://video.example.org/api/tasks/0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60"),
                ]), status: 201)
        ],
        refusals: [
            .fieldMissing, .fileMissing, .fileType, .notMedia, .notFound, .conflict, .noRoom, .tooLarge, .mediaType,
        ])

    static let showProcessing = RouteDocumentation(
        "Shows where the making of a title's video stands.",
        answers: [
            .json(
                "Its state.",
                .object([
                    "content_id": .uuid, "video_id": Schema.uuid.orNull,
                    "status": .oneOf("none", "queued", "running", "ready", "failed", "cancelled"),
                    "playable": .boolean, "task": Schema.anything.orNull,
                ]))
        ], refusals: [.notFound])
}

extension Schema {
    fileprivate static let language = text(
        2...35, pattern: "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$", example: "en-GB")
    private static let names = list(of: text(1...100, example: "Drama"))
    private static let level = oneOf(SubscriptionLevel.self)
    private static let number = integer(0...10_000, example: 1)
    /// What a page may put into `src`: an address, or a path of this host.
    private static let poster = text(1...2048, example: "/images/posters/metropolis.webp")

    /// A picture of a title's video.
    static let quality = object([
        "name": text(example: "720p"), "width": integer(0..., example: 1280), "height": integer(0..., example: 720),
        "bitrate": integer(0..., example: 3_000_000).described("Bits a second it needs at most."),
    ]).named("TitleQuality")

    /// A title as lists have it.
    static let title = object(titleMembers).named("Title")

    /// A series with its seasons.
    static let series = object([
        "id": uuid, "type": oneOf("series"), "series_id": null, "season": null, "episode": null,
        "title": text(example: "The Seventh Cellar"), "description": text(example: "A town keeps a secret."),
        "genres": names, "cast": names, "tags": names, "release_year": integer(1850...2200, example: 2021).orNull,
        "language": text(0...35, example: "en"), "rating": number(0...10, example: 8.1).orNull,
        "maturity": text(0...32, example: "16"), "poster": poster.orNull, "required_level": level, "video_id": null,
        "playable": boolean, "duration": null, "qualities": list(of: quality), "view_count": integer(0..., example: 12),
        "published": boolean, "published_from": time.orNull, "published_until": time.orNull, "created_at": time,
        "updated_at": time,
        "seasons": list(of: object(["season": number, "episodes": list(of: title)])),
    ]).named("SeriesWithSeasons")

    private static let titleMembers: KeyValuePairs<String, Schema> = [
        "id": uuid, "type": oneOf(TitleKind.self), "series_id": uuid.orNull.example(.null),
        "season": number.orNull.example(.null), "episode": number.orNull.example(.null),
        "title": text(example: "Metropolis"), "description": text(example: "A city above, and one below."),
        "genres": names, "cast": names, "tags": names, "release_year": integer(1850...2200, example: 1927).orNull,
        "language": text(0...35, example: "de"), "rating": number(0...10, example: 8.3).orNull,
        "maturity": text(0...32, example: "PG"), "poster": poster.orNull, "required_level": level,
        "video_id": uuid.orNull, "playable": boolean, "duration": number(0..., example: 9180).orNull,
        "qualities": list(of: quality), "view_count": integer(0..., example: 1204), "published": boolean,
        "published_from": time.orNull, "published_until": time.orNull, "created_at": time, "updated_at": time,
    ]

    // What may be written; lists of members are literals, so each has its own.

    private static let writtenTitle = text(
        1...500, pattern: "^[^\\x00-\\x1f\\x7f-\\x9f]*[A-Za-z0-9]$", example: "Metropolis")
    private static let writtenText = text(
        0...10_000, pattern: "^[^\\x00-\\x1f\\x7f-\\x9f]*$", example: "A city above, and one below.")
    private static let writtenYear = integer(1850...2200, example: 1927).orNull
    private static let writtenRating = number(0...10, example: 8.3).orNull
    private static let writtenMark = text(0...32, pattern: "^[A-Za-z0-9 +-]*$", example: "PG").orNull
    private static let writtenPoster = text(
        1...2048, pattern: "^(https?://[A-Za-z0-9._~/-]+|/[A-Za-z0-9._~-][A-Za-z0-9._~/-]*)$",
        example: "/images/posters/metropolis.webp"
    ).orNull
    private static let writtenTime = text(
        pattern: "^(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
            + "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$", example: "2026-03-01T09:30:00Z"
    ).orNull

    private static func writtenNames(_ count: Int) -> Schema {
        list(of: text(1...100, pattern: "^[A-Za-z0-9 .'-]*[A-Za-z0-9]$", example: "Drama"), 0...count)
    }

    private static let besideTheTitle: KeyValuePairs<String, Schema> = [
        "description": writtenText, "genres": writtenNames(20), "cast": writtenNames(200), "tags": writtenNames(50),
        "release_year": writtenYear, "language": language.orNull, "rating": writtenRating, "maturity": writtenMark,
        "poster": writtenPoster, "required_level": level, "video_id": uuid.orNull, "published_from": writtenTime,
        "published_until": writtenTime.example(.null),
    ]

    /// A new film or series.
    static let newTitle = object(["type": oneOf("movie", "series"), "title": writtenTitle], optional: besideTheTitle)

    /// A new episode.
    static let newEpisode = object(
        ["type": oneOf("episode"), "title": writtenTitle, "series_id": uuid, "season": number, "episode": number],
        optional: besideTheTitle)

    /// What is to be changed; the place is an episode's alone.
    static let titleChange = object(
        [:],
        optional: [
            "title": writtenTitle, "description": writtenText, "genres": writtenNames(20), "cast": writtenNames(200),
            "tags": writtenNames(50), "release_year": writtenYear, "language": language.orNull,
            "rating": writtenRating, "maturity": writtenMark, "poster": writtenPoster, "required_level": level,
            "video_id": uuid.orNull, "published_from": writtenTime, "published_until": writtenTime.example(.null),
        ])

    /// A change of an episode, which may also move it.
    static let episodeChange = object(
        ["series_id": uuid], optional: ["season": number, "episode": number, "title": writtenTitle])

    /// The texts of a form that brings a film.
    static let formTexts: KeyValuePairs<String, Schema> = [
        "series_id": uuid, "season": number, "episode": number, "description": writtenText,
        "genres": text(0...2000, pattern: "^[A-Za-z ,]*$", example: "Drama, Science fiction"),
        "cast": text(0...8000, pattern: "^[A-Za-z ,]*$", example: "Brigitte Helm, Alfred Abel"),
        "tags": text(0...2000, pattern: "^[A-Za-z ,]*$", example: "city, machine"),
        "release_year": integer(1850...2200, example: 1927), "language": language,
        "rating": number(0...10, example: 8.3), "maturity": text(0...32, pattern: "^[A-Za-z0-9 +-]*$", example: "PG"),
        "poster": text(1...2048, example: "/images/posters/metropolis.webp"), "required_level": level,
        "published_from": time, "published_until": time,
    ]

    private static let facetValues = list(
        of: object(["value": text(example: "Drama"), "count": integer(1..., example: 120)]), 0...50)

    /// How many titles were found of each kind of something.
    static let facets = object([
        "genre": facetValues, "type": facetValues, "language": facetValues, "year": facetValues,
        "required_level": facetValues, "maturity": facetValues,
    ]).named("TitleFacets")
}
