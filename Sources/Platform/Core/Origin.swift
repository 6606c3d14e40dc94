internal import POSIX

/// A web origin (RFC 6454): scheme, host and port, kept in lower case with the default port left out.
///
/// Parsed by bytes and by our own rules, so that `https://good.example@evil.example` or `https://good.example\@x` has no
/// reading at all. In a list of referrers the host may begin with `*.`, which stands for any deeper name.
public struct Origin: Hashable, Sendable, CustomStringConvertible {
    /// `scheme://host` and `:port` where it is not the scheme's own.
    public let description: String
    /// Whether the host begins with `*.`.
    public let isWildcard: Bool
    private let bytes: [UInt8]
    private let hostStart: Int

    /// Reads `http(s)://host[:port]`; `nil` for anything else, a path included.
    public init?(_ text: String) {
        var buffer = InlineArray<320, UInt8>(repeating: 0)
        let source = Array(text.utf8)
        var wildcard = false
        var cleaned = source
        if let star = source.firstIndex(of: UInt8(ascii: "*")) {
            guard star >= 7, source[star - 1] == UInt8(ascii: "/"), star + 1 < source.count,
                source[star + 1] == UInt8(ascii: ".")
            else { return nil }
            wildcard = true
            cleaned.removeSubrange(star...(star + 1))
        }
        var span = buffer.mutableSpan
        guard let count = Origin.normalise(cleaned.span, wholeOrigin: true, into: &span) else { return nil }
        let normal = (0..<count).map { buffer[$0] }
        guard let slashes = normal.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        hostStart = slashes + 3
        isWildcard = wildcard
        bytes = normal
        let textual = String(decoding: normal, as: UTF8.self)
        description =
            wildcard
            ? String(decoding: normal[..<hostStart], as: UTF8.self) + "*."
                + String(decoding: normal[hostStart...], as: UTF8.self) : textual
    }

    /// Whether a normalised origin (what `normalise` wrote) is this one, or below it when this is a wildcard.
    public func matches(_ normal: Span<UInt8>) -> Bool {
        if !isWildcard { return normal.equals(bytes.span) }
        let tail = bytes.count - hostStart
        guard normal.count > bytes.count + 1 else { return false }
        for index in 0..<hostStart where normal[index] != bytes[index] { return false }
        let start = normal.count - tail
        guard normal[start - 1] == UInt8(ascii: ".") else { return false }
        for index in 0..<tail where normal[start + index] != bytes[hostStart + index] { return false }
        return true
    }

    /// Writes the origin of a URL in its normal form to the front of `target`, allocating nothing.
    ///
    /// - Parameters:
    ///   - url: a `Referer` or `Origin` as it came.
    ///   - wholeOrigin: refuses anything after the port.
    /// - Returns: its length, or `nil` when the bytes are no http(s) URL with a plain host.
    public static func normalise(_ url: Span<UInt8>, wholeOrigin: Bool, into target: inout MutableSpan<UInt8>) -> Int? {
        guard url.count <= 8192 else { return nil }
        var lower = 0
        func low(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte + 32 : byte }
        let secure: Bool
        if matches(url, "https://") {
            secure = true
        } else if matches(url, "http://") {
            secure = false
        } else {
            return nil
        }
        let start = secure ? 8 : 7
        func put(_ byte: UInt8, _ target: inout MutableSpan<UInt8>) -> Bool {
            guard lower < target.count else { return false }
            target[lower] = byte
            lower += 1
            return true
        }
        for index in 0..<start { guard put(low(url[index]), &target) else { return nil } }
        var index = start
        var label = 0
        while index < url.count {
            let byte = low(url[index])
            if byte == UInt8(ascii: ".") {
                guard label > 0 else { return nil }
                label = 0
            } else if (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57) || byte == 45 || byte == 95 {
                label += 1
            } else {
                break
            }
            guard index - start < 253, put(byte, &target) else { return nil }
            index += 1
        }
        guard label > 0 else { return nil }
        if index < url.count, url[index] == UInt8(ascii: ":") {
            let portStart = index + 1
            var end = portStart
            while end < url.count, url[end] >= 48, url[end] <= 57 { end += 1 }
            guard let port = Digits.parse(url.extracting(portStart..<end)), port >= 1, port <= 65_535 else {
                return nil
            }
            if port != (secure ? 443 : 80) {
                for place in index..<end { guard put(url[place], &target) else { return nil } }
            }
            index = end
        }
        if index < url.count {
            if wholeOrigin { return nil }
            switch url[index] {
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): break
            default: return nil
            }
            while index < url.count {
                guard url[index] > 32, url[index] < 127 else { return nil }
                index += 1
            }
        }
        return lower
    }

    private static func matches(_ url: Span<UInt8>, _ scheme: StaticString) -> Bool {
        guard url.count >= scheme.utf8CodeUnitCount else { return false }
        return scheme.withBytes { bytes in
            for index in bytes.indices {
                let byte = url[index]
                if (byte >= 65 && byte <= 90 ? byte + 32 : byte) != bytes[index] { return false }
            }
            return true
        }
    }
}
