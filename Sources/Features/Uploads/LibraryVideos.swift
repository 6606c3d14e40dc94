public import Core
internal import Storage
internal import Tokens
public import Web

/// A file that became a video of the library.
public struct LibraryVideo: Sendable, Equatable {
    /// The video.
    public let id: UUID
    /// What makes it playable.
    public let task: UUID
    /// Where it lives.
    public let rel: RelPath
    /// Where its task is followed.
    public let statusURL: String
}

extension Uploads {
    /// Takes a form with a file `video` in, as every upload: the file becomes a video of its own, below `library/` and
    /// its owner, with a task.
    ///
    /// - Parameter check: looks at the form's texts, once all came and before the file is judged; its error ends
    ///   everything.
    /// - Throws: as every upload.
    public func receiveLibraryVideo(
        _ request: Request, check: (_ text: (String) throws(Problem) -> String?) throws(Problem) -> Void
    ) throws(Problem) -> LibraryVideo {
        guard let owner = request.caller.ownSlug, let library = Slug("library"), let main = Slug("main") else {
            throw Problem(.scope)
        }
        let received = try receive(request)
        let form = received.form
        try check { (name) throws(Problem) in try form.text(name) }
        let title = try title(form)
        let judged = try judge(received)
        let id = UUID()
        guard let video = Slug("\(id)") else { throw Problem(.internalError) }
        let upload = AcceptedUpload(
            task: UUID(), rel: RelPath(trainer: library, course: owner, module: video, lesson: main), video: id,
            title: title, kind: judged.kind, originalName: UploadRules.shownName(form.fileName),
            size: received.file.size, facts: judged.facts, callbacks: try callbacks(form))
        try store(upload, received.file)
        return LibraryVideo(
            id: id, task: upload.task, rel: upload.rel, statusURL: "\(settings.baseURL)/api/tasks/\(upload.task)")
    }
}

extension Caller {
    /// The id that what he uploads is kept under.
    fileprivate var ownSlug: Slug? {
        switch self {
        case .key(let id, _), .user(let id, _): Slug(id)
        case .anyone: nil
        }
    }
}
