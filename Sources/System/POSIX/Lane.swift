internal import Glibc

/// A thread of its own that takes what it is handed, one after the other in that order.
///
/// At most `room` elements wait; whoever hands over one more waits too. The thread begins with the lane and ends with
/// it: `finish` lets it work off what waits, and a lane that is let go of without that drops it.
public final class Lane<Element: Sendable>: @unchecked Sendable {
    private let work: LaneWork<Element>
    private var thread: pthread_t?

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - room: elements that may wait.
    ///   - body: called on the thread for each element; after it threw, no more are taken.
    public init(room: Int, _ body: @escaping @Sendable (Element) throws -> Void) throws(SystemError) {
        let work = LaneWork(room: max(1, room), body)
        self.work = work
        var made = pthread_t()
        let handed = unsafe Unmanaged<ThreadBody>.passRetained(work)
        let code = unsafe pthread_create(&made, nil, enterThread, handed.toOpaque())
        if code != 0 {
            unsafe handed.release()
            throw SystemError("pthread_create", code)
        }
        thread = made
    }

    deinit {
        guard let thread else { return }
        work.close(dropping: true)
        pthread_join(thread, nil)
    }

    /// Hands over an element; waits while the lane is full.
    ///
    /// - Throws: what the thread's work threw, then and ever after.
    public func put(_ element: Element) throws { try work.put(element) }

    /// Waits until everything handed over is done and the thread has ended. Nothing may be handed over afterwards.
    ///
    /// - Throws: what the thread's work threw.
    public func finish() throws {
        if let thread {
            work.close(dropping: false)
            pthread_join(thread, nil)
            self.thread = nil
        }
        try work.check()
    }
}

/// What a thread is started with.
private class ThreadBody {
    func run() {}
}

/// A thread's beginning; it owns what it was handed.
private func enterThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument = unsafe argument { unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run() }
    return nil
}

/// What both sides of a lane see.
@safe private final class LaneWork<Element: Sendable>: ThreadBody, @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let room: Int
    private let body: @Sendable (Element) throws -> Void
    private var waiting: [Element] = []
    private var isClosed = false
    private var failure: (any Error)?

    init(room: Int, _ body: @escaping @Sendable (Element) throws -> Void) {
        self.room = room
        self.body = body
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(changed, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    private func locked<R>(_ body: () throws -> R) rethrows -> R {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Only inside `locked`.
    private func wait() { unsafe pthread_cond_wait(changed, mutex) }
    private func tell() { unsafe pthread_cond_broadcast(changed) }

    func put(_ element: Element) throws {
        try locked {
            while waiting.count >= room, failure == nil { wait() }
            if let failure { throw failure }
            waiting.append(element)
            tell()
        }
    }

    func close(dropping: Bool) {
        locked {
            isClosed = true
            if dropping { waiting = [] }
            tell()
        }
    }

    func check() throws {
        if let failure = locked({ failure }) { throw failure }
    }

    override func run() {
        while let element = take() {
            do {
                try body(element)
            } catch {
                locked {
                    failure = error
                    waiting = []
                    tell()
                }
                return
            }
        }
    }

    /// The next element; `nil` when nothing more will come.
    private func take() -> Element? {
        locked {
            while waiting.isEmpty, !isClosed { wait() }
            guard !waiting.isEmpty else { return nil }
            tell()
            return waiting.removeFirst()
        }
    }
}
