public import POSIX

/// The steps by which segments come into view. Each is durable when it returns, and may be done again after a crash at
/// any point: what was done is found and left.
public enum Publishing {
    /// Starts a file that did not exist; a link or a file in its place is refused.
    public static func create(_ path: String) throws(SystemError) -> Descriptor {
        try Descriptor(creating: path, mode: 0o640)
    }

    /// Moves segments and what else a rendition consists of to where they are published.
    ///
    /// - Parameters:
    ///   - files: where each was made, already synced, and its published name.
    ///   - directory: made if it is not there.
    /// - Throws: `ENOENT` when a file is neither here nor there.
    public static func install(_ files: [(source: String, name: String)], in directory: String) throws(SystemError) {
        try Files.makeDirectories(directory)
        for file in files {
            let target = "\(directory)/\(file.name)"
            do { try Files.renameToFree(file.source, to: target) } catch {
                // Done before: the source is gone and the target stands. A published segment is never replaced.
                guard Files.status(target) != nil, error.isMissing || error.isExisting else { throw error }
            }
        }
        try Files.syncDirectory(directory)
    }

    /// Puts a complete directory where everybody sees it, in one step.
    public static func enter(_ assembled: String, as directory: String) throws(SystemError) {
        let parent = Files.parent(of: directory)
        try Files.makeDirectories(parent)
        do { try Files.renameToFree(assembled, to: directory) } catch {
            guard Files.isDirectory(directory), error.isMissing || error.isExisting else { throw error }
        }
        try Files.syncDirectory(parent)
    }

    /// Moves a file into place, over what stands there; a file that was moved before is left.
    public static func move(_ source: String, to target: String) throws(SystemError) {
        try Files.makeDirectories(Files.parent(of: target))
        do { try Files.rename(source, to: target) } catch {
            guard error.isMissing, Files.status(target) != nil else { throw error }
            return
        }
        try Files.syncDirectory(Files.parent(of: target))
        try Files.syncDirectory(Files.parent(of: source))
    }

    /// Whether two small files hold the same; one that is gone was moved to where the other stands.
    public static func isSame(_ one: String, _ other: String) throws(SystemError) -> Bool {
        guard Files.exists(one) else { return true }
        let limit = 1 << 20
        return try Descriptor(reading: one).readAll(limit: limit) == Descriptor(reading: other).readAll(limit: limit)
    }

    /// Writes a playlist so that a reader sees the old one or the new one; one that already says this is left.
    public static func write(_ text: String, to path: String) throws(SystemError) {
        let bytes = Array(text.utf8)
        if let file = try? Descriptor(reading: path), let there = try? file.readAll(limit: bytes.count), there == bytes
        {
            return
        }
        try Files.replace(path, with: bytes.span)
    }
}
