internal import CPostgres

/// The answer to a statement: its rows, or how many rows it changed.
@safe public final class Rows {
    private let result: OpaquePointer

    init(_ result: OpaquePointer) { unsafe self.result = unsafe result }

    deinit { unsafe PQclear(result) }

    /// How many rows came back.
    public var count: Int { Int(unsafe PQntuples(result)) }

    /// How many rows the statement inserted, changed or deleted.
    public var affected: Int { Int(unsafe String(cString: PQcmdTuples(result))) ?? 0 }

    /// The first row, or `nil`.
    public var first: Row? { count > 0 ? Row(self, 0) : nil }

    /// Turns every row into a value.
    public func map<T>(_ body: (Row) throws(DatabaseError) -> T) throws(DatabaseError) -> [T] {
        var all: [T] = []
        all.reserveCapacity(count)
        for index in 0..<count { all.append(try body(Row(self, index))) }
        return all
    }

    @usableFromInline
    func text(_ row: Int, _ name: String) throws(DatabaseError) -> String? {
        let column = unsafe PQfnumber(result, name)
        guard column >= 0 else { throw .column(name) }
        if unsafe PQgetisnull(result, Int32(row), column) == 1 { return nil }
        return unsafe String(cString: PQgetvalue(result, Int32(row), column))
    }
}

/// One row; columns are read by name, in the type the caller names.
public struct Row {
    @usableFromInline let rows: Rows
    @usableFromInline let index: Int

    init(_ rows: Rows, _ index: Int) {
        self.rows = rows
        self.index = index
    }

    /// The column, or `nil` for NULL. Inlined, like `value`, so that it is compiled for its type where it is used.
    @inlinable
    public func optional<T: SQLReadable>(_ name: String, as type: T.Type = T.self) throws(DatabaseError) -> T? {
        guard let text = try rows.text(index, name) else { return nil }
        guard let value = T(sqlText: text) else { throw .column(name) }
        return value
    }

    /// The column, which must not be NULL.
    @inlinable
    public func value<T: SQLReadable>(_ name: String, as type: T.Type = T.self) throws(DatabaseError) -> T {
        guard let value = try optional(name, as: type) else { throw .column(name) }
        return value
    }
}

/// A type that a column's text form can be read as.
public protocol SQLReadable {
    /// `nil` when the text is something else.
    init?(sqlText text: String)
}

extension String: SQLReadable {
    /// The text itself.
    public init?(sqlText text: String) { self = text }
}
extension Int64: SQLReadable {
    /// Decimal digits.
    public init?(sqlText text: String) { self.init(text) }
}
extension Int: SQLReadable {
    /// Decimal digits.
    public init?(sqlText text: String) { self.init(text) }
}
extension Double: SQLReadable {
    /// PostgreSQL's text of a float or numeric; not a number is refused.
    public init?(sqlText text: String) {
        guard let value = Double(text), value.isFinite else { return nil }
        self = value
    }
}
extension Bool: SQLReadable {
    /// `t` or `f`.
    public init?(sqlText text: String) {
        switch text {
        case "t": self = true
        case "f": self = false
        default: return nil
        }
    }
}
extension Array: SQLReadable where Element: SQLArrayElement {
    /// As the element type has it.
    public init?(sqlText text: String) {
        guard let array = Element.array(sqlText: text) else { return nil }
        self = array
    }
}
