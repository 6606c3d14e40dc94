/// The name of a language (BCP 47, RFC 5646 §2.1): `en`, `pt-BR`, `zh-Hant-TW`; written in its usual case.
///
/// Well-formed tags are taken, registered or not; tags for private use alone and the irregular ones of old are not.
public struct LanguageTag: Hashable, Sendable, CustomStringConvertible {
    /// Bytes of a tag.
    public static let longest = 35

    /// The tag: the language in lower case, a script as `Hant`, a region as `TW`.
    public let description: String

    /// The language alone: two or three letters, or up to eight.
    public var language: String { String(description.prefix { $0 != "-" }) }

    /// `nil` unless the text is a well-formed tag of at most 35 bytes.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.longest else { return nil }
        let parts = bytes.split(separator: 45, omittingEmptySubsequences: false).map { Subtag($0) }
        guard parts.allSatisfy({ (1...8).contains($0.bytes.count) && $0.isAlphanumeric }) else { return nil }
        var reader = Reader(parts)
        guard reader.language(), reader.rest() else { return nil }
        description = reader.written.joined(separator: "-")
    }

    private struct Subtag {
        /// Lower case.
        let bytes: [UInt8]

        init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes.map { (65...90).contains($0) ? $0 + 32 : $0 } }

        var text: String { String(decoding: bytes, as: UTF8.self) }
        var isAlphanumeric: Bool { bytes.allSatisfy { (48...57).contains($0) || (97...122).contains($0) } }
        var isAlphabetic: Bool { bytes.allSatisfy { (97...122).contains($0) } }
        var isNumeric: Bool { bytes.allSatisfy { (48...57).contains($0) } }
    }

    private struct Reader {
        private var left: ArraySlice<Subtag>
        var written: [String] = []

        init(_ parts: [Subtag]) { left = parts[...] }

        private mutating func take(_ fits: (Subtag) -> Bool, as form: (String) -> String = { $0 }) -> Bool {
            guard let next = left.first, fits(next) else { return false }
            written.append(form(next.text))
            left = left.dropFirst()
            return true
        }

        /// 2 or 3 letters and up to three extensions of 3, or 4 to 8 letters.
        mutating func language() -> Bool {
            guard let first = left.first, first.isAlphabetic, (2...8).contains(first.bytes.count), take({ _ in true })
            else { return false }
            guard first.bytes.count <= 3 else { return true }
            for _ in 0..<3 { if !take({ $0.bytes.count == 3 && $0.isAlphabetic }) { break } }
            return true
        }

        /// Script, region, variants, extensions, private use; each variant and each extension once.
        mutating func rest() -> Bool {
            _ = take({ $0.bytes.count == 4 && $0.isAlphabetic }, as: { $0.prefix(1).uppercased() + $0.dropFirst() })
            _ = take(
                { ($0.bytes.count == 2 && $0.isAlphabetic) || ($0.bytes.count == 3 && $0.isNumeric) },
                as: { $0.uppercased() })
            var seen: Set<String> = []
            while let next = left.first,
                (5...8).contains(next.bytes.count) || (next.bytes.count == 4 && (48...57).contains(next.bytes[0]))
            {
                guard seen.insert(next.text).inserted, take({ _ in true }) else { return false }
            }
            while let next = left.first, next.bytes.count == 1 {
                let isPrivate = next.text == "x"
                guard seen.insert(next.text).inserted, take({ _ in true }) else { return false }
                var count = 0
                while let part = left.first, part.bytes.count >= (isPrivate ? 1 : 2) {
                    _ = take({ _ in true })
                    _ = part
                    count += 1
                }
                if count == 0 { return false }
            }
            return left.isEmpty
        }
    }
}
