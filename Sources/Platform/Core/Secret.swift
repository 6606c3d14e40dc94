/// A value that must not be printed: whatever shows it shows `***`.
public struct Secret<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: Value

    /// Wraps a value.
    public init(_ value: Value) { self.value = value }

    /// Hands the value to the one place that needs it.
    public func reveal<R, E: Error>(_ body: (Value) throws(E) -> R) throws(E) -> R { try body(value) }

    /// `***`
    public var description: String { "***" }
    /// `***`
    public var debugDescription: String { "***" }
    /// Empty.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
