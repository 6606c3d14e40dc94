import POSIX
import Testing

@Suite struct POSIXTests {
    private func scratch() throws -> String {
        let path = "/tmp/rg-posix-\(Host.processID)-\(UInt32.random(in: 0 ... .max))"
        try Files.makeDirectories(path + "/a/b")
        return path
    }

    @Test("D05 a path with NUL is refused") func nul() throws {
        #expect(!Files.exists("/etc/passwd\0.mp4"))
        #expect(throws: SystemError.self) { try Files.remove("/tmp/x\0y") }
    }

    @Test("H44 a link is not opened, nor written over") func links() throws {
        let path = try scratch()
        defer { try? Files.removeTree(path) }
        let link = Launch("/bin/ln", ["-s", "/etc/passwd", path + "/seg0.ts"], environment: [:], descriptors: [])
        #expect(Children.wait(for: try link.start()) == .exited(0))
        #expect(throws: SystemError.self) { _ = try Descriptor(reading: path + "/seg0.ts") }
        #expect(throws: SystemError.self) { _ = try Descriptor(creating: path + "/seg0.ts") }
    }

    @Test func replacingIsWholeAndRemovingIsDeep() throws {
        let path = try scratch()
        try Files.replace(path + "/a/file", with: Array("one".utf8).span)
        try Files.replace(path + "/a/file", with: Array("two".utf8).span)
        #expect(try Files.list(path + "/a") == ["b", "file"])
        let file = try Descriptor(reading: path + "/a/file")
        #expect(try file.readAll(limit: 3) == Array("two".utf8))
        #expect(throws: SystemError.self) { try Files.renameToFree(path + "/a/file", to: path + "/a/b") }
        try Files.removeTree(path)
        #expect(!Files.exists(path))
    }

    @Test("C37 a child has the descriptors and the environment it was given, and no other") func child() throws {
        let pipe = try Pipe.make()
        let script = "ls /proc/self/fd | tr '\\n' ' '; env | sort | tr '\\n' ' '"
        let launch = Launch(
            "/bin/sh", ["-c", script], environment: ["ONLY": "this"],
            descriptors: [(pipe.writing.raw, 1), (pipe.writing.raw, 7)])
        let process = try launch.start()
        #expect(Children.wait(for: process) == .exited(0))
        var window = [UInt8](repeating: 0, count: 4096)
        var span = window.mutableSpan
        let count = try pipe.reading.read(into: &span)
        let words = String(decoding: window.prefix(count), as: UTF8.self).split(separator: " ").map(String.init)
        let numbers = words.compactMap(Int.init)
        #expect(numbers.contains(7))
        #expect(!numbers.contains { $0 > 7 || ($0 > 3 && $0 < 7) }, "\(words)")
        #expect(words.contains("ONLY=this"))
        #expect(!words.contains { $0.hasPrefix("PATH=") && $0.contains("swift") })
    }

    @Test func wordsInSharedMemory() throws {
        let file = try SharedWords.anonymousFile("test", count: 4)
        let words = try SharedWords(file, count: 4)
        let again = try SharedWords(file, count: 4)
        words.store(5, at: 1)
        let seen = again.load(1)
        let first = again.exchange(5, for: 6, at: 1)
        let second = again.exchange(5, for: 7, at: 1)
        let after = words.load(1)
        let outside = words.load(9)
        #expect(seen == 5 && first && !second && after == 6 && outside == 0)
    }

    @Test func socketPathsAreBounded() {
        #expect(throws: SystemError.self) { _ = try UnixSocket.listen("/tmp/" + String(repeating: "x", count: 110)) }
    }
}
