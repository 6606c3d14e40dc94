internal import Core

/// The path of a request: split at its slashes first, each part unescaped afterwards, so that `%2F` never makes a part.
public struct Path: Sendable, Equatable {
    /// The parts behind the first slash; `/a/` has an empty last one.
    public let segments: [String]

    /// - Parameter raw: the path as it came, without the query.
    /// - Throws: 400 unless it begins with a slash and every escape can be undone.
    public init(_ raw: some Collection<UInt8>) throws(Problem) {
        let bytes = Array(raw)
        guard bytes.first == UInt8(ascii: "/") else { throw Problem(.badRequest, detail: "The path is not valid.") }
        var parts: [String] = []
        for part in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let text = Percent.decode(Array(part).span) else {
                throw Problem(.badRequest, detail: "The path holds an escape that is not valid.")
            }
            parts.append(text)
        }
        segments = parts
    }
}

/// The parameters behind the question mark.
public struct Query: Sendable, Equatable {
    private let names: [String]
    private let values: [String]

    /// - Parameter raw: everything behind the question mark, as it came.
    /// - Throws: 400 when an escape can't be undone.
    public init(_ raw: some Collection<UInt8>) throws(Problem) {
        var names: [String] = []
        var values: [String] = []
        for item in Array(raw).split(separator: UInt8(ascii: "&")) {
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Percent.decode(Array(parts[0]).span, plusIsSpace: true),
                let value = parts.count == 2 ? Percent.decode(Array(parts[1]).span, plusIsSpace: true) : ""
            else { throw Problem(.badRequest, detail: "The query holds an escape that is not valid.") }
            names.append(name)
            values.append(value)
        }
        self.names = names
        self.values = values
    }

    /// The parameter's value, or `nil` when it is absent.
    ///
    /// - Throws: 400 when it stands twice, however it is spelt.
    public func one(_ name: String) throws(Problem) -> String? {
        var found: String?
        for (index, other) in names.enumerated() where other.isSame(as: name) {
            if found != nil { throw Problem(.badRequest, detail: "\(name) stands twice.") }
            found = values[index]
        }
        return found
    }

    /// The parameter's value.
    ///
    /// - Throws: 400 when it is absent, empty or stands twice.
    public func required(_ name: String) throws(Problem) -> String {
        guard let value = try one(name), !value.isEmpty else {
            throw Problem(.fieldMissing, detail: "\(name) is required.")
        }
        return value
    }

    /// The parameter as a whole number written in its one way.
    ///
    /// - Throws: 400 for a sign, a leading zero, anything else, or when it stands twice.
    public func number(_ name: String) throws(Problem) -> Int64? {
        guard let text = try one(name) else { return nil }
        guard let value = Digits.parse(text) else {
            throw Problem(.badRequest, detail: "\(name) must be a whole number.")
        }
        return value
    }
}

/// The header fields of a request, by lower-case name.
public struct Headers: Sendable {
    private let fields: [(name: String, value: String?)]

    /// - Parameter fields: lower-case names; a value that was no text is `nil`.
    public init(_ fields: [(name: String, value: String?)] = []) { self.fields = fields }

    /// The field's value, or `nil` when it is absent.
    ///
    /// - Throws: 400 when it came twice or is no text.
    public func one(_ name: String) throws(Problem) -> String? {
        var found: String?
        for field in fields where field.name.isSame(as: name) {
            guard let value = field.value, found == nil else {
                throw Problem(.badRequest, detail: "The field \(name) is not valid.")
            }
            found = value
        }
        return found
    }
}
