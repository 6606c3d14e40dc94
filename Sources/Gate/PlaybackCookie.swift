internal import Core
internal import Tokens

/// How a token becomes a cookie, for players that send cookies and no header.
public struct PlaybackCookie: Sendable {
    private let isSecure: Bool
    private let isCrossSite: Bool

    /// - Parameters:
    ///   - isSecure: whether the site is https. Over plain http (a trial on one's own machine) a cookie marked Secure
    ///     would be dropped by the browser, so the mark is left out there and nowhere else.
    ///   - isCrossSite: whether pages of other sites play: then browsers send the cookie only when it says so, and keep
    ///     it apart for each of those sites (`Partitioned`). Both need Secure.
    public init(isSecure: Bool, isCrossSite: Bool) {
        self.isSecure = isSecure
        self.isCrossSite = isCrossSite
    }

    /// The field that sets it: sent for the files of its lesson alone, seen by no script, gone when the token is.
    ///
    /// - Parameters:
    ///   - token: verified, so made of letters, digits and `._-` alone.
    ///   - claims: what it says.
    ///   - now: wall-clock seconds.
    func field(_ token: Span<UInt8>, _ claims: PlaybackClaims, now: Int64) -> String {
        let rel = String(decoding: claims.rel.span.extracting(0..<claims.relCount).copied, as: UTF8.self)
        let directory = RelPath(stored: rel)?.isOlder == true ? "/hls/" : "/hls2/"
        let site = isCrossSite ? "Secure; SameSite=None; Partitioned" : (isSecure ? "Secure; " : "") + "SameSite=Lax"
        return "Set-Cookie: reelgate_play=\(String(decoding: token.copied, as: UTF8.self)); HttpOnly; \(site); "
            + "Path=\(directory)\(rel)/; Max-Age=\(claims.expiry - now)"
    }
}

extension Gatekeeper {
    /// Whether the token in the header may become a cookie: by the rules that it has in the header.
    func grantCookie(
        path: Span<UInt8>, raw: Span<UInt8>, method: Span<UInt8>, authorization: Span<UInt8>, referrer: Span<UInt8>,
        repeated: Bool, now: Int64
    ) -> Result<PlaybackClaims, Refusal> {
        guard method.equals("POST") else { return .failure(.method) }
        guard isCanonical(path, raw), path.equals("/api/playback-cookie") else { return .failure(.path) }
        guard !repeated, let place = bearer(authorization) else { return .failure(.tokenMalformed) }
        // Its terms are for what is fetched with it: each time, as if it stood in the header.
        let verified = PlaybackToken.verify(
            authorization.extracting(place), keys: keys, now: now, longest: longest, judge: { _, _ in nil })
        guard case .success(let claims) = verified else { return verified }
        if claims.pathOnly { return .failure(.transport) }
        if let refusal = disliked(referrer, for: claims, needed: true) { return .failure(refusal) }
        return verified
    }

    /// Whether the client wrote the path as nginx understood it: whatever nginx decoded, merged or resolved, he must have
    /// written so himself.
    func isCanonical(_ path: Span<UInt8>, _ raw: Span<UInt8>) -> Bool {
        raw.extracting(0..<(raw.firstIndex(of: UInt8(ascii: "?")) ?? raw.count)).equals(path)
    }
}

/// The one cookie the gate knows.
enum Cookie {
    /// Where the value of `reelgate_play` lies; an empty range when there is none, `nil` when it stands twice.
    static func token(_ header: Span<UInt8>) -> Range<Int>? {
        var found: Range<Int>?
        var start = 0
        while start < header.count {
            let end = header.firstIndex(of: UInt8(ascii: ";"), from: start) ?? header.count
            while start < end, header[start] == 32 || header[start] == 9 { start += 1 }
            let pair = header.extracting(start..<end)
            if pair.starts(with: "reelgate_play=") {
                if found != nil { return nil }
                var stop = end
                while stop > start + 14, header[stop - 1] == 32 || header[stop - 1] == 9 { stop -= 1 }
                found = (start + 14)..<stop
            }
            start = end + 1
        }
        return found ?? 0..<0
    }
}
