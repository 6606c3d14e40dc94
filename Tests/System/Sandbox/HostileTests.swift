import Foundation
import Helper
import Media
import POSIX
import Testing

/// The stand-in for a helper gone bad, what it may try, and on what.
private final class Bad {
    let program: String
    let place: String
    private(set) var port: Int32 = 0
    private var listener: Int32 = -1
    private var victim: Int32 = 0
    private var enclosure: Enclosure?

    init() throws {
        program = "\(try Host.programDirectory())/hostile"
        place = "/tmp/reelgate-hostile-\(Foundation.UUID().uuidString.prefix(8))"
        try Files.makeDirectories("\(place)/other")
        enclosure = try Enclosure.places.first { Files.exists($0) }.map { try Enclosure($0, round: program) }
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listens = listener
        let size = length
        port = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(listens, address, size)
                listen(listens, 1000)
                unsafe getsockname(listens, address, &length)
            }
            return Int32(unsafe UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }

    deinit {
        close(listener)
        if victim > 0 {
            Children.signal(victim, 9)
            _ = Children.wait(for: victim)
        }
        try? Files.removeTree(place)
    }

    static func acts() throws -> [String] {
        let pipe = try Pipe.make()
        let process = try Launch(
            "\(try Host.programDirectory())/hostile", environment: ["HOSTILE": "acts"],
            descriptors: [(pipe.writing.raw, 1)]
        ).start()
        let reading = pipe.split { reading, _ in reading }
        let text = String(decoding: try reading.readAll(limit: 65_536), as: UTF8.self)
        _ = Children.wait(for: process)
        return text.split(separator: "\n").map { String($0) }
    }

    /// Lets it try; `nil` when it got through, else who or what stopped it.
    func tries(_ act: String, layers: String, enclosed: Bool) throws -> String? {
        if victim > 0, !Host.exists(victim) { victim = 0 }
        if victim == 0 { victim = try Launch("/bin/sleep", ["600"], environment: [:], descriptors: []).start() }
        try Files.replace("\(place)/other/file", with: [1, 2, 3].span)
        try? Files.remove("\(place)/other/renamed")
        try? Files.remove("\(place)/other/link")
        let words = [act, layers, "\(victim)", "\(place)/other/file", "\(place)/other", "\(port)"]
        var launch = Launch(
            program, environment: ["SWIFT_BACKTRACE": "enable=no", "HOSTILE": words.joined(separator: "|")],
            descriptors: [])
        let input = try Descriptor(reading: "\(place)/other/file").duplicate()
        launch.descriptors = [(input.raw, 5)]
        // Whatever a mount or a group does stays with the child.
        launch.ownGroup = true
        if enclosed {
            let enclosure = try #require(enclosure)
            launch.program = enclosure.program
            launch.arguments = enclosure.arguments
        } else if act == "mount" || act == "chroot" || act == "sethostname" {
            launch.arguments = ["-m", "-u", program]
            launch.program = "/usr/bin/unshare"
        }
        let process = try launch.start()
        var end = Children.wait(for: process)
        if case .exited(let code) = end, code > 128 { end = .killed(code - 128) }
        // A signal to the victim needs a moment to arrive.
        if Children.poll(victim) != nil { victim = 0 }
        return switch end {
        case .exited(0): nil
        // 127: it was started, and could not open its libraries.
        case .exited(9), .exited(127): "refused"
        case .killed(31): "SIGSYS"
        case .killed(24), .killed(9): "SIGXCPU"
        default: "\(end)"
        }
    }
}

/// Layers that this host has.
private func columns() throws -> [(name: String, layers: String, enclosed: Bool)] {
    let found = HelperSandbox.look(at: "\(try Host.programDirectory())/reelgate-media")
    let report = try #require(found.report)
    var all: [(name: String, layers: String, enclosed: Bool)] = [("none", "none", false), ("limits", "limits", false)]
    if report.landlock > 0 { all.append(("landlock", "landlock", false)) }
    all.append(("seccomp", "seccomp", false))
    if found.enclosure != nil { all.append(("bubblewrap", "none", true)) }
    // Where there is no Landlock the others must do.
    all.append(("all", report.landlock > 0 ? "all" : "seccomp", found.enclosure != nil))
    return all
}

