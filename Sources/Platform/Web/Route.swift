public import Core
public import Tokens

/// A part of a path that a handler takes as a typed argument.
public protocol PathArgument {
    /// `nil` when the text has another form: then there is nothing at this path.
    init?(pathArgument text: String)
    /// What is taken.
    static var pathSchema: Schema { get }
}

extension Slug: PathArgument {
    /// A slug.
    public init?(pathArgument text: String) { self.init(text) }
    /// A slug.
    public static var pathSchema: Schema { .slug }
}
extension RelPath: PathArgument {
    /// A lesson's path, written with `%2F`.
    public init?(pathArgument text: String) { self.init(text) }
    /// A lesson's path.
    public static var pathSchema: Schema { .rel }
}
extension ID: PathArgument {
    /// A UUID.
    public init?(pathArgument text: String) { self.init(text) }
    /// A UUID.
    public static var pathSchema: Schema { .uuid }
}
extension String: PathArgument {
    /// Any text.
    public init?(pathArgument text: String) { self = text }
    /// Any text that a path can hold.
    public static var pathSchema: Schema { .text(1...1000, example: "anything") }
}

/// Who may call a route.
public struct Access: Sendable, Equatable {
    /// Whether no credential is needed.
    public let isOpen: Bool
    /// Whether an open route is told who asks, where a credential is there and good.
    public let notices: Bool
    /// What an API key must be able to do, one of these, if keys may call.
    public let scopes: [APIKey.Scope]
    /// Which people may call.
    public let roles: Set<Role>

    private init(isOpen: Bool, notices: Bool = false, scopes: [APIKey.Scope], roles: Set<Role>) {
        self.isOpen = isOpen
        self.notices = notices
        self.scopes = scopes
        self.roles = roles
    }

    /// Anyone, without a credential.
    public static let anyone = Access(isOpen: true, scopes: [], roles: [])

    /// Anyone; a credential that is good is noticed, any other is as none.
    public static let anyoneNoticed = Access(isOpen: true, notices: true, scopes: [], roles: [])

    /// Services with one of these scopes, and people of these roles (what is theirs is decided by the handler).
    public static func key(_ scopes: APIKey.Scope..., or roles: Role...) -> Access {
        Access(isOpen: false, scopes: scopes, roles: Set(roles))
    }

    /// Whether this caller passes.
    ///
    /// - Throws: 401 when there is no credential, 403 when it is not enough.
    public func check(_ caller: Caller) throws(Problem) {
        if isOpen { return }
        switch caller {
        case .anyone: throw Problem(.credentialsMissing)
        case .key(_, let own): if scopes.contains(where: { own.contains($0) }) { return }
        case .user(_, let role): if roles.contains(role) { return }
        }
        throw Problem(.scope)
    }

    /// As the route table prints it.
    public var description: String {
        if isOpen { return "anyone" }
        let people = Role.allCases.filter(roles.contains).map(\.rawValue)
        return (scopes.map { "key:\($0.rawValue)" } + people).joined(separator: " ")
    }
}

/// What a route's requests count against, besides the caller's own limit.
public enum RateClass: Sendable, Equatable {
    /// Nothing more.
    case usual
    /// An account's limit for tokens.
    case tokens
    /// An address' limit for sign-ins, and that of all sign-ins.
    case signIns
    /// An address' limit for registrations, and for mail that is asked for.
    case registrations
}

/// How much body a route takes.
public enum BodyPolicy: Sendable, Equatable {
    /// Whatever is sent counts for nothing.
    case none
    /// At most so many bytes of JSON.
    case json(Int64)
    /// As the handler says while it streams in.
    case stream
}

/// One entry of a route table: method, pattern, who may call, and the handler with its typed arguments.
///
///     Route(.get, "/api/tasks/:task", by: .key(.upload, or: .instructor), about: .showTask, to: showTask)
public struct Route<Context> {
    /// The method.
    public let method: Method
    /// The pattern; parts that begin with a colon are arguments.
    public let pattern: String
    /// Who may call.
    public let access: Access
    /// What its requests count against.
    public let rate: RateClass
    /// How much body it takes.
    public let body: BodyPolicy
    /// What a reader of the API is told of it.
    public let documentation: RouteDocumentation?
    /// The path's arguments, in order.
    public let arguments: [RouteArgument]
    let parts: [PatternPart]
    let run: (Context, Request, [String]) throws(Problem) -> Response

    /// - Parameters:
    ///   - method: the method.
    ///   - pattern: the path; `/x/:name` gives the handler an argument for each colon, in order.
    ///   - access: who may call.
    ///   - rate: what it counts against.
    ///   - body: how much body it takes.
    ///   - documentation: what a reader of the API is told of it.
    ///   - handler: takes context, request and arguments.
    public init<each Argument: PathArgument>(
        _ method: Method, _ pattern: StaticString, by access: Access, rate: RateClass = .usual,
        body: BodyPolicy = .none, about documentation: RouteDocumentation? = nil,
        to handler: @escaping (Context, Request, repeat each Argument) throws(Problem) -> Response
    ) {
        self.method = method
        self.pattern = "\(pattern)"
        self.access = access
        self.rate = rate
        self.body = body
        self.documentation = documentation
        var schemas: [Schema] = []
        repeat schemas.append((each Argument).pathSchema)
        let names = "\(pattern)".split(separator: "/").filter { $0.hasPrefix(":") }.map { String($0.dropFirst()) }
        arguments = zip(names, schemas).map { RouteArgument(name: $0.0, schema: $0.1) }
        parts = "\(pattern)".utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map
        {
            $0.first == UInt8(ascii: ":") ? .argument : .literal(Array($0))
        }
        run = { (context, request, texts) throws(Problem) in
            var rest = texts[...]
            func next<T: PathArgument>(_ type: T.Type) throws(Problem) -> T {
                guard let text = rest.popFirst(), let value = T(pathArgument: text) else { throw Problem(.notFound) }
                return value
            }
            return try handler(context, request, repeat try next((each Argument).self))
        }
    }

    private init<Inner>(_ route: Route<Inner>, _ inner: @escaping (Context) -> Inner) {
        method = route.method
        pattern = route.pattern
        access = route.access
        rate = route.rate
        body = route.body
        documentation = route.documentation
        arguments = route.arguments
        parts = route.parts
        run = { (context, request, texts) throws(Problem) in try route.run(inner(context), request, texts) }
    }

    /// The same route over a larger context, so that routes of several features stand in one table.
    public func within<Outer>(_ context: @escaping (Outer) -> Context) -> Route<Outer> { Route<Outer>(self, context) }

    /// The same route with its context filled in.
    public func bound(to context: Context) -> Route<Void> { Route<Void>(self) { _ in context } }

    /// The route as a line of a table: method, pattern, who may call.
    public var line: String {
        let verb = method.rawValue + String(repeating: " ", count: max(1, 7 - method.rawValue.utf8.count))
        return verb + pattern + String(repeating: " ", count: max(1, 58 - pattern.utf8.count)) + access.description
    }
}

/// A part of a pattern.
enum PatternPart: Equatable {
    case literal([UInt8])
    case argument
}
