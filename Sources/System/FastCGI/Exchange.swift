internal import CFastCGI
internal import Glibc

/// One accepted request and the single answer it is owed.
///
/// An exchange cannot be copied, and answering consumes it: a handler that answers twice does not compile, and one
/// that forgets leaves a 500 behind when the exchange goes out of scope.
@safe public struct Exchange: ~Copyable {
    private let request: UnsafeMutablePointer<FCGX_Request>

    init(_ request: UnsafeMutablePointer<FCGX_Request>) {
        unsafe self.request = unsafe request
        // A connection that were kept would hold this process: nobody waits for its next request.
        unsafe request.pointee.keepConnection = 0
    }

    deinit {
        unsafe Self.put("Status: 500\r\n\r\n", request)
        unsafe FCGX_Finish_r(request)
    }

    // MARK: What nginx sent

    /// Four parameters at once, as bytes for the time of the call; an absent one is an empty span.
    public borrowing func withParameters<R>(
        _ a: StaticString, _ b: StaticString, _ c: StaticString, _ d: StaticString,
        _ body: (Span<UInt8>, Span<UInt8>, Span<UInt8>, Span<UInt8>) -> R
    ) -> R {
        unsafe body(value(a).span, value(b).span, value(c).span, value(d).span)
    }

    /// Six parameters at once.
    public borrowing func withParameters<R>(
        _ a: StaticString, _ b: StaticString, _ c: StaticString, _ d: StaticString, _ e: StaticString,
        _ f: StaticString,
        _ body: (Span<UInt8>, Span<UInt8>, Span<UInt8>, Span<UInt8>, Span<UInt8>, Span<UInt8>) -> R
    ) -> R {
        unsafe body(value(a).span, value(b).span, value(c).span, value(d).span, value(e).span, value(f).span)
    }

    /// One parameter as bytes for the time of the call; an absent one is an empty span.
    public borrowing func withParameter<R>(_ name: StaticString, _ body: (Span<UInt8>) -> R) -> R {
        unsafe body(value(name).span)
    }

    /// How often nginx sent `name`: a header that came twice is two parameters.
    public borrowing func count(of name: StaticString) -> Int {
        guard var next = unsafe request.pointee.envp else { return 0 }
        let length = name.utf8CodeUnitCount
        var found = 0
        while let entry = unsafe next.pointee {
            if unsafe strncmp(entry, name.cString, length) == 0 && entry[length] == 61 { found += 1 }
            unsafe next += 1
        }
        return found
    }

    /// Every parameter, for programs that can afford an allocation; bytes that are no UTF-8 make the value `nil`.
    public borrowing func parameters() -> [(name: String, value: String?)] {
        guard var next = unsafe request.pointee.envp else { return [] }
        var all: [(name: String, value: String?)] = []
        while let entry = unsafe next.pointee {
            let bytes = unsafe UnsafeBufferPointer(
                start: UnsafeRawPointer(entry).assumingMemoryBound(to: UInt8.self), count: strlen(entry))
            if let equals = unsafe bytes.firstIndex(of: 61) {
                let name = unsafe String(decoding: bytes[..<equals], as: UTF8.self)
                all.append((name, unsafe String(validating: bytes[(equals + 1)...], as: UTF8.self)))
            }
            unsafe next += 1
        }
        return all
    }

    private borrowing func value(_ name: StaticString) -> UnsafeBufferPointer<UInt8> {
        guard let text = unsafe FCGX_GetParam(name.cString, request.pointee.envp) else {
            return unsafe UnsafeBufferPointer(start: nil, count: 0)
        }
        return unsafe UnsafeBufferPointer(
            start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: strlen(text))
    }

    /// The request's body, to be read while this exchange is open.
    public borrowing func body() -> ExchangeBody { unsafe ExchangeBody(request) }

    // MARK: Answering

    /// Sends a head of complete lines (each ending in CRLF, without the empty line) and a body, and ends the exchange.
    ///
    /// The caller answers for the head: `Serving` and `Gate` build it from values without control bytes.
    ///
    /// - Returns: whether everything reached nginx.
    @discardableResult
    public consuming func respond(head: Span<UInt8>, body: Span<UInt8>) -> Bool {
        var sent = unsafe Self.put(head, request)
        sent = unsafe Self.put("\r\n", request) && sent
        sent = unsafe Self.put(body, request) && sent
        sent = unsafe FCGX_FFlush(request.pointee.out) == 0 && sent
        unsafe FCGX_Finish_r(request)
        discard self
        return sent
    }

    /// Sends a head that is known when compiling, and ends the exchange; allocates nothing.
    ///
    /// For requests without a body, which nginx has sent whole: the connection is closed at once, without libfcgi's
    /// wait for what the other side may still send (a shutdown, a poll and a read).
    public consuming func respond(head: StaticString) {
        unsafe Self.put(head, request)
        unsafe Self.put("\r\n", request)
        unsafe FCGX_Detach(request)
        unsafe FCGX_Finish_r(request)
        discard self
    }

    @discardableResult
    private static func put(_ text: StaticString, _ request: UnsafeMutablePointer<FCGX_Request>) -> Bool {
        let count = Int32(text.utf8CodeUnitCount)
        return unsafe FCGX_PutStr(text.cString, count, request.pointee.out) == count
    }

    private static func put(_ bytes: Span<UInt8>, _ request: UnsafeMutablePointer<FCGX_Request>) -> Bool {
        unsafe bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, bytes.count > 0 else { return true }
            var done = 0
            while done < bytes.count {
                let count = Int32(clamping: bytes.count - done)
                let start = unsafe (base + done).assumingMemoryBound(to: CChar.self)
                guard unsafe FCGX_PutStr(start, count, request.pointee.out) == count else { return false }
                done += Int(count)
            }
            return true
        }
    }
}

/// The body of the request that is open. It belongs to its exchange: reading after the answer finds nothing.
@safe public final class ExchangeBody {
    private let request: UnsafeMutablePointer<FCGX_Request>

    init(_ request: UnsafeMutablePointer<FCGX_Request>) { unsafe self.request = unsafe request }

    /// Reads what comes next into `target` from `offset` on, waiting until it is full or the body ends.
    ///
    /// - Returns: how many bytes came; fewer than asked for at the end.
    public func read(into target: inout MutableSpan<UInt8>, from offset: Int = 0) -> Int {
        guard unsafe request.pointee.in != nil else { return 0 }
        let wanted = target.count - offset
        return unsafe target.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress, wanted > 0 else { return 0 }
            let start = unsafe (base + offset).assumingMemoryBound(to: CChar.self)
            return Int(max(0, unsafe FCGX_GetStr(start, Int32(clamping: wanted), request.pointee.in)))
        }
    }

    /// Whether the body ended before its end: the client or nginx went away. Nothing of it may be committed.
    public var wasCut: Bool {
        guard unsafe request.pointee.in != nil else { return true }
        return unsafe FCGX_GetError(request.pointee.in) != 0
    }
}

extension StaticString {
    /// The text as C reads it: a static string ends in NUL.
    fileprivate var cString: UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
