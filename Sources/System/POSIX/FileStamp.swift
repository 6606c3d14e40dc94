internal import CLinux
internal import Glibc

/// A path that is looked at again and again: written down once as the kernel takes it, so that looking allocates nothing.
public struct WatchedPath: Sendable {
    fileprivate let bytes: [CChar]

    /// `nil` for a path that is empty or holds a NUL.
    public init?(_ path: String) {
        guard let path = try? checked(path, "stat") else { return nil }
        bytes = path.utf8.map { CChar(bitPattern: $0) } + [0]
    }
}

/// Tells one state of a file from every later one, without reading it.
public struct FileStamp: Equatable, Sendable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int64
    private let nanoseconds: Int64

    /// The file at `path` as it stands, or `nil` when there is none. One call of the kernel; allocates nothing.
    public init?(_ path: WatchedPath) {
        var status = stat()
        guard unsafe lstat(path.bytes, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        seconds = Int64(status.st_mtim.tv_sec)
        nanoseconds = Int64(status.st_mtim.tv_nsec)
    }
}

extension Files {
    /// Writes an existing file anew, as `replace` does; its owner and its mode stay, so that whoever could read it still
    /// can.
    public static func rewrite(_ path: String, with bytes: Span<UInt8>) throws(SystemError) {
        let path = try checked(path, "open")
        var status = stat()
        try retrying("stat") { unsafe lstat(path, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("open", ELOOP) }
        let temporary = path + ".tmp\(getpid())"
        try remove(temporary)
        do throws(SystemError) {
            let file = try Descriptor(creating: temporary, mode: 0o600)
            let number = file.raw
            if status.st_uid != geteuid() || status.st_gid != getegid() {
                try retrying("fchown") { fchown(number, status.st_uid, status.st_gid) }
            }
            try retrying("fchmod") { fchmod(number, status.st_mode & 0o7777) }
            try file.write(bytes)
            try file.sync()
            try rename(temporary, to: path)
        } catch {
            try? remove(temporary)
            throw error
        }
        try syncDirectory(parent(of: path))
    }
}
