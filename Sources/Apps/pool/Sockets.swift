internal import Core
internal import POSIX

/// The listening sockets, by role: made here, or handed down by systemd (sd_listen_fds(3)). They stay open as long as
/// the pool lives, so a connection that comes while no child is there waits instead of being refused.
struct Sockets {
    private var numbers: [Role: Int32] = [:]
    private var made: [String] = []

    /// Listens for every role that needs it.
    ///
    /// - Parameters:
    ///   - directory: where the sockets get their names.
    ///   - inherited: what systemd handed down, by role.
    init(_ roles: [Role], in directory: String, inherited: [Role: Int32]) throws(SystemError) {
        for role in roles {
            guard let name = role.socketName else { continue }
            if let number = inherited[role] {
                let given = Descriptor(adopting: number)
                numbers[role] = try given.duplicate().release()
            } else {
                let path = directory + "/" + name
                numbers[role] = try UnixSocket.listen(path).release()
                made.append(path)
            }
        }
    }

    /// The descriptor on which the role listens.
    subscript(_ role: Role) -> Int32? { numbers[role] }

    /// Takes away the names that were made here.
    func remove() { for path in made { try? Files.remove(path) } }

    /// Descriptors from 3 on that systemd named `gate`, `api` or `upload` (FileDescriptorName=), if they are for us.
    static func inherited(_ environment: [String: String], processID: Int32) -> [Role: Int32] {
        let count = Int(endOfInherited(environment, processID: processID) - 3)
        var found: [Role: Int32] = [:]
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        for (index, name) in names.prefix(count).enumerated() {
            let text = name.hasSuffix(".socket") ? name.dropLast(7) : name[...]
            if let role = Role(rawValue: String(text)), role.socketName != nil { found[role] = Int32(3 + index) }
        }
        return found
    }

    /// The first descriptor that is not for us: 3 unless systemd handed some down to this very process.
    static func endOfInherited(_ environment: [String: String], processID: Int32) -> Int32 {
        guard Digits.parse(environment["LISTEN_PID"] ?? "") == Int64(processID),
            let count = Digits.parse(environment["LISTEN_FDS"] ?? ""), (1...16).contains(count)
        else { return 3 }
        return 3 + Int32(count)
    }
}
