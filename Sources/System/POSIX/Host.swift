internal import CLinux
internal import Glibc

/// The clocks, in whole units so that no floating point decides about time.
public enum Clocks {
    /// Seconds since 1970, as the wall clock says: what tokens are compared with.
    public static func wallSeconds() -> Int64 { read(CLOCK_REALTIME).seconds }

    /// Milliseconds since 1970.
    public static func wallMilliseconds() -> Int64 {
        let now = read(CLOCK_REALTIME)
        return now.seconds * 1000 + now.nanoseconds / 1_000_000
    }

    /// Nanoseconds that only go forward: what waiting and leases are measured with.
    public static func monotonicNanoseconds() -> Int64 {
        let now = read(CLOCK_MONOTONIC)
        return now.seconds * 1_000_000_000 + now.nanoseconds
    }

    /// The same clock as of the kernel's last tick (a few milliseconds), for a fifth of the price.
    public static func coarseMonotonicNanoseconds() -> Int64 {
        let now = read(CLOCK_MONOTONIC_COARSE)
        return now.seconds * 1_000_000_000 + now.nanoseconds
    }

    private static func read(_ clock: clockid_t) -> (seconds: Int64, nanoseconds: Int64) {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return (Int64(time.tv_sec), Int64(time.tv_nsec))
    }

    /// Sleeps; a signal may end it early.
    public static func sleep(milliseconds: Int) { usleep(UInt32(clamping: max(0, milliseconds)) * 1000) }
}

/// This process and its surroundings. Only `main` reads them; everything else gets values.
public enum Host {
    /// The environment as name and value; of a name that stands twice the first counts.
    public static func environment() -> [String: String] {
        var all: [String: String] = [:]
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            let text = unsafe String(cString: entry)
            if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
                let name = String(text[..<equals])
                if all[name] == nil { all[name] = String(text[text.utf8.index(after: equals)...]) }
            }
            unsafe next += 1
        }
        return all
    }

    /// The directory that holds this program's file; its siblings are the other programs.
    public static func programDirectory() throws(SystemError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        if count < 0 { throw SystemError("readlink", errno) }
        return Files.parent(of: String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// The host's name, for log lines and lease owners.
    public static func name() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// This process.
    public static var processID: Int32 { getpid() }

    /// Whether a process exists (also one of another user).
    public static func exists(_ process: Int32) -> Bool { process > 0 && (kill(process, 0) == 0 || errno != ESRCH) }

    /// When a process started, in clock ticks since boot; `nil` when that can't be read. Together with its number it
    /// names the process for ever, as numbers are used again.
    public static func startTime(of process: Int32) -> Int64? {
        guard let file = try? Descriptor(reading: "/proc/\(process)/stat"),
            let bytes = try? file.readAll(limit: 4096), let close = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[bytes.index(after: close)...].split(separator: 32)
        return fields.count > 19 ? Int64(String(decoding: fields[19], as: UTF8.self)) : nil
    }

    /// Tells this boot of this machine, and the container in it, from all others; `nil` when that can't be read.
    public static func bootIdentity() -> String? {
        var link = [CChar](repeating: 0, count: 256)
        let count = unsafe readlink("/proc/self/ns/pid", &link, link.count)
        guard count > 0, let file = try? Descriptor(reading: "/proc/sys/kernel/random/boot_id"),
            let boot = try? file.readAll(limit: 64)
        else { return nil }
        let space = link[..<count].map { UInt8(bitPattern: $0) }.filter { $0 >= 48 && $0 <= 57 }
        return String(decoding: boot.prefix(36) + [45] + space, as: UTF8.self)
    }

    /// How many processes the kernel has ended for want of memory since the machine started, in whatever container;
    /// `nil` when that can't be read.
    public static func outOfMemoryKills() -> Int64? {
        guard let file = try? Descriptor(reading: "/proc/vmstat"), let bytes = try? file.readAll(limit: 65_536) else {
            return nil
        }
        for line in bytes.split(separator: 10) where line.starts(with: "oom_kill ".utf8) {
            return Int64(String(decoding: line.dropFirst(9), as: UTF8.self))
        }
        return nil
    }

    /// What every program does first: writes to a closed peer become errors, and neither a core dump nor another
    /// process of the same user sees this one's memory.
    public static func harden() {
        signal(SIGPIPE, SIG_IGN)
        _ = shim_set_dumpable(0)
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        umask(0o027)
    }

    /// Closes every descriptor from `lowest` on: what a long-lived program was handed by accident (a script's lock, a
    /// log) would stay open as long as it lives. Only at the very start, before anything of ours is open.
    public static func closeInherited(from lowest: Int32) { _ = shim_close_from(UInt32(max(3, lowest))) }

    /// Writes a line to standard error in one call, so that lines of several processes do not mix.
    public static func log(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        unsafe bytes.withUnsafeBytes { bytes in _ = unsafe write(2, bytes.baseAddress, bytes.count) }
    }

    /// Writes to standard output.
    public static func print(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { b in
                unsafe write(1, b.baseAddress.map { unsafe $0 + done }, b.count - done)
            }
            if count <= 0 { return }
            done += count
        }
    }

    /// Processors that this process may run on; at least 1.
    public static func cores() -> Int { max(1, Int(shim_cores())) }

    /// Ends this process at once.
    public static func exit(_ code: Int32) -> Never { Glibc.exit(code) }
}
