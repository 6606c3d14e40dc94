internal import Core
internal import Health
internal import Jobs
internal import POSIX
internal import Postgres
internal import Storage

/// Looks at the parts that make the product.
final class Probes: HealthProbes {
    private let connection: Connection
    private let tree: DataTree
    private let gateSocket: String
    private let log: Log

    init(connection: Connection, tree: DataTree, gateSocket: String, log: Log) {
        self.connection = connection
        self.tree = tree
        self.gateSocket = gateSocket
        self.log = log
    }

    func look() -> HealthReport {
        var report = HealthReport(database: .ok, storage: .ok, queue: .ok, gate: .ok)
        do throws(DatabaseError) {
            try connection.query("select 1")
            report.queue = HealthRules.queue(oldest: try Queue.depth(on: connection).oldestSeconds)
        } catch {
            report.queue = .failed
            if case .unavailable = error { report.database = .failed }
            failed("database", "\(error)")
        }
        do throws(SystemError) { report.storage = try storage() } catch {
            report.storage = .failed
            failed("storage", "\(error)")
        }
        do throws(SystemError) { if try !gateAnswers() { throw SystemError("poll", 110) } } catch {
            report.gate = .failed
            failed("gate", "\(error)")
        }
        return report
    }

    private func failed(_ part: String, _ reason: String) {
        log.warning("health", ["part": .string(part), "reason": .string(reason)])
    }

    /// Writes a byte where uploads are received.
    private func storage() throws(SystemError) -> PartState {
        try Files.makeDirectories(tree.incoming)
        let path = tree.incoming(UUID())
        defer { try? Files.remove(path) }
        let file = try Descriptor(creating: path)
        try file.write([0].span)
        return HealthRules.storage(free: try Files.freeBytes(tree.incoming))
    }

    /// Sends the gate a request without a token, as nginx would; whatever it says within two seconds will do.
    private func gateAnswers() throws(SystemError) -> Bool {
        let socket = try UnixSocket.connect(gateSocket)
        // BEGIN_REQUEST (responder, no keep-alive), empty PARAMS, empty STDIN; FastCGI 1.0 §3.3, §5.
        let records: [UInt8] = [
            1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 4, 0, 1, 0, 0, 0, 0, 1, 5, 0, 1, 0, 0, 0, 0,
        ]
        try socket.write(records.span)
        let poller = try Poller()
        try poller.add(socket.raw)
        guard try poller.wait(milliseconds: 2000) != nil else { return false }
        var window = [UInt8](repeating: 0, count: 64)
        var span = window.mutableSpan
        return try socket.read(into: &span) > 0
    }
}
