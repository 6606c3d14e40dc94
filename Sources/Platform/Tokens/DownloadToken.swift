public import Core

/// What a download token says, once its MAC and its times hold.
public struct DownloadClaims: Sendable {
    /// Who downloads.
    public let user: ClaimText
    /// The token's own id.
    public let id: ClaimText
    /// When it ends, seconds since 1970.
    public let expiry: Int64
    /// When it was issued.
    public let issued: Int64
    /// What it is for: the path of one file, or of a directory with its slash.
    private let path: InlineArray<640, UInt8>
    private let pathCount: Int
    /// What a person calls the file, as an ext-value (RFC 8187 §3.2.1) without its front.
    private let name: InlineArray<384, UInt8>
    private let nameCount: Int

    init(
        user: ClaimText, id: ClaimText, expiry: Int64, issued: Int64, path: Span<UInt8>, name: Span<UInt8>
    ) {
        self.user = user
        self.id = id
        self.expiry = expiry
        self.issued = issued
        var paths = InlineArray<640, UInt8>(repeating: 0)
        for index in path.indices { paths[index] = path[index] }
        self.path = paths
        pathCount = path.count
        var names = InlineArray<384, UInt8>(repeating: 0)
        for index in name.indices { names[index] = name[index] }
        self.name = names
        nameCount = name.count
    }

    /// Whether it is for the file at this path: for the path itself, or for every file of its directory.
    public func isFor(_ asked: Span<UInt8>) -> Bool {
        let own = path.span.extracting(0..<pathCount)
        guard own[pathCount - 1] == UInt8(ascii: "/") else { return own.equals(asked) }
        return asked.count > pathCount && asked.extracting(0..<pathCount).equals(own)
            && asked.firstIndex(of: UInt8(ascii: "/"), from: pathCount) == nil
    }

    /// What a person calls the file, escaped for a header; empty without a name.
    public var escapedName: String {
        String(decoding: name.span.extracting(0..<nameCount).copied, as: UTF8.self)
    }
}

/// Download tokens: signed with the playback tokens' key, but of a type of their own. A playback token never downloads,
/// a download token never plays: each is refused by its header's `typ` before its claims are looked at, and none of its
/// claims is one of the other's.
public enum DownloadToken {
    /// The header's `typ`.
    static let type: StaticString = "download+jwt"

    /// Checks a token.
    ///
    /// - Parameters: as `PlaybackToken.verify`.
    public static func verify(
        _ token: Span<UInt8>, keys: KeyRing, now: Int64, longest: Int64
    ) -> Result<DownloadClaims, Refusal> {
        if token.isEmpty { return .failure(.tokenMissing) }
        return JWS.open(token, type: type, key: { keys.key($0) }) { read($0, now: now, longest: longest) }
    }

    private static func read(_ bytes: Span<UInt8>, now: Int64, longest: Int64) -> Result<DownloadClaims, Refusal> {
        var path: Range<Int>?
        var name = 0..<0
        var user: Range<Int>?
        var id: Range<Int>?
        var exp: Int64?
        var iat: Int64?
        var nbf: Int64?
        var malformed = false
        let whole = FlatObject.scan(bytes) { member, value in
            let member = bytes.extracting(member)
            switch value {
            case .text(let range) where member.equals("download"): path = range
            case .text(let range) where member.equals("name"): name = range
            case .text(let range) where member.equals("user_id"): user = range
            case .text(let range) where member.equals("jti"): id = range
            case .integer(let number) where member.equals("exp"): exp = number
            case .integer(let number) where member.equals("iat"): iat = number
            case .integer(let number) where member.equals("nbf"): nbf = number
            default: malformed = true
            }
        }
        guard whole, !malformed, let path, let user, let id, let exp, exp >= 0, let iat, iat >= 0,
            path.count >= 2, path.count <= 640, bytes[path.lowerBound] == UInt8(ascii: "/"), name.count <= 384,
            isEscaped(bytes.extracting(name)), !user.isEmpty,
            let user = ClaimText(bytes.extracting(user)), let id = ClaimText(bytes.extracting(id))
        else { return .failure(.tokenMalformed) }
        return PlaybackToken.held(exp: exp, iat: iat, nbf: nbf, now: now, longest: longest).map { until in
            DownloadClaims(
                user: user, id: id, expiry: until, issued: iat, path: bytes.extracting(path),
                name: bytes.extracting(name))
        }
    }

    /// Whether a text can stand in a header as an ext-value's characters: unreserved ones, and escapes of two digits.
    private static func isEscaped(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            switch text[index] {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: continue
            case UInt8(ascii: "%"):
                guard index + 2 < text.count, Hex.value(of: text[index + 1]) != nil,
                    Hex.value(of: text[index + 2]) != nil
                else { return false }
            default: return false
            }
        }
        return true
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - user: who downloads; as a playback token's.
    ///   - path: of the file, or of its directory with a slash at the end.
    ///   - name: what a person calls the file, percent-encoded; at most 384 bytes.
    ///   - issued: wall-clock seconds.
    ///   - lifetime: seconds.
    public static func mint(
        user: String, path: String, name: String?, issued: Int64, lifetime: Int64, keys: KeyRing
    ) -> String {
        var claims: [JSON.Member] = [
            .init("user_id", .string(user)), .init("download", .string(path)), .init("iat", .integer(issued)),
            .init("exp", .integer(issued + lifetime)), .init("jti", .string(UUID().description)),
        ]
        if let name { claims.append(.init("name", .string(name))) }
        return JWS.sign(.object(claims), key: keys.signer.key, kid: keys.signer.id, type: "\(type)")
    }
}
