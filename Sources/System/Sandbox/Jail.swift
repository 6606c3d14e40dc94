internal import CSeccomp

/// A layer of the jail that could not be put in force; the text names the call.
public struct JailError: Error, Equatable {
    /// The call that failed.
    public let call: String
}

/// The jail of a process that reads hostile files.
public enum Jail {
    /// What is in force after `close`.
    public struct Report: Equatable, Sendable {
        /// Resource limits are set.
        public let limits: Bool
        /// exec can't give more rights.
        public let noNewPrivileges: Bool
        /// Landlock's version, 0 where the kernel has none.
        public let landlock: Int
        /// System calls are filtered.
        public let seccomp: Bool
    }

    /// The parts of the jail, each of which holds without the others.
    public struct Layers: OptionSet, Sendable {
        /// The bits.
        public let rawValue: Int
        /// - Parameter rawValue: the bits.
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// Resource limits: memory, processor time, no byte in a file, no new descriptor.
        public static let limits = Layers(rawValue: 1)
        /// No path, no connection, no signal to anybody outside.
        public static let landlock = Layers(rawValue: 2)
        /// Only the system calls on the list.
        public static let seccomp = Layers(rawValue: 4)
        /// What the product uses.
        public static let all: Layers = [.limits, .landlock, .seccomp]
    }

    /// What may still be called. Reading and writing go to descriptors that are open already.
    private static let allowed = [
        "read", "write", "readv", "writev", "lseek", "close", "fstat", "newfstatat", "mmap", "munmap", "mremap",
        "mprotect", "madvise", "brk", "futex", "set_robust_list", "rseq", "rt_sigprocmask", "rt_sigreturn",
        "rt_sigaction", "sched_getaffinity", "sched_yield", "clock_gettime", "clock_getres", "gettimeofday", "time",
        "nanosleep", "clock_nanosleep", "exit", "exit_group",
        "getrandom", "getpid", "gettid", "getrusage", "restart_syscall",
    ]

    /// Closes the jail round this process, for good. Call before any other thread exists.
    ///
    /// - Parameters:
    ///   - memory: address space in bytes; 0 sets no limit.
    ///   - processorSeconds: processor time; 0 sets no limit.
    ///   - layers: all of them, but for the tests of each one.
    /// - Throws: `JailError` when privileges or system calls could not be limited.
    public static func close(
        memory: Int64, processorSeconds: Int64, layers: Layers = .all
    ) throws(JailError) -> Report {
        guard shim_no_new_privileges() == 0 else { throw JailError(call: "prctl") }
        let version = layers.contains(.landlock) ? shim_landlock_version() : 0
        let landlock = version > 0 && shim_landlock_nothing(version) == 0 ? Int(version) : 0
        let limits = layers.contains(.limits) && lowerLimits(memory: memory, processorSeconds: processorSeconds)
        if layers.contains(.seccomp) { try filterSystemCalls() }
        return Report(
            limits: limits, noNewPrivileges: true, landlock: landlock, seccomp: layers.contains(.seccomp))
    }

    private static func lowerLimits(memory: Int64, processorSeconds: Int64) -> Bool {
        shim_ignore_file_size_signal()
        var all = shim_lower_limit(shim_RLIMIT_CORE, 0) == 0
        all = shim_lower_limit(shim_RLIMIT_FSIZE, 0) == 0 && all
        // What is open stays open; nothing can be opened beside it.
        all = shim_lower_limit(shim_RLIMIT_NOFILE, 0) == 0 && all
        if memory > 0 { all = shim_lower_limit(shim_RLIMIT_AS, UInt64(memory)) == 0 && all }
        if processorSeconds > 0 { all = shim_lower_limit(shim_RLIMIT_CPU, UInt64(processorSeconds)) == 0 && all }
        return all
    }

    private static func filterSystemCalls() throws(JailError) {
        guard let filter = unsafe seccomp_init(shim_KILL) else { throw JailError(call: "seccomp_init") }
        defer { unsafe seccomp_release(filter) }
        func check(_ call: String, _ code: Int32) throws(JailError) {
            if code != 0 { throw JailError(call: call) }
        }
        try check("seccomp_attr_set", unsafe seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1))
        for name in allowed {
            try check(name, unsafe seccomp_rule_add_array(filter, shim_ALLOW, number(of: name), 0, nil))
        }
        // glibc falls back to clone, whose flags can be looked at.
        try check("clone3", unsafe seccomp_rule_add_array(filter, shim_ENOSYS, number(of: "clone3"), 0, nil))
        try check("clone", unsafe shim_allow_threads_only(filter))
        try check("prctl", unsafe shim_allow_thread_names_only(filter))
        // Opening is refused rather than fatal: libraries look for tables that they can do without (iconv for the
        // names in a transport stream).
        for name in ["open", "openat", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "stat", "getcwd"]
        {
            try check(name, unsafe seccomp_rule_add_array(filter, shim_EACCES, number(of: name), 0, nil))
        }
        // stdio asks whether a descriptor is a terminal.
        try check("ioctl", unsafe seccomp_rule_add_array(filter, shim_ENOTTY, number(of: "ioctl"), 0, nil))
        try check("seccomp_load", unsafe seccomp_load(filter))
    }

    private static func number(of name: String) -> Int32 { unsafe seccomp_syscall_resolve_name(name) }
}
