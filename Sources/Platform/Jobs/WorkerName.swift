internal import Core
internal import POSIX

/// What a worker calls itself: nobody else ever has the same name, and whoever runs on the same host can tell from it
/// whether the worker still lives.
public enum WorkerName {
    /// What the names of all workers of this host begin with; `nil` when hosts can't be told apart.
    public static func hostPrefix() -> String? { Host.bootIdentity().map { "\($0)/" } }

    /// This process's name.
    public static func own() -> String {
        let process = Host.processID
        guard let prefix = hostPrefix(), let start = Host.startTime(of: process) else {
            return "\(Host.name())/\(UUID())"
        }
        return "\(prefix)\(process)/\(start)"
    }

    /// Whether the worker of that name is gone for ever; a name that can't be judged counts as living.
    public static func isDead(_ name: String) -> Bool {
        guard let prefix = hostPrefix(), name.hasPrefix(prefix) else { return false }
        let parts = name.dropFirst(prefix.count).split(separator: "/")
        guard parts.count == 2, let process = Int32(parts[0]), let start = Int64(parts[1]) else { return false }
        if !Host.exists(process) { return true }
        return Host.startTime(of: process).map { $0 != start } ?? false
    }
}
