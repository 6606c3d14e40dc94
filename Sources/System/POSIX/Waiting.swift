internal import CLinux
internal import Glibc

/// Waits for several descriptors at once (epoll).
public struct Poller: ~Copyable {
    private let epoll: Descriptor

    /// Makes an empty set.
    public init() throws(SystemError) {
        epoll = Descriptor(adopting: try retrying("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) })
    }

    /// Adds a descriptor; `wait` answers its number when there is something to read, or its peer is gone.
    ///
    /// - Parameter exclusive: for a listening socket that several processes wait on: wakes one of them.
    public borrowing func add(_ number: Int32, exclusive: Bool = false) throws(SystemError) {
        var flags = EPOLLIN.rawValue
        if exclusive { flags |= EPOLLEXCLUSIVE.rawValue }
        var event = unsafe epoll_event(events: flags, data: epoll_data_t(fd: number))
        let set = epoll.raw
        try retrying("epoll_ctl") { unsafe epoll_ctl(set, EPOLL_CTL_ADD, number, &event) }
    }

    /// Takes a descriptor out; one that is not in is no error.
    public borrowing func remove(_ number: Int32) {
        _ = epoll_ctl(epoll.raw, EPOLL_CTL_DEL, number, nil)
    }

    /// Waits until one of the set is ready.
    ///
    /// - Parameter milliseconds: how long at most; −1 is for ever.
    /// - Returns: the descriptor's number, or `nil` when the time is over or a signal came.
    public borrowing func wait(milliseconds: Int32 = -1) throws(SystemError) -> Int32? {
        var event = unsafe epoll_event()
        let count = unsafe epoll_wait(epoll.raw, &event, 1, milliseconds)
        if count < 0 {
            if errno == EINTR { return nil }
            throw SystemError("epoll_wait", errno)
        }
        return count == 0 ? nil : unsafe event.data.fd
    }
}

/// Signals as something to read: those named are blocked for this process and arrive here.
public struct Signals: ~Copyable {
    private let descriptor: Descriptor

    /// The number to wait on.
    public var raw: Int32 { descriptor.raw }

    /// Blocks `numbers` and opens the descriptor. Call before any thread exists.
    public init(_ numbers: [Int32]) throws(SystemError) {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for number in numbers { unsafe sigaddset(&set, number) }
        unsafe sigprocmask(SIG_BLOCK, &set, nil)
        let flags = Int32(SFD_NONBLOCK | SFD_CLOEXEC)
        descriptor = Descriptor(adopting: try retrying("signalfd") { unsafe signalfd(-1, &set, flags) })
    }

    /// The next signal that arrived, or `nil`.
    public borrowing func next() -> Int32? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        return unsafe read(descriptor.raw, &info, size) == size ? Int32(info.ssi_signo) : nil
    }
}
