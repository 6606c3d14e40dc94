import Core
import Testing
import Tokens
import Web

@Suite("The API's description") struct OpenAPITests {
    static let rating = Schema.object(
        ["stars": .integer(1...5, example: 4)], optional: ["note": .text(0...10, example: "good").orNull]
    ).named("Rating")

    static var route: Route<Void> {
        Route(
            .put, "/api/content/:content/rating", by: .key(.catalog, or: .viewer), body: .json(4096),
            about: RouteDocumentation(
                "Rates a title.", query: [.optional("language", .oneOf("en", "fr"), "English.")],
                body: .json(rating), answers: [.json("The rating.", .page(of: rating), status: 201)],
                refusals: [.notFound, .fieldMissing]),
            to: { (_: Void, _: Request, _: Slug) throws(Problem) in .json([:]) })
    }

    static let document = OpenAPI(title: "T", version: "1", server: "/").document([route])

    static func at(_ path: String...) -> JSON? {
        path.reduce(Optional(document)) { value, name in
            Int(name).flatMap { index in value?.array.flatMap { $0.indices.contains(index) ? $0[index] : nil } }
                ?? value?[name]
        }
    }

    @Test("an operation says what the table and its documentation say") func operation() {
        let path = "/api/content/{content}/rating"
        #expect(Self.at("openapi")?.string == "3.1.0")
        #expect(Self.at("paths", path, "put", "operationId")?.string == "put_api_content_by_content_rating")
        #expect(Self.at("paths", path, "put", "tags", "0")?.string == "content")
        #expect(Self.at("paths", path, "put", "security") == [["apiKey": []], ["bearer": []]])
        #expect(Self.at("paths", path, "put", "parameters", "0", "in")?.string == "path")
        #expect(Self.at("paths", path, "put", "parameters", "0", "schema") == Schema.slug.written)
        #expect(Self.at("paths", path, "put", "parameters", "1", "required")?.bool == false)
        #expect(
            Self.at("paths", path, "put", "requestBody", "content", "application/json", "schema")
                == ["$ref": "#/components/schemas/Rating"])
    }

    @Test("answers stand by status, refusals with their codes") func responses() {
        let path = "/api/content/{content}/rating"
        guard case .object(let answers)? = Self.at("paths", path, "put", "responses") else {
            Issue.record("there are no answers")
            return
        }
        #expect(answers.map(\.name) == ["201", "400", "401", "403", "404", "413", "415", "429", "503"])
        let problem = Self.at(
            "paths", path, "put", "responses", "400", "content", "application/problem+json", "schema")
        #expect(problem?["properties"]?["code"]?["enum"] == ["bad_request", "field_missing"])
        #expect(
            Self.at(
                "paths", path, "put", "responses", "404", "content", "application/problem+json", "examples",
                "not_found", "value", "code") == "not_found")
    }

    @Test("objects are closed, examples are made of their members'") func schemas() {
        #expect(
            Self.at("components", "schemas", "Rating") == [
                "type": "object",
                "properties": [
                    "stars": ["type": "integer", "minimum": 1, "maximum": 5],
                    "note": ["type": ["string", "null"], "maxLength": 10],
                ], "required": ["stars"], "additionalProperties": false,
            ])
        #expect(Self.rating.example == ["stars": 4, "note": "good"])
        #expect(Self.at("components", "schemas", "Problem", "additionalProperties")?.bool == false)
    }

    @Test("the same table gives the same bytes") func same() {
        #expect(OpenAPI(title: "T", version: "1", server: "/").document([Self.route]).bytes == Self.document.bytes)
    }

    @Test("what is missing or does not fit is found") func faults() {
        #expect(Self.route.documentationFaults.isEmpty)
        let bare = Route(.get, "/x", by: .anyone, to: { (_: Void, _: Request) throws(Problem) in .json([:]) })
        #expect(bare.documentationFaults.count == 1)
        let wrong = Route(
            .post, "/x", by: .anyone, body: .json(1),
            about: RouteDocumentation("", arguments: ["y": .slug], answers: []),
            to: { (_: Void, _: Request) throws(Problem) in .json([:]) })
        #expect(wrong.documentationFaults.count == 4)
    }
}
