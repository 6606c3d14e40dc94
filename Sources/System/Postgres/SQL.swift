/// A statement whose values travel beside its text, never inside it.
///
///     let statement: SQL = "select title from videos where id = \(id) and created_at <= to_timestamp(\(now)::bigint)"
///     statement.text    // "select title from videos where id = $1 and created_at <= to_timestamp($2::bigint)"
///
/// There is no way to put a run-time string into `text`. Parameters are sent as text, so a place where PostgreSQL can't
/// infer the type takes a cast: `\(x)::bigint`.
public struct SQL: ExpressibleByStringInterpolation, Sendable, Equatable {
    /// The statement with `$1`, `$2`, … where values belong.
    public private(set) var text: String
    /// The values, in the order of their placeholders.
    public private(set) var values: [Value]

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
        self.text = "\(text)"
        self.values = []
    }

    /// A statement with values.
    public init(stringInterpolation parts: StringInterpolation) {
        self.text = parts.text
        self.values = parts.values
    }

    /// Collects the parts of a statement.
    public struct StringInterpolation: StringInterpolationProtocol {
        var text = ""
        var values: [Value] = []

        /// Makes room.
        public init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 3 * interpolationCount)
            values.reserveCapacity(interpolationCount)
        }

        /// Takes statement text: literals only.
        public mutating func appendLiteral(_ literal: StaticString) { text += "\(literal)" }

        /// Takes a value.
        public mutating func appendInterpolation(_ value: some SQLBindable) {
            values.append(value.sqlValue)
            text += "$\(values.count)"
        }

        /// Takes a value or NULL.
        public mutating func appendInterpolation(_ value: (some SQLBindable)?) {
            values.append(value?.sqlValue ?? .null)
            text += "$\(values.count)"
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
        var rest = text.unicodeScalars[...]
        guard rest.popFirst() == "{", rest.popLast() == "}" else { return nil }
        if rest.isEmpty { return [] }
        var all: [String] = []
        var element = ""
        var quoted = false
        while let scalar = rest.popFirst() {
            if quoted, scalar == "\\", let next = rest.popFirst() {
                element.unicodeScalars.append(next)
            } else if scalar == "\"" {
                quoted.toggle()
            } else if scalar == ",", !quoted {
                all.append(element)
                element = ""
            } else {
                element.unicodeScalars.append(scalar)
            }
        }
        return all + [element]
    }
}
