internal import Core

/// Percent-encoding (RFC 3986 §2.1), undone exactly once.
public enum Percent {
    /// The text behind `bytes`, or `nil` for an escape without two digits, a NUL, or bytes that are no UTF-8.
    ///
    /// - Parameter plusIsSpace: as in queries of forms.
    public static func decode(_ bytes: Span<UInt8>, plusIsSpace: Bool = false) -> String? {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            var byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                guard index + 1 < bytes.count, let high = Hex.value(of: bytes[index]),
                    let low = Hex.value(of: bytes[index + 1])
                else { return nil }
                byte = high << 4 | low
                index += 2
            } else if byte == UInt8(ascii: "+"), plusIsSpace {
                byte = 32
            }
            if byte == 0 { return nil }
            out.append(byte)
        }
        return String(validating: out, as: UTF8.self)
    }

    /// The text with everything but unreserved characters (RFC 3986 §2.3) and `keeping` escaped.
    public static func encode(_ text: String, keeping: String = "") -> String {
        var out = ""
        for byte in text.utf8 {
            let scalar = UnicodeScalar(byte)
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: out.unicodeScalars.append(scalar)
            case _ where keeping.utf8.contains(byte): out.unicodeScalars.append(scalar)
            default: out += "%" + Hex.encode([byte]).uppercased()
            }
        }
        return out
    }
}

extension String {
    /// Whether both are the same bytes: `==` would also call canonically equivalent texts equal.
    func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
