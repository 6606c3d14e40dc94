internal import CLinux
internal import Glibc

/// An open file, pipe end or socket; closed when it goes out of scope.
public struct Descriptor: ~Copyable, Sendable {
    /// The number, for calls that need it. Never close it.
    public let raw: Int32

    /// Takes over an open descriptor.
    public init(adopting raw: Int32) { self.raw = raw }

    deinit { close(raw) }

    /// Gives the number away; whoever takes it closes it.
    public consuming func release() -> Int32 {
        let number = raw
        discard self
        return number
    }

    /// Lends a descriptor that somebody else owns; it stays open.
    public static func lending<R, E: Error>(
        _ raw: Int32, _ body: (borrowing Descriptor) throws(E) -> R
    ) throws(E) -> R {
        let lent = Descriptor(adopting: raw)
        do throws(E) {
            let result = try body(lent)
            _ = lent.release()
            return result
        } catch {
            _ = lent.release()
            throw error
        }
    }

    /// Opens an existing file for reading; symbolic links in the last part are refused.
    public init(reading path: String) throws(SystemError) {
        let path = try checked(path, "open")
        self.init(adopting: try retrying("open") { unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) })
    }

    /// Opens an existing file below a directory for reading; a symbolic link anywhere on the way, or a way that leads out,
    /// is refused.
    public init(reading path: String, beneath directory: String) throws(SystemError) {
        let path = try checked(path, "openat2")
        let above = try checked(directory, "open")
        let root = Descriptor(
            adopting: try retrying("open") { unsafe open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
        let number = root.raw
        self.init(
            adopting: try retrying("openat2") { unsafe shim_open_beneath(number, path, O_RDONLY | O_CLOEXEC) })
    }

    /// `/dev/null` for reading, numbered above 9: what stands at 0 in a child that reads nothing.
    public static func openNothing() throws(SystemError) -> Descriptor {
        try Descriptor(reading: "/dev/null").duplicate()
    }

    /// Creates a file that must not exist yet, for reading and writing.
    ///
    /// - Parameter mode: permission bits, before the umask.
    public init(creating path: String, mode: UInt32 = 0o640) throws(SystemError) {
        let path = try checked(path, "open")
        self.init(
            adopting: try retrying("open") {
                unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
            })
    }

    /// Opens a file for reading and writing, making it when it does not exist.
    public init(updating path: String, mode: UInt32 = 0o640) throws(SystemError) {
        let path = try checked(path, "open")
        self.init(
            adopting: try retrying("open") { unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode) })
    }

    /// An empty file that exists only in memory, to be filled and handed to a child.
    public init(inMemory name: String) throws(SystemError) {
        let name = try checked(name, "memfd_create")
        let made = Descriptor(adopting: try retrying("memfd_create") { unsafe shim_memfd(name) })
        self.init(adopting: try made.duplicate().release())
    }

    /// A second descriptor for the same open file, numbered above 9 and closed on exec.
    public borrowing func duplicate() throws(SystemError) -> Descriptor {
        let number = raw
        return Descriptor(adopting: try retrying("fcntl") { fcntl(number, F_DUPFD_CLOEXEC, 10) })
    }

    /// Reads what is there into `target` from `offset` on.
    ///
    /// - Returns: how many bytes came; 0 at the end.
    public borrowing func read(into target: inout MutableSpan<UInt8>, from offset: Int = 0) throws(SystemError) -> Int {
        let number = raw
        let count = target.count - offset
        return unsafe try target.withUnsafeMutableBytes { (bytes) throws(SystemError) -> Int in
            guard let base = bytes.baseAddress, count > 0 else { return 0 }
            return try retrying("read") { unsafe Glibc.read(number, base + offset, count) }
        }
    }

    /// Reads up to `limit` bytes to the end.
    ///
    /// - Throws: `SystemError` with `EFBIG` when there are more.
    public borrowing func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        var all: [UInt8] = []
        var window = [UInt8](repeating: 0, count: min(65_536, limit + 1))
        while true {
            var span = window.mutableSpan
            let count = try read(into: &span)
            if count == 0 { return all }
            all.append(contentsOf: window[..<count])
            if all.count > limit { throw SystemError("read", EFBIG) }
        }
    }

    /// Writes all of `bytes`.
    public borrowing func write(_ bytes: Span<UInt8>) throws(SystemError) {
        let number = raw
        unsafe try bytes.withUnsafeBytes { (bytes) throws(SystemError) in
            guard let base = bytes.baseAddress else { return }
            var done = 0
            while done < bytes.count {
                done += try retrying("write") { unsafe Glibc.write(number, base + done, bytes.count - done) }
            }
        }
    }

    /// Forces what was written to the device. An error is final: the kernel may have dropped the pages.
    public borrowing func sync() throws(SystemError) {
        let number = raw
        try retrying("fsync") { fsync(number) }
    }

    /// The file's size in bytes.
    public borrowing func size() throws(SystemError) -> Int64 {
        var status = stat()
        let number = raw
        try retrying("fstat") { unsafe fstat(number, &status) }
        return Int64(status.st_size)
    }

    /// Moves the file position to `offset` from the start.
    public borrowing func seek(to offset: Int64) throws(SystemError) {
        let number = raw
        _ = try retrying("lseek") { lseek(number, off_t(offset), SEEK_SET) }
    }

    /// Cuts the file, or stretches it, to `size` bytes.
    public borrowing func truncate(to size: Int64) throws(SystemError) {
        let number = raw
        try retrying("ftruncate") { ftruncate(number, off_t(size)) }
    }

    /// Makes reads and accepts answer at once instead of waiting.
    public borrowing func setNonBlocking() throws(SystemError) {
        let number = raw
        let flags = try retrying("fcntl") { fcntl(number, F_GETFL) }
        try retrying("fcntl") { fcntl(number, F_SETFL, flags | O_NONBLOCK) }
    }

    /// Keeps programs that this process starts from inheriting it.
    public borrowing func setCloseOnExec() throws(SystemError) {
        let number = raw
        try retrying("fcntl") { fcntl(number, F_SETFD, FD_CLOEXEC) }
    }

    /// Whether the other end of this pipe or socket is closed, without waiting or reading.
    public borrowing func peerIsGone() -> Bool {
        var entry = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) > 0 && Int32(entry.revents) & (POLLHUP | POLLERR | POLLNVAL) != 0
    }

    /// Takes the exclusive lock of the whole file if nobody holds it; it goes with the descriptor.
    ///
    /// - Returns: whether it was free.
    public borrowing func lockIfFree() -> Bool { flock(raw, LOCK_EX | LOCK_NB) == 0 }

    /// Takes the exclusive lock of the whole file, waiting for whoever holds it; it goes with the descriptor.
    public borrowing func lock() throws(SystemError) {
        let number = raw
        try retrying("flock") { flock(number, LOCK_EX) }
    }

    /// Takes the exclusive lock of one byte, waiting for whoever holds it. It belongs to the open file: processes that
    /// inherited one descriptor do not exclude each other, each must have opened the file itself.
    public borrowing func lockByte(_ at: Int) throws(SystemError) {
        let number = raw
        try retrying("fcntl") { shim_lock_byte(number, at, 1) }
    }

    /// Gives the lock of one byte back.
    public borrowing func unlockByte(_ at: Int) { _ = shim_lock_byte(raw, at, 0) }
}

/// Two ends of a pipe, both closed on exec.
public struct Pipe: ~Copyable {
    /// Where bytes come out.
    public let reading: Descriptor
    /// Where bytes go in.
    public let writing: Descriptor

    private init(reading: consuming Descriptor, writing: consuming Descriptor) {
        self.reading = reading
        self.writing = writing
    }

    /// Makes a pipe whose ends are numbered above 9, so that handing them to a child can't overwrite one another.
    public static func make() throws(SystemError) -> Pipe {
        var ends: (Int32, Int32) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &ends) { bytes in
            unsafe shim_pipe2(bytes.bindMemory(to: Int32.self).baseAddress, O_CLOEXEC)
        }
        if result < 0 { throw SystemError("pipe2", errno) }
        let low = Descriptor(adopting: ends.0)
        let high = Descriptor(adopting: ends.1)
        return Pipe(reading: try low.duplicate(), writing: try high.duplicate())
    }

    /// Takes the pipe apart.
    public consuming func split<R: ~Copyable>(_ body: (consuming Descriptor, consuming Descriptor) -> R) -> R {
        body(reading, writing)
    }
}
