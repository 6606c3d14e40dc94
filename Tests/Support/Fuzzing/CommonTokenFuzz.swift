internal import Core
internal import Crypto
internal import Tokens

/// Common Access Tokens: any bytes as one, and under a valid MAC a protected header (its length in the first byte) and
/// the claims behind it.
enum CommonTokenFuzz {
    private static var mac: HMACSHA256 { TokenFuzz.macs[0] }

    static func run(_ input: Span<UInt8>) -> String? {
        _ = verify(input.copied)
        guard input.count > 0 else { return nil }
        let end = 1 + min(Int(input[0]), input.count - 1)
        let header = text(input.extracting(1..<end).copied)
        let claims = text(input.extracting(end..<input.count).copied)
        // RFC 9052 §6.3: what the MAC is over.
        let signed = [0x84, 0x64] + Array("MAC0".utf8) + header + [0x40] + claims
        var tag = mac.code(for: signed.span).bytes
        let front = [0xD1, 0x84] + header + [0xA0] + claims
        guard case .success(let found) = verify(front + text(tag)) else { return nil }
        let rel = String(decoding: (0..<found.relCount).map { found.rel[$0] }, as: UTF8.self)
        let parts = rel.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4 || parts.count == 2, parts.allSatisfy({ Slug(String($0)) != nil }) else { return "rel" }
        let longest = TokenFuzz.now + TokenFuzz.longest + 30
        guard found.expiry > TokenFuzz.now, found.expiry <= longest else { return "its end" }
        guard !found.session.isEmpty, !found.user.isEmpty, (0...15).contains(found.streams) else { return "who" }
        tag[claims.count % 32] ^= 1 << UInt8(header.count % 8)
        if case .success = verify(front + text(tag)) { return "a changed tag passed" }
        return nil
    }

    private static func verify(_ bytes: [UInt8]) -> Result<PlaybackClaims, Refusal> {
        PlaybackToken.verify(
            Array(Base64URL.encode(bytes.span).utf8).span, keys: TokenFuzz.keys, now: TokenFuzz.now,
            longest: TokenFuzz.longest
        ) { _, _ in nil }
    }

    /// A byte string (RFC 8949 §3.1).
    private static func text(_ bytes: [UInt8]) -> [UInt8] {
        let count = bytes.count
        if count < 24 { return [0x40 + UInt8(count)] + bytes }
        if count < 256 { return [0x58, UInt8(count)] + bytes }
        return [0x59, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] + bytes
    }
}
