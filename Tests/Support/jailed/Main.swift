import Glibc
import Sandbox

/// A helper gone bad, for the tests of the jail: closes it, then tries what its argument says. Exit code 0 means that it
/// got through, 9 that it was refused.
@main
enum Jailed {
    static func main() {
        let attempt = CommandLine.arguments.dropFirst().first ?? ""
        if attempt == "threads" { exit(Bad.threads()) }
        guard let report = try? Jail.close(memory: 1 << 30, processorSeconds: 2) else { exit(8) }
        guard report.limits, report.noNewPrivileges, report.seccomp else { exit(7) }
        exit(Bad.attempt(attempt))
    }
}

enum Bad {
    static func attempt(_ name: String) -> Int32 {
        switch name {
        case "nothing": return 0
        case "read": return unsafe open("/etc/passwd", O_RDONLY) < 0 ? 9 : 0
        case "write": return unsafe open("/tmp/reelgate-jailed", O_CREAT | O_WRONLY, 0o600) < 0 ? 9 : 0
        case "relative": return unsafe openat(AT_FDCWD, "Package.swift", O_RDONLY) < 0 ? 9 : 0
        case "rename": return unsafe rename("/tmp/a", "/tmp/b") < 0 ? 9 : 0
        case "socket": return socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) < 0 ? 9 : 0
        case "unix": return socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) < 0 ? 9 : 0
        case "exec":
            var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("true"), nil]
            return unsafe execv("/bin/true", &arguments) < 0 ? 9 : 0
        case "spawn":
            var process: pid_t = 0
            var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("true"), nil]
            return unsafe posix_spawn(&process, "/bin/true", nil, nil, &arguments, nil) != 0 ? 9 : 0
        case "kill": return kill(getppid(), 0) < 0 ? 9 : 0
        case "spin": while true { _ = getppid }
        case "memory":
            return unsafe mmap(nil, 2 << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? 9 : 0
        case "thread": return inThread(opens: false)
        case "thread-open": return inThread(opens: true)
        default: return 6
        }
    }

    /// A thread that lived before the jail must be inside it too.
    static func threads() -> Int32 {
        var thread = pthread_t()
        unsafe pthread_create(
            &thread, nil,
            { _ in
                sleep(1)
                return unsafe UnsafeMutableRawPointer(bitPattern: open("/etc/passwd", O_RDONLY) < 0 ? 9 : 1)
            }, nil)
        guard let report = try? Jail.close(memory: 0, processorSeconds: 2), report.seccomp else { return 8 }
        var result: UnsafeMutableRawPointer?
        unsafe pthread_join(thread, &result)
        return Int(bitPattern: result) == 9 ? 9 : 0
    }

    private static func inThread(opens: Bool) -> Int32 {
        var thread = pthread_t()
        let made =
            unsafe opens
            ? pthread_create(
                &thread, nil,
                { _ in
                    unsafe UnsafeMutableRawPointer(bitPattern: open("/etc/passwd", O_RDONLY) < 0 ? 9 : 1)
                }, nil)
            : pthread_create(&thread, nil, { _ in unsafe UnsafeMutableRawPointer(bitPattern: 2) }, nil)
        guard made == 0 else { return 5 }
        var result: UnsafeMutableRawPointer?
        unsafe pthread_join(thread, &result)
        return Int(bitPattern: result) == 9 ? 9 : 0
    }
}
