internal import CCurl

/// A GET of a small document from a server that the operator chose.
public struct Get: Sendable {
    /// Where from.
    public var url: String
    /// Whether only https may be spoken; otherwise only http.
    public var secure: Bool
    /// Milliseconds until it is connected.
    public var connectMilliseconds = 2000
    /// Milliseconds for everything.
    public var milliseconds = 5000
    /// Bytes of the answer's body; a longer one is a failure.
    public var answerLimit: Int

    /// What came back.
    public struct Answer: Sendable, Equatable {
        /// The status; a redirect is handed back as it is.
        public let status: Int
        /// `Cache-Control`, several lines joined by commas (RFC 9110 §5.3); `nil` when there is none.
        public let cacheControl: String?
        /// The body.
        public let body: [UInt8]

        /// - Parameters: as the properties.
        public init(status: Int, cacheControl: String?, body: [UInt8]) {
            self.status = status
            self.cacheControl = cacheControl
            self.body = body
        }
    }

    /// - Parameters: as the properties.
    public init(url: String, secure: Bool, answerLimit: Int) {
        self.url = url
        self.secure = secure
        self.answerLimit = answerLimit
    }

    /// Fetches it. TLS certificates are checked against the system's; no redirect is followed, no proxy is taken from the
    /// environment, no coding is accepted.
    ///
    /// - Throws: `FetchFailure` with libcurl's sentence, also for an answer longer than the limit.
    public func send() throws(FetchFailure) -> Answer {
        guard url.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { throw FetchFailure("no such address") }
        guard let handle = unsafe curl_easy_init() else { throw FetchFailure("out of memory") }
        defer { unsafe curl_easy_cleanup(handle) }
        var body = [UInt8](repeating: 0, count: answerLimit)
        let (status, count) = try unsafe body.withUnsafeMutableBufferPointer {
            (buffer) throws(FetchFailure) -> (Int, Int) in
            var sink = unsafe shim_sink(count: 0, limit: buffer.count, bytes: buffer.baseAddress)
            unsafe shim_set_text(handle, CURLOPT_URL, url)
            unsafe shim_set_text(handle, CURLOPT_PROTOCOLS_STR, secure ? "https" : "http")
            unsafe shim_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
            unsafe shim_set_text(handle, CURLOPT_PROXY, "")
            unsafe shim_set_text(handle, CURLOPT_NOPROXY, "*")
            unsafe shim_set_long(handle, CURLOPT_NETRC, 0)
            unsafe shim_set_long(handle, CURLOPT_NOSIGNAL, 1)
            unsafe shim_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, connectMilliseconds)
            unsafe shim_set_long(handle, CURLOPT_TIMEOUT_MS, milliseconds)
            unsafe shim_set_text(handle, CURLOPT_USERAGENT, "Reelgate")
            unsafe shim_set_sink(handle, &sink)
            let code = unsafe curl_easy_perform(handle)
            if code == CURLE_WRITE_ERROR { throw FetchFailure("the answer is too long") }
            if code != CURLE_OK { throw FetchFailure(unsafe String(cString: curl_easy_strerror(code))) }
            var status = 0
            unsafe shim_get_status(handle, &status)
            return unsafe (status, sink.count)
        }
        body.removeLast(body.count - count)
        var lines: [String] = []
        var line: UnsafePointer<CChar>?
        while unsafe lines.count < 16 && shim_get_field(handle, "Cache-Control", lines.count, &line) == 1,
            let text = unsafe line
        {
            lines.append(unsafe String(cString: text))
        }
        return Answer(
            status: status, cacheControl: lines.isEmpty ? nil : lines.joined(separator: ","), body: body)
    }
}
