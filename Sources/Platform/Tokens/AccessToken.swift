internal import Core
internal import Crypto

/// Who a person is to the API.
public struct AccessClaims: Equatable, Sendable {
    /// `sub`, or `id` where a site's own tokens have that; 1…128 printable ASCII characters.
    public let subject: String
    /// `role`, or `viewer`.
    public let role: Role

    /// - Parameters: as the properties.
    public init(subject: String, role: Role) {
        self.subject = subject
        self.role = role
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
public struct AccessTokens: Sendable {
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
        JWS.sign(
            [
                "sub": .string(claims.subject), "role": .string(claims.role.rawValue), "iat": .integer(issued),
                "exp": .integer(issued + lifetime), "jti": .string(UUID().description),
            ], key: key)
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
        guard let role = self["role"] else { return AccessClaims(subject: subject, role: .viewer) }
        guard let text = role.string, let known = Role(rawValue: text) else { return nil }
        return AccessClaims(subject: subject, role: known)
    }
}
