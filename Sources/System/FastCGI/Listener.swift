internal import CFastCGI
public import POSIX

/// The listening socket at descriptor 0, and the one request that may be open on it.
@safe public struct Listener: ~Copyable {
    private let request: UnsafeMutablePointer<FCGX_Request>
    private let poller: Poller
    private let signals: Signals
    private let lifeline: Int32?
    private var stopping: Bool
    private var farewells: Int

    /// Takes over descriptor 0 as FastCGI's convention has it (`FCGI_LISTENSOCK_FILENO`).
    ///
    /// - Parameter lifeline: a pipe's read end that ends when the supervisor dies; `nil` without one.
    public init(lifeline: Int32?) throws(SystemError) {
        self = try Self.make(lifeline)
    }

    private init(
        owning request: UnsafeMutablePointer<FCGX_Request>, poller: consuming Poller, signals: consuming Signals,
        lifeline: Int32?
    ) {
        unsafe self.request = unsafe request
        self.poller = poller
        self.signals = signals
        self.lifeline = lifeline
        stopping = false
        farewells = 32
    }

    private static func make(_ lifeline: Int32?) throws(SystemError) -> Listener {
        let signals = try Signals([15, 10])
        try Descriptor.lending(0) { (socket) throws(SystemError) in try socket.setNonBlocking() }
        let poller = try Poller()
        try poller.add(0, exclusive: true)
        try poller.add(signals.raw)
        if let lifeline { try poller.add(lifeline) }
        FCGX_Init()
        let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)
        unsafe FCGX_InitRequest(request, 0, Int32(FCGI_FAIL_ACCEPT_ON_INTR))
        return unsafe Listener(owning: request, poller: poller, signals: signals, lifeline: lifeline)
    }

    deinit { unsafe request.deallocate() }

    /// Waits for the next request.
    ///
    /// A process that was told to stop still takes what waits, because the kernel may have woken it alone for that.
    /// It takes 32 at most: where more wait, the other processes are awake, and one that never met an empty queue
    /// would be killed in the middle of a request when its time to drain is over.
    ///
    /// - Returns: the exchange, or `nil` when this process was told to stop and has done so.
    public mutating func next() -> Exchange? {
        while true {
            if stopping {
                if farewells == 0 { return nil }
                farewells -= 1
            } else {
                guard let ready = try? poller.wait(milliseconds: -1) else { continue }
                if ready != 0 { stopping = true }
            }
            if unsafe FCGX_Accept_r(request) == 0 { return unsafe Exchange(request) }
            if stopping { return nil }
        }
    }
}
