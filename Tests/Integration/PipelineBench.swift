import Core
import Foundation
import Jobs
import Media
import Postgres
import Storage
import TestSupport
import Testing
import Tokens

@testable import Transcoding

/// A data directory, a database and workers of a test's own, with clips that ffmpeg makes.
final class PipelineBench {
    let address: String
    let connection: Connection
    let tree: DataTree
    let rel = RelPath("t/c/m/l")
    /// What workers are told; the first of several leaves encoding to the others.
    var processes = 1
    /// A shell script that stands in for the media helper; `$helper` is the real one.
    var wrapper: String?
    /// Further settings.
    var settings: [String: String] = [:]
    private(set) var workers: [Process] = []
    private let secret = [UInt8](0..<32)

    init() throws {
        address = try PrivatePostgres.shared.database()
        connection = Connection(address, application: "bench")
        let root = "/tmp/reelgate-pipeline-\(Core.UUID())"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        tree = DataTree(root)
    }

    deinit {
        for worker in workers where worker.isRunning { kill(worker.processIdentifier, 9) }
        for worker in workers { worker.waitUntilExit() }
        try? FileManager.default.removeItem(atPath: tree.root)
    }

    /// Clips of 25 frames a second, made once.
    enum Clip: String {
        /// H.264 and AAC, 20 s: can be copied.
        case plain
        /// MPEG-4 and MP3 in AVI, 24 s: nothing can be copied.
        case foreign
        /// No video at all.
        case garbage

        var seconds: Int { self == .plain ? 20 : 24 }
        var kind: FileExtension { self == .foreign ? .avi : .mp4 }

        func file() throws -> String {
            let path = "/tmp/reelgate-clip-\(getuid())-\(rawValue)-900k.\(kind)"
            if FileManager.default.fileExists(atPath: path) { return path }
            let fresh = "/tmp/reelgate-clip-\(Core.UUID()).\(kind)"
            if self == .garbage {
                try Data((0..<200_000).map { _ in UInt8.random(in: 0...255) }).write(to: URL(fileURLWithPath: fresh))
            } else {
                let codecs =
                    self == .plain
                    ? [
                        "-c:v", "libx264", "-preset", "veryfast", "-b:v", "900k", "-g", "50", "-pix_fmt", "yuv420p",
                        "-c:a", "aac",
                    ]
                    : ["-c:v", "mpeg4", "-q:v", "5", "-c:a", "libmp3lame"]
                try PipelineBench.output(
                    "ffmpeg",
                    [
                        "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x480:r=25:d=\(seconds)", "-f", "lavfi", "-i",
                        "sine=frequency=440:sample_rate=48000:duration=\(seconds)",
                    ] + codecs + ["-ac", "2", fresh])
            }
            _ = try? FileManager.default.moveItem(atPath: fresh, toPath: path)
            return path
        }
    }

    @discardableResult
    static func output(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) failed")
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: The product

    private var environment: [String: String] {
        [
            "DATA_DIR": tree.root, "RUN_DIR": tree.root + "/run", "DATABASE_URL": address,
            "WORKER_PROCESSES": "\(processes)", "DRAIN_SECONDS": "6",
            "MEDIA_MASTER_KEY": "1:" + Hex.encode(secret), "SECRET_KEY": Hex.encode(secret.reversed()),
            "SWIFT_BACKTRACE": "enable=no", "PATH": "/usr/bin:/bin",
        ].merging(settings) { $1 }
    }

