internal import Core
internal import Media
internal import Postgres
internal import Tokens
public import Web

/// What the handlers need.
public struct Captions {
    let store: any CaptionStore

    /// - Parameter store: keeps captions.
    public init(store: any CaptionStore) { self.store = store }
}

/// The feature's routes.
public func captionRoutes() -> [Route<Captions>] {
    let access = Access.key(.upload, .catalog, or: .instructor, .admin)
    return [
        Route(.get, "/api/videos/:video/captions", by: access, about: .listCaptions, to: listCaptions),
        Route(.get, "/api/videos/:video/captions/:language", by: access, about: .showCaptions, to: showCaptions),
        Route(
            .put, "/api/videos/:video/captions/:language", by: access, body: .stream, about: .putCaptions,
            to: putCaptions),
        Route(.delete, "/api/videos/:video/captions/:language", by: access, about: .removeCaptions, to: removeCaptions),
    ]
}

extension CaptionEntry {
    /// As the list has it.
    var json: JSON {
        [
            "language": .string(language), "kind": .string(purpose), "label": .string(label),
            "default": .bool(isDefault), "cues": JSON(cues), "origin": isUploaded ? "uploaded" : "file",
            "state": isPublished ? "published" : "waiting", "created_at": .string(created.rfc3339),
        ]
    }
}

// MARK: GET /api/videos/:video/captions

private func listCaptions(_ captions: Captions, _ request: Request, _ video: String) throws(Problem) -> Response {
    let found = try captions.find(video, request.caller)
    let entries = try asking { () throws(DatabaseError) in try captions.store.list(found.id) }
    return .json(
        ["items": .array(entries.map(\.json)), "next_cursor": .null], fields: [.init("Cache-Control", "no-store")])
}

// MARK: GET /api/videos/:video/captions/:language

private func showCaptions(
    _ captions: Captions, _ request: Request, _ video: String, _ language: String
) throws(Problem) -> Response {
    let language = try CaptionRules.language(language)
    let found = try captions.find(video, request.caller)
    let text = try asking { () throws(DatabaseError) in try captions.store.text(found.id, language) }
    guard let text else { throw Problem(.notFound) }
    return Response(
        status: 200,
        fields: [.init("Content-Type", "text/vtt; charset=utf-8"), .init("Cache-Control", "no-store")],
        body: Array(text.utf8))
}

// MARK: PUT /api/videos/:video/captions/:language

private func putCaptions(
    _ captions: Captions, _ request: Request, _ video: String, _ language: String
) throws(Problem) -> Response {
    let language = try CaptionRules.language(language)
    let sent = try SentCaptions(request)
    let found = try captions.find(video, request.caller)

    let file = try CaptionRules.read(sent.file)
    let wish = try CaptionRules.wish(
        language: language, label: sent.label, kind: sent.kind, isDefault: sent.isDefault, file: file)
    let replaced = try asking { () throws(DatabaseError) in try captions.store.put(wish, found) }
    guard let replaced else {
        throw Problem(.conflict, detail: "A lesson has captions in at most \(CaptionRules.most) languages.")
    }
    return .json(
        [
            "message": "The captions were accepted and are being published.", "video_id": .string("\(found.id)"),
            "rel": .string("\(found.rel)"), "language": .string("\(language)"),
            "kind": .string(wish.purpose.rawValue), "label": .string(wish.label), "default": .bool(wish.isDefault),
            "cues": JSON(wish.cues.count), "format": .string(file.format.rawValue),
            "encoding": .string(file.encoding.rawValue),
        ], status: replaced ? 200 : 201)
}

// MARK: DELETE /api/videos/:video/captions/:language

private func removeCaptions(
    _ captions: Captions, _ request: Request, _ video: String, _ language: String
) throws(Problem) -> Response {
    let language = try CaptionRules.language(language)
    let found = try captions.find(video, request.caller)
    let removed = try asking { () throws(DatabaseError) in try captions.store.remove(language, found) }
    guard removed else { throw Problem(.notFound) }
    return .json(["message": "The captions were removed."])
}

extension Captions {
    /// The video, if the caller may manage it; one that is somebody else's is not there.
    fileprivate func find(_ text: String, _ caller: Caller) throws(Problem) -> CaptionedVideo {
        guard let reference = VideoReference(text) else { throw Problem(.notFound) }
        let found = try asking { () throws(DatabaseError) in try store.video(reference) }
        guard let found else { throw Problem(.notFound) }
        try caller.mustManage(found.rel.trainer)
        return found
    }
}
