internal import Core
internal import POSIX

/// Where a process stands, as far as the kernel lets us see: the function it sleeps in, its system call, its state.
/// Children are not dumpable, so unless the pool is root only `stat` answers.
enum StuckReport {
    /// The files of `/proc/<pid>` that say where a process is.
    static let files = ["wchan", "syscall", "stack"]

    /// What is readable about `process`, a field each.
    static func fields(of process: Int32) -> [JSON.Member] {
        var fields: [JSON.Member] = []
        for name in files {
            guard let text = read("/proc/\(process)/\(name)"), !text.isEmpty, text != "0" else { continue }
            fields.append(.init(name, .string(text)))
        }
        if let text = read("/proc/\(process)/stat"), let state = state(inStat: text) {
            fields.append(.init("state", .string(state)))
        }
        return fields
    }

    /// The third field of `/proc/<pid>/stat`; the second is in brackets and may hold anything.
    static func state(inStat text: String) -> String? {
        guard let bracket = text.utf8.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        return text[text.index(after: bracket)...].split(separator: " ").first.map(String.init)
    }

    private static func read(_ path: String) -> String? {
        guard let file = try? Descriptor(reading: path), let bytes = try? file.readAll(limit: 4096) else { return nil }
        return String(decoding: bytes.last == 10 ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }
}
