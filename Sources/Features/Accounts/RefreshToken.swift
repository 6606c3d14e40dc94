public import Core
internal import Crypto

/// A refresh token: `rgr_<sign-in>_<secret>`, 32 hexadecimal digits and 43 characters of base64url.
///
/// It names its sign-in, so that a token that was replaced is known for one whatever its age, with a row for the sign-in
/// alone. Only the SHA-256 of the newest secret is kept: it holds 256 random bits.
public struct RefreshToken: Sendable {
    /// The sign-in it belongs to.
    public let signIn: UUID
    private let secret: Secret<[UInt8]>

    /// A token for a sign-in.
    ///
    /// - Throws: when there are no random bytes.
    public init(signIn: UUID = UUID()) throws(Refusal) {
        guard let bytes = try? Random.bytes(32) else { throw .internalError }
        self.signIn = signIn
        secret = Secret(bytes)
    }

    /// `nil` unless the text has exactly the form.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 80, bytes.span.starts(with: "rgr_"), bytes[36] == UInt8(ascii: "_") else { return nil }
        let digits = bytes[4..<36].map { UnicodeScalar($0) }
        var dashed = ""
        for (index, digit) in digits.enumerated() {
            if index == 8 || index == 12 || index == 16 || index == 20 { dashed += "-" }
            dashed.unicodeScalars.append(digit)
        }
        guard let signIn = UUID(dashed), let secret = Base64URL.decode(String(decoding: bytes[37...], as: UTF8.self)),
            secret.count == 32
        else { return nil }
        self.signIn = signIn
        self.secret = Secret(secret)
    }

    /// The whole token, for its holder.
    public func revealed() -> String {
        secret.reveal { "rgr_\(Hex.encode(signIn.bytes))_\(Base64URL.encode($0.span))" }
    }

    /// What is kept of the secret.
    public var hash: [UInt8] { secret.reveal { SHA256.digest($0.span).bytes } }
}

/// What became of a refresh token that was used.
public enum Rotation: Sendable, Equatable {
    /// It was the newest, and has been replaced.
    case renewed(ID<Person>)
    /// It had been replaced before: its sign-in has ended now.
    case reused
    /// Its sign-in has ended, or there never was one.
    case unknown
}

/// A sign-in as its owner sees it.
public struct SignIn: Sendable, Equatable {
    /// Names it.
    public let id: UUID
    /// The program, as it named itself.
    public let agent: String
    /// When it began.
    public let started: UnixTime
    /// When its refresh token was last used.
    public let used: UnixTime
    /// When it ends unless it is used.
    public let expires: UnixTime
}
