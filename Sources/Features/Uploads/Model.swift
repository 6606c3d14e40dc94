public import Core
public import Media
public import Storage

/// A lesson's file that was received, judged and stored.
public struct AcceptedUpload: Sendable {
    /// The task that makes a lesson of it; the stored file has its name.
    public let task: UUID
    /// Where the lesson lives.
    public let rel: RelPath
    /// The id that a new video gets, where its place is made of it; `nil`: any.
    public let video: UUID?
    /// What people call it.
    public let title: String
    /// The extension it is stored with.
    public let kind: FileExtension
    /// Its name as the client wrote it, fit to be shown.
    public let originalName: String
    /// Bytes.
    public let size: Int64
    /// What the helper found; `nil` when it took too long: then the task asks again.
    public let facts: SourceFacts?
    /// Who is told of the end.
    public let callbacks: Callbacks

    /// - Parameters: as the properties.
    public init(
        task: UUID, rel: RelPath, video: UUID? = nil, title: String, kind: FileExtension, originalName: String,
        size: Int64, facts: SourceFacts?, callbacks: Callbacks
    ) {
        self.task = task
        self.video = video
        self.rel = rel
        self.title = title
        self.kind = kind
        self.originalName = originalName
        self.size = size
        self.facts = facts
        self.callbacks = callbacks
    }
}

extension AcceptedUpload {
    /// Whose it is: of the library's videos, whoever the second part of the path names.
    public var owner: Slug {
        guard let place = rel.place, rel.trainer.description.utf8.elementsEqual("library".utf8) else {
            return rel.trainer
        }
        return place.course
    }
}

/// Who is told when a task is over.
public struct Callbacks: Sendable, Equatable {
    /// Where success is told.
    public let success: String?
    /// Where failure is told.
    public let error: String?
    /// Why an address that was given is not used.
    public let refused: Refusal?

    /// - Parameters: as the properties.
    public init(success: String?, error: String?, refused: Refusal?) {
        self.success = success
        self.error = error
        self.refused = refused
    }
}

/// What the media helper said of a file.
public enum Inspection: Sendable {
    /// It can become a lesson.
    case fine(SourceFacts)
    /// It can't.
    case refused(Refusal, inside: String)
    /// It did not say in time.
    case undecided(inside: String)
}
