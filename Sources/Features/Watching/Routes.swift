internal import Core
internal import Postgres
internal import Sessions
internal import Tokens
public import Web

/// What the handlers need.
public struct Watching {
    let store: any WatchingStore
    let window: Int64
    let now: () -> Int64

    /// - Parameters:
    ///   - store: sessions and revocations.
    ///   - window: seconds a stream counts after its last media.
    ///   - now: wall-clock seconds.
    public init(store: any WatchingStore, window: Int64, now: @escaping () -> Int64) {
        self.store = store
        self.window = window
        self.now = now
    }
}

/// The feature's routes.
public func watchingRoutes() -> [Route<Watching>] {
    let access = Access.key(.admin, or: .admin)
    return [
        Route(.get, "/api/admin/sessions", by: access, about: .listSessions, to: listSessions),
        Route(.delete, "/api/admin/sessions/:session", by: access, about: .endSession, to: endSession),
        Route(.get, "/api/admin/revocations", by: access, about: .listRevocations, to: listRevocations),
        Route(.post, "/api/admin/revocations", by: access, body: .json(16_384), about: .revoke, to: revoke),
        Route(.delete, "/api/admin/revocations/:revocation", by: access, about: .lift, to: lift),
    ]
}

// MARK: GET /api/admin/sessions

private func listSessions(_ watching: Watching, _ request: Request) throws(Problem) -> Response {
    let filter = try WatchingRules.filter(request.query)
    let page = try Page(request.query, parts: 4)
    try page.requireNumber()
    let rows = try asking { () throws(DatabaseError) in
        try watching.store.sessions(filter, window: watching.window, page)
    }
    return page.answer(
        rows, place: { ["\($0.started.seconds)", $0.session, $0.host, $0.user] }, json: \.json)
}

// MARK: DELETE /api/admin/sessions/:session

private func endSession(_ watching: Watching, _ request: Request, _ session: String) throws(Problem) -> Response {
    let isKnown = try asking { () throws(DatabaseError) in try watching.store.knows(session: session) }
    guard isKnown else { throw Problem(.notFound) }
    let revocation = Revocation(kind: .session, value: session, time: watching.now())
    let entry = try asking { () throws(DatabaseError) in
        try watching.store.revoke(revocation, reason: "", author: request.caller.description)
    }
    return .json(entry.json)
}

// MARK: GET /api/admin/revocations

private func listRevocations(_ watching: Watching, _ request: Request) throws(Problem) -> Response {
    let page = try Page(request.query, parts: 2)
    try page.requireNumber()
    if let after = page.after, UUID(after[1]) == nil { throw Problem(.badRequest, detail: "cursor is not valid.") }
    let rows = try asking { () throws(DatabaseError) in try watching.store.revocations(page) }
    return page.answer(rows, place: { ["\($0.revocation.time)", "\($0.id)"] }, json: \.json)
}

// MARK: POST /api/admin/revocations

private func revoke(_ watching: Watching, _ request: Request) throws(Problem) -> Response {
    let (revocation, reason) = try WatchingRules.revocation(try request.json(), now: watching.now())
    let entry = try asking { () throws(DatabaseError) in
        try watching.store.revoke(revocation, reason: reason, author: request.caller.description)
    }
    return .json(entry.json, status: 201)
}

// MARK: DELETE /api/admin/revocations/:revocation

private func lift(_ watching: Watching, _ request: Request, _ id: ID<RevocationEntry>) throws(Problem) -> Response {
    let isLifted = try asking { () throws(DatabaseError) in try watching.store.lift(id.rawValue) }
    guard isLifted else { throw Problem(.notFound) }
    return .json(["message": "The revocation was lifted."])
}

extension SeenSession {
    /// As the list has it.
    var json: JSON {
        [
            "session_id": .string(session), "user_id": .string(user), "rel": .string(rel), "host": .string(host),
            "platform": .string(platform), "address": .string(address), "agent": .string(agent),
            "stream_limit": limit == 0 ? .null : JSON(limit), "started_at": .string(started.rfc3339),
            "last_seen_at": .string(seen.rfc3339), "media_seconds": .number(mediaSeconds),
            "requests": .integer(requests), "refusals": .integer(refusals), "last_refusal": JSON(lastRefusal),
            "flags": .array(flags.map { .string($0) }), "live": .bool(isLive),
        ]
    }
}

extension RevocationEntry {
    /// As the list has it: what is revoked under the name that the caller gives it by.
    var json: JSON {
        let name =
            switch revocation.kind {
            case .token: "jti"
            case .session: "session_id"
            case .user: "user_id"
            case .rel: "rel"
            }
        return .object([
            .init("id", .string("\(id)")), .init("kind", .string(revocation.kind.rawValue)),
            .init(name, .string(revocation.value)), .init("revoked_at", .string(UnixTime(revocation.time).rfc3339)),
            .init("reason", .string(reason)), .init("author", .string(author)),
        ])
    }
}

extension Page {
    /// The cursors of these lists begin with a time in seconds.
    fileprivate func requireNumber() throws(Problem) {
        if let after, Digits.parse(after[0]) == nil { throw Problem(.badRequest, detail: "cursor is not valid.") }
    }
}
