internal import Core
internal import POSIX
internal import Storage
internal import Web

/// A file while it is received: below `uploads/.incoming` under a random name, locked so that nobody takes it for a
/// left-over, and gone with this object unless it was moved to its place.
final class IncomingFile {
    /// Where it is.
    let path: String
    /// Bytes written.
    private(set) var size: Int64 = 0
    private let file: Descriptor
    private let limit: Int64
    /// Whether it was moved to its place.
    private(set) var isKept = false

    /// - Parameters:
    ///   - tree: where files live.
    ///   - id: its name.
    ///   - limit: bytes it may have.
    init(_ tree: DataTree, id: UUID, limit: Int64) throws(SystemError) {
        try Files.makeDirectories(tree.incoming)
        path = tree.incoming(id)
        file = try Descriptor(creating: path)
        self.limit = limit
        _ = file.lockIfFree()
    }

    deinit { if !isKept { try? Files.remove(path) } }

    /// Adds bytes.
    ///
    /// - Throws: 413 over the limit, 507 on a full disk.
    func write(_ bytes: Span<UInt8>) throws(Problem) {
        size += Int64(bytes.count)
        if size > limit { throw Problem(.tooLarge) }
        try stored { () throws(SystemError) in try file.write(bytes) }
    }

    /// Forces the content to the device.
    func sync() throws(Problem) { try stored { () throws(SystemError) in try file.sync() } }

    /// Moves it to `target`, whose directories are made; durable when it returns, but for directories above `root`.
    func move(to target: String, below root: String) throws(SystemError) {
        var directory = Files.parent(of: target)
        // An empty directory may be swept away between the two steps.
        for attempt in 1...3 {
            try Files.makeDirectories(directory)
            do throws(SystemError) {
                try Files.rename(path, to: target)
                break
            } catch { if attempt == 3 || !error.isMissing { throw error } }
        }
        isKept = true
        while directory.utf8.count >= root.utf8.count {
            try Files.syncDirectory(directory)
            directory = Files.parent(of: directory)
        }
    }
}

/// Turns a failure to store into an answer: 507 when there is no room, else 500.
func stored<T>(_ body: () throws(SystemError) -> T) throws(Problem) -> T {
    do throws(SystemError) {
        return try body()
    } catch {
        throw Problem(error.isNoRoom ? .noRoom : .internalError, inside: "\(error)")
    }
}
