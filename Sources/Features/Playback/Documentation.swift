internal import Core
internal import Tokens
internal import Web

extension RouteDocumentation {
    static let videoToken = RouteDocumentation(
        "Hands out a playback token.",
        detail: """
            A service asks for its user; a person for himself, if he is an admin or teaches the lesson. With \
            `session_id` the token goes on with a session and takes no second place. `lim` and `devs` are set by a \
            service only.
            """,
        query: [
            .optional("user_id", .tokenName, "Whom limits count for; the person who asks where nothing is said."),
            .required("rel", .rel, "The lesson."),
            .optional("platform", .oneOf("web", "mobile"), "The kind of player; `web` where nothing is said."), .ttl,
            .optional("session_id", .tokenName.example("b5a7c1"), "The session that goes on."),
            .optional("dev", .tokenName.example("tv-1"), "Names the device."),
            .optional("lim", .integer(1...15, example: 2), "Streams the user may have at once."),
            .optional("devs", .integer(1...15, example: 3), "Devices the user may have."),
            .optional(
                "address", .text(format: "ipv4", example: "203.0.113.7"),
                "The viewer's IPv4 or IPv6 address: its network alone may use the token."),
            .optional("rules", .viewerRules, "Who may use the token, besides what the lesson's own rules say."),
            .optional("format", .oneOf("jwt", "cat"), "How it is written: `jwt` where nothing is said."),
        ],
        answers: [
            .json(
                "The token, and where the lesson plays with it.",
                .object([
                    "token": .token, "expires_in": .seconds, "playlist_url": .playlist,
                    "path_playlist_url": .pathPlaylist,
                    "session_id": .tokenName.example("b5a7c1"),
                ]))
        ], refusals: [.fieldMissing, .notEntitled, .notFound])

    static let downloadToken = RouteDocumentation(
        "Hands out a download token.",
        detail: """
            For a lesson's original (`rel`), or the presentation of a course (`course_id`) or of a module (`course_id` \
            and `module_id`). Without `filename` the answer says where the file's name goes.
            """,
        query: [
            .optional("user_id", .tokenName, "Who downloads; the person who asks where nothing is said."),
            .optional("type", .oneOf("lesson", "course", "module"), "`lesson` where nothing is said."),
            .optional("rel", .rel, "The lesson."), .optional("course_id", .slug.example("engines"), "The course."),
            .optional("module_id", .slug.example("basics"), "The module."),
            .optional("filename", .fileName, "The file."), .ttl,
        ],
        answers: [
            .json(
                "The token, and what it fetches.",
                .any(
                    .download,
                    .object([
                        "token": .token, "expires_in": .seconds,
                        "download_base_url": .url.example(
                            "https://video.example.org/download2/ada/engines/basics/first/"),
                        "filename": .fileName, "extension": .text(example: "mp4"),
                    ])))
        ], refusals: [.fieldMissing, .notEntitled, .notFound])

    static let olderDownloadToken = RouteDocumentation(
        "Hands out a download token for an original that came by an older route.",
        arguments: ["file": .fileName.example("film.mp4")], query: [.ttl],
        answers: [.json("The token, and what it fetches.", .download)], refusals: [.notEntitled])

    static let olderVideoToken = RouteDocumentation(
        "Hands out a playback token for a video that came by an older route.",
        arguments: ["file": .fileName.example("film.mp4")],
        query: [.optional("video_id", .slug.example("film"), "The video, where the site kept its id."), .ttl],
        answers: [.json("The token, and where the video plays with it.", .older)], refusals: [.notEntitled])

    static let olderMobileToken = RouteDocumentation(
        "Hands out an app's playback token for a video that came by an older route.",
        arguments: ["file": .fileName.example("film.mp4"), "video": .slug.example("film")], query: [.ttl],
        answers: [.json("The token, and where the video plays with it.", .older)], refusals: [.notEntitled])

    static let showRules = RouteDocumentation(
        "Shows who may watch a lesson.", arguments: ["video": .video], answers: [.json("The rules.", .lessonRules)])

    static let putRules = RouteDocumentation(
        "Says who may watch a lesson.",
        detail: "Counts for tokens made from now on. The first rule that fits decides; the last one is for everybody.",
        arguments: ["video": .video], body: .json(.object(["rules": .viewerRules])),
        answers: [.json("The rules.", .lessonRules)], refusals: [.fieldMissing])

    static let removeRules = RouteDocumentation(
        "Lets everybody with a token watch a lesson.", arguments: ["video": .video],
        answers: [.json("They are gone.", .message("The rules were removed."))])
}

extension RouteDocumentation.Parameter {
    fileprivate static let ttl = optional(
        "ttl", .integer(0..., example: 3600), "Seconds it shall hold, as far as the settings allow.")
}

extension Schema {
    fileprivate static let seconds = integer(1..., example: 3600)
    fileprivate static let playlist = url.example(
        "https://video.example.org/hls2/ada/engines/basics/first/output.m3u8")
    fileprivate static let pathPlaylist = url.example(
        "https://video.example.org/play/eyJhbGciOiJIUzI1NiJ9.e30.c2ln/ada/engines/basics/first/output.m3u8")

    fileprivate static let download = object([
        "token": token, "expires_in": seconds,
        "download_url": url.example("https://video.example.org/download2/ada/engines/basics/first/first_lesson.mp4"),
    ]).named("Download")

    fileprivate static let older = object([
        "token": token, "expires_in": seconds, "video_id": slug.example("film"), "playlist_url": playlist,
        "path_playlist_url": pathPlaylist, "session_id": uuid,
    ]).named("OlderPlayback")

    fileprivate static let lessonRules = object(["rel": storedRel, "rules": viewerRules.orNull]).named("LessonRules")
}
