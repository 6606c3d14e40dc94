internal import Core
internal import POSIX

/// Talks to systemd by the plain socket protocol (sd_notify(3)); without one, or when it is away, nothing happens.
struct ServiceManager {
    private let address: String?
    /// Nanoseconds between two signs of life; `nil` when none are asked for.
    let interval: Int64?

    /// - Parameters:
    ///   - environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are read.
    ///   - processID: this process.
    init(_ environment: [String: String], processID: Int32) {
        address = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let forUs = environment["WATCHDOG_PID"].map { Digits.parse($0) == Int64(processID) } ?? true
        let limit = environment["WATCHDOG_USEC"].flatMap { Digits.parse($0) }
        interval = limit.flatMap { forUs && $0 > 0 && $0 < 1 << 40 ? $0 * 1000 / 3 : nil }
    }

    /// Sends assignments, a line each.
    func send(_ message: String) {
        guard let address else { return }
        try? UnixSocket.notify(address, message)
    }

    /// Tells that the pool is up, is replacing its children, or ends.
    func tell(_ notice: Notice, now: Int64) {
        switch notice {
        case .ready: send("READY=1")
        case .reloading: send("RELOADING=1\nMONOTONIC_USEC=\(now / 1000)")
        case .stopping: send("STOPPING=1")
        }
    }
}
