public import POSIX
public import Postgres

/// Why a worker leaves its loop.
public enum LoopEnd: Equatable, Sendable {
    /// It was told to.
    case stopped
    /// Its supervisor is gone.
    case orphaned
}

/// A worker's life between jobs: claim until nothing waits, then wait for a notification, a signal or the supervisor's
/// death, and look again every second for what only time makes due.
public struct JobLoop: ~Copyable {
    private let poller: Poller
    private let signals: Int32
    private let lifeline: Int32?
    private var listening: Int32?

    /// - Parameters:
    ///   - signals: a descriptor that becomes readable when the process is told to stop.
    ///   - lifeline: a descriptor that ends when the supervisor dies.
    public init(signals: Int32, lifeline: Int32?) throws(SystemError) {
        let made = try Poller()
        try made.add(signals)
        if let lifeline { try made.add(lifeline) }
        poller = made
        self.signals = signals
        self.lifeline = lifeline
    }

    /// Runs until it is told to stop.
    ///
    /// - Parameters:
    ///   - connection: subscribed to the queue's channel here; reconnects by itself.
    ///   - step: claims one job and works on it; answers whether there was one.
    ///   - trouble: hears of a database that can't be reached; the loop waits a second or two and goes on.
    public mutating func run(
        _ connection: Connection, trouble: (DatabaseError) -> Void, step: () throws(DatabaseError) -> Bool
    ) -> LoopEnd {
        var outages = 0
        var subscribed = false
        while true {
            if let end = wait(milliseconds: 0) { return end }
            do throws(DatabaseError) {
                if !subscribed {
                    try connection.listen(to: Queue.channel)
                    subscribed = true
                }
                if try step() { continue }
                // A notification that came during another statement was taken off the socket by it: look for it here,
                // and claim again before waiting for the socket.
                if !(try connection.notifications().isEmpty) { continue }
                outages = 0
            } catch {
                trouble(error)
                outages += 1
                let wait = Backoff.seconds(
                    failures: outages, first: 0.5, longest: 2, chance: Double.random(in: 0..<1))
                if let end = self.wait(milliseconds: Int32(wait * 1000)) { return end }
                continue
            }
            watch(connection.socket)
            if let end = wait(milliseconds: 1000) { return end }
        }
    }

    /// Waits for anything; answers when it is time to leave.
    private mutating func wait(milliseconds: Int32) -> LoopEnd? {
        guard let ready = try? poller.wait(milliseconds: milliseconds) else { return nil }
        if ready == signals { return .stopped }
        if ready == lifeline { return .orphaned }
        return nil
    }

    private mutating func watch(_ socket: Int32?) {
        // A reconnected session may have got the number of the old one back, which epoll forgot when it was closed.
        if let listening { poller.remove(listening) }
        listening = nil
        guard let socket, (try? poller.add(socket)) != nil else { return }
        listening = socket
    }
}
