internal import CLinux
internal import Glibc

/// Names in the file system. Paths are absolute or relative to the working directory and hold no NUL; nothing here
/// follows a path that a client wrote: callers build them from validated parts.
public enum Files {
    /// Whether something stands at `path` (a link counts by its target).
    public static func exists(_ path: String) -> Bool {
        guard let path = try? checked(path, "access") else { return false }
        return unsafe access(path, F_OK) == 0
    }

    /// The text of a small file: at most 64 KiB of UTF-8, no symbolic link in its last part; `nil` for anything else.
    public static func text(_ path: String) -> String? {
        guard let file = try? Descriptor(reading: path), let bytes = try? file.readAll(limit: 65_536) else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Whether a directory stands at `path`.
    public static func isDirectory(_ path: String) -> Bool {
        guard let path = try? checked(path, "stat") else { return false }
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Size in bytes and last change in wall-clock seconds, or `nil` when there is nothing.
    public static func status(_ path: String) -> (size: Int64, modified: Int64)? {
        guard let path = try? checked(path, "stat") else { return nil }
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        return (Int64(status.st_size), Int64(status.st_mtim.tv_sec))
    }

    /// What the symbolic link at `path` names, or `nil` when there is none.
    public static func linkTarget(_ path: String) -> String? {
        guard let path = try? checked(path, "readlink") else { return nil }
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink(path, &buffer, buffer.count)
        return count < 0 ? nil : String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The same place by a path without links; `nil` when there is nothing.
    public static func resolved(_ path: String) -> String? {
        guard let path = try? checked(path, "realpath"), let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// Makes the directory and those above it; existing ones are left as they are.
    public static func makeDirectories(_ path: String, mode: UInt32 = 0o750) throws(SystemError) {
        let path = try checked(path, "mkdir")
        if unsafe mkdir(path, mode) == 0 || errno == EEXIST { return }
        let code = errno
        guard code == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.utf8.startIndex
        else { throw SystemError("mkdir", code) }
        try makeDirectories(String(path[..<slash]), mode: mode)
        if unsafe mkdir(path, mode) != 0 && errno != EEXIST { throw SystemError("mkdir", errno) }
    }

    /// Puts `old` in the place of `new` in one step; what stood there is gone.
    public static func rename(_ old: String, to new: String) throws(SystemError) {
        let old = try checked(old, "rename")
        let new = try checked(new, "rename")
        try retrying("rename") { unsafe Glibc.rename(old, new) }
    }

    /// Puts `old` at `new` in one step unless something stands there (`EEXIST`).
    public static func renameToFree(_ old: String, to new: String) throws(SystemError) {
        let old = try checked(old, "renameat2")
        let new = try checked(new, "renameat2")
        try retrying("renameat2") { unsafe shim_rename_noreplace(AT_FDCWD, old, AT_FDCWD, new) }
    }

    /// Removes a file; a missing one is no error.
    public static func remove(_ path: String) throws(SystemError) {
        let path = try checked(path, "unlink")
        do { try retrying("unlink") { unsafe unlink(path) } } catch { if error.code != ENOENT { throw error } }
    }

    /// Removes a directory if it is empty, and answers whether it went.
    @discardableResult
    public static func removeDirectoryIfEmpty(_ path: String) -> Bool {
        guard let path = try? checked(path, "rmdir") else { return false }
        return unsafe rmdir(path) == 0
    }

    /// Removes a directory and all below it, following no link; a missing one is no error.
    public static func removeTree(_ path: String) throws(SystemError) {
        guard isDirectory(path) else { return try remove(path) }
        for name in try list(path) { try removeTree(path + "/" + name) }
        do { try retrying("rmdir") { unsafe rmdir(path) } } catch { if error.code != ENOENT { throw error } }
    }

    /// The names in a directory, without `.` and `..`, in byte order.
    public static func list(_ path: String) throws(SystemError) -> [String] {
        let path = try checked(path, "opendir")
        guard let directory = unsafe opendir(path) else { throw SystemError("opendir", errno) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Makes a rename or creation in this directory durable.
    public static func syncDirectory(_ path: String) throws(SystemError) {
        let path = try checked(path, "open")
        let directory = Descriptor(
            adopting: try retrying("open") { unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
        try directory.sync()
    }

    /// Writes `bytes` at `path` so that a reader sees the old file or the whole new one, also after a power cut:
    /// a temporary name beside it, fsync, rename, fsync of the directory.
    public static func replace(
        _ path: String, with bytes: Span<UInt8>, mode: UInt32 = 0o640
    ) throws(SystemError) {
        let path = try checked(path, "open")
        let temporary = path + ".tmp\(getpid())"
        try remove(temporary)
        do throws(SystemError) {
            let file = try Descriptor(creating: temporary, mode: mode)
            try file.write(bytes)
            try file.sync()
        } catch {
            try? remove(temporary)
            throw error
        }
        try rename(temporary, to: path)
        try syncDirectory(parent(of: path))
    }

    /// Everything before the last slash; `.` when there is none.
    public static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
    }

    /// Bytes an unprivileged process may still write on the file system of `path`.
    public static func freeBytes(_ path: String) throws(SystemError) -> Int64 {
        let path = try checked(path, "statvfs")
        var status = statvfs()
        try retrying("statvfs") { unsafe statvfs(path, &status) }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    /// Sets permission bits.
    public static func setMode(_ path: String, _ mode: UInt32) throws(SystemError) {
        let path = try checked(path, "chmod")
        try retrying("chmod") { unsafe chmod(path, mode) }
    }
}
