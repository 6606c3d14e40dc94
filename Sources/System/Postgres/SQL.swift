/// A statement whose values travel beside its text, never inside it.
///
///     let statement: SQL = "select title from videos where id = \(id) and created_at <= to_timestamp(\(now)::bigint)"
///     statement.text    // "select title from videos where id = $1 and created_at <= to_timestamp($2::bigint)"
///
/// There is no way to put a run-time string into `text`. A statement may hold parts that are statements themselves, so
/// that what is not asked for needs not be written: PostgreSQL plans a short statement sooner. Parameters are sent as text, so a place where PostgreSQL can't
/// infer the type takes a cast: `\(x)::bigint`.
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
        let digits = Array(text.utf8)
        guard digits.count >= 2, digits.count % 2 == 0, digits[0] == 92, digits[1] == 120 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2 - 1)
        for index in stride(from: 2, to: digits.count, by: 2) {
            guard let high = Character(UnicodeScalar(digits[index])).hexDigitValue,
                let low = Character(UnicodeScalar(digits[index + 1])).hexDigitValue
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
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
        var rest = text.utf8[...]
        guard rest.popFirst() == UInt8(ascii: "{"), rest.popLast() == UInt8(ascii: "}") else { return nil }
        if rest.isEmpty { return [] }
        var all: [String] = []
        var element: [UInt8] = []
        var quoted = false
        while let byte = rest.popFirst() {
            if quoted, byte == UInt8(ascii: "\\"), let next = rest.popFirst() {
                element.append(next)
            } else if byte == UInt8(ascii: "\"") {
                quoted.toggle()
            } else if byte == UInt8(ascii: ","), !quoted {
                all.append(String(decoding: element, as: UTF8.self))
                element.removeAll(keepingCapacity: true)
            } else {
                element.append(byte)
            }
        }
        return all + [String(decoding: element, as: UTF8.self)]
    }
}
