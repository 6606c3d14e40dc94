internal import Core
internal import Postgres
internal import Tokens
internal import Web

/// Somebody whose history this is, in paths.
enum Account {}

/// A title or a lesson, in paths.
enum Watched {}

/// The routes of history and favourites, in both spellings.
func historyRoutes() -> [Route<Viewings>] {
    let access = Access.key(.admin, or: .viewer, .instructor, .admin)
    return [
        Route(.get, "/api/users/:user/history", by: access, about: .listHistory, to: listHistory),
        Route(.delete, "/api/users/:user/history", by: access, about: .clearHistory, to: clearHistory),
        Route(.delete, "/api/users/:user/history/:title", by: access, about: .forget, to: forget),
        Route(.get, "/api/users/:user/favorites", by: access, about: .listFavorites, to: listFavorites),
        Route(.post, "/api/users/:user/favorites", by: access, body: .json(4096), about: .keep, to: keep),
        Route(.delete, "/api/users/:user/favorites/:content", by: access, about: .drop, to: drop),
        Route(.get, "/api/users/users/:user/history", by: access, about: .listHistory, to: listHistory),
        Route(.delete, "/api/users/users/:user/history", by: access, about: .clearHistory, to: clearHistory),
        Route(.delete, "/api/users/users/:user/history/:title", by: access, about: .forget, to: forget),
        Route(.get, "/api/users/users/:user/favorites", by: access, about: .listFavorites, to: listFavorites),
        Route(.post, "/api/users/users/:user/favorites", by: access, body: .json(4096), about: .keep, to: keep),
        Route(.delete, "/api/users/users/:user/favorites/:content", by: access, about: .drop, to: drop),
    ]
}

extension TitleCard {
    /// As lists have it.
    fileprivate var members: [JSON.Member] {
        [
            .init("content_id", JSON(key.content?.description)), .init("video_id", JSON(key.lesson?.description)),
            .init("title", .string(title)), .init("type", .string(type)), .init("series_id", JSON(place?.series)),
            .init("season", JSON(place?.season)), .init("episode", JSON(place?.episode)),
            .init("poster", JSON(poster)), .init("available", .bool(isAvailable)),
        ]
    }
}

// MARK: GET /api/users/:user/history

private func listHistory(_ viewings: Viewings, _ request: Request, _ user: ID<Account>) throws(Problem) -> Response {
    let page = try HistoryRules.page(request.query)
    let completed = try HistoryRules.completed(request.query)
    try viewings.mustBe(user, request.caller)
    let rows = try asking { () throws(DatabaseError) in
        try viewings.history.history(user.rawValue, completed: completed, page)
    }
    return page.answer(rows, place: { ["\($0.last)", "\($0.card.key.id)"] }, json: \.json)
}

extension HistoryEntry {
    /// As the list has it.
    fileprivate var json: JSON {
        let resume = ViewingRules.resume(HistoryPlace(position: position, duration: duration))
        let more: [JSON.Member] = [
            .init("position", .number(position)), .init("duration", duration > 0 ? .number(duration) : .null),
            .init("resume_position", .number(resume)), .init("completed", .bool(isCompleted)),
            .init("views", JSON(views)), .init("first_watched_at", .string(first.rfc3339)),
            .init("watched_at", .string(UnixTime(last / 1_000_000).rfc3339)),
        ]
        return .object(card.members + more)
    }
}

// MARK: DELETE /api/users/:user/history

private func clearHistory(_ viewings: Viewings, _ request: Request, _ user: ID<Account>) throws(Problem) -> Response {
    try viewings.mustBe(user, request.caller)
    let count = try asking { () throws(DatabaseError) in try viewings.history.forgetAll(user.rawValue) }
    return .json(["message": "The history was cleared.", "deleted": JSON(count)])
}

// MARK: DELETE /api/users/:user/history/:title

private func forget(
    _ viewings: Viewings, _ request: Request, _ user: ID<Account>, _ title: ID<Watched>
) throws(Problem) -> Response {
    try viewings.mustBe(user, request.caller)
    let isForgotten = try asking { () throws(DatabaseError) in
        try viewings.history.forget(title.rawValue, of: user.rawValue)
    }
    guard isForgotten else { throw Problem(.notFound) }
    return .json(["message": "The title was removed from the history."])
}

// MARK: GET /api/users/:user/favorites

private func listFavorites(
    _ viewings: Viewings, _ request: Request, _ user: ID<Account>
) throws(Problem) -> Response {
    let page = try HistoryRules.page(request.query)
    try viewings.mustBe(user, request.caller)
    let rows = try asking { () throws(DatabaseError) in try viewings.history.favorites(user.rawValue, page) }
    return page.answer(rows, place: { ["\($0.added)", "\($0.card.key.id)"] }, json: \.json)
}

extension Favorite {
    /// As the list has it.
    fileprivate var json: JSON {
        .object(card.members + [JSON.Member("added_at", .string(UnixTime(added / 1_000_000).rfc3339))])
    }
}

// MARK: POST /api/users/:user/favorites

private func keep(_ viewings: Viewings, _ request: Request, _ user: ID<Account>) throws(Problem) -> Response {
    let content = try HistoryRules.favorite(try request.json())
    try viewings.mustBe(user, request.caller)
    let playable = try asking { () throws(DatabaseError) in try viewings.store.playable(.content(content)) }
    guard let playable, ViewingRules.isOpen(playable, now: viewings.now()) else { throw Problem(.notFound) }
    let isNew = try asking { () throws(DatabaseError) in try viewings.history.keep(content, for: user.rawValue) }
    return .json(
        ["message": "The title is a favorite.", "content_id": .string("\(content)")], status: isNew ? 201 : 200)
}

// MARK: DELETE /api/users/:user/favorites/:content

private func drop(
    _ viewings: Viewings, _ request: Request, _ user: ID<Account>, _ content: ID<Watched>
) throws(Problem) -> Response {
    try viewings.mustBe(user, request.caller)
    let isDropped = try asking { () throws(DatabaseError) in
        try viewings.history.drop(content.rawValue, for: user.rawValue)
    }
    guard isDropped else { throw Problem(.notFound) }
    return .json(["message": "The title is a favorite no more."])
}

extension Viewings {
    /// Lets pass who may see and change what is this person's.
    ///
    /// - Throws: 404 for others, and where there is no such account.
    fileprivate func mustBe(_ user: ID<Account>, _ caller: Caller) throws(Problem) {
        try HistoryRules.mustBe(user.rawValue, caller)
        let isKnown = try asking { () throws(DatabaseError) in try history.knows(user.rawValue) }
        guard isKnown else { throw Problem(.notFound) }
    }
}
