/// The name of a file that may be fetched by its name: 1…128 of `[A-Za-z0-9._-]`, beginning with a letter or digit, with
/// a dot inside. It needs no escape in a path or in a header, and its own directory is the only one it can lie in.
public struct FileName: Hashable, Sendable, CustomStringConvertible {
    /// The text; ASCII.
    public let description: String

    /// `nil` unless the text has exactly the form above.
    public init?(_ text: String) {
        guard FileName.isValid(Array(text.utf8).span) else { return nil }
        description = text
    }

    /// Whether the bytes have the form; allocates nothing.
    public static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count >= 1, bytes.count <= 128 else { return false }
        var dot: Int?
        for index in bytes.indices {
            switch bytes[index] {
            case 48...57, 65...90, 97...122: continue
            case 45, 95: if index == 0 { return false }
            case 46:
                if index == 0 { return false }
                dot = index
            default: return false
            }
        }
        return dot.map { $0 < bytes.count - 1 } ?? false
    }

    /// What stands behind the last dot.
    public var fileExtension: String {
        let bytes = Array(description.utf8)
        return String(decoding: bytes[((bytes.lastIndex(of: UInt8(ascii: ".")) ?? -1) + 1)...], as: UTF8.self)
    }
}
