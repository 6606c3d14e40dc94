/// A JSON value (RFC 8259), read strictly: one reader for the whole product, so that no two parts of it can
/// understand one text differently.
public enum JSON: Equatable, Sendable {
    /// `null`
    case null
    /// `true`, `false`
    case bool(Bool)
    /// A number written without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number; always finite.
    case number(Double)
    /// Text without NUL.
    case string(String)
    /// `[…]`
    case array([JSON])
    /// `{…}`: names are unique, order is kept.
    case object([Member])

    /// A name and its value in an object.
    public struct Member: Equatable, Sendable {
        /// The name.
        public let name: String
        /// The value.
        public let value: JSON

        /// - Parameters: as the properties.
        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// The member of that name (compared by bytes), or `nil` when there is none or this is no object.
    public subscript(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        for member in members where member.name.utf8.elementsEqual(name.utf8) { return member.value }
        return nil
    }

    /// The text, if this is one.
    public var string: String? { if case .string(let text) = self { text } else { nil } }
    /// The whole number, if this is one.
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    /// The truth value, if this is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements, if this is an array.
    public var array: [JSON]? { if case .array(let values) = self { values } else { nil } }
    /// The number, whole or not.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

/// Why a text is not JSON as we accept it; the offset is in bytes.
public enum JSONError: Error, Equatable {
    /// Not the grammar of RFC 8259, or bytes after the value.
    case syntax(at: Int)
    /// Not UTF-8, a lone surrogate, or a NUL in a text.
    case text(at: Int)
    /// A name stands twice in one object.
    case duplicate(at: Int)
    /// Deeper than 64 values.
    case depth(at: Int)
    /// A number that is not finite in 64 bits.
    case range(at: Int)
}

extension JSON {
    /// Reads one value that fills `bytes` but for white space.
    public init(parsing bytes: Span<UInt8>) throws(JSONError) {
        var reader = JSONReader(count: bytes.count)
        self = try reader.document(bytes)
    }

    /// Reads one value from an array of bytes.
    public init(parsing bytes: [UInt8]) throws(JSONError) { try self.init(parsing: bytes.span) }

    /// Reads one value from text.
    public init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8).span) }
}

private struct JSONReader {
    let count: Int
    var at = 0
    var depth = 0

    init(count: Int) { self.count = count }

    mutating func document(_ bytes: Span<UInt8>) throws(JSONError) -> JSON {
        let value = try value(bytes)
        skipSpace(bytes)
        if at < count { throw .syntax(at: at) }
        return value
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while at < count, bytes[at] == 32 || bytes[at] == 9 || bytes[at] == 10 || bytes[at] == 13 { at += 1 }
    }

    private mutating func value(_ bytes: Span<UInt8>) throws(JSONError) -> JSON {
        skipSpace(bytes)
        guard at < count else { throw .syntax(at: at) }
        switch bytes[at] {
        case UInt8(ascii: "{"): return try nested(bytes) { (reader) throws(JSONError) in try reader.object(bytes) }
        case UInt8(ascii: "["): return try nested(bytes) { (reader) throws(JSONError) in try reader.array(bytes) }
        case UInt8(ascii: "\""): return .string(try text(bytes))
        case UInt8(ascii: "t"): return try word("true", .bool(true), bytes)
        case UInt8(ascii: "f"): return try word("false", .bool(false), bytes)
        case UInt8(ascii: "n"): return try word("null", .null, bytes)
        default: return try number(bytes)
        }
    }

