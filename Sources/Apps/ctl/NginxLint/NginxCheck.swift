internal import Core
internal import Foundation

/// `nginx -t` over a rendered set: the demo's own configuration, or a scratch one that includes the set as a host does.
struct NginxCheck {
    /// The rendered set.
    let directory: String
    /// Where files and sockets are.
    let settings: Settings
    /// Whether the demo's configuration is checked.
    let demo: Bool

    /// Runs it.
    ///
    /// - Returns: a word for the operator; `nil` when it can't be run here.
    /// - Throws: nginx's own words when it refuses.
    func run() throws -> String? {
        guard let program = NginxProgram.path else { return nil }
        if demo { return try test(program, directory + "/vhosts/demo.conf") }
        guard FileManager.default.fileExists(atPath: settings.dataDirectory + "/tmp") else { return nil }
        let scratch = NSTemporaryDirectory() + "reelgate-nginx-\(getpid())"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let temporary = ["client_body", "fastcgi", "proxy", "scgi", "uwsgi"]
            .map { "\($0)_temp_path \(scratch)/\($0);" }.joined(separator: " ")
        let text = """
            pid \(scratch)/pid; error_log \(scratch)/error.log;
            events { }
            http {
              \(temporary) access_log off;
              include \(directory)/http.conf;
              server {
                listen unix:\(scratch)/socket;
                include \(directory)/server.conf;
                include \(directory)/locations.conf;
              }
            }
            """
        try text.write(toFile: scratch + "/nginx.conf", atomically: false, encoding: .utf8)
        return try test(program, scratch + "/nginx.conf")
    }

    private func test(_ program: String, _ file: String) throws -> String {
        let outcome = try NginxProgram.run(program, ["-t", "-q", "-c", file])
        guard outcome.status == 0 else {
            let said = String(decoding: outcome.output, as: UTF8.self) + outcome.complaint
            throw NginxTemplate.Mistake(description: "nginx refuses the configuration; the one before stays.\n\(said)")
        }
        return "nginx -t: ok"
    }
}
