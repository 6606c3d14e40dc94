package import Core
package import Tokens

/// What the gate is asked besides the files of lessons.
enum Errand {
    /// May this original or presentation be downloaded?
    case download
    /// Make a cookie of the token.
    case cookie

    /// `nil` for all that `MediaPath` reads. Only the beginning of the path is looked at: the rest decides later.
    init?(_ kind: Span<UInt8>, _ path: Span<UInt8>) {
        switch Question(kind) {
        case .cookie: self = .cookie
        case .file where path.starts(with: "/download2/") || path.starts(with: "/api/download/"): self = .download
        default: return nil
        }
    }
}

extension Gatekeeper {
    /// Whether a file may be downloaded.
    ///
    /// - Parameters: as `locate` and `admit`.
    package func admitDownload(
        path: Span<UInt8>, raw: Span<UInt8>, method: Span<UInt8>, authorization: Span<UInt8>, query: Span<UInt8>,
        repeated: Bool, now: Int64
    ) -> Result<DownloadClaims, Refusal> {
        guard method.equals("GET") || method.equals("HEAD") else { return .failure(.method) }
        guard isCanonical(path, raw), DownloadPath.isValid(path) else { return .failure(.path) }
        guard !repeated, let inQuery = Query.token(query) else { return .failure(.tokenMalformed) }
        let verified = one(authorization, and: query.extracting(inQuery)) {
            DownloadToken.verify($0, keys: keys, now: now, longest: longest)
        }
        guard case .success(let claims) = verified else { return verified }
        return claims.isFor(path) ? verified : .failure(.rel)
    }
}

/// The paths that can be downloaded; nginx has a location for each that names the directory.
enum DownloadPath {
    /// Whether the path is `/api/download/<user>/<file>`, `/download2/<rel>/<file>`, `/download2/course/<course>/<file>` or
    /// `/download2/module/<course>/<module>/<file>`. `course` and `module` are no trainers here.
    static func isValid(_ path: Span<UInt8>) -> Bool {
        if path.starts(with: "/api/download/") { return isFile(path, below: 14, parts: 1) }
        guard path.starts(with: "/download2/") else { return false }
        if path.starts(with: "/download2/course/") { return isFile(path, below: 18, parts: 1) }
        if path.starts(with: "/download2/module/") { return isFile(path, below: 18, parts: 2) }
        return isFile(path, below: 11, parts: 4)
    }

    /// Where the path of the lesson or video lies that the file belongs to, for a path that is valid; empty for
    /// presentations.
    static func rel(_ path: Span<UInt8>) -> Range<Int> {
        if path.starts(with: "/api/download/") {
            // The file is named as its video is.
            return 14..<(path.firstIndex(of: UInt8(ascii: "."), from: 14) ?? path.count)
        }
        let length = RelPath.prefixLength(of: path.extracting(11..<path.count))
        return 11..<(11 + (length ?? 0))
    }

    private static func isFile(_ path: Span<UInt8>, below start: Int, parts: Int) -> Bool {
        guard let length = RelPath.prefixLength(of: path.extracting(start..<path.count), parts: parts) else {
            return false
        }
        let slash = start + length
        return slash < path.count && FileName.isValid(path.extracting((slash + 1)..<path.count))
    }
}

/// How a download is called where it is saved (RFC 6266): the name in its path, which needs no escape, and beside it what
/// a person calls it, escaped (RFC 8187).
enum Disposition {
    static func field(_ path: Span<UInt8>, _ claims: DownloadClaims) -> String {
        var start = path.count
        while start > 0, path[start - 1] != UInt8(ascii: "/") { start -= 1 }
        let name = String(decoding: path.extracting(start..<path.count).copied, as: UTF8.self)
        let escaped = claims.escapedName
        return "Content-Disposition: attachment; filename=\"\(name)\""
            + (escaped.isEmpty ? "" : "; filename*=UTF-8''\(escaped)")
    }
}
