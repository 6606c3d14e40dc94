public import Core
internal import Postgres
public import Sessions
public import Tokens
public import Web

/// What the handlers need.
public struct Viewings {
    let store: any ViewingStore
    let history: any HistoryStore
    let elsewhere: any SessionRevoking
    let sessions: Sessions
    let keys: () -> KeyRing
    let terms: Lifetimes.Terms
    let streams: Settings.LevelStreams
    let baseURL: String
    let now: () -> Int64

    /// - Parameters:
    ///   - store: keeps sessions.
    ///   - history: knows where people stand.
    ///   - elsewhere: ends sessions on other hosts.
    ///   - sessions: the places for streams on this host.
    ///   - keys: sign tokens; asked for each.
    ///   - terms: how long tokens hold.
    ///   - streams: how many each level allows.
    ///   - baseURL: the base of every URL in an answer.
    ///   - now: wall-clock seconds.
    public init(
        store: any ViewingStore, history: any HistoryStore, elsewhere: any SessionRevoking, sessions: Sessions,
        keys: @escaping () -> KeyRing, terms: Lifetimes.Terms, streams: Settings.LevelStreams, baseURL: String,
        now: @escaping () -> Int64
    ) {
        self.store = store
        self.history = history
        self.elsewhere = elsewhere
        self.sessions = sessions
        self.keys = keys
        self.terms = terms
        self.streams = streams
        self.baseURL = baseURL
        self.now = now
    }
}

/// The feature's routes.
public func viewingRoutes() -> [Route<Viewings>] {
    let person = Access.key(or: .viewer, .instructor, .admin)
    return [
        Route(
            .post, "/api/streaming/session", by: person, rate: .tokens, body: .json(4096), about: .startSession,
            to: startSession),
        Route(
            .put, "/api/streaming/session/:session", by: person, body: .json(4096), about: .reportSession,
            to: reportSession),
        Route(
            .post, "/api/streaming/session/:session/end", by: person, body: .json(4096), about: .endSession,
            to: endSession),
    ] + historyRoutes()
}

/// The answer is for one person, and holds his token.
private let unstored = Response.Field("Cache-Control", "no-store")

// MARK: POST /api/streaming/session

private func startSession(_ viewings: Viewings, _ request: Request) throws(Problem) -> Response {
    let wish = try ViewingRules.wish(try request.json())
    let person = try viewings.person(request.caller)
    let playable = try viewings.playable(wish.title)
    let video = try person.mayWatch(playable, viewings.now())
    let place = try asking { () throws(DatabaseError) in try viewings.store.place(playable.key, of: person.id) }

    let viewing = NewViewing(
        id: UUID(), user: person.id, key: playable.key, video: video, wish: wish, position: ViewingRules.resume(place))
    let grant = try viewings.grant(viewing.id, person, video, wish.platform)
    try viewings.takePlace(viewing.id, person)
    do throws(DatabaseError) { try viewings.store.start(viewing) } catch {
        viewings.sessions.close(user: person.id.description, session: viewing.id.description)
        throw Problem(error)
    }
    return .json(
        .object(viewing.members(grant.members(base: viewings.baseURL), streams: person.streams)), status: 201,
        fields: [unstored])
}

// MARK: PUT /api/streaming/session/:session

private func reportSession(
    _ viewings: Viewings, _ request: Request, _ session: ID<Viewing>
) throws(Problem) -> Response {
    let report = try ViewingRules.report(try request.json())
    let person = try viewings.person(request.caller)
    let viewing = try viewings.viewing(session, person)
    if viewing.isEnded { throw Problem(.conflict, detail: "The session has ended.") }
    let video = try person.mayWatch(try viewings.playable(viewing.title), viewings.now())

    let place = try asking { () throws(DatabaseError) in
        try viewings.store.report(
            report, of: session.rawValue, of: person.id, duration: video.duration, step: ViewingRules.step)
    }
    guard let place else { throw Problem(.conflict, detail: "The session has ended.") }
    let grant = try viewings.grant(session.rawValue, person, video, viewing.platform)
    return .json(
        .object(place.members(session) + grant.members(base: viewings.baseURL)), fields: [unstored])
}

// MARK: POST /api/streaming/session/:session/end

