public import Core

/// What a reader of the API is told of a route, apart from what the table says already (who may call, arguments' types).
///
///     extension RouteDocumentation {
///         static let showTask = RouteDocumentation(
///             "Shows how far a task is.", answers: [.json("The task.", .task)])
///     }
///
/// Each feature has them in its `Documentation.swift`, in table order; a table names them as `about: .showTask`.
public struct RouteDocumentation: Sendable {
    /// What the route does, in one sentence.
    public let summary: String
    /// What else has to be known; paragraphs in Markdown.
    public let detail: String
    /// The schemas of arguments whose type does not say it all, by the names in the pattern.
    let arguments: [(name: String, schema: Schema)]
    /// The query's parameters.
    let query: [Parameter]
    /// The body, where the route takes one.
    let body: Content?
    /// What it answers when all is well.
    let answers: [Answer]
    /// Why the handler may refuse. What every route of its kind can answer is added: credentials and scopes, rates,
    /// a malformed path or query, a body too large or of another type, a database that is away.
    let refusals: [Refusal]

    /// - Parameters: as the properties.
    public init(
        _ summary: String, detail: String = "", arguments: KeyValuePairs<String, Schema> = [:],
        query: [Parameter] = [], body: Content? = nil, answers: [Answer], refusals: [Refusal] = []
    ) {
        self.summary = summary
        self.detail = detail
        self.arguments = arguments.map { (name: $0.key, schema: $0.value) }
        self.query = query
        self.body = body
        self.answers = answers
        self.refusals = refusals
    }

    /// A parameter of a query.
    public struct Parameter: Sendable {
        let name: String
        let schema: Schema
        let meaning: String
        let isRequired: Bool

        /// One that has to be there.
        public static func required(_ name: String, _ schema: Schema, _ meaning: String) -> Parameter {
            Parameter(name: name, schema: schema, meaning: meaning, isRequired: true)
        }

        /// One that may be left out; `meaning` says what counts then.
        public static func optional(_ name: String, _ schema: Schema, _ meaning: String) -> Parameter {
            Parameter(name: name, schema: schema, meaning: meaning, isRequired: false)
        }

        /// What `Page` reads.
        public static let page: [Parameter] = [
            .optional("limit", .integer(1...100, example: 20), "How many at most; 20 where nothing is said."),
            .optional(
                "cursor", .text(1...2000, pattern: "^[A-Za-z0-9_-]+$", example: "MTc2NzI2MDYwMAphZGE"),
                "The last answer's `next_cursor`."),
        ]
    }

    /// What a body holds, in one or several types.
    public struct Content: Sendable {
        let choices: [(type: String, schema: Schema)]
        var isRequired = true

        /// JSON.
        public static func json(_ schema: Schema) -> Content {
            Content(choices: [("application/json", schema)])
        }

        /// A form with files.
        public static func form(_ schema: Schema) -> Content { Content(choices: [("multipart/form-data", schema)]) }

        /// Bytes or text of a type.
        public static func type(_ type: String, _ schema: Schema) -> Content { Content(choices: [(type, schema)]) }

        /// Either.
        public static func || (one: Content, other: Content) -> Content {
            Content(choices: one.choices + other.choices, isRequired: one.isRequired && other.isRequired)
        }

        /// The same, but it may be left out.
        public var orNothing: Content { Content(choices: choices, isRequired: false) }
    }

    /// An answer when all is well.
    public struct Answer: Sendable {
        let status: Int
        let meaning: String
        let content: Content?

        /// JSON.
        public static func json(_ meaning: String, _ schema: Schema, status: Int = 200) -> Answer {
            Answer(status: status, meaning: meaning, content: .json(schema))
        }

        /// Text or bytes of a type.
        public static func type(_ type: String, _ meaning: String, _ schema: Schema, status: Int = 200) -> Answer {
            Answer(status: status, meaning: meaning, content: .type(type, schema))
        }

        /// The same, or one of another type.
        public func or(_ type: String, _ schema: Schema) -> Answer {
            Answer(status: status, meaning: meaning, content: content.map { $0 || .type(type, schema) })
        }

        /// Nothing but the status.
        public static func empty(_ meaning: String, status: Int = 204) -> Answer {
            Answer(status: status, meaning: meaning, content: nil)
        }
    }
}

/// An argument of a route's path.
public struct RouteArgument: Sendable {
    /// Its name in the pattern.
    public let name: String
    /// What its type takes.
    public let schema: Schema
}
