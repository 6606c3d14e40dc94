internal import Core
internal import Media
internal import POSIX
internal import Postgres
internal import Storage
internal import Tokens
internal import Web

/// A form that came in whole, with its file.
struct Received {
    let form: UploadForm
    let file: IncomingFile
    let kind: FileExtension
    /// Held until the answer: the caller has this body open.
    let place: OpenBodies.Place
}

extension Uploads {
    /// Room for a form's framing and texts besides its file; nginx allows as much.
    static let framing: Int64 = 1 << 20

    /// Reads the form and writes its file, complete and on the device when this returns.
    func receive(_ request: Request) throws(Problem) -> Received {
        let boundary = try MultipartForm.boundary(of: request.headers.one("content-type"))
        let place = try bodies.take(request.caller)
        let tree = tree
        try stored { () throws(SystemError) in try Files.makeDirectories(tree.incoming) }
        let free = try stored { () throws(SystemError) in try Files.freeBytes(tree.incoming) }
        try UploadRules.hasRoom(length: request.body.declared, free: free, reserve: settings.reserve)
        request.body.limit = settings.largest + Self.framing
        let largest = settings.largest
        let form = UploadForm { () throws(Problem) in
            try stored { () throws(SystemError) in try IncomingFile(tree, id: UUID(), limit: largest) }
        }
        try MultipartForm.read(request.body, boundary: boundary, into: form)
        guard let file = form.file, let kind = form.kind else { throw Problem(.fileMissing) }
        guard file.size > 0 else { throw Problem(.notMedia) }
        try file.sync()
        return Received(form: form, file: file, kind: kind, place: place)
    }

    /// Asks the helper what the file is.
    ///
    /// - Returns: the extension to store it with, and the facts where they were found in time.
    /// - Throws: 400 with the code when the file can't become a lesson.
    func judge(_ received: Received) throws(Problem) -> (kind: FileExtension, facts: SourceFacts?) {
        switch inspector.inspect(received.file.path, claiming: received.kind) {
        case .fine(let facts): return (FileExtension(rawValue: facts.container) ?? received.kind, facts)
        case .refused(.notMedia, let inside):
            var front = [UInt8](repeating: 0, count: 12)
            var span = front.mutableSpan
            let count = try stored { () throws(SystemError) in
                try Descriptor(reading: received.file.path).read(into: &span)
            }
            let fits = UploadRules.begins(front.span.extracting(0..<count), as: received.kind)
            throw Problem(fits ? .notMedia : .fileType, inside: inside)
        case .refused(let refusal, let inside): throw Problem(refusal, inside: inside)
        case .undecided: return (received.kind, nil)
        }
    }

    /// Moves the file to its place and makes row, task and job, or nothing.
    func store(_ upload: AcceptedUpload, _ file: IncomingFile) throws(Problem) {
        let target = tree.upload(upload.rel, task: upload.task, upload.kind)
        var placed = false
        var marked = false
        let failure: SystemError?
        do throws(DatabaseError) {
            failure = try store.accept(upload) { () throws(SystemError) in
                try file.move(to: target, below: tree.uploads)
                placed = true
                marked = try mark(upload.rel)
            }
        } catch {
            // Without a connection nobody can tell whether the commit took place: then the file has to stay.
            if case .unavailable = error { throw Problem(error) }
            if placed { undo(target, upload.rel, marked: marked) }
            throw Problem(error)
        }
        guard let failure else { return }
        if placed { undo(target, upload.rel, marked: marked) }
        throw Problem(failure.isNoRoom ? .noRoom : .internalError, inside: "\(failure)")
    }

    /// Marks a lesson that can't be played yet as one that is being made.
    ///
    /// - Returns: whether there was no mark before.
    private func mark(_ rel: RelPath) throws(SystemError) -> Bool {
        let path = tree.pending(rel)
        if Files.exists(tree.master(rel)) || Files.exists(path) { return false }
        try Files.makeDirectories(tree.lesson(rel))
        _ = try Descriptor(updating: path)
        return true
    }

    private func undo(_ target: String, _ rel: RelPath, marked: Bool) {
        try? Files.remove(target)
        if marked { try? Files.remove(tree.pending(rel)) }
    }

    /// Receives a presentation and puts it in the place of the one that was there.
    func present(_ request: Request, course: Slug, in directory: String) throws(Problem) -> Response {
        let trainers: [String]
        if case .user(_, role: .instructor) = request.caller {
            trainers = try asking { () throws(DatabaseError) in try store.trainers(ofCourse: course) }
        } else {
            trainers = []
        }
        try UploadRules.mayPresent(trainers: trainers, request.caller)
        let received = try receive(request)
        let kind = try judge(received).kind
        let place = "\(tree.presentations)/\(directory)"
        let presentations = tree.presentations
        try stored { () throws(SystemError) in
            try Files.makeDirectories(presentations)
            // Two at once would each remove the other's: one after the other.
            let turn = try Descriptor(updating: presentations + "/.turn")
            try turn.lock()
            try received.file.move(to: "\(place)/presentation.\(kind)", below: presentations)
            for other in FileExtension.allCases where other != kind {
                try Files.remove("\(place)/presentation.\(other)")
            }
            try Files.syncDirectory(place)
        }
        return .json(
            [
                "message": "The presentation was stored.",
                "file_path": .string("presentation_videos/\(directory)/presentation.\(kind)"),
            ], status: 201)
    }
}
