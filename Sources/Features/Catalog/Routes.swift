public import Core
internal import Postgres
internal import Tokens
public import Web

/// What the handlers need.
public struct Catalog {
    let store: any CatalogStore
    let signer: any StreamSigner
    let receiver: any FilmReceiver
    let tasks: any TaskReader
    let streams: (SubscriptionLevel) -> Int
    let baseURL: String

    /// - Parameters:
    ///   - store: the catalogue.
    ///   - signer: signs for who may watch.
    ///   - receiver: takes films in.
    ///   - tasks: knows how tasks stand.
    ///   - streams: how many streams a level allows at once; 0 without a limit.
    ///   - baseURL: the base of every URL in an answer.
    public init(
        store: any CatalogStore, signer: any StreamSigner, receiver: any FilmReceiver, tasks: any TaskReader,
        streams: @escaping (SubscriptionLevel) -> Int, baseURL: String
    ) {
        self.store = store
        self.signer = signer
        self.receiver = receiver
        self.tasks = tasks
        self.streams = streams
        self.baseURL = baseURL
    }
}

/// The feature's routes; what older clients ask for under a doubled prefix answers there as well.
public func catalogRoutes() -> [Route<Catalog>] {
    let reading = Access.key(.catalog, or: .viewer, .instructor, .admin)
    let watching = Access.key(.tokens, or: .viewer, .instructor, .admin)
    let keeping = Access.key(.catalog, or: .admin)
    return [
        Route(.get, "/api/content", by: reading, about: .listTitles, to: listTitles),
        Route(.get, "/api/content/:content", by: reading, about: .showTitle, to: showTitle),
        Route(
            .get, "/api/content/:content/stream", by: watching, rate: .tokens, about: .streamTitle, to: streamTitle),
        Route(.post, "/api/content", by: keeping, body: .json(65_536), about: .addTitle, to: addTitle),
        Route(.put, "/api/content/:content", by: keeping, body: .json(65_536), about: .changeTitle, to: changeTitle),
        Route(.delete, "/api/content/:content", by: keeping, about: .removeTitle, to: removeTitle),

        Route(.get, "/api/content/content", by: reading, about: .listTitles, to: listTitles),
        Route(.get, "/api/content/content/:content", by: reading, about: .showTitle, to: showTitle),
        Route(
            .get, "/api/content/content/:content/stream", by: watching, rate: .tokens, about: .streamTitle,
            to: streamTitle),
        Route(.post, "/api/content/content", by: keeping, body: .json(65_536), about: .addTitle, to: addTitle),
        Route(
            .put, "/api/content/content/:content", by: keeping, body: .json(65_536), about: .changeTitle,
            to: changeTitle),
        Route(.delete, "/api/content/content/:content", by: keeping, about: .removeTitle, to: removeTitle),
    ] + filmRoutes()
}

/// A title, in paths.
enum CatalogTitle {}

// MARK: GET /api/content

private func listTitles(_ catalog: Catalog, _ request: Request) throws(Problem) -> Response {
    let wish = try CatalogRules.wish(request.query, request.caller)
    let wantsFacets = try CatalogRules.wantsFacets(request.query)
    let page = try Page(request.query, parts: 3)
    try CatalogRules.check(page, wish.order)
    let rows = try asking { () throws(DatabaseError) in try catalog.store.list(wish, page) }
    var beside: [JSON.Member] = []
    if wantsFacets {
        let facets = try asking { () throws(DatabaseError) in try catalog.store.facets(wish) }
        beside.append(.init("facets", facets.json))
    }
    return page.answer(rows, place: { $0.place }, json: { $0.title.json }, beside: beside)
}

// MARK: GET /api/content/:content

private func showTitle(
    _ catalog: Catalog, _ request: Request, _ id: ID<CatalogTitle>
) throws(Problem) -> Response {
    .json(
        try catalog.shown(id.rawValue, hidden: CatalogRules.keeps(request.caller)),
        fields: [.init("Cache-Control", "no-store")])
}

extension Catalog {
    /// A title that is seen.
    ///
    /// - Throws: 404.
    func find(_ id: UUID, hidden: Bool) throws(Problem) -> Title {
        let title = try asking { () throws(DatabaseError) in try store.title(id, hidden: hidden) }
        guard let title else { throw Problem(.notFound) }
        return title
    }

    /// A title as its own answer has it.
    func shown(_ id: UUID, hidden: Bool) throws(Problem) -> JSON {
        let title = try find(id, hidden: hidden)
        guard title.fields.kind == .series else { return title.json }
        let episodes = try asking { () throws(DatabaseError) in try store.episodes(id, hidden: hidden) }
        return title.json(episodes)
    }
}

// MARK: GET /api/content/:content/stream

private func streamTitle(
    _ catalog: Catalog, _ request: Request, _ id: ID<CatalogTitle>
) throws(Problem) -> Response {
    let (user, isMobile) = try CatalogRules.watcher(request.query, request.caller)
    let title = try catalog.find(id.rawValue, hidden: CatalogRules.keeps(request.caller))
    let viewer = try asking { () throws(DatabaseError) in try catalog.store.viewer(user) }
    let (rel, streams) = try CatalogRules.mayWatch(title, viewer, request.caller, streams: catalog.streams)
    let pass = try catalog.signer.sign(
        StreamWish(user: user, rel: rel, streams: streams, duration: title.duration, isMobile: isMobile))
    try asking { () throws(DatabaseError) in try catalog.store.countView(title.id, by: user) }
    return .json(
        [
            "playlist_url": .string(pass.playlistURL), "path_playlist_url": .string(pass.pathPlaylistURL),
            "token": .string(pass.token), "expires_in": .integer(pass.expiresIn),
            "session_id": .string(pass.session), "qualities": .array(title.qualities.map(\.json)),
        ], fields: [.init("Cache-Control", "no-store")])
}

// MARK: POST /api/content

private func addTitle(_ catalog: Catalog, _ request: Request) throws(Problem) -> Response {
    let fields = try CatalogRules.newTitle(try request.json())
    let outcome = try asking { () throws(DatabaseError) in try catalog.store.add(fields) }
    let id = try outcome.id()
    return .json(
        try catalog.shown(id, hidden: true), status: 201,
        fields: [.init("Location", "\(catalog.baseURL)/api/content/\(id)")])
}

// MARK: PUT /api/content/:content

private func changeTitle(
    _ catalog: Catalog, _ request: Request, _ id: ID<CatalogTitle>
) throws(Problem) -> Response {
    let body = try request.json()
    let outcome = try catalog.store.change(id.rawValue) { (fields) throws(Problem) in
        try CatalogRules.changed(fields, by: body)
    }
    return .json(try catalog.shown(try outcome.id(), hidden: true))
}

// MARK: DELETE /api/content/:content

private func removeTitle(
    _ catalog: Catalog, _ request: Request, _ id: ID<CatalogTitle>
) throws(Problem) -> Response {
    let isGone = try asking { () throws(DatabaseError) in try catalog.store.remove(id.rawValue) }
    guard isGone else { throw Problem(.notFound) }
    return .json(["message": "The title was removed."])
}
