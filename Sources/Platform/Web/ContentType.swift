internal import Core

/// A media type with its parameters (RFC 9110 §8.3.1), read by bytes.
public struct ContentType: Sendable, Equatable {
    /// `type/subtype` in lower case.
    public let name: String
    private let parameters: [String: String]

    /// `nil` when the text is no media type, or a parameter stands twice.
    public init?(_ text: String) {
        var reader = HeaderReader(Array(text.utf8))
        guard let type = reader.token(), reader.take(UInt8(ascii: "/")), let subtype = reader.token() else {
            return nil
        }
        name = (type + "/" + subtype).lowercased()
        guard let parameters = reader.parameters() else { return nil }
        var all: [String: String] = [:]
        for (name, value) in parameters {
            guard all.updateValue(value, forKey: name) == nil else { return nil }
        }
        self.parameters = all
    }

    /// A parameter's value; names are lower case and ASCII.
    public subscript(_ name: String) -> String? { parameters[name] }

    /// Whether it says nothing of a charset, or says UTF-8.
    public var isUTF8: Bool {
        guard let charset = parameters["charset"] else { return true }
        return charset.utf8.count == 5 && charset.lowercased() == "utf-8"
    }
}

/// Reads a header field's value from front to end.
struct HeaderReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private mutating func skipBlanks() { while at < bytes.count, bytes[at] == 32 || bytes[at] == 9 { at += 1 } }

    mutating func take(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    /// A token (RFC 9110 §5.6.2).
    mutating func token() -> String? {
        let start = at
        while at < bytes.count, Self.isTokenByte(bytes[at]) { at += 1 }
        return at > start ? String(decoding: bytes[start..<at], as: UTF8.self) : nil
    }

    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// The rest as `;name=value` pairs with lower-case names; `nil` when it is anything else.
    mutating func parameters() -> [(name: String, value: String)]? {
        var all: [(name: String, value: String)] = []
        while true {
            skipBlanks()
            if at == bytes.count { return all }
            guard take(UInt8(ascii: ";")) else { return nil }
            skipBlanks()
            if at == bytes.count { return all }
            guard let name = token(), take(UInt8(ascii: "=")), let value = value() else { return nil }
            all.append((name.lowercased(), value))
        }
    }

    private mutating func value() -> String? {
        guard take(UInt8(ascii: "\"")) else { return token() }
        var out: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "\"") { return String(validating: out, as: UTF8.self) }
            // Browsers send a backslash in a file's name as it is, others escape quotes and backslashes with it.
            if byte == UInt8(ascii: "\\"), at < bytes.count, bytes[at] == UInt8(ascii: "\"") || bytes[at] == byte {
                out.append(bytes[at])
                at += 1
            } else {
                out.append(byte)
            }
        }
        return nil
    }
}
