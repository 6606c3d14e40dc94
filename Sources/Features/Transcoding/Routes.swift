public import Core
internal import POSIX
internal import Postgres
public import Storage
internal import Tokens
public import Web

/// What the routes of this feature need.
public struct TaskRoutes {
    let store: any TaskStore
    let base: String
    let tree: DataTree

    /// - Parameters:
    ///   - store: where tasks are.
    ///   - base: `PUBLIC_BASE_URL`.
    ///   - tree: where originals are.
    public init(store: any TaskStore, base: String, tree: DataTree) {
        self.tree = tree
        self.store = store
        self.base = base
    }

    /// The route table.
    public static var routes: [Route<TaskRoutes>] {
        [
            Route(.get, "/api/tasks/:task", by: .key(.upload, or: .instructor, .admin), about: .showTask, to: show),
            Route(
                .delete, "/api/tasks/:task", by: .key(.upload, or: .instructor, .admin), about: .cancelTask, to: cancel),
            Route(
                .post, "/api/admin/transcode", by: .key(.admin, or: .admin), body: .json(16_384), about: .transcode,
                to: transcode),
        ]
    }

    private static func show(
        _ context: TaskRoutes, _ request: Request, _ task: ID<LessonTask>
    ) throws(Problem) -> Response {
        .json(try context.find(task, request.caller).json, fields: [.init("Cache-Control", "no-store")])
    }

    private static func cancel(
        _ context: TaskRoutes, _ request: Request, _ task: ID<LessonTask>
    ) throws(Problem) -> Response {
        _ = try context.find(task, request.caller)
        let state = try orRefuse(.apiUnavailable) { () throws(DatabaseError) in
            try context.store.cancel(task.rawValue)
        }
        guard let state else { throw Problem(.notFound) }
        if state.isOver { throw Problem(.conflict, detail: "The task is over.") }
        return .json(
            [
                "message": "The task is being cancelled.", "task_id": .string(task.description),
                "status_url": .string("\(context.base)/api/tasks/\(task)"),
            ], status: 202)
    }

    private static func transcode(_ context: TaskRoutes, _ request: Request) throws(Problem) -> Response {
        let wanted = try TranscodeRequest(try request.json())
        let tree = context.tree
        let outcome = try orRefuse(.apiUnavailable) { () throws(DatabaseError) in
            try context.store.transcode(wanted.video, wishes: wanted.wishes.description) {
                Files.exists(tree.original($0, $1))
            }
        }
        switch outcome {
        case .unknown: throw Problem(.notFound, detail: "Video not found")
        case .busy: throw Problem(.conflict, detail: "A task of this video is under way.")
        case .accepted(let task, let rel):
            return .json(
                [
                    "message": "The video is being encoded anew; it plays as it is until that is complete.",
                    "task_id": .string(task.description), "lesson_id": .string("\(rel.lesson)"),
                    "hls_path": .string(rel.playlistPath),
                    "status_url": .string("\(context.base)/api/tasks/\(task)"),
                ], status: 202)
        }
    }

    /// The task, if the caller may know of it; one that is somebody else's is not there.
    private func find(_ task: ID<LessonTask>, _ caller: Caller) throws(Problem) -> TaskStatus {
        let found = try orRefuse(.apiUnavailable) { () throws(DatabaseError) in try store.status(task.rawValue) }
        guard let found else { throw Problem(.notFound) }
        try caller.mustManage(found.rel.trainer)
        return found
    }
}

extension TaskRoutes {
    /// A task as `GET /api/tasks/<id>` answers it; `nil` when there is none.
    public func answer(_ task: UUID) throws(Problem) -> JSON? {
        try orRefuse(.apiUnavailable) { () throws(DatabaseError) in try store.status(task) }?.json
    }
}

extension TaskStatus {
    /// 0…1 over all renditions, by media time; 1 only when all is done.
    var progress: Double {
        if state == .done { return 1 }
        return mediaSeconds > 0 ? min(0.999, max(0, madeSeconds / mediaSeconds)) : 0
    }

    /// Seconds until all is done, where that can be said.
    var remaining: Double? { state == .running ? forecast.remaining : state == .done ? 0 : nil }

    /// Seconds of the lesson made whole in a second, of late.
    var speed: Double? { state == .running ? forecast.speed(duration: duration ?? 0) : nil }

    private func rest(of rung: Rung) -> Double? {
        if rung.state == "done" { return 0 }
        return state == .running ? rung.workLeft.flatMap { forecast.remaining($0) } : nil
    }

    /// What a task that is not over waits for, where it waits.
    public var notice: Refusal? { !state.isOver && stage == LessonTask.waitsForRoom ? .noRoom : nil }

    /// As `GET /api/tasks/<id>` answers it.
    var json: JSON {
        func rounded(_ value: Double) -> JSON { JSON((value * 1000).rounded() / 1000) }
        func whole(_ seconds: Double?) -> JSON { JSON(seconds.map { Int64(min($0, 1e9).rounded(.up)) }) }
        let why = errorCode.map { Refusal(rawValue: $0) ?? .helperFailed }
        return [
            "task_id": .string(id.description), "video_id": .string(video),
            "lesson_id": .string(rel.lesson.description),
            "rel": .string(rel.description), "state": .string(state.rawValue), "stage": .string(stage),
            "progress": rounded(progress), "eta_seconds": whole(remaining), "speed": speed.map(rounded) ?? .null,
            "playable": .bool(playable), "duration": duration.map(rounded) ?? .null,
            "renditions": .array(
                rungs.map { rung in
                    [
                        "name": .string(rung.name), "kind": .string(rung.kind), "width": JSON(rung.width),
                        "height": JSON(rung.height), "copied": .bool(rung.copied), "state": .string(rung.state),
                        "progress": rung.state == "done" ? 1 : rounded(min(0.999, rung.progress)),
                        "speed": state == .running && rung.state != "done" ? rung.speed.map(rounded) ?? .null : .null,
                        "eta_seconds": whole(rest(of: rung)),
                    ]
                }),
            "hls_path": .string(rel.playlistPath),
            "error": why.map { ["code": .string($0.code), "detail": .string($0.sentence)] } ?? .null,
            "notice": notice.map { ["code": .string($0.code), "detail": .string($0.sentence)] } ?? .null,
            "callback": callbackState.map { ["state": .string($0), "code": JSON(callbackCode)] } ?? .null,
            "created_at": .string(created.rfc3339), "started_at": JSON(started?.rfc3339),
            "finished_at": JSON(finished?.rfc3339),
        ]
    }
}
