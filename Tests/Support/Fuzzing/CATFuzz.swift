internal import Core
internal import Crypto
internal import Tokens

/// Common Access Tokens.
enum CATFuzz {
    private static let mac: HMACSHA256 = {
        let secret = TokenFuzz.secret
        return HMACSHA256(key: secret.span)
    }()

    static func run(_ input: Span<UInt8>) -> String? {
        let text = Array(Base64URL.encode(input).utf8)
        if case .success = verify(text.span) { return "accepted without a key" }
        guard input.count < 65_536 else { return nil }
        // COSE_Mac0 with {1: 5} as its protected header (RFC 9052 §6.2), and what it authenticates.
        let size = head(input.count)
        let claims = size + input.copied
        let structure: [UInt8] = [0x84, 0x64, 0x4D, 0x41, 0x43, 0x30, 0x43, 0xA1, 1, 5, 0x40] + claims
        let tag = mac.code(for: structure.span).bytes
        let front: [UInt8] = [0xD1, 0x84, 0x43, 0xA1, 1, 5, 0xA0]
        let signed = Array(Base64URL.encode((front + claims + [0x58, 32] + tag).span).utf8)
        guard case .success(let found) = verify(signed.span) else { return nil }
        guard signed.count <= PlaybackToken.longest, !found.user.isEmpty, !found.session.isEmpty else { return "names" }
        let rel = (0..<found.relCount).map { found.rel[$0] }
        guard RelPath.prefixLength(of: rel.span) == rel.count else { return "rel" }
        guard found.expiry > TokenFuzz.now, found.expiry <= TokenFuzz.now + TokenFuzz.longest + 30 else {
            return "longer than a token may hold"
        }
        var other = tag
        other[input.count % 32] ^= 1 << UInt8(input.count % 8)
        let changed = Array(Base64URL.encode((front + claims + [0x58, 32] + other).span).utf8)
        if case .success = verify(changed.span) { return "a changed tag passed" }
        return nil
    }

    private static let path = Array("/hls2/t1/course1/m1/l1/_0123456789ab-k1-d6000/720p/0.ts".utf8)
    private static let client = Array("203.0.113.7".utf8)
    private static let referrer = Array("https://good.example/".utf8)
    private static let agent = Array("Mozilla/5.0 (X11)".utf8)

    private static func verify(_ token: Span<UInt8>) -> Result<PlaybackClaims, Refusal> {
        PlaybackToken.verify(token, keys: TokenFuzz.keys, now: TokenFuzz.now, longest: TokenFuzz.longest) {
            (term: TokenTerm, value: Span<UInt8>) in
            term.objection(
                value, path: path.span, client: client.span, referrer: referrer.span, agent: agent.span,
                country: { $0.isIPv4 ? 0x4445 : nil })
        }
    }

    private static func head(_ count: Int) -> [UInt8] {
        count < 24
            ? [0x40 | UInt8(count)]
            : count < 256 ? [0x58, UInt8(count)] : [0x59, UInt8(count >> 8), UInt8(count & 255)]
    }
}
