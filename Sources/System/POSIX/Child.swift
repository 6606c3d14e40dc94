internal import CLinux
internal import Glibc

/// A program to start: never through a shell, with a rebuilt environment and only the descriptors named.
public struct Launch {
    /// The program's file.
    public var program: String
    /// Its arguments, without the program's own name. Never a secret: everybody can read them.
    public var arguments: [String]
    /// Its whole environment.
    public var environment: [String: String]
    /// Which of our descriptors stands where in the child; every other number from 3 on is closed. Sources must be
    /// numbered above all targets (`Descriptor.duplicate` makes such ones).
    public var descriptors: [(source: Int32, target: Int32)]
    /// Puts the child at the head of a process group of its own, so that it can be stopped with its children.
    public var ownGroup: Bool

    /// - Parameters: as the properties of the same names.
    public init(
        _ program: String, _ arguments: [String] = [], environment: [String: String],
        descriptors: [(source: Int32, target: Int32)], ownGroup: Bool = false
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.descriptors = descriptors
        self.ownGroup = ownGroup
    }

    /// Starts it with `posix_spawn`: no signal blocked, every signal at its default.
    ///
    /// - Returns: the child's process id; the caller waits for it.
    public func start() throws(SystemError) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        for pair in descriptors { unsafe posix_spawn_file_actions_adddup2(&actions, pair.source, pair.target) }
        var next: Int32 = 3
        for target in descriptors.map(\.target).filter({ $0 >= 3 }).sorted() {
            for gap in next..<max(next, target) { unsafe posix_spawn_file_actions_addclose(&actions, gap) }
            next = target + 1
        }
        _ = unsafe shim_spawn_closefrom(&actions, next)

        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        var flags = Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        if ownGroup {
            flags |= Int16(POSIX_SPAWN_SETPGROUP)
            unsafe posix_spawnattr_setpgroup(&attributes, 0)
        }
        unsafe posix_spawnattr_setflags(&attributes, flags)

        var process: pid_t = 0
        let code = unsafe withCStrings([program] + arguments) { argv in
            unsafe withCStrings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) { envp in
                unsafe posix_spawn(&process, program, &actions, &attributes, argv, envp)
            }
        }
        if code != 0 { throw SystemError("posix_spawn", code) }
        return process
    }

    /// Replaces this process by the program; comes back only to say why not.
    public func replaceThisProcess() -> SystemError {
        _ = unsafe withCStrings([program] + arguments) { argv in
            unsafe withCStrings(environment.map { "\($0.key)=\($0.value)" }) { envp in
                unsafe execve(program, argv, envp)
            }
        }
        return SystemError("execve", errno)
    }
}

private func withCStrings<R>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
) -> R {
    let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { unsafe pointers[index] = strdup(string) }
    unsafe pointers[strings.count] = nil
    defer {
        for index in strings.indices { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
    return unsafe body(pointers)
}

/// How a child ended.
public enum ChildEnd: Equatable, Sendable, CustomStringConvertible {
    /// It left with this code.
    case exited(Int32)
    /// This signal killed it.
    case killed(Int32)

    /// For the log.
    public var description: String {
        switch self {
        case .exited(let code): "exit \(code)"
        case .killed(let signal): "signal \(signal)"
        }
    }

    init(status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited((status >> 8) & 0xff) : .killed(signal)
    }
}

/// What a parent does to its children.
public enum Children {
    /// One child that ended since the last call, without waiting; `nil` when none did.
    ///
    /// - Parameter sweeping: for which children to kill what is left of the process group they led, while its number
    ///   can't yet belong to anybody else.
    public static func reap(sweeping: (Int32) -> Bool = { _ in false }) -> (process: Int32, end: ChildEnd)? {
        let ended = shim_peek_ended()
        guard ended > 0 else { return nil }
        if sweeping(ended) { _ = kill(-ended, SIGKILL) }
        var status: Int32 = 0
        let process = unsafe waitpid(ended, &status, WNOHANG)
        return process > 0 ? (process, ChildEnd(status: status)) : nil
    }

    /// Waits for this child.
    public static func wait(for process: Int32) -> ChildEnd {
        var status: Int32 = 0
        while unsafe waitpid(process, &status, 0) < 0 { if errno != EINTR { return .exited(-1) } }
        return ChildEnd(status: status)
    }

    /// How this child ended, or `nil` while it runs.
    public static func poll(_ process: Int32) -> ChildEnd? {
        var status: Int32 = 0
        let answer = unsafe waitpid(process, &status, WNOHANG)
        return answer == process ? ChildEnd(status: status) : answer < 0 ? .exited(-1) : nil
    }

    /// Lowers the priority of the processes in the group that `process` leads, and of what they will start, by
    /// `niceness` (0…19).
    public static func setNiceness(ofGroup process: Int32, _ niceness: Int32) {
        guard process > 1 else { return }
        _ = setpriority(__priority_which_t(PRIO_PGRP.rawValue), id_t(process), niceness)
    }

    /// Gives the processes in the group that `process` leads, and what they will start, their turn at the disk. A kernel that does not know turns ignores
    /// it.
    public static func setDiskPriority(ofGroup process: Int32, _ priority: DiskPriority) {
        guard process > 1, let word = priority.word else { return }
        _ = shim_set_io_priority(process, word)
    }

    /// Sends a signal to a process; to its whole group when `group` is set. One that is gone is no error.
    public static func signal(_ process: Int32, _ number: Int32, group: Bool = false) {
        guard process > 1 else { return }
        _ = kill(group ? -process : process, number)
    }

    /// Makes this process end with the one that started it: four seconds for the work at hand, then it is over,
    /// whatever it waits for (SIGUSR2 and SIGALRM are used up by this).
    ///
    /// - Parameter alreadyGone: whether the starter was found dead after this call's arrangement could have missed it.
    public static func endWithParent(alreadyGone: () -> Bool) {
        _ = shim_end_with_parent()
        if alreadyGone() { shim_parent_is_gone(0) }
    }

    /// Asks the kernel to kill this process when the thread that started it ends; answers whether it still lives.
    public static func dieWithParent() -> Bool {
        let parent = getppid()
        _ = shim_die_with_parent()
        return getppid() == parent && parent != 1
    }
}
