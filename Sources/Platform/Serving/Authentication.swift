internal import Core
internal import POSIX
public import Tokens
public import Web

/// Who has which API key.
public protocol KeyDirectory: AnyObject {
    /// The key's record, or `nil` when there is none or it was revoked.
    ///
    /// - Throws: 503 when nobody can tell at the moment.
    func key(_ id: String) throws(Problem) -> KeyRecord?
}

/// Which people may call at this moment.
public protocol PeopleDirectory: AnyObject {
    /// What the holder of a token that is valid by itself may do now; `nil` when its sign-in has ended, or the person is
    /// shut out or gone.
    ///
    /// - Throws: 503 when nobody can tell at the moment.
    func role(_ claims: AccessClaims) throws(Problem) -> Role?
}

/// People for whom another service vouches.
public protocol OutsideCallers: AnyObject {
    /// Who shows an ID token: called for what says of itself that it is one (`IDToken.isOne`).
    ///
    /// - Throws: 401 for one that is not valid, 503 when nobody can tell at the moment.
    func caller(_ token: String) throws(Problem) -> Caller
}

/// What is kept of an API key.
public struct KeyRecord: Sendable {
    /// SHA-256 of its secret.
    public let hash: [UInt8]
    /// What it may do.
    public let scopes: Set<APIKey.Scope>

    /// - Parameters: as the properties.
    public init(hash: [UInt8], scopes: Set<APIKey.Scope>) {
        self.hash = hash
        self.scopes = scopes
    }
}

/// Finds out who asks: an API key in `X-API-Key` or as Bearer, a user's access token or another service's ID token as
/// Bearer. Each kind of token says which it is by its algorithm, and is judged by that kind's rules and keys alone.
public struct Authentication {
    private let keys: any KeyDirectory
    private let people: any PeopleDirectory
    private let tokens: AccessTokens
    private let outside: (any OutsideCallers)?
    private let unknown = [UInt8](repeating: 0, count: 32)

    /// - Parameters:
    ///   - keys: who has which key.
    ///   - people: who may call at this moment.
    ///   - tokens: checks access tokens.
    ///   - outside: checks ID tokens; `nil`: none are taken.
    public init(
        keys: any KeyDirectory, people: any PeopleDirectory, tokens: AccessTokens,
        outside: (any OutsideCallers)? = nil
    ) {
        self.keys = keys
        self.people = people
        self.tokens = tokens
        self.outside = outside
    }

    /// Who asks. `X-API-Key` decides where both fields stand: a site adds it to requests that carry its own Bearer.
    ///
    /// - Parameter now: wall-clock seconds.
    /// - Throws: 401 for a credential that is not valid, 400 when a field stands twice, 503 without a database.
    public func caller(_ headers: Headers, now: Int64) throws(Problem) -> Caller {
        if let text = try headers.one("x-api-key") {
            guard let key = APIKey(text) else { throw Problem(.credentialsInvalid) }
            return try service(key)
        }
        guard let field = try headers.one("authorization") else { return .anyone }
        let parts = field.utf8.split(separator: 32, maxSplits: 1)
        guard parts.count == 2, let scheme = String(parts[0]), scheme.lowercased() == "bearer",
            let credential = String(parts[1])
        else { throw Problem(.credentialsInvalid) }
        if let key = APIKey(credential) { return try service(key) }
        if let outside, IDToken.isOne(credential) { return try outside.caller(credential) }
        guard let claims = tokens.verify(credential, now: now), let role = try people.role(claims) else {
            throw Problem(.credentialsInvalid)
        }
        return .user(id: claims.subject, role: role)
    }

    private func service(_ key: APIKey) throws(Problem) -> Caller {
        let record = try keys.key(key.id)
        // An unknown id is compared too, so that the time says nothing about which ids there are.
        let matches = key.matches(record?.hash ?? unknown)
        guard let record, matches else { throw Problem(.credentialsInvalid) }
        return .key(id: key.id, scopes: record.scopes)
    }
}