@Suite("A helper gone bad", .serialized)
struct HostileTests {
    @Test("H41 H27 what a bad helper tries, and which layer stops it: all together stop everything")
    func layers() throws {
        let bad = try Bad()
        let columns = try columns()
        let acts = try Bad.acts()
        #expect(acts.count >= 30)
        func cell(_ text: String) -> String { text.padding(toLength: 12, withPad: " ", startingAt: 0) }
        var table = "".padding(toLength: 30, withPad: " ", startingAt: 0)
        table += columns.map { cell($0.name) }.joined() + "\n"
        var stoppers: [String: Set<String>] = [:]
        for act in acts {
            var line = act.padding(toLength: 30, withPad: " ", startingAt: 0)
            for column in columns {
                let stopped = try bad.tries(act, layers: column.layers, enclosed: column.enclosed)
                line += cell(stopped ?? "-")
                if stopped != nil { stoppers[act, default: []].insert(column.name) }
                if let stopped { #expect(["refused", "SIGSYS", "SIGXCPU"].contains(stopped), "\(act): \(stopped)") }
                if column.name == "all" { #expect(stopped != nil, "\(act) gets through all layers") }
            }
            table += line + "\n"
        }
        print(table)
        // What each layer is there for, alone.
        func holds(_ layer: String, _ acts: [String]) {
            guard columns.contains(where: { $0.name == layer }) else { return }
            for act in acts { #expect(stoppers[act]?.contains(layer) == true, "\(layer) lets through: \(act)") }
        }
        let files = ["read /etc/passwd", "read another job's file", "write a file"]
        holds("limits", files + ["socket AF_INET", "3 GB of memory", "spin for ever"])
        holds("landlock", files + ["delete another job's file", "rename another job's file", "execve", "mount"])
        holds(
            "seccomp",
            files + [
                "delete another job's file", "rename another job's file", "socket AF_INET", "socket AF_UNIX",
                "connect to 127.0.0.1", "execve", "fork", "clone3 without a thread", "ptrace", "kill another process",
                "process_vm_readv", "prctl PR_SET_DUMPABLE", "setrlimit upwards", "io_uring_setup", "bpf", "add_key",
                "setuid", "mount",
            ])
        holds(
            "bubblewrap",
            files + [
                "delete another job's file", "connect to 127.0.0.1", "execve", "ptrace", "kill another process",
                "process_vm_readv", "pidfd_getfd",
            ])
    }

    @Test(
        "H38 H39 H40 H41 what a bad helper says and writes, in its jail, ends its step and nothing else",
        arguments: [
            ("garbage for segments", "broke"), ("a rendition nobody asked for", "broke"),
            ("a segment nobody asked for", "broke"), ("a segment twice", "broke"),
            ("a segment of 2^40 bytes", "broke"), ("more bytes than allowed", "broke"), ("half a segment", "broke"),
            ("a gigabyte of text", "broke"), ("a gigabyte of log", "broke"),
            ("no JSON", "broke"), ("a number beyond numbers", "broke"), ("not a number", "broke"),
            ("an event of somebody else", "broke"), ("100,000 renditions", "broke"),
            ("hang and ignore TERM", "timed out"), ("hang in threads", "timed out"),
            ("use up the processor", "signal 24"), ("use up the memory", "signal 31"), ("crash", "signal 11"),
            ("keep to the agreement", "fine"),
        ])
    func words(order: String, expected: String) throws {
        let place = "/tmp/reelgate-hostile-\(Foundation.UUID().uuidString.prefix(8))"
        try Files.makeDirectories(place)
        defer { try? Files.removeTree(place) }
        try Files.replace("\(place)/input", with: Array(order.utf8).span)
        let program = "\(try Host.programDirectory())/hostile"
        var enclosures: [Enclosure?] = [nil]
        if HelperSandbox.look(at: "\(try Host.programDirectory())/reelgate-media").enclosure != nil,
            let bubblewrap = Enclosure.places.first(where: { Files.exists($0) })
        {
            enclosures.append(try Enclosure(bubblewrap, round: program))
        }
        var ends: [String] = []
        for enclosure in enclosures {
            let facts = SourceFacts(
                container: "mp4", duration: 1_080_000, origin: 0, video: nil, audio: [],
                plan: SegmentPlan(boundaries: [0, 540_000, 1_080_000], videoSegments: 0))
            let request = HelperRequest(
                program: program,
                job: .audio(source: facts, from: 0, to: 2, ordinal: 0, limits: MediaLimits(outputBytes: 1 << 20)),
                input: "\(place)/input", keys: [0: [UInt8](repeating: 7, count: 16)],
                directories: [0: "\(place)/out\(enclosure == nil ? 0 : 1)"], seconds: order.hasPrefix("hang") ? 1 : 60,
                silence: 60, enclosure: enclosure)
            do throws(HelperFailure) {
                _ = try Helper.run(request) { _ in .goOn }
                ends.append("fine")
            } catch { ends.append(error.description) }
        }
        for end in ends { #expect(end.hasPrefix(expected), "\(order): \(end)") }
        // Nothing of it is left, once the kernel has cleared its name spaces away.
        var left: [Int32] = [0]
        for _ in 0..<100 where !left.isEmpty {
            left = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.filter {
                Files.linkTarget("/proc/\($0)/exe") == program
            }
            if !left.isEmpty { Clocks.sleep(milliseconds: 50) }
        }
        #expect(left.isEmpty)
    }
}
