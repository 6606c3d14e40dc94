internal import CCurl

/// A POST to an address that was chosen before.
public struct Post: Sendable {
    /// Where to, http(s).
    public var url: String
    /// The URL's host.
    public var host: String
    /// The URL's port.
    public var port: Int
    /// The only address the connection may go to.
    public var address: IPAddress
    /// Fields as `Name: value`, without line ends.
    public var fields: [String]
    /// The body.
    public var body: [UInt8]
    /// Milliseconds until it is connected.
    public var connectMilliseconds = 5000
    /// Milliseconds for everything.
    public var milliseconds = 10_000
    /// Bytes of the answer that are taken.
    public var answerLimit = 65_536

    /// - Parameters: as the properties.
    public init(
        url: String, host: String, port: Int, address: IPAddress, fields: [String], body: [UInt8]
    ) {
        self.url = url
        self.host = host
        self.port = port
        self.address = address
        self.fields = fields
        self.body = body
    }

    /// Sends it.
    ///
    /// - Returns: the status; redirects are not followed.
    /// - Throws: `FetchFailure` with libcurl's sentence.
    public func send() throws(FetchFailure) -> Int {
        for text in [url, host] + fields where text.utf8.contains(where: { $0 < 32 || $0 == 127 }) {
            throw FetchFailure("a control byte")
        }
        guard let handle = unsafe curl_easy_init() else { throw FetchFailure("out of memory") }
        defer { unsafe curl_easy_cleanup(handle) }
        var headers = unsafe curl_slist_append(nil, "Expect:")
        for field in fields { unsafe headers = curl_slist_append(headers, field) }
        let target = address.four == nil ? "[\(address)]" : address.description
        let pins = unsafe curl_slist_append(nil, "\(host):\(port):\(target)")
        defer {
            unsafe curl_slist_free_all(headers)
            unsafe curl_slist_free_all(pins)
        }
        var answer = [UInt8](repeating: 0, count: answerLimit)
        return try unsafe answer.withUnsafeMutableBufferPointer { (buffer) throws(FetchFailure) -> Int in
            var sink = unsafe shim_sink(count: 0, limit: buffer.count, bytes: buffer.baseAddress)
            unsafe shim_set_text(handle, CURLOPT_URL, url)
            unsafe shim_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
            unsafe shim_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
            unsafe shim_set_text(handle, CURLOPT_PROXY, "")
            unsafe shim_set_text(handle, CURLOPT_NOPROXY, "*")
            unsafe shim_set_long(handle, CURLOPT_NETRC, 0)
            unsafe shim_set_long(handle, CURLOPT_NOSIGNAL, 1)
            unsafe shim_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, connectMilliseconds)
            unsafe shim_set_long(handle, CURLOPT_TIMEOUT_MS, milliseconds)
            unsafe shim_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
            unsafe shim_set_list(handle, CURLOPT_RESOLVE, pins)
            unsafe shim_set_list(handle, CURLOPT_HTTPHEADER, headers)
            unsafe shim_set_text(handle, CURLOPT_USERAGENT, "Reelgate")
            _ = unsafe body.withUnsafeBytes { unsafe shim_set_body(handle, $0.baseAddress, $0.count) }
            unsafe shim_set_sink(handle, &sink)
            let code = unsafe curl_easy_perform(handle)
            var status = 0
            unsafe shim_get_status(handle, &status)
            // A long answer is cut off: the status is all that counts.
            if code != CURLE_OK, !(code == CURLE_WRITE_ERROR && status != 0) {
                throw FetchFailure(unsafe String(cString: curl_easy_strerror(code)))
            }
            return status
        }
    }
}

/// A request that brought no answer.
public struct FetchFailure: Error, Equatable, CustomStringConvertible {
    /// libcurl's sentence; holds no address.
    public let description: String

    init(_ description: String) { self.description = description }
}
