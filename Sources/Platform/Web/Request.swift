public import Core
public import Tokens

/// What a client asks, as plain values and one body.
public struct Request {
    /// What is to be done.
    public let method: Method
    /// Where.
    public let path: Path
    /// The parameters.
    public let query: Query
    /// The header fields.
    public let headers: Headers
    /// The body.
    public let body: Body
    /// The peer's address as nginx sees it.
    public let address: String
    /// Names the request in answers and logs.
    public let id: String
    /// Who asks: filled in before the handler runs.
    public var caller: Caller

    /// - Parameters: as the properties.
    public init(
        method: Method, path: Path, query: Query, headers: Headers, body: Body, address: String, id: String,
        caller: Caller = .anyone
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.address = address
        self.id = id
        self.caller = caller
    }

    /// The body as JSON.
    ///
    /// - Throws: 415 for another content type or a coded body, 413 over the route's limit, 400 for anything but one
    ///   strict JSON value.
    public func json() throws(Problem) -> JSON {
        guard let type = try ContentType(headers.one("content-type") ?? ""), type.name == "application/json",
            type.isUTF8
        else { throw Problem(.mediaType, detail: "The body must be application/json.") }
        if let coding = try headers.one("content-encoding"), !coding.isSame(as: "identity") {
            throw Problem(.mediaType, detail: "The body must not be compressed.")
        }
        let bytes = try body.all()
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw Problem(.badRequest, detail: "The body is not valid JSON.", inside: "\(error)")
        }
    }
}

/// Who asks.
public enum Caller: Sendable, Equatable {
    /// Nobody we know.
    case anyone
    /// A service with an API key.
    case key(id: String, scopes: Set<APIKey.Scope>)
    /// A person.
    case user(id: String, role: Role)

    /// Lets pass who may manage what belongs to `trainer`: services and admins may, an instructor what is his own.
    ///
    /// - Throws: 404: what is somebody else's is not there.
    public func mustManage(_ trainer: Slug) throws(Problem) {
        switch self {
        case .key, .user(_, role: .admin): return
        case .user(let id, role: .instructor) where id.utf8.elementsEqual(trainer.description.utf8): return
        case .user, .anyone: throw Problem(.notFound)
        }
    }

    /// For the log: which kind, and the key's id (a person's id stays out of it).
    public var description: String {
        switch self {
        case .anyone: "anyone"
        case .key(let id, _): "key:\(id)"
        case .user(_, let role): role.rawValue
        }
    }
}
