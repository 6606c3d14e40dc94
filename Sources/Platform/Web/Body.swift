internal import Core

/// Where a body's bytes come from.
public protocol BodySource: AnyObject {
    /// Reads what comes next into `target` from `offset` on.
    ///
    /// - Returns: how many bytes came; 0 at the end.
    func read(into target: inout MutableSpan<UInt8>, from offset: Int) -> Int
    /// Whether the body ended before its end: its sender went away.
    var wasCut: Bool { get }
}

/// A request's body: read once, from front to end, never whole unless it is small.
public final class Body {
    private let source: (any BodySource)?
    /// How many bytes were announced, or `nil`.
    public let declared: Int64?
    /// How many bytes were read so far.
    public private(set) var received: Int64 = 0
    /// How many bytes may come.
    public var limit: Int64

    /// - Parameters:
    ///   - source: the bytes; `nil` for none.
    ///   - declared: `Content-Length`, if there is one.
    ///   - limit: how many bytes may come.
    public init(_ source: (any BodySource)?, declared: Int64?, limit: Int64 = 0) {
        self.source = source
        self.declared = declared
        self.limit = limit
    }

    /// Reads what comes next into `target` from `offset` on.
    ///
    /// - Returns: how many bytes came; 0 once the body is complete.
    /// - Throws: 413 over the limit; 400 when it was cut off, or is not as long as announced.
    public func read(into target: inout MutableSpan<UInt8>, from offset: Int = 0) throws(Problem) -> Int {
        if let declared, declared > limit { throw Problem(.tooLarge) }
        let count = source?.read(into: &target, from: offset) ?? 0
        received += Int64(count)
        if received > limit { throw Problem(.tooLarge) }
        if let declared, received > declared {
            throw Problem(.badRequest, detail: "The body is longer than announced.")
        }
        if count == 0, offset < target.count {
            if let source, source.wasCut { throw Problem(.badRequest, detail: "The body was cut off.") }
            if let declared, received < declared { throw Problem(.badRequest, detail: "The body was cut off.") }
        }
        return count
    }

    /// The whole body, which is at most `limit` bytes.
    ///
    /// - Throws: as `read`.
    public func all() throws(Problem) -> [UInt8] {
        var all: [UInt8] = []
        var window = [UInt8](repeating: 0, count: 16_384)
        while true {
            var span = window.mutableSpan
            let count = try read(into: &span)
            if count == 0 { return all }
            all.append(contentsOf: window[..<count])
        }
    }
}
