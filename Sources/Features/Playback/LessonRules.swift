public import Core
internal import Postgres
internal import Tokens
internal import Web

/// Who may watch a lesson.
public struct LessonRules: Sendable, Equatable {
    /// The lesson.
    public let rel: RelPath
    /// One list, if there is one; see `ViewerRules`.
    public let rules: String?

    /// - Parameters: as the properties.
    public init(rel: RelPath, rules: String?) {
        self.rel = rel
        self.rules = rules
    }
}

/// The routes of lessons' rules. The gate has no database: a change counts for the tokens made after it.
func lessonRuleRoutes() -> [Route<Playback>] {
    let access = Access.key(.upload, .catalog, or: .instructor, .admin)
    return [
        Route(.get, "/api/videos/:video/rules", by: access, about: .showRules, to: showRules),
        Route(.put, "/api/videos/:video/rules", by: access, body: .json(4096), about: .putRules, to: putRules),
        Route(.delete, "/api/videos/:video/rules", by: access, about: .removeRules, to: removeRules),
    ]
}

extension LessonRules {
    fileprivate func response(_ rules: String?) -> Response {
        .json(
            ["rel": .string("\(rel)"), "rules": rules.map { .string($0) } ?? .null],
            fields: [.init("Cache-Control", "no-store")])
    }
}

// MARK: GET /api/videos/:video/rules

private func showRules(_ playback: Playback, _ request: Request, _ video: String) throws(Problem) -> Response {
    let lesson = try playback.find(video, request.caller)
    return lesson.response(lesson.rules)
}

// MARK: PUT /api/videos/:video/rules

private func putRules(_ playback: Playback, _ request: Request, _ video: String) throws(Problem) -> Response {
    let sent = try request.json()
    let lesson = try playback.find(video, request.caller)
    guard let rules = try PlaybackRules.viewers(sent["rules"]?.string) else {
        throw Problem(.fieldMissing, detail: "rules is required.")
    }
    try asking { () throws(DatabaseError) in try playback.store.setRules(rules, lesson.rel) }
    return lesson.response(rules)
}

// MARK: DELETE /api/videos/:video/rules

private func removeRules(_ playback: Playback, _ request: Request, _ video: String) throws(Problem) -> Response {
    let lesson = try playback.find(video, request.caller)
    try asking { () throws(DatabaseError) in try playback.store.setRules(nil, lesson.rel) }
    return .json(["message": "The rules were removed."])
}

extension Playback {
    /// The lesson, if the caller may manage it; one that is somebody else's is not there.
    fileprivate func find(_ text: String, _ caller: Caller) throws(Problem) -> LessonRules {
        guard let reference = VideoReference(text) else { throw Problem(.notFound) }
        let found = try asking { () throws(DatabaseError) in try store.rules(reference) }
        guard let found else { throw Problem(.notFound) }
        try caller.mustManage(found.rel.trainer)
        return found
    }
}
