internal import Core
internal import POSIX
internal import Storage
internal import Web

// MARK: POST /upload

/// A video without a place in a course. Its file keeps its name where that is free: the older server's sites know their
/// videos by it.
func uploadVideo(_ uploads: Uploads, _ request: Request) throws(Problem) -> Response {
    let received = try uploads.receive(request)
    let form = received.form
    let user = try form.slug("user_id")
    guard !user.description.utf8.elementsEqual("library".utf8) else {
        throw Problem(.badRequest, detail: "user_id is reserved.")
    }
    let title = try uploads.title(form)
    let callbacks = try uploads.callbacks(form)
    try request.caller.mustManage(user)

    let judged = try uploads.judge(received)
    let task = UUID()
    func upload(_ video: Slug) -> AcceptedUpload {
        AcceptedUpload(
            task: task, rel: RelPath(user: user, video: video), title: title, kind: judged.kind,
            originalName: UploadRules.shownName(form.fileName), size: received.file.size, facts: judged.facts,
            callbacks: callbacks)
    }
    let names = UploadRules.videoNames(ofFileNamed: form.fileName, chance: task)
    for name in names where !uploads.isTaken(RelPath(user: user, video: name)) {
        let upload = upload(name)
        do throws(Problem) { try uploads.store(upload, received.file) } catch {
            // The name was taken in the same moment, or once: a row may outlive its files.
            if !received.file.isKept, name != names.last { continue }
            throw error
        }
        return uploads.accepted(
            upload, ["video_id": .string("\(name)"), "filename": .string("\(name).\(upload.kind)")])
    }
    throw Problem(.conflict, detail: "There is a video of this name.")
}

extension Uploads {
    /// Whether something of a video's is there: it was uploaded here, or an older server left it.
    func isTaken(_ rel: RelPath) -> Bool {
        Files.exists(tree.lesson(rel))
            || FileExtension.allCases.contains { kind in
                Files.exists(tree.original(rel, kind)) || Files.exists("\(tree.uploads(rel))/\(rel.lesson).\(kind)")
            }
    }
}

// MARK: POST /upload_presentation

/// A presentation of nothing in particular: found under its own name, which it keeps where that is free.
func uploadPresentation(_ uploads: Uploads, _ request: Request) throws(Problem) -> Response {
    let received = try uploads.receive(request)
    let kind = try uploads.judge(received).kind
    let tree = uploads.tree
    let names = UploadRules.videoNames(ofFileNamed: received.form.fileName, chance: UUID())
    let stored = try stored { () throws(SystemError) -> String? in
        try Files.makeDirectories(tree.presentations)
        let turn = try Descriptor(updating: tree.presentations + "/.turn")
        try turn.lock()
        for name in names {
            let target = "\(tree.presentations)/\(name).\(kind)"
            if Files.exists(target) { continue }
            try received.file.move(to: target, below: tree.presentations)
            return "presentation_videos/\(name).\(kind)"
        }
        return nil
    }
    guard let stored else { throw Problem(.conflict, detail: "There is a presentation of this name.") }
    return .json(["message": "The presentation was stored.", "file_path": .string(stored)], status: 201)
}