    private mutating func nested(
        _ bytes: Span<UInt8>, _ body: (inout JSONReader) throws(JSONError) -> JSON
    ) throws(JSONError) -> JSON {
        if depth == 64 { throw .depth(at: at) }
        depth += 1
        at += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func word(_ word: StaticString, _ value: JSON, _ bytes: Span<UInt8>) throws(JSONError) -> JSON {
        for byte in "\(word)".utf8 {
            guard at < count, bytes[at] == byte else { throw .syntax(at: at) }
            at += 1
        }
        return value
    }

    private mutating func array(_ bytes: Span<UInt8>) throws(JSONError) -> JSON {
        var elements: [JSON] = []
        skipSpace(bytes)
        if at < count, bytes[at] == UInt8(ascii: "]") {
            at += 1
            return .array([])
        }
        while true {
            elements.append(try value(bytes))
            skipSpace(bytes)
            guard at < count else { throw .syntax(at: at) }
            at += 1
            if bytes[at - 1] == UInt8(ascii: "]") { return .array(elements) }
            if bytes[at - 1] != UInt8(ascii: ",") { throw .syntax(at: at - 1) }
        }
    }

    private mutating func object(_ bytes: Span<UInt8>) throws(JSONError) -> JSON {
        var members: [JSON.Member] = []
        var names: Set<[UInt8]> = []
        skipSpace(bytes)
        if at < count, bytes[at] == UInt8(ascii: "}") {
            at += 1
            return .object([])
        }
        while true {
            skipSpace(bytes)
            let start = at
            guard at < count, bytes[at] == UInt8(ascii: "\"") else { throw .syntax(at: at) }
            let name = try text(bytes)
            guard names.insert(Array(name.utf8)).inserted else { throw .duplicate(at: start) }
            skipSpace(bytes)
            guard at < count, bytes[at] == UInt8(ascii: ":") else { throw .syntax(at: at) }
            at += 1
            members.append(JSON.Member(name, try value(bytes)))
            skipSpace(bytes)
            guard at < count else { throw .syntax(at: at) }
            at += 1
            if bytes[at - 1] == UInt8(ascii: "}") { return .object(members) }
            if bytes[at - 1] != UInt8(ascii: ",") { throw .syntax(at: at - 1) }
        }
    }

    private mutating func text(_ bytes: Span<UInt8>) throws(JSONError) -> String {
        let start = at
        at += 1
        var out: [UInt8] = []
        while at < count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: out, as: UTF8.self) else { throw .text(at: start) }
                return text
            case UInt8(ascii: "\\"): try escape(bytes, into: &out)
            case 0..<32: throw .text(at: at - 1)
            default: out.append(byte)
            }
        }
        throw .syntax(at: start)
    }

    private mutating func escape(_ bytes: Span<UInt8>, into out: inout [UInt8]) throws(JSONError) {
        guard at < count else { throw .syntax(at: at) }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(byte)
        case UInt8(ascii: "b"): out.append(8)
        case UInt8(ascii: "f"): out.append(12)
        case UInt8(ascii: "n"): out.append(10)
        case UInt8(ascii: "r"): out.append(13)
        case UInt8(ascii: "t"): out.append(9)
        case UInt8(ascii: "u"):
            var code = try hex4(bytes)
            if code >= 0xD800, code < 0xDC00 {
                guard at + 1 < count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
                    throw .text(at: at)
                }
                at += 2
                let low = try hex4(bytes)
                guard low >= 0xDC00, low < 0xE000 else { throw .text(at: at) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard code != 0, let scalar = UnicodeScalar(code) else { throw .text(at: at) }
            out.append(contentsOf: String(Character(scalar)).utf8)
        default: throw .syntax(at: at - 1)
        }
    }

    private mutating func hex4(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
        guard at + 4 <= count else { throw .syntax(at: at) }
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Hex.value(of: bytes[at]) else { throw .syntax(at: at) }
            code = code << 4 | UInt32(digit)
            at += 1
        }
        return code
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSON {
        let start = at
        if at < count, bytes[at] == UInt8(ascii: "-") { at += 1 }
        guard at < count, isDigit(bytes[at]) else { throw .syntax(at: start) }
        if bytes[at] == UInt8(ascii: "0") { at += 1 } else { skipDigits(bytes) }
        var whole = true
        if at < count, bytes[at] == UInt8(ascii: ".") {
            whole = false
            at += 1
            guard at < count, isDigit(bytes[at]) else { throw .syntax(at: at) }
            skipDigits(bytes)
        }
        if at < count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            whole = false
            at += 1
            if at < count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            guard at < count, isDigit(bytes[at]) else { throw .syntax(at: at) }
            skipDigits(bytes)
        }
        guard at - start <= 64 else { throw .range(at: start) }
        var text = ""
        for index in start..<at { text.unicodeScalars.append(UnicodeScalar(bytes[index])) }
        if whole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw .range(at: start) }
        return .number(value)
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

    private mutating func skipDigits(_ bytes: Span<UInt8>) { while at < count, isDigit(bytes[at]) { at += 1 } }
}
