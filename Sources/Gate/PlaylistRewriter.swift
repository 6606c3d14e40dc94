internal import Core

/// Changes what must be changed in a playlist, line by line (RFC 8216 §4.1), and nothing else.
///
/// Key URIs that name a host or begin at the root were written by an older server for an older host: they become the
/// lesson's own `enc.key`. Under `/mobile` every URI that stays on this server gets the token; one that leads elsewhere
/// never does.
enum PlaylistRewriter {
    /// - Parameters:
    ///   - playlist: the file.
    ///   - token: what to add to URIs as `?token=`; empty for nothing.
    static func rewrite(_ playlist: Span<UInt8>, adding token: Span<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(playlist.count + (token.isEmpty ? 0 : 64 * (token.count + 8)))
        var start = 0
        while start < playlist.count {
            let end = playlist.firstIndex(of: 10, from: start) ?? playlist.count
            var stop = end
            if stop > start, playlist[stop - 1] == 13 { stop -= 1 }
            line(playlist.extracting(start..<stop), token, into: &out)
            out.append(10)
            start = end + 1
        }
        return out
    }

    /// Small pictures as cues: a line that names a rectangle of an image beside the file gets the token in front of the
    /// fragment; everything else stays.
    static func rewrite(cues: Span<UInt8>, adding token: Span<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(2 * cues.count)
        var start = 0
        while start < cues.count {
            let end = cues.firstIndex(of: 10, from: start) ?? cues.count
            let line = cues.extracting(start..<end)
            let hash = line.firstIndex(of: UInt8(ascii: "#")) ?? 0
            if hash > 4, line.extracting((hash - 4)..<hash).equals(".jpg"), !leadsAway(line) {
                uri(line.extracting(0..<hash), token, into: &out)
                append(line.extracting(hash..<line.count), to: &out)
            } else {
                append(line, to: &out)
            }
            if end < cues.count { out.append(10) }
            start = end + 1
        }
        return out
    }

    private static func line(_ line: Span<UInt8>, _ token: Span<UInt8>, into out: inout [UInt8]) {
        if line.isEmpty { return }
        if line[0] != UInt8(ascii: "#") { return uri(line, token, into: &out) }
        guard line.starts(with: "#EXT"), let place = uriAttribute(line) else { return append(line, to: &out) }
        append(line.extracting(0..<place.lowerBound), to: &out)
        let value = line.extracting(place)
        if line.starts(with: "#EXT-X-KEY:"), leadsAway(value) {
            uri(Array("enc.key".utf8).span, token, into: &out)
        } else {
            uri(value, token, into: &out)
        }
        append(line.extracting(place.upperBound..<line.count), to: &out)
    }

    private static func uri(_ uri: Span<UInt8>, _ token: Span<UInt8>, into out: inout [UInt8]) {
        append(uri, to: &out)
        if token.isEmpty || leadsAway(uri) { return }
        out.append(uri.firstIndex(of: UInt8(ascii: "?")) == nil ? UInt8(ascii: "?") : UInt8(ascii: "&"))
        out.append(contentsOf: "token=".utf8)
        append(token, to: &out)
    }

    /// Whether a URI is anything but relative to the playlist: it begins with a slash or has a scheme.
    private static func leadsAway(_ uri: Span<UInt8>) -> Bool {
        if uri.isEmpty || uri[0] == UInt8(ascii: "/") { return true }
        let colon = uri.firstIndex(of: UInt8(ascii: ":")) ?? uri.count
        let slash = uri.firstIndex(of: UInt8(ascii: "/")) ?? uri.count
        return colon < slash
    }

    /// Where the quoted value of the attribute `URI` lies, outside of other attributes' quotes.
    private static func uriAttribute(_ line: Span<UInt8>) -> Range<Int>? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        var start = colon + 1
        while start < line.count {
            guard let equals = line.firstIndex(of: UInt8(ascii: "="), from: start) else { return nil }
            var end = equals + 1
            let quoted = end < line.count && line[end] == UInt8(ascii: "\"")
            if quoted {
                guard let close = line.firstIndex(of: UInt8(ascii: "\""), from: end + 1) else { return nil }
                if line.extracting(start..<equals).equals("URI") { return (end + 1)..<close }
                end = close + 1
            } else {
                end = line.firstIndex(of: UInt8(ascii: ","), from: end) ?? line.count
            }
            start = end + 1
        }
        return nil
    }

    private static func append(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
        for index in bytes.indices { out.append(bytes[index]) }
    }
}
