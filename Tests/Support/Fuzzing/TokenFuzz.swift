internal import Core
internal import Crypto
internal import Tokens

enum TokenFuzz {
    static let now: Int64 = 1_800_000_000
    static let longest: Int64 = 86_400
    static let secret = Array("a-Fairly-Long-and-Random-0123-text-1".utf8)
    static let second = Array("the-second-Key-Long-and-Random-98765".utf8)
    static let keys = KeyRing(secret: secret, others: ["k2": second])
    private static let access = AccessTokens(secret: secret)
    private static let macs = [HMACSHA256(key: secret.span), HMACSHA256(key: second.span)]

    static func run(_ input: Span<UInt8>) -> String? {
        _ = PlaybackToken.verify(input, keys: keys, now: now, longest: longest)
        if let text = input.text {
            _ = access.verify(text, now: now)
            _ = APIKey(text)
        }
        let (header, claims) = input.firstLine
        for (index, mac) in macs.enumerated() {
            let signed = Base64URL.encode(header.span) + "." + Base64URL.encode(claims.span)
            let tag = mac.code(for: Array(signed.utf8).span).bytes
            let token = signed + "." + Base64URL.encode(tag.span)
            _ = access.verify(token, now: now)
            let download = DownloadToken.verify(Array(token.utf8).span, keys: keys, now: now, longest: longest)
            if case .success(let found) = download, let mistake = judge(found, header, claims) { return mistake }
            guard case .success(let found) = verify(token) else { continue }
            if case .success = download { return "a token of two kinds" }
            if let mistake = judge(found, header, claims) { return mistake }
            var other = tag
            other[(header.count + claims.count) % 32] ^= 1 << UInt8(claims.count % 8)
            if case .success = verify(signed + "." + Base64URL.encode(other.span)) { return "a changed tag passed" }
            let wrong = macs[1 - index].code(for: Array(signed.utf8).span).bytes
            if case .success = verify(signed + "." + Base64URL.encode(wrong.span)) { return "another key's tag passed" }
        }
        return nil
    }

    private static func verify(_ token: String) -> Result<PlaybackClaims, Refusal> {
        PlaybackToken.verify(Array(token.utf8).span, keys: keys, now: now, longest: longest)
    }

    /// The reader on the hot path is never laxer than the general one, and both read the same.
    private static func judge(_ found: PlaybackClaims, _ header: [UInt8], _ claims: [UInt8]) -> String? {
        guard let head = try? JSON(parsing: header), head["alg"]?.string == "HS256" else { return "accepted header" }
        guard let all = try? JSON(parsing: claims) else { return "accepted claims that are no JSON" }
        let rel = (0..<found.relCount).map { found.rel[$0] }
        if let video = all["video_id"]?.string {
            // What the older routes hand out is for a path of two parts.
            let parts = [all["user_id"]?.string ?? "", video]
            guard all["rel"] == nil, rel == Array(parts.joined(separator: "/").utf8) else {
                return "both kinds of path"
            }
            guard parts.allSatisfy({ Slug($0) != nil }) else { return "a path of two parts" }
        } else {
            guard let path = all["rel"]?.string, rel == Array(path.utf8), RelPath(path) != nil else { return "rel" }
        }
        guard found.isFor(rel.span), !found.isFor((rel + [47]).span) else { return "isFor" }
        guard let exp = all["exp"]?.integer, found.expiry <= exp, found.expiry > now else { return "exp" }
        guard found.expiry <= now + longest + 30 else { return "longer than a token may hold" }
        guard all["user_id"]?.string == found.user.text, !found.user.isEmpty else { return "user" }
        guard !found.session.isEmpty, (0...15).contains(found.streams) else { return "session or limit" }
        guard (all["tr"]?.string == "path") == found.pathOnly else { return "transport" }
        return (all["platform"]?.string == "mobile") == (found.platform == .mobile) ? nil : "platform"
    }

    /// A download token says so in its header, and is for exactly the path it names.
    private static func judge(_ found: DownloadClaims, _ header: [UInt8], _ claims: [UInt8]) -> String? {
        guard let head = try? JSON(parsing: header), head["typ"]?.string == "download+jwt" else { return "type" }
        guard let all = try? JSON(parsing: claims), let path = all["download"]?.string else { return "no path" }
        // A directory's token is for the files below it, a file's for that file.
        guard found.isFor(Array((path + "x").utf8).span) == path.hasSuffix("/") else { return "path" }
        guard path.hasSuffix("/") || found.isFor(Array(path.utf8).span) else { return "not for its own path" }
        guard all["rel"] == nil, let exp = all["exp"]?.integer, found.expiry <= exp else { return "download's end" }
        return found.expiry > now && found.expiry <= now + longest + 30 ? nil : "longer than a download may hold"
    }
}
