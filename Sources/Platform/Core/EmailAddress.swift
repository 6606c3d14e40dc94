/// An e-mail address in its one form: printable ASCII in lower case, 3…254 bytes, compared byte for byte.
///
/// ASCII in lower case is its own NFC form, so that two spellings of one address can't be two accounts; letters that
/// merely look like ASCII's (U+212A for K) make no address. Addresses beyond ASCII (RFC 6531) are refused.
public struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address.
    public let description: String

    /// `nil` unless the text is `local@domain` (RFC 5321 §4.1.2, without quoted parts and address literals), in any case.
    public init?(_ text: String) {
        let bytes = text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
        guard (3...254).contains(bytes.count),
            bytes.allSatisfy({ $0 > 32 && $0 < 127 && !"\"(),:;<>[\\]".utf8.contains($0) })
        else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, Self.hasNoEmptyAtom(parts[0]),
            Self.hasNoEmptyAtom(parts[1]), parts[1].allSatisfy({ Self.isHost($0) })
        else { return nil }
        description = String(decoding: bytes, as: UTF8.self)
    }

    private static func hasNoEmptyAtom(_ part: ArraySlice<UInt8>) -> Bool {
        part.split(separator: 46, omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }

    private static func isHost(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 46
    }

    /// Bytes decide: what Unicode calls equal does not.
    public static func == (one: EmailAddress, other: EmailAddress) -> Bool {
        one.description.utf8.elementsEqual(other.description.utf8)
    }
}
