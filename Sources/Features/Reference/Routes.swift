internal import Core
public import Web

/// What the handlers need.
public struct Reference {
    let store: any ReferenceStore

    /// - Parameter store: has document and files.
    public init(store: any ReferenceStore) { self.store = store }
}

/// The feature's routes.
public func referenceRoutes() -> [Route<Reference>] {
    [
        Route(.get, "/api-docs", by: .anyone, about: .showPage, to: showPage),
        Route(.get, "/api-docs/openapi.json", by: .anyone, about: .showDocument, to: showDocument),
        Route(.get, "/api-docs/:file", by: .anyone, about: .showFile, to: showFile),
    ]
}

// MARK: GET /api-docs

private func showPage(_ reference: Reference, _ request: Request) throws(Problem) -> Response {
    for file in PageFile.installed where reference.store.file(file) == nil { throw notInstalled }
    return Response(
        status: 200,
        fields: [
            .init("Content-Type", "text/html; charset=utf-8"), .init("Content-Security-Policy", ReferenceRules.policy),
        ], body: Array(ReferenceRules.page.utf8))
}

private let notInstalled = Problem(
    .notFound, detail: "Swagger UI is not installed here. The API's description is at /api-docs/openapi.json.")

// MARK: GET /api-docs/openapi.json

private func showDocument(_ reference: Reference, _ request: Request) throws(Problem) -> Response {
    Response(
        status: 200, fields: [.init("Content-Type", "application/json; charset=utf-8")],
        body: reference.store.document)
}

// MARK: GET /api-docs/:file

private func showFile(_ reference: Reference, _ request: Request, _ file: PageFile) throws(Problem) -> Response {
    let bytes = file == .start ? Array(ReferenceRules.start.utf8) : reference.store.file(file)
    guard let bytes else { throw notInstalled }
    return Response(status: 200, fields: [.init("Content-Type", file.contentType)], body: bytes)
}
