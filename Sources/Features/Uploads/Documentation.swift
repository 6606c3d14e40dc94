internal import Core
internal import Web

extension RouteDocumentation {
    static let uploadLesson = RouteDocumentation(
        "Takes a lesson's video.",
        detail: """
            The file is judged by its content before the answer, and becomes a task that can be followed at \
            `status_url`. A lesson that is there plays on until the new video can be played. Callbacks are told of the \
            end; an address that can't be used never fails an upload: the task says so.
            """,
        body: .form(
            .object(
                [
                    "trainer_id": .slug.described("Whose it is. An instructor names himself; `library` is reserved."),
                    "course_id": .slug.example("engines"), "module_id": .slug.example("basics"),
                    "lesson_id": .slug.example("first"), "video": .file,
                ], optional: .besideAFile)),
        answers: [
            .json("The task that makes a lesson of it.", .accepted(["lesson_id": .slug.example("first")]), status: 202)
        ],
        refusals: [.notFound, .apiUnavailable] + ofAFile)

    static let uploadCoursePresentation = RouteDocumentation(
        "Takes a course's presentation, in the place of the one that was there.",
        detail: "An instructor may when every lesson of the course is his.",
        body: .form(.object(["video": .file])),
        answers: [.json("It is stored.", .presentation("courses/engines/presentation.mp4"), status: 201)],
        refusals: ofAFile)

    static let uploadModulePresentation = RouteDocumentation(
        "Takes a module's presentation, in the place of the one that was there.",
        detail: "An instructor may when every lesson of the course is his.",
        body: .form(.object(["video": .file])),
        answers: [.json("It is stored.", .presentation("modules/engines/basics/presentation.mp4"), status: 201)],
        refusals: ofAFile)

    static let uploadVideo = RouteDocumentation(
        "Takes a video without a place in a course (older route).",
        detail: "It keeps its file's name where that is free.",
        body: .form(.object(["user_id": .slug, "video": .file], optional: .besideAFile)),
        answers: [
            .json(
                "The task that makes a lesson of it.",
                .accepted(["video_id": .slug.example("film"), "filename": .fileName.example("film.mp4")]), status: 202)
        ], refusals: [.notFound, .conflict] + ofAFile)

    static let uploadPresentation = RouteDocumentation(
        "Takes a presentation of nothing in particular (older route).",
        detail: "It keeps its file's name where that is free.", body: .form(.object(["video": .file])),
        answers: [.json("It is stored.", .presentation("film.mp4"), status: 201)], refusals: [.conflict] + ofAFile)

    /// Why a form with a file may be refused.
    private static let ofAFile: [Refusal] = [
        .fieldMissing, .fileMissing, .fileType, .notMedia, .truncated, .noStreams, .codec, .encrypted, .pixels,
        .streams, .duration, .frames, .output, .mediaType, .tooLarge, .noRoom,
    ]
}

extension KeyValuePairs<String, Schema> {
    /// What may come with a file that becomes a task.
    fileprivate static var besideAFile: KeyValuePairs<String, Schema> {
        [
            "title": .text(0...500, example: "The first lesson"), "success_callback_url": .url,
            "error_callback_url": .url,
        ]
    }
}

extension Schema {
    /// What is answered to an upload that became a task.
    fileprivate static func accepted(_ named: KeyValuePairs<String, Schema>) -> Schema {
        object(
            [
                "message": text(example: "The upload was accepted and is being processed."), "task_id": uuid,
                "hls_path": text(example: "/hls2/ada/engines/basics/first/output.m3u8"),
                "status_url": url.example("https://video.example.org/api/tasks/0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60"),
            ], and: named)
    }

    fileprivate static func presentation(_ path: String) -> Schema {
        object([
            "message": text(example: "The presentation was stored."),
            "file_path": text(example: "presentation_videos/\(path)"),
        ])
    }
}
