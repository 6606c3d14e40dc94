public import Core
internal import Crypto

/// An API key of a service: `rgk_<id>_<secret>`, 12 lower-case letters or digits and 43 characters of base64url.
///
/// Only the SHA-256 of the secret is kept: it holds 256 random bits, so nothing slower is needed.
public struct APIKey: Sendable {
    /// Names the key in lists and logs.
    public let id: String
    private let secret: Secret<String>

    private init(id: String, secret: String) {
        self.id = id
        self.secret = Secret(secret)
    }

    /// What a key may do.
    public enum Scope: String, Sendable, CaseIterable {
        /// Sends lessons.
        case upload
        /// Asks for tokens.
        case tokens
        /// Reads and writes the catalogue.
        case catalog
        /// Sees sessions, revokes.
        case admin
    }

    /// `nil` unless the text has exactly the form.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 60, bytes.span.starts(with: "rgk_"), bytes[16] == UInt8(ascii: "_"),
            bytes[4..<16].allSatisfy({ ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) }),
            Base64URL.decode(String(decoding: bytes[17...], as: UTF8.self))?.count == 32
        else { return nil }
        self.init(
            id: String(decoding: bytes[4..<16], as: UTF8.self), secret: String(decoding: bytes[17...], as: UTF8.self))
    }

    /// A new key.
    ///
    /// - Throws: when there are no random bytes.
    public static func generate() throws(Refusal) -> APIKey {
        guard let name = try? Random.bytes(12), let random = try? Random.bytes(32) else { throw .internalError }
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz012345".utf8)
        let id = String(decoding: name.map { alphabet[Int($0 & 31)] }, as: UTF8.self)
        return APIKey(id: id, secret: Base64URL.encode(random.span))
    }

    /// The whole key, to be shown once.
    public func revealed() -> String { secret.reveal { "rgk_\(id)_\($0)" } }

    /// What is kept of the secret.
    public var hash: [UInt8] { secret.reveal { SHA256.digest(Array($0.utf8).span).bytes } }

    /// Whether this key's secret has that hash.
    public func matches(_ hash: [UInt8]) -> Bool { ConstantTime.equal(self.hash.span, hash.span) }
}
