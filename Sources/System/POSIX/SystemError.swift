internal import Glibc

/// A system call that failed: which one, and the `errno` it left.
public struct SystemError: Error, Equatable, CustomStringConvertible {
    /// The call's name as in its manual page.
    public let call: StaticName
    /// The `errno` value.
    public let code: Int32

    /// - Parameters:
    ///   - call: the call's name.
    ///   - code: the `errno` it left.
    public init(_ call: StaticString, _ code: Int32) {
        self.call = StaticName(call)
        self.code = code
    }

    /// The call and the system's sentence for its error; holds no path.
    public var description: String { "\(call): \(unsafe String(cString: strerror(code)))" }

    /// No room left on the device, or the quota is used up.
    public var isNoRoom: Bool { code == ENOSPC || code == EDQUOT }

    /// The name stands for something already.
    public var isExisting: Bool { code == EEXIST || code == ENOTEMPTY }

    /// The name does not exist.
    public var isMissing: Bool { code == ENOENT || code == ENOTDIR }
}

/// The text of a `StaticString`, comparable.
public struct StaticName: Equatable, Sendable, CustomStringConvertible {
    /// The text.
    public let description: String

    init(_ text: StaticString) { description = "\(text)" }
}

/// Runs `body`, a system call that answers a negative number on failure, again as long as a signal interrupts it.
///
/// - Throws: `SystemError` with the call's name.
@discardableResult
func retrying<N: SignedInteger>(_ call: StaticString, _ body: () -> N) throws(SystemError) -> N {
    while true {
        let result = body()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw SystemError(call, code) }
    }
}

/// Refuses a path that C would cut short.
func checked(_ path: String, _ call: StaticString) throws(SystemError) -> String {
    if path.isEmpty || path.utf8.contains(0) { throw SystemError(call, EINVAL) }
    return path
}
