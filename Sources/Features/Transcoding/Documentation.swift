internal import Core
internal import Web

extension RouteDocumentation {
    static let showTask = RouteDocumentation(
        "Shows how far a task is.", answers: [.json("The task.", .task)], refusals: [.notFound])

    static let cancelTask = RouteDocumentation(
        "Stops a task.",
        detail: "Before something of it was published all it made is removed; later what is published stays.",
        answers: [
            .json(
                "It is being cancelled.",
                .object([
                    "message": .text(example: "The task is being cancelled."), "task_id": .uuid, "status_url": .taskURL,
                ]),
                status: 202)
        ], refusals: [.notFound, .conflict])

    static let transcode = RouteDocumentation(
        "Encodes a video anew from its original.",
        detail: "It plays as it is until the new publication is complete. What is not said is as the settings have it.",
        body: .json(
            .object(
                ["video_id": .video.described("The video's id or its lesson's path.")],
                optional: [
                    "ladder": .any(
                        .list(
                            of: .object([
                                "height": .integer(144...4320, example: 720),
                                "bitrate": .integer(50_000...100_000_000, example: 3_000_000),
                            ]), 1...16), .text(example: "1080:5000,720:3000"), .null
                    ).described("Sizes, falling, with bits a second; or as `LADDER` has them, in kbit/s."),
                    "per_title": .boolean.orNull, "halve_frame_rate": .boolean.orNull,
                    "packaging": .oneOf("ts", "cmaf").orNull,
                    "loudness": .integer(-31 ... -5, example: -16).orNull.described("LUFS."),
                ])),
        answers: [
            .json(
                "The task that encodes it.",
                .object([
                    "message": .text(
                        example: "The video is being encoded anew; it plays as it is until that is complete."),
                    "task_id": .uuid, "lesson_id": .slug.example("first"), "hls_path": .playlistPath,
                    "status_url": .taskURL,
                ]), status: 202)
        ], refusals: [.fieldMissing, .notFound, .conflict])
}

extension Schema {
    fileprivate static let playlistPath = text(example: "/hls2/ada/engines/basics/first/output.m3u8")
    fileprivate static let taskURL = url.example(
        "https://video.example.org/api/tasks/0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60")
    private static let reason = object([
        "code": oneOf(Refusal.self).example("no_room"),
        "detail": text(example: "There is no room left to store this."),
    ])

    /// A rendition as a task shows it.
    private static let rendition = object([
        "name": text(example: "720p"), "kind": oneOf(Rendition.Kind.self),
        "width": integer(0..., example: 1280).orNull, "height": integer(0..., example: 720).orNull,
        "copied": boolean.example(false), "state": oneOf("queued", "running", "growing", "done"),
        "progress": number(0...1, example: 0.4), "speed": number(0..., example: 2.1).orNull,
        "eta_seconds": integer(0..., example: 60).orNull,
    ]).named("TaskRendition")

    /// A task as `GET /api/tasks/:task` shows it.
    static let task = object([
        "task_id": uuid, "video_id": uuid, "lesson_id": slug.example("first"), "rel": storedRel,
        "state": oneOf(TaskState.self).example("running"), "stage": text(example: "encoding"),
        "progress": number(0...1, example: 0.4), "eta_seconds": integer(0..., example: 60).orNull,
        "speed": number(0..., example: 2.1).orNull.described("Seconds of the lesson made in a second, of late."),
        "playable": boolean, "duration": number(0..., example: 634.5).orNull, "renditions": list(of: rendition),
        "hls_path": playlistPath, "error": reason.orNull.example(.null).described("Why it failed."),
        "notice": reason.orNull.described("What it waits for, where it waits."),
        "callback": object([
            "state": oneOf("pending", "delivered", "failed", "refused").example("delivered"),
            "code": text(example: "callback_failed").orNull,
        ]).orNull, "created_at": time, "started_at": time.orNull, "finished_at": time.orNull.example(.null),
    ]).named("Task")
}
