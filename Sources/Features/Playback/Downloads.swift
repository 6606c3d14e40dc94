public import Core
public import Postgres
public import Storage

/// What can be downloaded.
public enum DownloadSubject: Sendable, Equatable {
    /// A lesson's original.
    case lesson(RelPath)
    /// A course's presentation.
    case course(Slug)
    /// A module's presentation.
    case module(course: Slug, module: Slug)
    /// An original that came by an older route: whose it is.
    case older(user: Slug)

    /// The directory of its URL, with a slash at the end.
    public var directory: String {
        switch self {
        case .lesson(let rel): "/download2/\(rel)/"
        case .course(let course): "/download2/course/\(course)/"
        case .module(let course, let module): "/download2/module/\(course)/\(module)/"
        case .older(let user): "/api/download/\(user)/"
        }
    }
}

/// What somebody asks a download token for.
public struct DownloadWish: Sendable, Equatable {
    /// Who downloads.
    public let user: String
    /// What.
    public let subject: DownloadSubject
    /// The file, where the caller names it.
    public let filename: FileName?
    /// Seconds asked for, if any.
    public let ttl: Int64?

    /// - Parameters: as the properties.
    public init(user: String, subject: DownloadSubject, filename: FileName?, ttl: Int64?) {
        self.user = user
        self.subject = subject
        self.filename = filename
        self.ttl = ttl
    }
}

/// A file that can be downloaded.
public struct Downloadable: Sendable, Equatable {
    /// Its name on disk.
    public let name: FileName
    /// What a person calls it, where that is known; its extension is the name's.
    public let title: String?

    /// - Parameters: as the properties.
    public init(name: FileName, title: String?) {
        self.name = name
        self.title = title
    }
}

/// Knows which files there are, and which video a file belongs to.
public protocol DownloadStore: AnyObject {
    /// The file, or `nil` when it is not there or its video was deleted.
    ///
    /// - Parameter filename: which one, where the caller names it.
    func file(_ subject: DownloadSubject, named filename: FileName?) throws(DatabaseError) -> Downloadable?
    /// The name under which a user's file is kept or waits, and with it the video it became.
    ///
    /// - Parameter name: that name, or the one the file was sent with: then the newest of them.
    /// - Returns: `nil` when there is none, or it was deleted.
    func original(of user: Slug, named name: String) throws(DatabaseError) -> OlderName?
}
