internal import Core
internal import Web

enum RequestFuzz {
    static func run(_ input: Span<UInt8>) -> String? {
        let bytes = input.copied
        if let path = try? Path(bytes) {
            let written = "/" + path.segments.map { Percent.encode($0) }.joined(separator: "/")
            guard (try? Path(Array(written.utf8))) == path else { return "a path is not read as it was written" }
            if path.segments.contains(where: { $0.utf8.contains(0) }) { return "a NUL in a path" }
        }
        if let query = try? Query(bytes) {
            _ = try? query.number("page")
            _ = try? query.one("token")
        }
        if let number = Digits.parse(input), Array(String(number).utf8) != bytes { return "a number in two spellings" }
        if RelPath.prefixLength(of: input) == bytes.count, let text = input.text, RelPath(text)?.description != text {
            return "two readers of a lesson's path differ"
        }
        if let name = PublicationName(input), Array(name.description.utf8) != bytes { return "a publication's name" }
        if let text = input.text {
            _ = ContentType(text)
            _ = LanguageTag(text)
            if let decoded = Base64URL.decode(text), Base64URL.encode(decoded.span) != text {
                return "base64url in two spellings"
            }
            if let origin = Origin(text), Origin(origin.description) != origin { return "an origin in two forms" }
        }
        return origin(input, wholeOrigin: false) ?? origin(input, wholeOrigin: true)
    }

    /// A normal form is its own normal form, and ends before the path.
    private static func origin(_ input: Span<UInt8>, wholeOrigin: Bool) -> String? {
        guard let once = normal(input, wholeOrigin) else { return nil }
        guard normal(once.span, true) == once else { return "a normal origin is not its own normal form" }
        let host = once.dropFirst(once.starts(with: Array("https".utf8)) ? 8 : 7)
        return host.contains { $0 <= 32 || $0 >= 127 || "/@\\#?%".utf8.contains($0) } ? "an origin with odd bytes" : nil
    }

    private static func normal(_ bytes: Span<UInt8>, _ wholeOrigin: Bool) -> [UInt8]? {
        var target = InlineArray<320, UInt8>(repeating: 0)
        var span = target.mutableSpan
        guard let count = Origin.normalise(bytes, wholeOrigin: wholeOrigin, into: &span) else { return nil }
        return target.span.extracting(0..<count).copied
    }
}
