public import Core
internal import Tokens

/// The API's description (OpenAPI 3.1.0), made from a route table: the same table, the same bytes.
public struct OpenAPI {
    private let title: String
    private let version: String
    private let server: String

    /// - Parameters:
    ///   - title: what the API is called.
    ///   - version: the product's.
    ///   - server: the base of every path.
    public init(title: String, version: String, server: String) {
        self.title = title
        self.version = version
        self.server = server
    }

    /// The document; a route without documentation is not in it.
    public func document<Context>(_ routes: [Route<Context>]) -> JSON {
        var patterns: [String] = []
        for route in routes where route.documentation != nil {
            if !patterns.contains(where: { $0.utf8.elementsEqual(route.pattern.utf8) }) {
                patterns.append(route.pattern)
            }
        }
        let paths = patterns.map { pattern in
            let operations = routes.filter { $0.pattern.utf8.elementsEqual(pattern.utf8) }.compactMap(operation)
            return JSON.Member(Self.template(pattern), .object(operations))
        }
        var groups: [String] = []
        for pattern in patterns where !groups.contains(Self.group(of: pattern)) {
            groups.append(Self.group(of: pattern))
        }
        return [
            "openapi": "3.1.0",
            "info": ["title": .string(title), "version": .string(version), "description": .string(Self.introduction)],
            "servers": [["url": .string(server)]],
            "tags": .array(groups.map { ["name": .string($0)] }),
            "paths": .object(paths),
            "components": ["securitySchemes": Self.credentials, "schemas": .object(Self.components(of: routes))],
        ]
    }

    private func operation<Context>(_ route: Route<Context>) -> JSON.Member? {
        guard let about = route.documentation else { return nil }
        var members: [JSON.Member] = [
            .init("operationId", .string(Self.name(of: route))),
            .init("tags", [.string(Self.group(of: route.pattern))]),
            .init("summary", .string(about.summary)),
            .init("description", .string(Self.paragraphs(about.detail, "Callers: \(route.access.description)."))),
            .init("security", Self.security(of: route.access)),
        ]
        let parameters = route.parameters.map(Self.parameter)
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
        if let body = about.body {
            members.append(
                .init("requestBody", ["required": .bool(body.isRequired), "content": Self.content(body)]))
        }
        members.append(.init("responses", .object(Self.responses(of: route, about))))
        return JSON.Member(route.method.rawValue.lowercased(), .object(members))
    }
}

// MARK: Names

extension OpenAPI {
    /// `/api/tasks/:task` as `/api/tasks/{task}`.
    static func template(_ pattern: String) -> String {
        "/"
            + pattern.split(separator: "/").map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }
            .joined(separator: "/")
    }

    /// What an operation is called: its method and the words of its pattern, `by` before an argument's: no literal part
    /// reads like it.
    static func name<Context>(of route: Route<Context>) -> String {
        let words = route.pattern.split(separator: "/").flatMap { (part) -> [Substring] in
            let words = part.split { !$0.isLetter && !$0.isNumber }
            return part.utf8.first == UInt8(ascii: ":") ? ["by"] + words : words
        }
        return ([Substring(route.method.rawValue.lowercased())] + words).joined(separator: "_")
    }

    /// The heading a route stands under: the first word of its path that says something.
    static func group(of pattern: String) -> String {
        let words = pattern.split(separator: "/")
        let first = words.first { $0 != "api" } ?? "api"
        if first.hasPrefix("upload") { return "uploads" }
        if first.hasPrefix("get-") { return "tokens" }
        return String(first)
    }

    private static func paragraphs(_ texts: String...) -> String {
        texts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
}

// MARK: Parts of an operation

extension OpenAPI {
    fileprivate static func parameter(_ one: DocumentedParameter) -> JSON {
        var members: [JSON.Member] = [.init("name", .string(one.name)), .init("in", .string(one.place))]
        if !one.meaning.isEmpty { members.append(.init("description", .string(one.meaning))) }
        members += [
            .init("required", .bool(one.isRequired)), .init("schema", one.schema.written),
            .init("example", one.schema.example),
        ]
        return .object(members)
    }

    fileprivate static func content(_ content: RouteDocumentation.Content) -> JSON {
        .object(
            content.choices.map {
                .init($0.type, ["schema": $0.schema.written, "example": $0.schema.example])
            })
    }

    fileprivate static func responses<Context>(
        of route: Route<Context>, _ about: RouteDocumentation
    ) -> [JSON.Member] {
        var answers: [(status: Int, value: JSON)] = about.answers.map { answer in
            var members: [JSON.Member] = [.init("description", .string(answer.meaning))]
            if let body = answer.content { members.append(.init("content", content(body))) }
            return (answer.status, .object(members))
        }
        let refusals = route.refusals
        var statuses: [Int] = []
        for refusal in refusals where !statuses.contains(refusal.status) { statuses.append(refusal.status) }
        for status in statuses {
            answers.append((status, problem(status, refusals.filter { $0.status == status })))
        }
        return answers.sorted { $0.status < $1.status }.map { .init("\($0.status)", $0.value) }
    }

    /// The answer to what is refused with one status.
    private static func problem(_ status: Int, _ refusals: [Refusal]) -> JSON {
        let codes = JSON.array(refusals.map { .string($0.code) })
        let meaning = refusals.map { "`\($0.code)`: \($0.sentence)" }.joined(separator: "\n\n")
        let examples = refusals.map { refusal in
            JSON.Member(refusal.code, ["value": Problem(refusal).json(requestID: "5f0c7d2e9b1a4836")])
        }
        return [
            "description": .string(meaning),
            "headers": ["X-Reelgate-Reason": ["required": true, "schema": ["type": "string", "enum": codes]]],
            "content": [
                "application/problem+json": [
                    "schema": [
                        "$ref": .string("#/components/schemas/\(Schema.problem.name ?? "")"),
                        "properties": ["status": ["const": .integer(Int64(status))], "code": ["enum": codes]],
                    ], "examples": .object(examples),
                ]
            ],
        ]
    }

