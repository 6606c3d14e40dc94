internal import Core
internal import Web

extension RouteDocumentation {
    static let listCaptions = RouteDocumentation(
        "Lists a lesson's captions.", arguments: ["video": .video],
        answers: [
            .json("All of them.", .object(["items": .list(of: .captions), "next_cursor": .null]))
        ])

    static let showCaptions = RouteDocumentation(
        "Gives captions back as WebVTT.", arguments: ["video": .video, "language": .language],
        answers: [
            .type("text/vtt; charset=utf-8", "The cues.", .text(format: "webvtt", example: .sentCaptions))
        ], refusals: [.captionsLanguage])

    static let putCaptions = RouteDocumentation(
        "Takes captions in a language, in the place of those that were there.",
        detail: """
            SRT or WebVTT by its content, in UTF-8, UTF-16 with a mark, or Windows-1252, at most 2 MiB; as the body \
            itself, or in a form with one file. A lesson has captions in at most 64 languages.
            """,
        arguments: ["video": .video, "language": .language],
        query: [
            .optional("label", .label, "What a menu shows; the language's name where nothing is said."),
            .optional("kind", .oneOf(CaptionPurpose.self), "`subtitles` where nothing is said."),
            .optional("default", .oneOf("false", "true", "0", "1"), "Shown unless a viewer chooses otherwise."),
        ],
        body: .type("text/vtt", .vtt) || .type("application/x-subrip", .srt)
            || .form(
                .object(
                    ["file": .file],
                    optional: [
                        "label": .label, "kind": .oneOf(CaptionPurpose.self), "default": .oneOf("false", "true"),
                    ])),
        answers: [
            .json("They replace others.", .acceptedCaptions), .json("They are new.", .acceptedCaptions, status: 201),
        ],
        refusals: [
            .captionsLanguage, .captionsFormat, .captionsTime, .captionsAmount, .fileMissing, .mediaType, .tooLarge,
            .conflict,
        ])

    static let removeCaptions = RouteDocumentation(
        "Removes captions.", arguments: ["video": .video, "language": .language],
        answers: [.json("They are gone.", .message("The captions were removed."))], refusals: [.captionsLanguage])
}

extension String {
    fileprivate static let sentCaptions = "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nHello.\n"
}

extension Schema {
    fileprivate static let label = text(format: "label", 1...100, example: "English")
    fileprivate static let vtt = text(format: "webvtt", example: .sentCaptions)
    fileprivate static let srt = text(
        format: "subrip", example: "1\n00:00:01,000 --> 00:00:03,000\nHello.\n")

    /// Captions as the list has them.
    fileprivate static let captions = object([
        "language": text(example: "pt-BR"), "kind": oneOf(CaptionPurpose.self), "label": text(example: "Português"),
        "default": boolean, "cues": integer(0..., example: 204), "origin": oneOf("uploaded", "file"),
        "state": oneOf("published", "waiting"), "created_at": time,
    ]).named("Captions")

    fileprivate static let acceptedCaptions = object([
        "message": text(example: "The captions were accepted and are being published."), "video_id": uuid,
        "rel": storedRel, "language": language, "kind": oneOf(CaptionPurpose.self), "label": text(example: "Português"),
        "default": boolean, "cues": integer(1..., example: 204), "format": oneOf("srt", "vtt"),
        "encoding": oneOf("utf-8", "utf-16", "windows-1252"),
    ]).named("AcceptedCaptions")
}
