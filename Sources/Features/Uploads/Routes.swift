internal import Core
public import Storage
internal import Tokens
public import Web

/// What the handlers need.
public struct Uploads {
    let store: any UploadStore
    let inspector: any Inspector
    let tree: DataTree
    let bodies: OpenBodies
    let settings: Settings

    /// The settings that count here.
    public struct Settings: Sendable {
        /// Bytes of a file.
        public var largest: Int64
        /// The base of every URL in an answer.
        public var baseURL: String
        /// Whether callbacks may go to private addresses.
        public var callbackAllowPrivate: Bool
        /// Bytes that stay free.
        public var reserve: Int64

        /// - Parameters: as the properties.
        public init(largest: Int64, baseURL: String, callbackAllowPrivate: Bool, reserve: Int64) {
            self.reserve = reserve
            self.largest = largest
            self.baseURL = baseURL
            self.callbackAllowPrivate = callbackAllowPrivate
        }
    }

    /// - Parameters:
    ///   - store: keeps what came in.
    ///   - inspector: judges files.
    ///   - tree: where files live.
    ///   - bodies: how many are open.
    ///   - settings: the settings that count here.
    public init(
        store: any UploadStore, inspector: any Inspector, tree: DataTree, bodies: OpenBodies, settings: Settings
    ) {
        self.store = store
        self.inspector = inspector
        self.tree = tree
        self.bodies = bodies
        self.settings = settings
    }
}

/// The feature's routes.
public func uploadRoutes() -> [Route<Uploads>] {
    let access = Access.key(.upload, or: .instructor, .admin)
    return [
        Route(.post, "/upload/lesson", by: access, body: .stream, about: .uploadLesson, to: uploadLesson),
        Route(
            .post, "/upload_presentation/course/:course", by: access, body: .stream, about: .uploadCoursePresentation,
            to: uploadCoursePresentation),
        Route(
            .post, "/upload_presentation/module/:course/:module", by: access, body: .stream,
            about: .uploadModulePresentation, to: uploadModulePresentation),
        Route(.post, "/upload", by: access, body: .stream, about: .uploadVideo, to: uploadVideo),
        Route(
            .post, "/upload_presentation", by: access, body: .stream, about: .uploadPresentation, to: uploadPresentation
        ),
    ]
}

// MARK: POST /upload/lesson

private func uploadLesson(_ uploads: Uploads, _ request: Request) throws(Problem) -> Response {
    let received = try uploads.receive(request)
    let form = received.form
    let rel = RelPath(
        trainer: try form.slug("trainer_id"), course: try form.slug("course_id"), module: try form.slug("module_id"),
        lesson: try form.slug("lesson_id"))
    guard !rel.trainer.description.utf8.elementsEqual("library".utf8) else {
        throw Problem(.badRequest, detail: "trainer_id is reserved.")
    }
    let title = try uploads.title(form)
    let callbacks = try uploads.callbacks(form)
    try request.caller.mustManage(rel.trainer)

    let judged = try uploads.judge(received)
    let upload = AcceptedUpload(
        task: UUID(), rel: rel, title: title, kind: judged.kind, originalName: UploadRules.shownName(form.fileName),
        size: received.file.size, facts: judged.facts, callbacks: callbacks)
    try uploads.store(upload, received.file)
    return uploads.accepted(upload, ["lesson_id": .string("\(rel.lesson)")])
}

extension Uploads {
    /// What people call a video.
    func title(_ form: UploadForm) throws(Problem) -> String {
        UploadRules.shortened(try form.text("title") ?? "", to: 500)
    }

    /// Who is told of the end.
    func callbacks(_ form: UploadForm) throws(Problem) -> Callbacks {
        UploadRules.callbacks(
            success: try form.text("success_callback_url"), error: try form.text("error_callback_url"),
            allowPrivate: settings.callbackAllowPrivate)
    }

    /// The answer to an upload that became a task.
    func accepted(_ upload: AcceptedUpload, _ named: KeyValuePairs<String, JSON>) -> Response {
        let members: [JSON.Member] = [
            .init("message", "The upload was accepted and is being processed."),
            .init("task_id", .string("\(upload.task)")), .init("hls_path", .string(upload.rel.playlistPath)),
            .init("status_url", .string("\(settings.baseURL)/api/tasks/\(upload.task)")),
        ]
        return .json(.object(members + named.map { JSON.Member($0.key, $0.value) }), status: 202)
    }
}

// MARK: POST /upload_presentation/course/:course

private func uploadCoursePresentation(
    _ uploads: Uploads, _ request: Request, _ course: Slug
) throws(Problem) -> Response {
    try uploads.present(request, course: course, in: "courses/\(course)")
}

// MARK: POST /upload_presentation/module/:course/:module

private func uploadModulePresentation(
    _ uploads: Uploads, _ request: Request, _ course: Slug, _ module: Slug
) throws(Problem) -> Response {
    try uploads.present(request, course: course, in: "modules/\(course)/\(module)")
}
