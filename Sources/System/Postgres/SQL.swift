/// A statement whose values travel beside its text, never inside it.
///
///     let statement: SQL = "select title from videos where id = \(id) and created_at <= to_timestamp(\(now)::bigint)"
///     statement.text    // "select title from videos where id = $1 and created_at <= to_timestamp($2::bigint)"
///
/// There is no way to put a run-time string into `text`. A statement may hold parts that are statements themselves, so
/// that what is not asked for need not be written: PostgreSQL plans a short statement sooner. Parameters are sent as
/// text, so a place where PostgreSQL can't infer the type takes a cast: `\(x)::bigint`.
public struct SQL: ExpressibleByStringInterpolation, Sendable, Equatable {
    /// The text before, between and behind the values: one more than there are values.
    private var pieces: [String]
    /// The values, in the order of their placeholders.
    public private(set) var values: [Value]

    /// The statement with `$1`, `$2`, … where values belong.
    public var text: String {
        var text = pieces[0]
        for number in pieces.indices.dropFirst() {
            text += "$\(number)"
            text += pieces[number]
        }
        return text
    }

    /// A parameter as PostgreSQL receives it.
    public enum Value: Sendable, Equatable {
        /// SQL's NULL.
        case null
        /// Any type but `bytea`, in PostgreSQL's text form.
        case text(String)
        /// A `bytea`.
        case bytes([UInt8])
    }

    /// A statement without values.
    public init(stringLiteral text: StaticString) {
        pieces = ["\(text)"]
        values = []
    }

    /// A statement with values.
    public init(stringInterpolation parts: StringInterpolation) { self = parts.statement }

    /// Puts another part of a statement behind this one.
    public static func += (statement: inout SQL, part: SQL) {
        statement.pieces[statement.pieces.count - 1] += part.pieces[0]
        statement.pieces += part.pieces.dropFirst()
        statement.values += part.values
    }

    /// Collects the parts of a statement.
    public struct StringInterpolation: StringInterpolationProtocol {
        var statement: SQL = ""

        /// Makes room.
        public init(literalCapacity: Int, interpolationCount: Int) {
            statement.pieces.reserveCapacity(interpolationCount + 1)
            statement.values.reserveCapacity(interpolationCount)
        }

        /// Takes statement text: literals only.
        public mutating func appendLiteral(_ literal: StaticString) {
            statement.pieces[statement.pieces.count - 1] += "\(literal)"
        }

        /// Takes a value.
        public mutating func appendInterpolation(_ value: some SQLBindable) { append(value.sqlValue) }

        /// Takes a value or NULL.
        public mutating func appendInterpolation(_ value: (some SQLBindable)?) { append(value?.sqlValue ?? .null) }

        /// Takes another part of a statement, with its values.
        public mutating func appendInterpolation(_ part: SQL) { statement += part }

        private mutating func append(_ value: Value) {
            statement.values.append(value)
            statement.pieces.append("")
        }
    }
}

/// A type that can be a statement's parameter.
public protocol SQLBindable {
    /// The value as it is sent.
    var sqlValue: SQL.Value { get }
}

extension Int64: SQLBindable {
    /// Decimal digits.
    public var sqlValue: SQL.Value { .text("\(self)") }
}
extension Int: SQLBindable {
    /// Decimal digits.
    public var sqlValue: SQL.Value { .text("\(self)") }
}
extension Int32: SQLBindable {
    /// Decimal digits.
    public var sqlValue: SQL.Value { .text("\(self)") }
}
extension Double: SQLBindable {
    /// The shortest text that reads back as the same number.
    public var sqlValue: SQL.Value { .text("\(self)") }
}
extension Bool: SQLBindable {
    /// `true` or `false`.
    public var sqlValue: SQL.Value { .text(self ? "true" : "false") }
}
extension String: SQLBindable {
    /// The text itself.
    public var sqlValue: SQL.Value { .text(self) }
}
extension Array: SQLBindable where Element: SQLArrayElement {
    /// As the element type has it.
    public var sqlValue: SQL.Value { Element.sqlValue(of: self) }
}

/// What an array of this type is to PostgreSQL: `[UInt8]` a `bytea`, `[String]` a `text[]`.
public protocol SQLArrayElement {
    /// The array as a parameter.
    static func sqlValue(of array: [Self]) -> SQL.Value
    /// The array from a column's text; `nil` when the text is something else.
    static func array(sqlText text: String) -> [Self]?
}

extension UInt8: SQLArrayElement {
    /// A `bytea`.
    public static func sqlValue(of array: [UInt8]) -> SQL.Value { .bytes(array) }

    /// A `bytea` in hex form.
    public static func array(sqlText text: String) -> [UInt8]? {
        guard text.utf8.starts(with: "\\x".utf8), text.utf8.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2 - 1)
        var high: UInt8?
        for digit in text.utf8.dropFirst(2) {
            guard let value = value(ofHex: digit) else { return nil }
            if let first = high { bytes.append(first << 4 | value) }
            high = high == nil ? value : nil
        }
        return bytes
    }

    private static func value(ofHex digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension String: SQLArrayElement {
    /// A `text[]` literal: every element quoted.
    public static func sqlValue(of array: [String]) -> SQL.Value {
        var text = "{"
        for (index, element) in array.enumerated() {
            if index > 0 { text += "," }
            text += "\""
            for scalar in element.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { text += "\\" }
                text.unicodeScalars.append(scalar)
            }
            text += "\""
        }
        return .text(text + "}")
    }

    /// A one-dimensional `text[]` without NULLs.
    public static func array(sqlText text: String) -> [String]? {
        let bytes = text.utf8
        guard bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}"), bytes.count > 1 else { return nil }
        if bytes.count == 2 { return [] }
        var all: [String] = []
        var element: [UInt8] = []
        var (isQuoted, isEscaped) = (false, false)
        for byte in bytes.dropFirst().dropLast() {
            if isEscaped {
                element.append(byte)
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == UInt8(ascii: ","), !isQuoted {
                all.append(String(decoding: element, as: UTF8.self))
                element.removeAll(keepingCapacity: true)
            } else {
                element.append(byte)
            }
        }
        return all + [String(decoding: element, as: UTF8.self)]
    }
}