    /// Where the programs lie: the build's own, or a directory with another helper.
    private func programs() throws -> URL {
        let built = Bundle.main.bundleURL
        guard let wrapper else { return built }
        let directory = URL(fileURLWithPath: tree.root + "/bin")
        if exists(directory.path) { return directory }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for program in ["reelgate-worker", "reelgate-keeper"] {
            try FileManager.default.copyItem(
                at: built.appendingPathComponent(program), to: directory.appendingPathComponent(program))
        }
        let helper = directory.appendingPathComponent("reelgate-media").path
        let script = "#!/bin/sh\nhelper=\(built.appendingPathComponent("reelgate-media").path)\n\(wrapper)\n"
        try #require(
            FileManager.default.createFile(
                atPath: helper, contents: Data(script.utf8), attributes: [.posixPermissions: 0o755]))
        return directory
    }

    private func start(_ program: String) throws -> Process {
        let process = Process()
        process.executableURL = try programs().appendingPathComponent(program)
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    func addWorker() throws { workers.append(try start("reelgate-worker")) }

    func killWorker(_ index: Int) throws {
        kill(workers[index].processIdentifier, 9)
        workers[index].waitUntilExit()
        workers[index] = try start("reelgate-worker")
    }

    /// Ends a worker as the pool does, and waits for it.
    func drainWorker(_ index: Int) -> Int32 {
        kill(workers[index].processIdentifier, 15)
        workers[index].waitUntilExit()
        return workers[index].terminationStatus
    }

    func startKeeper() throws { workers.append(try start("reelgate-keeper")) }

    /// The helpers that read from this data directory.
    func helpers() -> [Int32] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.filter {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/fd/5"))?.hasPrefix(tree.root)
                ?? false
        }
    }

    func upload(_ clip: Clip) throws -> Core.UUID {
        let rel = try #require(rel)
        let task = Core.UUID()
        try FileManager.default.createDirectory(atPath: tree.uploads(rel), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: try clip.file(), toPath: tree.upload(rel, task: task, clip.kind))
        try FileManager.default.createDirectory(atPath: tree.lesson(rel), withIntermediateDirectories: true)
        if !exists(tree.master(rel)) { try Data().write(to: URL(fileURLWithPath: tree.pending(rel))) }
        let connection = connection
        try connection.transaction { () throws(DatabaseError) in
            let row = try connection.query(
                """
                insert into videos (rel, owner) values (\(rel.description), 't')
                on conflict (rel) do update set updated_at = now() returning id
                """
            ).first
            guard let row else { throw DatabaseError.column("id") }
            try Intake(connection, announce: { (_, _) throws(DatabaseError) in }).add(
                NewTask(
                    id: task, video: try row.value("id"), owner: "t", fileExtension: clip.kind, originalName: "",
                    size: 1, facts: nil, successURL: nil, errorURL: nil, callbackRefusal: nil))
        }
        return task
    }

    func store() -> PostgresTaskStore { PostgresTaskStore(connection, announce: { (_, _) throws(DatabaseError) in }) }

    func status(_ task: Core.UUID) throws -> TaskStatus { try #require(try store().status(task)) }

    func transcode(_ wishes: JSON) throws -> TranscodeOutcome {
        let rel = try #require(rel)
        var body: [(String, JSON)] = [("video_id", .string(rel.description))]
        if let ladder = wishes["ladder"] { body.append(("ladder", ladder)) }
        let request = try TranscodeRequest(.object(body.map { JSON.Member($0.0, $0.1) }))
        return try store().transcode(request.video, wishes: request.wishes.description) {
            exists(tree.original($0, $1))
        }
    }

    func notice(_ task: Core.UUID) throws -> String? { try status(task).notice?.code }

    func value(_ statement: SQL) throws -> String? {
        try connection.query(statement).first?.optional("v")
    }

    func waitUntil(_ seconds: Double = 60, _ condition: () throws -> Bool) throws {
        let end = Date().addingTimeInterval(seconds)
        while try !condition() {
            try #require(Date() < end, "it took longer than \(seconds) s")
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    func waitUntilOver(_ task: Core.UUID, seconds: Double = 90) throws {
        try waitUntil(seconds) { try self.state(task) != "queued" && self.state(task) != "running" }
        // Clearing up is a job of its own.
        try waitUntil {
            try self.value("select count(*)::text as v from jobs where state in ('queued', 'running')") == "0"
        }
    }

    func state(_ task: Core.UUID) throws -> String {
        try #require(try value("select state as v from tasks where id = \(task.description)::uuid"))
    }

    // MARK: What is published

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    func names(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    func publications() throws -> [String] { names(tree.lesson(try #require(rel))).filter { $0.hasPrefix("_") } }

    /// Walks what a player would: every playlist parses, every segment it names is there and no other, and all decode;
    /// gives the number of frames of each listed rendition (0 for sound).
    func walk() throws -> [String: Int] {
        let rel = try #require(rel)
        let master = try String(contentsOfFile: tree.master(rel), encoding: .utf8)
        var found: [String: Int] = [:]
        for match in master.matches(of: #/(_[0-9a-z-]+)\/([a-z0-9]+)\/index\.m3u8/#) {
            let name = try #require(PublicationName(String(match.output.1)))
            let rendition = try #require(RenditionName(String(match.output.2)))
            let directory = tree.rendition(rel, name, rendition)
            let playlist = try String(contentsOfFile: "\(directory)/index.m3u8", encoding: .utf8)
            #expect(playlist.hasSuffix("#EXT-X-ENDLIST\n"))
            let keys = MediaKeys(masters: [1: secret])
            let keyDirectory = "\(tree.publication(rel, name))/key"
            try FileManager.default.createDirectory(atPath: keyDirectory, withIntermediateDirectories: true)
            for key in playlist.matches(of: #/key\/([0-9]+)"/#) {
                let number = try #require(UInt32(key.output.1))
                let bytes = try #require(keys.key(rel: rel.description, publication: name, number: number))
                try Data(bytes).write(to: URL(fileURLWithPath: "\(keyDirectory)/\(number)"))
            }
            let segments = playlist.matches(of: #/(?m)^([0-9]+\.(ts|jpg))$/#).map { String($0.output.1) }
            #expect(Set(segments) == Set(names(directory)).subtracting(["index.m3u8", "0.vtt"]))
            if rendition.description == "sprites" {
                try FileManager.default.removeItem(atPath: keyDirectory)
                continue
            }
            let packets = try Self.output(
                "ffprobe",
                [
                    "-v", "error", "-allowed_extensions", "ALL", "-count_frames", "-show_entries",
                    "stream=nb_read_frames",
                    "-of", "csv=p=0", "\(directory)/index.m3u8",
                ])
            try FileManager.default.removeItem(atPath: keyDirectory)
            if rendition.description == "iframes" {
                #expect(Int(packets.split(separator: "\n").first ?? "") == segments.count)
                continue
            }
            found[rendition.description] =
                rendition.description == "audio" ? 0 : Int(packets.split(separator: "\n").first ?? "")
        }
        return found
    }
}
