internal import Core
internal import Postgres
internal import Tokens
internal import Web

/// The routes of titles' videos.
func filmRoutes() -> [Route<Catalog>] {
    let keeping = Access.key(.catalog, or: .admin)
    return [
        Route(.post, "/api/admin/content", by: keeping, body: .stream, about: .addFilm, to: addFilm),
        Route(.get, "/api/admin/content/:content/status", by: keeping, about: .showProcessing, to: showProcessing),
    ]
}

// MARK: POST /api/admin/content

/// The title is made once its file was received, judged and stored: what is wrong with either is said before anything
/// is kept.
private func addFilm(_ catalog: Catalog, _ request: Request) throws(Problem) -> Response {
    var read: TitleFields?
    let film = try catalog.receiver.receive(request) { (text) throws(Problem) in
        let fields = try CatalogRules.newTitle(try CatalogRules.body(ofForm: text))
        guard fields.kind != .series else {
            throw Problem(.badRequest, detail: "A series has no video; its episodes have.")
        }
        guard fields.video == nil else { throw Problem(.badRequest, detail: "The video is the file.") }
        let outcome = try asking { () throws(DatabaseError) in try catalog.store.refusal(of: fields) }
        if let outcome { _ = try outcome.id() }
        read = fields
    }
    guard var fields = read else { throw Problem(.internalError, inside: "the form was not looked at") }
    fields.video = film.video
    let outcome = try asking { [fields] () throws(DatabaseError) in try catalog.store.add(fields) }
    let id = try outcome.id()
    return .json(
        .object(
            [.init("content", try catalog.find(id, hidden: true).json), .init("video_id", .string("\(film.video)"))]
                + film.members), status: 201,
        fields: [.init("Location", "\(catalog.baseURL)/api/content/\(id)")])
}

// MARK: GET /api/admin/content/:content/status

private func showProcessing(
    _ catalog: Catalog, _ request: Request, _ id: ID<CatalogTitle>
) throws(Problem) -> Response {
    let processing = try asking { () throws(DatabaseError) in try catalog.store.processing(id.rawValue) }
    guard let processing else { throw Problem(.notFound) }
    let task: JSON? = if let task = processing.task { try catalog.tasks.task(task) } else { nil }
    return .json(
        [
            "content_id": .string("\(id)"), "video_id": JSON(processing.video?.description),
            "status": .string(CatalogRules.status(processing, taskState: task?["state"]?.string)),
            "playable": .bool(processing.isPlayable), "task": task ?? .null,
        ], fields: [.init("Cache-Control", "no-store")])
}
