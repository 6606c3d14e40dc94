public import Core

/// A message between worker and helper that is not in the form agreed.
public struct MediaMessageError: Error, Equatable {
    /// The member that is missing or wrong.
    public let field: String

    /// - Parameter field: the member's name.
    public init(_ field: String) { self.field = field }
}

/// What is written as one JSON value in messages between worker and helper and in the job's row.
public protocol MediaMessage: Equatable, Sendable {
    /// The value as JSON.
    var json: JSON { get }
    /// Reads it back; members not known are passed over.
    ///
    /// - Throws: `MediaMessageError` with the first member that is missing or out of range.
    init(json: JSON) throws(MediaMessageError)
}

extension MediaMessage {
    /// Reads a message from the bytes of one JSON value.
    public init(parsing bytes: [UInt8]) throws(MediaMessageError) {
        guard let json = try? JSON(parsing: bytes) else { throw MediaMessageError("json") }
        try self.init(json: json)
    }
}

extension JSON {
    func whole(_ name: String, _ range: ClosedRange<Int64>) throws(MediaMessageError) -> Int64 {
        guard let value = self[name]?.integer, range.contains(value) else { throw MediaMessageError(name) }
        return value
    }

    func count(_ name: String, upTo limit: Int = 1 << 31) throws(MediaMessageError) -> Int {
        Int(try whole(name, 0...Int64(limit)))
    }

    func ticks(_ name: String) throws(MediaMessageError) -> Ticks { try whole(name, -(1 << 45)...(1 << 45)) }

    func text(_ name: String, upTo limit: Int = 256) throws(MediaMessageError) -> String {
        guard let text = self[name]?.string, text.utf8.count <= limit else { throw MediaMessageError(name) }
        return text
    }

    func flag(_ name: String) throws(MediaMessageError) -> Bool {
        guard let value = self[name]?.bool else { throw MediaMessageError(name) }
        return value
    }

    func list(_ name: String, upTo limit: Int = 100_000) throws(MediaMessageError) -> [JSON] {
        guard let values = self[name]?.array, values.count <= limit else { throw MediaMessageError(name) }
        return values
    }

    func allTicks(_ name: String) throws(MediaMessageError) -> [Ticks] {
        var all: [Ticks] = []
        for value in try list(name) {
            guard let ticks = value.integer, ticks >= -(1 << 45), ticks <= 1 << 45 else {
                throw MediaMessageError(name)
            }
            all.append(ticks)
        }
        return all
    }

    func ratio(_ name: String) throws(MediaMessageError) -> Ratio {
        let parts = try list(name, upTo: 2)
        guard parts.count == 2, let top = parts[0].integer, let bottom = parts[1].integer,
            let ratio = Ratio(top, bottom)
        else { throw MediaMessageError(name) }
        return ratio
    }

    func message<M: MediaMessage>(_ name: String, as type: M.Type = M.self) throws(MediaMessageError) -> M {
        guard let value = self[name] else { throw MediaMessageError(name) }
        return try M(json: value)
    }

    func optional<M: MediaMessage>(_ name: String, as type: M.Type = M.self) throws(MediaMessageError) -> M? {
        guard let value = self[name], value != .null else { return nil }
        return try M(json: value)
    }

    func messages<M: MediaMessage>(
        _ name: String, upTo limit: Int, as type: M.Type = M.self
    ) throws(MediaMessageError) -> [M] {
        var all: [M] = []
        for value in try list(name, upTo: limit) { all.append(try M(json: value)) }
        return all
    }
}

extension Ratio {
    var json: JSON { [.integer(numerator), .integer(denominator)] }
}
