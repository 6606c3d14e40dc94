internal import Core
internal import POSIX

/// Answers HTTP on the metrics socket: one request a connection, never waiting for anybody. nginx stands before it.
struct MetricsListener {
    /// Connections at the same time; further ones are closed.
    static let most = 16
    /// Bytes of a request's head.
    static let longest = 8192

    /// Where it listens; for the poller.
    let listening: Int32
    private let path: String
    private var open: [Int32: (head: [UInt8], since: Int64)] = [:]

    /// Listens at `path`.
    init(_ path: String) throws(SystemError) {
        listening = try UnixSocket.listen(path, backlog: 64).release()
        self.path = path
    }

    /// Takes its name away.
    func remove() { try? Files.remove(path) }

    /// Takes a waiting connection.
    mutating func accept(_ poller: borrowing Poller, now: Int64) {
        drop(before: now - 5 * .second, poller)
        guard let connection = UnixSocket.accept(listening) else { return }
        guard open.count < Self.most, (try? connection.setNonBlocking()) != nil,
            (try? poller.add(connection.raw)) != nil
        else { return }
        open[connection.release()] = ([], now)
    }

    /// Whether this is one of its connections.
    func owns(_ number: Int32) -> Bool { open[number] != nil }

    /// Reads what came; answers once the head is complete.
    mutating func serve(_ number: Int32, _ poller: borrowing Poller, page: () -> String) {
        guard case (var head, let since)? = open.removeValue(forKey: number) else { return }
        let connection = Descriptor(adopting: number)
        var window = [UInt8](repeating: 0, count: 4096)
        var span = window.mutableSpan
        let count = (try? connection.read(into: &span)) ?? 0
        head.append(contentsOf: window[..<count])
        if count == 0 || head.count > Self.longest {
            poller.remove(number)
        } else if Self.isComplete(head) {
            poller.remove(number)
            try? connection.write(Array(Self.answer(to: head, page: page).utf8).span)
        } else {
            open[connection.release()] = (head, since)
        }
    }

    /// Closes connections that said nothing whole since then.
    mutating func drop(before moment: Int64, _ poller: borrowing Poller) {
        for (number, entry) in open where entry.since < moment {
            open[number] = nil
            poller.remove(number)
            _ = Descriptor(adopting: number)
        }
    }

    static func isComplete(_ head: [UInt8]) -> Bool {
        head.suffix(4).elementsEqual("\r\n\r\n".utf8) || head.suffix(2).elementsEqual("\n\n".utf8)
    }

    static func answer(to head: [UInt8], page: () -> String) -> String {
        let line = head.prefix { $0 != 13 && $0 != 10 }
        let isHead = line.starts(with: "HEAD ".utf8)
        guard isHead || line.starts(with: "GET ".utf8) else {
            return
                "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        }
        let text = page()
        return """
            HTTP/1.1 200 OK\r
            Content-Type: text/plain; version=0.0.4; charset=utf-8\r
            Content-Length: \(text.utf8.count)\r
            Cache-Control: no-store\r
            Connection: close\r
            \r\n
            """ + (isHead ? "" : text)
    }
}
