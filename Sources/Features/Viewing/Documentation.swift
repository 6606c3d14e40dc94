internal import Core
internal import Tokens
internal import Web

extension RouteDocumentation {
    static let startSession = RouteDocumentation(
        "Starts a session: watches a title from where it was left, on whatever device.",
        detail: """
            The session takes one of the streams that the subscription allows, until it is ended or nothing was fetched for \
            `STREAM_WINDOW` seconds. Its tokens carry its id as `sid`. A title that was watched to the end begins anew. A \
            video without a title is for admins and for whoever uploaded it.
            """,
        body: .json(.any(.startOf("content_id", .uuid), .startOf("video_id", .videoName))),
        answers: [.json("The session, and what plays it.", .startedSession, status: 201)],
        refusals: [.fieldMissing, .notEntitled, .limitStreams, .suspended, .notFound, .notReady])

    static let reportSession = RouteDocumentation(
        "Says where a player is, and renews its token.",
        detail: """
            Every ten seconds or so. The history goes where the session is that began last, or that really plays: one that \
            stands still on another device moves nothing back. What was played is measured by the server's clock.
            """,
        body: .json(.object(["position": .position], optional: ["state": .oneOf("playing", "paused")])),
        answers: [.json("Where the session stands, and its new token.", .renewedSession)],
        refusals: [.fieldMissing, .notEntitled, .suspended, .notFound, .notReady, .conflict])

    static let endSession = RouteDocumentation(
        "Ends a session.",
        detail:
            "Its tokens are refused from now on, and the next session can start at once. A second end changes nothing.",
        body: .json(.object([:], optional: ["position": .position])).orNothing,
        answers: [.json("Where the session stands.", .viewingSession)], refusals: [.notEntitled, .notFound])

    static let listHistory = RouteDocumentation(
        "Lists what a person watched, the last first.",
        detail: "His own, or anybody's for admins.",
        query: [
            .optional("completed", .oneOf("false", "true"), "Only what was watched to the end, or only the rest.")
        ] + Parameter.page,
        answers: [.json("A part of the list.", .page(of: .historyEntry))], refusals: [.notFound])

    static let clearHistory = RouteDocumentation(
        "Forgets all that a person watched.",
        detail: "Resuming and recommendations forget it; the operator's figures stay.",
        answers: [
            .json(
                "It is forgotten.",
                .object(["message": .text(example: "The history was cleared."), "deleted": .integer(0..., example: 12)])
            )
        ], refusals: [.notFound])

    static let forget = RouteDocumentation(
        "Forgets that a person watched a title, or a lesson by its video.",
        answers: [.json("It is forgotten.", .message("The title was removed from the history."))],
        refusals: [.notFound])

    static let listFavorites = RouteDocumentation(
        "Lists a person's favorites, the newest first.", query: Parameter.page,
        answers: [.json("A part of the list.", .page(of: .favorite))], refusals: [.notFound])

    static let keep = RouteDocumentation(
        "Makes a title a favorite.", body: .json(.object(["content_id": .uuid])),
        answers: [
            .json("It is one now.", .keptFavorite, status: 201), .json("It was one before.", .keptFavorite),
        ], refusals: [.fieldMissing, .notFound])

    static let drop = RouteDocumentation(
        "Makes a title a favorite no more.",
        answers: [.json("It is none.", .message("The title is a favorite no more."))], refusals: [.notFound])
}

extension Schema {
    fileprivate static let position = number(0...604_800, example: 431.25).described("Seconds into the title.")
    fileprivate static let videoName = any(
        uuid, rel
    ).described("The video's id, or its lesson's path.")
    fileprivate static let device = text(1...128, pattern: "^[^\\x00-\\x1f\\x7f]*$", example: "Living room")

    fileprivate static func startOf(_ name: String, _ title: Schema) -> Schema {
        object([name: title], optional: ["device": device, "platform": oneOf("web", "mobile")])
    }

    /// What a player is given; see `PlaybackGrant`.
    private static let token = text(example: "eyJhbGciOiJIUzI1NiJ9.eyJyZWwiOiJhZGEvZW5naW5lcy9iYXNpY3MvZmlyc3QifQ.c2ln")
    private static let lifetime = integer(1..., example: 3600)
    private static let playlist = url.example("https://video.example.org/hls2/ada/engines/basics/first/output.m3u8")

    fileprivate static let startedSession = object([
        "session_id": uuid, "token": token, "expires_in": lifetime, "playlist_url": playlist,
        "path_playlist_url": playlist, "resume_position": position, "duration": number(0..., example: 5400).orNull,
        "stream_limit": integer(1...15, example: 2).orNull,
    ]).named("StartedSession")

    fileprivate static let renewedSession = object([
        "session_id": uuid, "state": oneOf("playing", "paused"), "position": position,
        "watched_seconds": number(0..., example: 420), "completed": boolean, "token": token, "expires_in": lifetime,
        "playlist_url": playlist, "path_playlist_url": playlist,
    ]).named("RenewedSession")

    fileprivate static let viewingSession = object([
        "session_id": uuid, "state": oneOf("ended"), "position": position,
        "watched_seconds": number(0..., example: 420), "completed": boolean,
    ]).named("EndedSession")

    private static let type = oneOf("movie", "series", "episode", "lesson")
    private static let name = text(example: "The Analytical Engine")
    private static let poster = text(example: "https://video.example.org/posters/engine.jpg").orNull

    fileprivate static let historyEntry = object([
        "content_id": uuid.orNull, "video_id": uuid.orNull, "title": name, "type": type, "series_id": uuid.orNull,
        "season": integer(0..., example: 1).orNull, "episode": integer(0..., example: 3).orNull, "poster": poster,
        "available": boolean, "position": position, "duration": number(0..., example: 5400).orNull,
        "resume_position": position, "completed": boolean, "views": integer(0..., example: 1),
        "first_watched_at": time, "watched_at": time,
    ]).named("HistoryEntry")

    fileprivate static let favorite = object([
        "content_id": uuid, "video_id": null, "title": name, "type": oneOf("movie", "series", "episode"),
        "series_id": uuid.orNull, "season": integer(0..., example: 1).orNull,
        "episode": integer(0..., example: 3).orNull, "poster": poster, "available": boolean, "added_at": time,
    ]).named("Favorite")

    fileprivate static let keptFavorite = object([
        "message": text(example: "The title is a favorite."), "content_id": uuid,
    ]).named("KeptFavorite")
}
