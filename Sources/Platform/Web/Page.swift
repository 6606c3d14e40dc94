public import Core

/// Which part of a list somebody wants: `limit` (1…100, 20 where nothing is said) and an opaque `cursor`.
public struct Page: Sendable, Equatable {
    /// How many at most.
    public let limit: Int
    /// Behind which one: its place in the order, as the list's own texts; `nil` for the first page.
    public let after: [String]?

    /// - Parameters: as the properties.
    public init(limit: Int = 20, after: [String]? = nil) {
        self.limit = limit
        self.after = after
    }

    /// Reads the parameters.
    ///
    /// - Parameter parts: texts in this list's cursors.
    /// - Throws: 400 for a limit out of range, or a cursor that is not one of ours.
    public init(_ query: Query, parts: Int) throws(Problem) {
        var limit = 20
        if let text = try query.one("limit") {
            guard let value = Digits.parse(text), (1...100).contains(value) else {
                throw Problem(.badRequest, detail: "limit must be a whole number from 1 to 100.")
            }
            limit = Int(value)
        }
        var after: [String]?
        if let text = try query.one("cursor") {
            guard let bytes = Base64URL.decode(text), let whole = String(validating: bytes, as: UTF8.self) else {
                throw Problem(.badRequest, detail: "cursor is not valid.")
            }
            let found = whole.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
            guard found.count == parts, !whole.utf8.contains(0) else {
                throw Problem(.badRequest, detail: "cursor is not valid.")
            }
            after = found
        }
        self.init(limit: limit, after: after)
    }

    /// A list's answer: `items`, and `next_cursor` when there is more.
    ///
    /// - Parameters:
    ///   - rows: up to one more than `limit`.
    ///   - place: a row's place in the order.
    ///   - json: a row as the client reads it.
    ///   - more: what stands beside the list.
    public func answer<Row>(
        _ rows: [Row], place: (Row) -> [String], json: (Row) -> JSON, beside more: [JSON.Member] = []
    ) -> Response {
        let shown = rows.prefix(limit)
        var cursor: JSON = .null
        if rows.count > limit, let last = shown.last {
            cursor = .string(Base64URL.encode(Array(place(last).joined(separator: "\n").utf8).span))
        }
        return .json(
            .object([.init("items", .array(shown.map(json))), .init("next_cursor", cursor)] + more),
            fields: [.init("Cache-Control", "no-store")])
    }
}
