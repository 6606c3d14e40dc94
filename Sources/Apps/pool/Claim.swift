internal import POSIX

/// The right to run certain roles in a run directory: a locked file for each role, and the pid file for scripts.
///
/// The locks belong to this process alone (children do not inherit them), so they are free again the moment it ends,
/// whatever ended it.
struct Claim {
    /// Another pool runs one of these roles.
    struct Taken: Error, CustomStringConvertible {
        let role: Role
        let directory: String
        var description: String { "another pool already runs the role \(role.rawValue) in \(directory); stop it first" }
    }

    private let pidFile: String

    /// Takes the locks and writes the pid file; makes the directory when it is not there.
    init(_ options: Options, directory: String) throws {
        try Files.makeDirectories(directory)
        for role in options.roles {
            let lock = try Descriptor(updating: directory + "/pool-\(role.rawValue).lock")
            guard lock.lockIfFree() else { throw Taken(role: role, directory: directory) }
            _ = lock.release()  // open as long as this process lives
        }
        let path = directory + "/" + options.fileName("pool", ".pid")
        try Files.replace(path, with: Array("\(Host.processID)\n".utf8).span, mode: 0o644)
        pidFile = path
    }

    /// Takes the pid file away; the locks go with the process.
    func release() { try? Files.remove(pidFile) }
}
