public import Core
internal import Crypto

/// Who a person is to the API.
public struct AccessClaims: Equatable, Sendable {
    /// `sub`, or `id` where a site's own tokens have that; 1…128 printable ASCII characters.
    public let subject: String
    /// `role`, or `viewer`.
    public let role: Role
    /// The sign-in that a token of ours belongs to; `nil` for a site's own.
    public let signIn: UUID?

    /// - Parameters: as the properties.
    public init(subject: String, role: Role, signIn: UUID? = nil) {
        self.subject = subject
        self.role = role
        self.signIn = signIn
    }
}

/// What a person may do.
public enum Role: String, Sendable, CaseIterable {
    /// Watches.
    case viewer
    /// Teaches: manages what is his own.
    case instructor
    /// Manages everything.
    case admin
}

/// Access tokens of users: JWTs signed with HS256 under `JWT_SECRET`, ours or the site's own.
///
/// Ours carry `aud` "reelgate-api", `typ` "access" and `sid`, the sign-in that may end before they do. A site's own need
/// none of these. An audience that is not ours is refused (RFC 7519 §4.1.3), and so is another type.
public struct AccessTokens: Sendable {
    /// The audience of our tokens.
    public static let audience = "reelgate-api"
    /// Their type.
    public static let type = "access"

    private let key: HMACSHA256

    /// - Parameter secret: `JWT_SECRET`.
    public init(secret: [UInt8]) { key = HMACSHA256(key: secret.span) }

    /// Checks a token.
    ///
    /// - Parameters:
    ///   - token: the compact form.
    ///   - now: wall-clock seconds; no difference of clocks is forgiven `exp`.
    /// - Returns: who it is, or `nil` for anything that is not a valid access token. A playback token (it has a `rel`, a
    ///   `filename` or a `video_id`) is none.
    public func verify(_ token: String, now: Int64) -> AccessClaims? {
        let result: Result<AccessClaims, Refusal> = JWS.open(
            Array(token.utf8).span, key: { kid in kid == nil ? key : nil }
        ) { bytes in
            guard let claims = try? JSON(parsing: bytes) else { return .failure(.credentialsInvalid) }
            return claims.access(now: now).map { .success($0) } ?? .failure(.credentialsInvalid)
        }
        return try? result.get()
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - claims: who it is for.
    ///   - issued: wall-clock seconds.
    ///   - lifetime: seconds.
    public func mint(_ claims: AccessClaims, issued: Int64, lifetime: Int64) -> String {
        var members: [JSON.Member] = [
            .init("sub", .string(claims.subject)), .init("role", .string(claims.role.rawValue)),
            .init("iat", .integer(issued)), .init("exp", .integer(issued + lifetime)),
            .init("jti", .string(UUID().description)),
        ]
        if let signIn = claims.signIn {
            members += [
                .init("aud", .string(Self.audience)), .init("typ", .string(Self.type)),
                .init("sid", .string("\(signIn)")),
            ]
        }
        return JWS.sign(.object(members), key: key)
    }
}

extension JSON {
    fileprivate func access(now: Int64) -> AccessClaims? {
        guard self["rel"] == nil, self["filename"] == nil, self["video_id"] == nil,
            let exp = self["exp"]?.integer, exp > now,
            let subject = (self["sub"] ?? self["id"])?.string, PlaybackToken.isName(subject)
        else { return nil }
        for name in ["nbf", "iat"] {
            guard let value = self[name] else { continue }
            guard let time = value.integer, time >= 0, time <= now + PlaybackToken.skew else { return nil }
        }
        guard isForUs, self["typ"] == nil || self["typ"]?.string == AccessTokens.type else { return nil }
        var signIn: UUID?
        if self["typ"] != nil, self["aud"] != nil {
            guard let text = self["sid"]?.string, let id = UUID(text) else { return nil }
            signIn = id
        }
        guard let role = self["role"] else { return AccessClaims(subject: subject, role: .viewer, signIn: signIn) }
        guard let text = role.string, let known = Role(rawValue: text) else { return nil }
        return AccessClaims(subject: subject, role: known, signIn: signIn)
    }

    /// Whether the audience is ours, alone or among others, or none is named.
    private var isForUs: Bool {
        guard let audience = self["aud"] else { return true }
        return (audience.array ?? [audience]).contains { $0.string == AccessTokens.audience }
    }
}
