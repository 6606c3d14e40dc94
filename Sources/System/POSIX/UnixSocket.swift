internal import CLinux
internal import Glibc

/// Sockets that have a place in the file system.
public enum UnixSocket {
    /// The longest path the kernel takes, in bytes.
    public static let longestPath = 107

    /// Listens at `path`: bound under a temporary name and renamed, so that a path that is there always answers.
    ///
    /// - Parameters:
    ///   - backlog: connections that may wait. Short ones fail under load: a full one is refused at once.
    ///   - mode: who may connect; set before the name appears.
    public static func listen(_ path: String, backlog: Int32 = 1024, mode: UInt32 = 0o660) throws(SystemError)
        -> Descriptor
    {
        let path = try checked(path, "bind")
        let temporary = path + ".new"
        guard temporary.utf8.count <= longestPath else { throw SystemError("bind", ENAMETOOLONG) }
        let socket = Descriptor(
            adopting: try retrying("socket") {
                Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            })
        try Files.remove(temporary)
        let number = socket.raw
        try retrying("bind") { unsafe shim_bind_unix(number, temporary, temporary.utf8.count) }
        try Files.setMode(temporary, mode)
        try retrying("listen") { Glibc.listen(number, backlog) }
        try socket.setNonBlocking()
        try Files.rename(temporary, to: path)
        return try socket.duplicate()
    }

    /// Accepts one connection, blocking afterwards; `nil` when none waits.
    public static func accept(_ listening: Int32) -> Descriptor? {
        let number = Glibc.accept(listening, nil, nil)
        return number < 0 ? nil : Descriptor(adopting: number)
    }

    /// Sends one datagram to a socket named as in `NOTIFY_SOCKET` (sd_notify(3)); a leading `@` is the abstract space.
    public static func notify(_ address: String, _ message: String) throws(SystemError) {
        let address = try checked(address, "connect")
        let socket = Descriptor(
            adopting: try retrying("socket") {
                Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            })
        let number = socket.raw
        try retrying("connect") { unsafe shim_connect_unix(number, address, address.utf8.count) }
        try socket.write(Array(message.utf8).span)
    }

    /// Connects to a listening socket at `path`.
    public static func connect(_ path: String) throws(SystemError) -> Descriptor {
        let path = try checked(path, "connect")
        let socket = Descriptor(
            adopting: try retrying("socket") {
                Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            })
        let number = socket.raw
        try retrying("connect") { unsafe shim_connect_unix(number, path, path.utf8.count) }
        return socket
    }
}
