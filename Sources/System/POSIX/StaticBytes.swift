extension StaticString {
    /// The text's bytes for the time of the call.
    public func withBytes<R>(_ body: (Span<UInt8>) -> R) -> R {
        unsafe body(UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount).span)
    }
}
