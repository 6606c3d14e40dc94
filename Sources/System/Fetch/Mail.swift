internal import CCurl

/// A message on its way to a mail server (RFC 5321).
public struct Mail: Sendable {
    /// `smtp://host[:port]` or `smtps://host[:port]`.
    public var server: String
    /// Who we are to it; `nil`: it is not asked.
    public var user: String?
    /// And how we prove that; sent over TLS alone unless `mayBePlain`.
    public var password: String?
    /// A file of certificates that are trusted instead of the system's.
    public var certificates: String?
    /// Whether the message may travel in the clear where the server offers no TLS.
    public var mayBePlain = false
    /// The envelope's sender.
    public var from: String
    /// The envelope's recipient.
    public var to: String
    /// The message as RFC 5322 has it, lines ending in CRLF.
    public var message: [UInt8]
    /// Milliseconds until it is connected.
    public var connectMilliseconds = 5000
    /// Milliseconds for everything.
    public var milliseconds = 12_000

    /// - Parameters: as the properties.
    public init(server: String, from: String, to: String, message: [UInt8]) {
        self.server = server
        self.from = from
        self.to = to
        self.message = message
    }

    /// Hands it over.
    ///
    /// - Returns: the server's last reply code (RFC 5321 §4.2): 250 when it took the message, 4yz or 5yz when not.
    /// - Throws: `FetchFailure` with libcurl's sentence when there was no such reply, and where TLS is not to be had.
    public func send() throws(FetchFailure) -> Int {
        let texts = [server, from, to, user ?? "", password ?? ""]
        guard !texts.contains(where: { $0.utf8.contains { $0 < 32 || $0 == 127 } }) else {
            throw FetchFailure("a control byte")
        }
        // The brackets are ours: an address that held some would name another one.
        guard !from.isEmpty, !to.isEmpty, !(from + to).utf8.contains(where: { $0 <= 32 || $0 == 60 || $0 == 62 }) else {
            throw FetchFailure("no address")
        }
        guard let handle = unsafe curl_easy_init() else { throw FetchFailure("out of memory") }
        defer { unsafe curl_easy_cleanup(handle) }
        let recipients = unsafe curl_slist_append(nil, "<\(to)>")
        defer { unsafe curl_slist_free_all(recipients) }
        // The path is the name we greet with.
        let name = from.utf8.lastIndex(of: 64).map { String(from[from.utf8.index(after: $0)...]) } ?? "localhost"
        unsafe shim_set_text(handle, CURLOPT_URL, "\(server)/\(name)")
        unsafe shim_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        unsafe shim_set_text(handle, CURLOPT_PROXY, "")
        unsafe shim_set_text(handle, CURLOPT_NOPROXY, "*")
        unsafe shim_set_long(handle, CURLOPT_NETRC, 0)
        unsafe shim_set_long(handle, CURLOPT_NOSIGNAL, 1)
        unsafe shim_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, connectMilliseconds)
        unsafe shim_set_long(handle, CURLOPT_TIMEOUT_MS, milliseconds)
        let tls = mayBePlain ? CURLUSESSL_TRY : CURLUSESSL_ALL
        unsafe shim_set_long(handle, CURLOPT_USE_SSL, Int(tls.rawValue))
        if let certificates { unsafe shim_set_text(handle, CURLOPT_CAINFO, certificates) }
        if let user { unsafe shim_set_text(handle, CURLOPT_USERNAME, user) }
        if let password { unsafe shim_set_text(handle, CURLOPT_PASSWORD, password) }
        unsafe shim_set_text(handle, CURLOPT_MAIL_FROM, "<\(from)>")
        unsafe shim_set_list(handle, CURLOPT_MAIL_RCPT, recipients)
        return try unsafe message.withUnsafeBufferPointer { (buffer) throws(FetchFailure) -> Int in
            var source = unsafe shim_source(count: buffer.count, at: 0, bytes: buffer.baseAddress)
            unsafe shim_set_source(handle, &source)
            let code = unsafe curl_easy_perform(handle)
            if code == CURLE_OK { return 250 }
            var reply = 0
            unsafe shim_get_status(handle, &reply)
            guard (400...599).contains(reply) else {
                throw FetchFailure(unsafe String(cString: curl_easy_strerror(code)))
            }
            return reply
        }
    }
}
