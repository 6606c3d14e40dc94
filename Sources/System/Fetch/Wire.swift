internal import CCurl
internal import Glibc

/// A connection that carries exactly the bytes it is given, over TLS where asked: for requests that no well-behaved
/// client would write.
public struct Wire: Sendable {
    /// The server's name: what is resolved, and what its certificate must say.
    public var host: String
    /// Its port.
    public var port: Int
    /// Whether TLS is spoken.
    public var secure: Bool
    /// The only address the connection may go to; `nil`: what the name resolves to.
    public var address: IPAddress?
    /// A file of certificates that are trusted instead of the system's.
    public var certificates: String?
    /// Whether the server's certificate must hold.
    public var verifies = true
    /// Offers TLS 1.0 and 1.1 alone, as an old client does.
    public var onlyOldTLS = false
    /// Milliseconds for everything.
    public var milliseconds: Int64 = 10_000
    /// Bytes of the answer that are taken.
    public var answerLimit = 65_536

    /// - Parameters: as the properties.
    public init(host: String, port: Int, secure: Bool, address: IPAddress? = nil) {
        self.host = host
        self.port = port
        self.secure = secure
        self.address = address
    }

    /// Sends bytes and reads until the answer is whole, the peer closes, the limit is reached or time is up.
    ///
    /// - Parameters:
    ///   - bytes: what goes out.
    ///   - isWhole: whether what came so far is all there will be; not every peer closes.
    /// - Returns: what came; empty when the peer closed without a word.
    /// - Throws: `FetchFailure` when there was no connection, or no byte in time.
    public func exchange(
        _ bytes: [UInt8], until isWhole: ([UInt8]) -> Bool = { _ in false }
    ) throws(FetchFailure) -> [UInt8] {
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { throw FetchFailure("no such host") }
        guard let handle = unsafe curl_easy_init() else { throw FetchFailure("out of memory") }
        defer { unsafe curl_easy_cleanup(handle) }
        var pins: UnsafeMutablePointer<curl_slist>?
        defer { unsafe curl_slist_free_all(pins) }
        if let address {
            let target = address.four == nil ? "[\(address)]" : address.description
            unsafe pins = curl_slist_append(nil, "\(host):\(port):\(target)")
            unsafe shim_set_list(handle, CURLOPT_RESOLVE, pins)
        }
        let deadline = Self.now() + milliseconds
        unsafe shim_set_text(handle, CURLOPT_URL, "\(secure ? "https" : "http")://\(host):\(port)/")
        unsafe shim_set_long(handle, CURLOPT_CONNECT_ONLY, 1)
        unsafe shim_set_text(handle, CURLOPT_PROXY, "")
        unsafe shim_set_text(handle, CURLOPT_NOPROXY, "*")
        unsafe shim_set_long(handle, CURLOPT_TIMEOUT_MS, Int(milliseconds))
        // The bytes are HTTP/1: nothing else may be agreed on.
        unsafe shim_set_long(handle, CURLOPT_SSL_ENABLE_ALPN, 0)
        unsafe shim_set_long(handle, CURLOPT_SSL_VERIFYPEER, verifies ? 1 : 0)
        unsafe shim_set_long(handle, CURLOPT_SSL_VERIFYHOST, verifies ? 2 : 0)
        if let certificates { unsafe shim_set_text(handle, CURLOPT_CAINFO, certificates) }
        if onlyOldTLS { unsafe shim_set_old_tls(handle) }
        let code = unsafe curl_easy_perform(handle)
        guard code == CURLE_OK else { throw FetchFailure(unsafe String(cString: curl_easy_strerror(code))) }
        var socket: Int32 = -1
        unsafe shim_get_socket(handle, &socket)
        unsafe Self.send(bytes, handle, socket, deadline)
        return try unsafe receive(handle, socket, deadline, isWhole)
    }

    /// Sends what the peer takes; one that answers before it has read all closes early, and its answer counts.
    private static func send(_ bytes: [UInt8], _ handle: UnsafeMutableRawPointer, _ socket: Int32, _ deadline: Int64) {
        var start = 0
        while start < bytes.count {
            var sent = 0
            let code = unsafe bytes.withUnsafeBytes { all in
                unsafe curl_easy_send(handle, all.baseAddress.map { unsafe $0 + start }, all.count - start, &sent)
            }
            if code == CURLE_AGAIN {
                guard waits(socket, Int16(POLLOUT), deadline) else { return }
            } else if code != CURLE_OK {
                return
            }
            start += sent
        }
    }

    private func receive(
        _ handle: UnsafeMutableRawPointer, _ socket: Int32, _ deadline: Int64, _ isWhole: ([UInt8]) -> Bool
    ) throws(FetchFailure) -> [UInt8] {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while answer.count < answerLimit, !isWhole(answer) {
            var count = 0
            let code = unsafe buffer.withUnsafeMutableBytes { room in
                unsafe curl_easy_recv(handle, room.baseAddress, room.count, &count)
            }
            if code == CURLE_AGAIN {
                if Self.waits(socket, Int16(POLLIN), deadline) { continue }
                if answer.isEmpty { throw FetchFailure("no answer in time") }
                return answer
            }
            // A peer that resets has closed, too.
            if code != CURLE_OK || count == 0 { return answer }
            answer += buffer[..<count]
        }
        return answer
    }

    private static func waits(_ socket: Int32, _ events: Int16, _ deadline: Int64) -> Bool {
        let left = deadline - now()
        guard left > 0 else { return false }
        var entry = pollfd(fd: socket, events: events, revents: 0)
        return unsafe poll(&entry, 1, Int32(clamping: left)) > 0
    }

    private static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
