public import POSIX

/// bubblewrap round the helper: name spaces of its own for processes, network, mounts, host name, messages, control
/// groups and (where allowed) users; no privileges; and of the file system only the program and the directories that its
/// libraries lie in, read-only. What the helper was given on descriptors 0 to 5 reaches it as it is. When bubblewrap is
/// killed, everything inside is.
public struct Enclosure: Equatable, Sendable {
    /// bubblewrap's file.
    public let program: String
    /// Its arguments, the enclosed program last.
    public let arguments: [String]

    /// Where bubblewrap is looked for.
    public static let places = ["/usr/bin/bwrap", "/usr/local/bin/bwrap"]

    /// Asks the dynamic loader what `enclosed` needs.
    ///
    /// - Parameters:
    ///   - bubblewrap: its file.
    ///   - enclosed: the helper's file.
    /// - Throws: `SystemError` when the program can't be started.
    public init(_ bubblewrap: String, round enclosed: String) throws(SystemError) {
        let listing = try Self.output(
            Launch(enclosed, environment: ["LD_TRACE_LOADED_OBJECTS": "1"], descriptors: []))
        var directories: [String] = []
        for library in Self.libraries(in: listing) {
            guard let real = Files.resolved(library) else { continue }
            let directory = Files.parent(of: real)
            if !directories.contains(directory), directory != "/" { directories.append(directory) }
        }
        program = bubblewrap
        arguments = Self.arguments(
            enclosed: enclosed, directories: directories.sorted(), rootLinks: Self.rootLinks)
    }

    static func arguments(
        enclosed: String, directories: [String], rootLinks: [(name: String, target: String)]
    ) -> [String] {
        var all = ["--unshare-all", "--die-with-parent", "--cap-drop", "ALL"]
        for directory in directories { all += ["--ro-bind", directory, directory] }
        for link in rootLinks { all += ["--symlink", link.target, link.name] }
        // The loader's own directory may hold nothing but a link to it.
        all += ["--ro-bind-try", "/usr/lib64", "/usr/lib64"]
        all += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
        all += ["--ro-bind-try", "/etc/alternatives", "/etc/alternatives"]
        all += ["--ro-bind", enclosed, enclosed, "--chdir", "/", "--remount-ro", "/", "--", enclosed]
        return all
    }

    /// `/lib` and the like, where they are links.
    private static var rootLinks: [(name: String, target: String)] {
        ["/lib", "/lib32", "/lib64"].compactMap { name in Files.linkTarget(name).map { (name, $0) } }
    }

    /// The files that the loader's listing names.
    static func libraries(in listing: String) -> [String] {
        listing.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            return words.first { $0.utf8.first == UInt8(ascii: "/") }.map { String($0) }
        }
    }

    /// How the enclosed program ended: bubblewrap makes a signal n an exit with 128 + n, as shells do.
    static func inner(_ end: ChildEnd) -> ChildEnd {
        if case .exited(let code) = end, (129...192).contains(code) { return .killed(code - 128) }
        return end
    }

    /// What a program that soon ends writes.
    private static func output(_ launch: Launch) throws(SystemError) -> String {
        let pipe = try Pipe.make()
        var launch = launch
        let nothing = try Descriptor(reading: "/dev/null").duplicate()
        launch.descriptors = [(nothing.raw, 0), (pipe.writing.raw, 1), (nothing.raw, 2)]
        let process = try launch.start()
        let reading = pipe.split { reading, _ in reading }
        let bytes = try? reading.readAll(limit: 1 << 20)
        Children.signal(process, 9)
        _ = Children.wait(for: process)
        return String(decoding: bytes ?? [], as: UTF8.self)
    }
}