    fileprivate static func security(of access: Access) -> JSON {
        if access.isOpen { return [] }
        var ways: [JSON] = []
        if !access.scopes.isEmpty { ways.append(["apiKey": []]) }
        if !access.scopes.isEmpty || !access.roles.isEmpty { ways.append(["bearer": []]) }
        return .array(ways)
    }

    fileprivate static let credentials: JSON = [
        "apiKey": [
            "type": "apiKey", "in": "header", "name": "X-API-Key",
            "description": "A service's key, `rgk_<id>_<secret>`; good as Bearer, too.",
        ],
        "bearer": [
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "A person's access token, or a service's API key.",
        ],
    ]

    fileprivate static let introduction = """
        Every failure is `application/problem+json` (RFC 9457) with a stable `code`, which `X-Reelgate-Reason` \
        repeats. Times are RFC 3339 in UTC, durations are seconds unless the name says otherwise. A parameter that \
        stands twice, an escape that can't be undone, a NUL or a number that is not written in its one way is 400.
        """

    /// Every named schema that a route uses, by name.
    fileprivate static func components<Context>(of routes: [Route<Context>]) -> [JSON.Member] {
        var all: [Schema] = [.problem]
        for route in routes { all += route.schemas.flatMap(\.uses) }
        var named: [String: JSON] = [:]
        for schema in all { if let name = schema.name { named[name] = schema.definition } }
        return named.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { .init($0.key, $0.value) }
    }
}

/// Names that two different schemas of a table have.
public func schemaConflicts<Context>(_ routes: [Route<Context>]) -> [String] {
    var known: [String: JSON] = ["Problem": Schema.problem.definition]
    var conflicts: [String] = []
    for schema in routes.flatMap(\.schemas).flatMap(\.uses) {
        guard let name = schema.name else { continue }
        if let other = known[name], other != schema.definition, !conflicts.contains(name) { conflicts.append(name) }
        known[name] = schema.definition
    }
    return conflicts
}

// MARK: What a route says

/// A parameter of a path or a query as the document has it.
struct DocumentedParameter {
    let name: String
    let place: String
    let schema: Schema
    let meaning: String
    let isRequired: Bool
}

extension Route {
    /// The arguments and the query's parameters.
    var parameters: [DocumentedParameter] {
        let own = documentation?.arguments ?? []
        let path = arguments.map { argument in
            let schema = own.first { $0.name.utf8.elementsEqual(argument.name.utf8) }?.schema ?? argument.schema
            return DocumentedParameter(
                name: argument.name, place: "path", schema: schema, meaning: "", isRequired: true)
        }
        let query = (documentation?.query ?? []).map {
            DocumentedParameter(
                name: $0.name, place: "query", schema: $0.schema, meaning: $0.meaning, isRequired: $0.isRequired)
        }
        return path + query
    }

    /// Why a request may be refused here: what the handler says, and what every route of its kind can answer.
    var refusals: [Refusal] {
        var all = documentation?.refusals ?? []
        all += [.badRequest, .tooMany]
        if !access.isOpen { all += [.credentialsMissing, .credentialsInvalid, .scope, .apiUnavailable] }
        if !arguments.isEmpty { all.append(.notFound) }
        if case .json = body { all += [.mediaType, .tooLarge] }
        return Refusal.allCases.filter { all.contains($0) }
    }

    /// The schemas its documentation is made of.
    var schemas: [Schema] {
        let contents = (documentation?.answers ?? []).map(\.content) + [documentation?.body]
        return parameters.map(\.schema) + contents.compactMap { $0 }.flatMap { $0.choices.map(\.schema) }
    }

    /// What is missing in its documentation, or does not fit its pattern; empty when all is well.
    public var documentationFaults: [String] {
        guard let about = documentation else { return ["\(line): has no documentation"] }
        var faults: [String] = []
        if about.summary.isEmpty { faults.append("has no summary") }
        if about.answers.isEmpty { faults.append("has no answer") }
        for own in about.arguments where !arguments.contains(where: { $0.name.utf8.elementsEqual(own.name.utf8) }) {
            faults.append("has no argument \(own.name)")
        }
        if body != .none, about.body == nil { faults.append("does not say what its body holds") }
        if body == .none, about.body != nil { faults.append("takes no body") }
        for answer in about.answers where !(200...399).contains(answer.status) && answer.status != 503 {
            faults.append("answers \(answer.status) when all is well")
        }
        return faults.map { "\(method.rawValue) \(pattern): \($0)" }
    }
}

extension Schema {
    /// What every refusal answers (RFC 9457, and the members that older clients read).
    static let problem = object([
        "type": oneOf("about:blank"), "title": text(example: "Not Found"),
        "status": integer(400...599, example: 404), "detail": text(example: "Nothing was found here."),
        "code": text(example: "not_found").described("Stable; `X-Reelgate-Reason` repeats it."),
        "message": text(example: "Nothing was found here.").described("Equal to `detail`."),
        "error": text(example: "Nothing was found here.").described("Equal to `detail`."),
        "request_id": text(example: "5f0c7d2e9b1a4836").described("Names the request in the service's log."),
    ]).named("Problem")
}
