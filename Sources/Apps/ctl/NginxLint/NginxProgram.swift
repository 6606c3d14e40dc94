internal import Foundation

/// The nginx of this host.
enum NginxProgram {
    /// What it said and how it ended.
    struct Outcome {
        let status: Int32
        let output: [UInt8]
        let complaint: String
    }

    /// Its file, or `nil` when there is none.
    static var path: String? {
        ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs it to its end.
    static func run(_ program: String, _ arguments: [String]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let output = Pipe()
        // A file, so that neither of the two can fill up while the other is read.
        let complaints = NSTemporaryDirectory() + "reelgate-nginx-\(getpid())-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: complaints, contents: nil, attributes: [.posixPermissions: 0o600])
        defer { try? FileManager.default.removeItem(atPath: complaints) }
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: complaints)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let complaint = FileManager.default.contents(atPath: complaints) ?? Data()
        return Outcome(
            status: process.terminationStatus, output: Array(printed),
            complaint: String(decoding: complaint, as: UTF8.self))
    }

    /// What it would read, as `nginx -T` prints it: of a file, or of its own place.
    ///
    /// - Throws: nginx's own words when it refuses.
    static func dump(_ file: String?) throws -> [UInt8] {
        guard let path else { throw Failure("there is no nginx on this host") }
        let outcome = try run(path, ["-T", "-q"] + (file.map { ["-c", $0] } ?? []))
        guard outcome.status == 0 else {
            let said = outcome.complaint.trimmingCharacters(in: .whitespacesAndNewlines)
            throw Failure(said.isEmpty ? "nginx refuses the configuration" : said)
        }
        return outcome.output
    }
}
