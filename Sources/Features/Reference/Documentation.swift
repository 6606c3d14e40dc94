internal import Core
internal import Web

extension RouteDocumentation {
    static let showPage = RouteDocumentation(
        "Shows the API as a page.",
        detail: "404 where Swagger UI is not installed (`SWAGGER_UI_DIR`).",
        answers: [.type("text/html; charset=utf-8", "The page.", .text(example: "<!doctype html>"))],
        refusals: [.notFound])

    static let showDocument = RouteDocumentation(
        "Describes the API: this document.",
        answers: [
            .json(
                "The document (OpenAPI 3.1).",
                .dictionary(of: .anything, example: ["openapi": "3.1.0", "info": ["title": "Reelgate"]]))
        ])

    static let showFile = RouteDocumentation(
        "A file of the page.",
        answers: [
            .type("text/javascript; charset=utf-8", "The file.", .text(example: "SwaggerUIBundle({})"))
                .or("text/css; charset=utf-8", .text(example: "body {}"))
        ])
}
