internal import Core
internal import Foundation
internal import Helper
internal import Jobs
internal import POSIX
internal import Postgres
internal import Storage

/// `reelgate doctor`: looks at everything the product needs, says what is wrong and what to do, and ends with 1 if
/// anything is.
enum Doctor {
    /// What one look found.
    enum Finding: Equatable {
        /// As it should be.
        case fine(String)
        /// Works, but not for long.
        case warning(String)
        /// Does not work.
        case wrong(String)
    }

    static func run(_ words: [String]) throws -> Int32 {
        // With a base URL it is the site that is looked at.
        if words.contains(where: { $0.hasPrefix("http://") || $0.hasPrefix("https://") }) {
            return try SiteDoctor.run(words)
        }
        let usage = "reelgate doctor [--migrations DIR]\n       \(SiteDoctor.usage)"
        let options = try Options(words, names: ["--migrations"], usage: usage)
        guard options.rest.isEmpty else {
            throw WrongWords(description: "what is \(options.rest[0])?\nusage: \(usage)")
        }
        let settings: Settings
        do {
            settings = try Surroundings.settings([.database, .media, .accounts, .web])
        } catch {
            print("settings     wrong    \("\(error)".split(separator: "\n").joined(separator: "; "))")
            return 1
        }
        let parts: [(String, [Finding])] = [
            ("settings", [.fine("all there, secrets strong")]),
            ("database", database(settings, migrations: options["--migrations"])),
            ("programs", programs()), ("sandbox", sandbox(settings.sandbox)), ("storage", storage(settings)),
            ("sockets", sockets(settings)),
        ]
        var healthy = true
        for (part, findings) in parts {
            for finding in findings {
                let (word, text) =
                    switch finding {
                    case .fine(let text): ("ok", text)
                    case .warning(let text): ("warning", text)
                    case .wrong(let text): ("wrong", text)
                    }
                if word == "wrong" { healthy = false }
                print(pad(part, 13) + pad(word, 9) + text)
            }
        }
        return healthy ? 0 : 1
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text.padding(toLength: width, withPad: " ", startingAt: 0)
    }

    private static func database(_ settings: Settings, migrations: String?) -> [Finding] {
        let connection = settings.databaseURL.reveal { Connection($0, application: "reelgate-doctor") }
        var findings: [Finding] = []
        do throws(DatabaseError) {
            let version: String = try connection.query("show server_version").first?.value("server_version") ?? "?"
            findings.append(.fine("PostgreSQL \(version) answers"))
            let applied: Int =
                try connection.query("select count(*) as n from schema_migrations").first?.value("n") ?? 0
            let files = try? Migrate.read(migrations ?? Migrate.find())
            if let files, files.count != applied {
                findings.append(.wrong("\(applied) of \(files.count) migrations are applied: reelgate migrate"))
            } else {
                findings.append(.fine("\(applied) migrations are applied"))
            }
            let depth = try Queue.depth(on: connection)
            let queue = "\(depth.queued) jobs wait, \(depth.running) run, \(depth.dead) are dead"
            let slow =
                depth.oldestSeconds > 300
                ? ", the oldest has waited \(Int(depth.oldestSeconds)) s: is a worker running?" : ""
            findings.append(depth.dead > 0 || !slow.isEmpty ? .warning(queue + slow) : .fine(queue))
        } catch {
            findings.append(.wrong("\(error)"))
        }
        return findings
    }

    private static func programs() -> [Finding] {
        guard let directory = try? Host.programDirectory() else { return [.wrong("this program's place is not known")] }
        let missing = ["pool", "gate", "api", "worker", "keeper", "media"].map { "reelgate-\($0)" }
            .filter { !Files.exists("\(directory)/\($0)") }
        return missing.isEmpty
            ? [.fine("all in \(directory)")] : [.wrong("not in \(directory): \(missing.joined(separator: ", "))")]
    }

    /// What protects this host from the helper, for the user that runs this.
    private static func sandbox(_ demand: Settings.Sandbox) -> [Finding] {
        guard let directory = try? Host.programDirectory() else { return [] }
        let found = HelperSandbox.look(at: "\(directory)/reelgate-media")
        var findings: [Finding] = []
        if !found.active.isEmpty { findings.append(.fine("in force: \(found.active.joined(separator: ", "))")) }
        for name in found.missing {
            let text = "not in force: \(name)"
            findings.append(
                demand == .require
                    ? .wrong("\(text); SANDBOX=require, so no lesson is made")
                    : found.report == nil ? .wrong(text) : .warning(text))
        }
        return findings
    }

    private static func storage(_ settings: Settings) -> [Finding] {
        let tree = DataTree(settings.dataDirectory)
        do throws(SystemError) {
            try Files.makeDirectories(tree.incoming)
            let path = tree.incoming(Core.UUID())
            _ = try Descriptor(creating: path)
            try Files.remove(path)
            let gibibytes = try Files.freeBytes(settings.dataDirectory) >> 30
            let text = "\(settings.dataDirectory) can be written, \(gibibytes) GiB are free"
            return [gibibytes < 5 ? .warning(text) : .fine(text)]
        } catch {
            return [.wrong("\(settings.dataDirectory): \(error)")]
        }
    }

    private static func sockets(_ settings: Settings) -> [Finding] {
        ["gate", "api", "upload"].map { name in
            let path = "\(settings.runDirectory)/\(name).sock"
            if path.utf8.count > UnixSocket.longestPath { return .wrong("\(path) is longer than 107 bytes") }
            do throws(SystemError) {
                _ = try UnixSocket.connect(path)
                return .fine("\(path) is listened on")
            } catch {
                return .wrong("\(path): \(error): is `reelgate serve` running?")
            }
        }
    }
}
