public import Core
public import Sessions

/// What a keeper writes down of a session of its host.
public struct SessionNote: Sendable, Equatable {
    /// The session as the gates see it.
    public let entry: SessionTable.Entry
    /// Seconds of different media since the last note.
    public let mediaSeconds: Double
    /// What the owner should know.
    public let flags: Set<SessionFlag>

    /// - Parameters: as the properties.
    public init(entry: SessionTable.Entry, mediaSeconds: Double, flags: Set<SessionFlag>) {
        self.entry = entry
        self.mediaSeconds = mediaSeconds
        self.flags = flags
    }
}

/// What makes a session worth a look.
public enum SessionFlag: String, Sendable, CaseIterable {
    /// It asked faster than it could watch until it was ended.
    case ripped
    /// It fetched nearly the whole title, in order, at the allowed rate, without a pause: a copy rather than a viewing.
    case downloadLike = "download_like"
    /// Its user was sent more in a day than a day holds.
    case moreThanADay = "more_than_a_day"
}

/// A stream of a user on some host, while it counts.
public struct Rival: Sendable, Equatable {
    /// Whose.
    public let user: String
    /// Its session.
    public let session: String
    /// Where its gates are.
    public let host: String
    /// Wall-clock seconds.
    public let started: Int64
    /// Streams its token allows its user.
    public let limit: Int

    /// - Parameters: as the properties.
    public init(user: String, session: String, host: String, started: Int64, limit: Int) {
        self.user = user
        self.session = session
        self.host = host
        self.started = started
        self.limit = limit
    }
}

/// A session as the owner reads it.
public struct SeenSession: Sendable, Equatable {
    /// Its id.
    public let session: String
    /// Who watches.
    public let user: String
    /// What.
    public let rel: String
    /// On which host.
    public let host: String
    /// `web` or `mobile`.
    public let platform: String
    /// From where.
    public let address: String
    /// In which program.
    public let agent: String
    /// Streams the user may have at once; 0 without a limit.
    public let limit: Int
    /// When it began.
    public let started: UnixTime
    /// The last request.
    public let seen: UnixTime
    /// Seconds of different media.
    public let mediaSeconds: Double
    /// Requests let through, and refused.
    public let requests: Int64
    /// See `requests`.
    public let refusals: Int64
    /// Why the last one was refused.
    public let lastRefusal: String?
    /// What the owner should know.
    public let flags: [String]
    /// Whether it counts as a stream now.
    public let isLive: Bool
}

/// Which sessions somebody wants to see.
public struct SessionFilter: Sendable, Equatable {
    /// Of this user.
    public var user: String?
    /// Of this lesson.
    public var rel: String?
    /// Only those that count as streams now.
    public var live = true
    /// Only those with something to look at.
    public var flagged = false

    /// Every live session.
    public init() {}
}

/// A revocation as it stands in the list.
public struct RevocationEntry: Sendable, Equatable {
    /// Names it.
    public let id: UUID
    /// What is revoked.
    public let revocation: Revocation
    /// Why, as whoever did it wrote.
    public let reason: String
    /// Who did it.
    public let author: String
}