private func endSession(_ viewings: Viewings, _ request: Request, _ session: ID<Viewing>) throws(Problem) -> Response {
    let report = try ViewingRules.end(try request.optionalJSON())
    let person = try viewings.person(request.caller)
    let viewing = try viewings.viewing(session, person)

    // The place is free before anything is written: the next session is admitted whatever the database does.
    let isKnown = viewings.sessions.close(user: person.id.description, session: session.description)
    let place = try asking { () throws(DatabaseError) in
        try viewings.store.report(
            report, of: session.rawValue, of: person.id, duration: nil, step: ViewingRules.step)
    }
    if !isKnown, !viewing.isEnded {
        try asking { () throws(DatabaseError) in try viewings.elsewhere.revoke(session: session.rawValue) }
    }
    guard let place else { throw Problem(.notFound) }
    return .json(.object(place.members(session)), fields: [unstored])
}

// MARK: What the handlers share

/// Somebody who watches by his account.
private struct Person {
    let id: UUID
    let role: Role
    let viewer: Viewer
    let streams: Int

    func mayWatch(_ playable: Playable, _ now: Int64) throws(Problem) -> PlayableVideo {
        try ViewingRules.mayWatch(playable, user: id.description, role: role, viewer, now: now)
    }
}

extension Viewings {
    /// The caller's account; who has none here does not watch by it.
    fileprivate func person(_ caller: Caller) throws(Problem) -> Person {
        guard case .user(let text, let role) = caller, let id = UUID(text) else { throw Problem(.notEntitled) }
        let viewer = try asking { () throws(DatabaseError) in try store.viewer(id) }
        guard let viewer else { throw Problem(.notEntitled) }
        return Person(id: id, role: role, viewer: viewer, streams: streams[viewer.level])
    }

    fileprivate func playable(_ title: TitleReference) throws(Problem) -> Playable {
        let found = try asking { () throws(DatabaseError) in try store.playable(title) }
        guard let found else { throw Problem(.notFound) }
        return found
    }

    fileprivate func viewing(_ session: ID<Viewing>, _ person: Person) throws(Problem) -> Viewing {
        let found = try asking { () throws(DatabaseError) in try store.viewing(session.rawValue, of: person.id) }
        guard let found else { throw Problem(.notFound) }
        return found
    }

    /// The place is the gate's own: whoever gets one here is admitted there, and nobody else.
    fileprivate func takePlace(_ session: UUID, _ person: Person) throws(Problem) {
        guard person.streams > 0 else { return }
        let hasRoom = sessions.reserve(
            user: person.id.description, session: session.description, limit: person.streams, now: .now())
        guard hasRoom else { throw Problem(.limitStreams) }
    }

    fileprivate func grant(
        _ session: UUID, _ person: Person, _ video: PlayableVideo, _ platform: Platform
    ) throws(Problem) -> PlaybackGrant {
        let grant = PlaybackGrant(
            user: person.id.description, rel: video.rel, platform: platform, session: session.description,
            limits: TokenLimits(streams: person.streams), rules: video.rules,
            lifetimes: Lifetimes(duration: video.duration, platform: platform, terms: terms), issued: now(),
            keys: keys())
        guard let grant else { throw Problem(.internalError, inside: "the token is too long") }
        return grant
    }
}

extension Request {
    /// The body as JSON, or `nil` where there is none: pages that are being closed send none.
    ///
    /// - Throws: as `json`.
    fileprivate func optionalJSON() throws(Problem) -> JSON? {
        if body.declared ?? 0 == 0 { return nil }
        return try json()
    }
}

extension NewViewing {
    /// As the answer carries it, round what plays it.
    fileprivate func members(_ grant: [JSON.Member], streams: Int) -> [JSON.Member] {
        let first: [JSON.Member] = [.init("session_id", .string("\(id)"))]
        let last: [JSON.Member] = [
            .init("resume_position", .number(position)), .init("duration", JSON(video.duration)),
            .init("stream_limit", streams == 0 ? .null : JSON(streams)),
        ]
        return first + grant + last
    }
}

extension ViewingPlace {
    /// As answers carry it.
    fileprivate func members(_ session: ID<Viewing>) -> [JSON.Member] {
        [
            .init("session_id", .string("\(session)")), .init("state", .string(state.rawValue)),
            .init("position", .number(position)), .init("watched_seconds", .number(watched)),
            .init("completed", .bool(isCompleted)),
        ]
    }
}
