extension JSON: CustomStringConvertible {
    /// The value as compact JSON text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// The text's bytes: what answers are made of, so nothing in it is made a `String` first.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        write(to: &out)
        return out
    }

    private func write(to out: inout [UInt8]) {
        switch self {
        case .null: out += "null".utf8
        case .bool(let value): out += (value ? "true" : "false").utf8
        case .integer(let value): out += "\(value)".utf8
        case .number(let value): out += (value.isFinite ? "\(value)" : "null").utf8
        case .string(let value): Self.quote(value, into: &out)
        case .array(let values):
            out.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                value.write(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                Self.quote(member.name, into: &out)
                out.append(UInt8(ascii: ":"))
                member.value.write(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func quote(_ value: String, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        if value.utf8.contains(where: { isSpecial($0) }) {
            for scalar in value.unicodeScalars { quote(scalar, into: &out) }
        } else {
            out += value.utf8
        }
        out.append(UInt8(ascii: "\""))
    }

    /// Whether a text that has this byte may hold something to escape.
    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7f || byte == 0xe2
    }

    private static func quote(_ scalar: Unicode.Scalar, into out: inout [UInt8]) {
        switch scalar {
        case "\"": out += "\\\"".utf8
        case "\\": out += "\\\\".utf8
        case "\n": out += "\\n".utf8
        case "\r": out += "\\r".utf8
        case "\t": out += "\\t".utf8
        // U+2028 and U+2029 end a line in old JavaScript; control characters would steer a terminal.
        case "\u{0}"..."\u{1f}", "\u{7f}", "\u{2028}", "\u{2029}":
            let digits = String(scalar.value, radix: 16)
            out += "\\u".utf8
            out += repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count)
            out += digits.utf8
        default: if let bytes = UTF8.encode(scalar) { out += bytes }
        }
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// An object; names must differ.
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0.0, $0.1) }) }
    /// An array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// `null`
    public init(nilLiteral: ()) { self = .null }

    /// The text, or `null`.
    public init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    /// The number, or `null`.
    public init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }
    /// The number, or `null`.
    public init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
    /// The number, or `null` also when it is not finite.
    public init(_ value: Double?) { self = value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null }
}
