internal import Core
internal import Crypto
internal import POSIX

/// The compact form of a signed token (RFC 7515 §7.1), HS256 only, checked in the order of RFC 8725: form, header, key,
/// MAC, and only then claims.
enum JWS {
    /// The longest token, in bytes.
    static let longest = 2048

    /// Checks form, header and MAC of `token` and hands its claims' bytes to `body`.
    ///
    /// Allocates nothing.
    ///
    /// - Parameter type: what the header's `typ` must say; only `JWT` may be left out.
    static func open<R>(
        _ token: Span<UInt8>, type: StaticString = "JWT", key: (Span<UInt8>?) -> HMACSHA256?,
        _ body: (Span<UInt8>) -> Result<R, Refusal>
    ) -> Result<R, Refusal> {
        guard token.count <= longest, let first = token.firstIndex(of: UInt8(ascii: ".")),
            let second = token.firstIndex(of: UInt8(ascii: "."), from: first + 1),
            token.firstIndex(of: UInt8(ascii: "."), from: second + 1) == nil
        else { return .failure(.tokenMalformed) }
        var buffer = InlineArray<1536, UInt8>(repeating: 0)

        // Header: alg, and at most typ and kid. An unknown parameter could change what the signature means (crit, b64).
        var span = buffer.mutableSpan
        guard first <= 512, let headerCount = Base64URL.decode(token.extracting(0..<first), into: &span) else {
            return .failure(.tokenMalformed)
        }
        var signer: HMACSHA256?
        let header = read(header: buffer.span.extracting(0..<headerCount), type: type)
        switch header {
        case .failure(let refusal): return .failure(refusal)
        case .success(let kid):
            let bytes = buffer.span
            signer = if let kid { key(bytes.extracting(kid)) } else { key(nil) }
        }
        guard let signer else { return .failure(.tokenKey) }

        var tag = InlineArray<32, UInt8>(repeating: 0)
        var tagSpan = tag.mutableSpan
        guard Base64URL.decode(token.extracting((second + 1)..<token.count), into: &tagSpan) == 32 else {
            return .failure(.tokenSignature)
        }
        guard signer.code(for: token.extracting(0..<second)).equals(tag.span) else { return .failure(.tokenSignature) }

        var payload = buffer.mutableSpan
        guard let count = Base64URL.decode(token.extracting((first + 1)..<second), into: &payload) else {
            return .failure(.tokenMalformed)
        }
        return body(buffer.span.extracting(0..<count))
    }

    private static func read(header: Span<UInt8>, type: StaticString) -> Result<Range<Int>?, Refusal> {
        var algorithm = false
        var typed = type.withBytes { $0.equals("JWT") }
        var kid: Range<Int>?
        var malformed = false
        let whole = FlatObject.scan(header) { name, value in
            let name = header.extracting(name)
            switch value {
            case .text(let range) where name.equals("alg"): algorithm = header.extracting(range).equals("HS256")
            case .text(let range) where name.equals("kid"): kid = range
            case .text(let range) where name.equals("typ"):
                typed = header.extracting(range).equals(type)
            default: malformed = true
            }
        }
        guard whole, !malformed, algorithm else { return .failure(.tokenMalformed) }
        return typed ? .success(kid) : .failure(.tokenType)
    }

    /// Signs claims; the header names the key when `kid` is given.
    static func sign(_ claims: JSON, key: HMACSHA256, kid: String? = nil, type: String = "JWT") -> String {
        var header: [JSON.Member] = [.init("alg", "HS256"), .init("typ", .string(type))]
        if let kid { header.append(.init("kid", .string(kid))) }
        let signed =
            Base64URL.encode(JSON.object(header).bytes.span) + "." + Base64URL.encode(claims.bytes.span)
        let tag = key.code(for: Array(signed.utf8).span)
        return signed + "." + tag.withBytes { Base64URL.encode($0) }
    }
}
