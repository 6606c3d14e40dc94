package import Core
public import Crypto

/// A Firebase ID token of which only the form and the header were looked at: nothing it claims is known yet.
///
/// The compact form (RFC 7515 §7.1) under RS256 and nothing else, with the header `alg`, `kid` and, where the signer
/// wrote it, `typ`. Unsigned tokens, as an emulator hands out, have no place here.
public struct IDToken: Sendable {
    /// The longest token, in bytes.
    public static let longest = 8192
    /// The longest header as it is written, in bytes.
    private static let longestHeader = 512

    /// Which certificate is to have signed it.
    public let kid: String
    private let signed: [UInt8]
    private let signature: [UInt8]
    private let payload: Range<Int>

    /// Whether a text says of itself that it is signed with RS256: then it is for this type to judge, and for no other.
    public static func isOne(_ text: String) -> Bool {
        guard text.utf8.count <= longest, let end = text.utf8.firstIndex(of: UInt8(ascii: ".")),
            let header = header(text.utf8[..<end])
        else { return false }
        return IDClaims.isSame(header["alg"]?.string, "RS256")
    }

    /// Takes a token apart.
    ///
    /// - Throws: `IDTokenFault` for another form, algorithm or header.
    public init(_ text: String) throws(IDTokenFault) {
        let bytes = Array(text.utf8)
        let dots = bytes.indices.filter { bytes[$0] == UInt8(ascii: ".") }
        guard bytes.count <= Self.longest, dots.count == 2 else { throw .malformed }
        guard let header = Self.header(bytes[..<dots[0]]), case .object(let members) = header else { throw .malformed }
        guard IDClaims.isSame(header["alg"]?.string, "RS256") else { throw .algorithm }
        // A parameter we don't know could change what the signature means (crit, b64) or bring a key along (jwk, x5c).
        for member in members where !["alg", "kid", "typ"].contains(where: { IDClaims.isSame(member.name, $0) }) {
            throw .malformed
        }
        if let type = header["typ"], !IDClaims.isSame(type.string, "JWT") { throw .malformed }
        guard let kid = header["kid"]?.string, PlaybackToken.isName(kid) else { throw .key }
        guard let signature = Base64URL.decode(String(decoding: bytes[(dots[1] + 1)...], as: UTF8.self)),
            !signature.isEmpty
        else { throw .malformed }
        self.kid = kid
        self.signature = signature
        signed = Array(bytes[..<dots[1]])
        payload = (dots[0] + 1)..<dots[1]
    }

    /// Checks signature and claims: `aud`, `iss`, `sub`, `exp`, `iat`, `auth_time` as Google's documentation of ID tokens
    /// asks, times with `skew` either way.
    ///
    /// - Parameters:
    ///   - certificate: the one that `kid` names in Google's present set.
    ///   - project: the Firebase project's id.
    ///   - now: wall-clock seconds.
    /// - Returns: who signed in.
    /// - Throws: the first thing that is wrong; the claims are not read before the signature holds.
    public func claims(
        under certificate: RSACertificate, project: String, now: Int64
    ) throws(IDTokenFault) -> IDClaims {
        guard now >= certificate.notBefore, now <= certificate.notAfter else { throw .key }
        guard certificate.verifies(signature.span, of: signed.span) else { throw .signature }
        guard let bytes = Base64URL.decode(String(decoding: signed[payload], as: UTF8.self)),
            let claims = try? JSON(parsing: bytes)
        else { throw .malformed }
        return try IDClaims(claims, project: project, now: now)
    }

    private static func header(_ text: some Collection<UInt8>) -> JSON? {
        guard text.count <= longestHeader, let bytes = Base64URL.decode(String(decoding: text, as: UTF8.self)) else {
            return nil
        }
        return try? JSON(parsing: bytes)
    }
}

/// What is wrong with an ID token; for the log: the client reads one sentence for all of them.
public enum IDTokenFault: String, Error, Sendable, CaseIterable {
    /// Not the compact form, too long, a header or claims that aren't as they must be.
    case malformed
    /// Signed with anything but RS256, or not at all.
    case algorithm
    /// It names no certificate, or one that doesn't hold now.
    case key
    /// The signature is not the certificate's.
    case signature
    /// For another project.
    case audience
    /// From another issuer.
    case issuer
    /// No user, or an id that is none.
    case subject
    /// For a tenant of the project: tenants' user ids are not apart from one another.
    case tenant
    /// Past its time, or good for longer than such tokens are.
    case expired
    /// Made in the future.
    case issued
    /// Its user signed in in the future.
    case authenticated
}

/// Who signed in, as an ID token says.
public struct IDClaims: Sendable, Equatable {
    /// Seconds by which clocks may differ.
    public static let skew: Int64 = 60
    /// Seconds an ID token is good for at most, from now.
    public static let lifetime: Int64 = 3600

    /// `sub`, the project's id of the user: 1…128 printable ASCII characters.
    public let subject: String
    /// The e-mail address as the service has it; to be checked before it is used for anything.
    public let email: String?
    /// Whether the service saw that the address is the user's.
    public let isEmailVerified: Bool
    /// The name shown, as the user wrote it.
    public let name: String?
    /// How the user signed in: `google.com`, `password`, `anonymous`, …
    public let provider: String
    /// When the token was made; wall-clock seconds.
    public let issued: Int64
    /// When the user last showed who he is, by password or at the provider.
    public let authenticated: Int64

    /// Reads the claims of a token whose signature was found to hold.
    package init(_ claims: JSON, project: String, now: Int64) throws(IDTokenFault) {
        guard case .object = claims else { throw .malformed }
        guard Self.isSame(claims["aud"]?.string, project) else { throw .audience }
        guard Self.isSame(claims["iss"]?.string, "https://securetoken.google.com/" + project) else { throw .issuer }
        guard let subject = claims["sub"]?.string, PlaybackToken.isName(subject) else { throw .subject }
        guard let expiry = Self.time(claims["exp"]), expiry > now - Self.skew,
            expiry <= now + Self.lifetime + Self.skew
        else { throw .expired }
        guard let issued = Self.time(claims["iat"]), issued <= now + Self.skew else { throw .issued }
        if let start = claims["nbf"] {
            guard let start = Self.time(start), start <= now + Self.skew else { throw .issued }
        }
        guard let authenticated = Self.time(claims["auth_time"]), authenticated <= now + Self.skew else {
            throw .authenticated
        }
        guard claims["firebase"]?["tenant"] == nil else { throw .tenant }
        guard let provider = claims["firebase"]?["sign_in_provider"]?.string, PlaybackToken.isName(provider) else {
            throw .malformed
        }
        self.subject = subject
        self.provider = provider
        self.issued = issued
        self.authenticated = authenticated
        email = try Self.text(claims["email"])
        name = try Self.text(claims["name"])
        switch claims["email_verified"] {
        case nil: isEmailVerified = false
        case .bool(let verified): isEmailVerified = verified && email != nil
        default: throw .malformed
        }
    }

    /// By bytes: Swift takes different spellings of one character for the same.
    fileprivate static func isSame(_ text: String?, _ other: String) -> Bool {
        text.map { $0.utf8.elementsEqual(other.utf8) } ?? false
    }

    /// A whole number of seconds from 1970 to 2200.
    private static func time(_ value: JSON?) -> Int64? {
        guard let value = value?.integer, value >= 0, value <= 7_258_118_400 else { return nil }
        return value
    }

    private static func text(_ value: JSON?) throws(IDTokenFault) -> String? {
        guard let value, value != .null else { return nil }
        guard let text = value.string else { throw .malformed }
        return text
    }
}
