internal import Foundation

/// `reelgate`: the operator's command. Each subject has a file of its own and a line in `table`.
@main
enum Command {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        exit(run(Array(arguments)))
    }

    /// What can be asked for: the words, what help says, and what runs with the words behind.
    nonisolated static var table: [Subcommand] {
        [
            .init("serve", "run the service, or the roles named with --role", Serve.run),
            .init("migrate", "bring the database's schema up to date", Migrate.run),
            .init("keys add", "make an API key; it is printed once", KeyCommands.add),
            .init("keys list", "show the API keys", KeyCommands.list),
            .init("keys revoke", "end an API key at once", KeyCommands.revoke),
            .init(
                "signers add", "make a key that playback tokens may be signed with; it is printed once",
                SignerCommands.add),
            .init("signers list", "show the ids of those keys, and which one signs", SignerCommands.list),
            .init("signers use", "sign new tokens with another key", SignerCommands.use),
            .init("signers retire", "refuse tokens of a key from now on", SignerCommands.retire),
            .init("users add", "add a person who may sign in", UserCommands.add),
            .init("users list", "show the people", UserCommands.list),
            .init("users show", "show one person and his sign-ins", UserCommands.show),
            .init("users set", "change a person: name, role, level; take the second factor off", UserCommands.set),
            .init("users password", "give a person another password", UserCommands.password),
            .init("users disable", "shut a person out and end what he plays", UserCommands.disable),
            .init("users enable", "let a person in again", UserCommands.enable),
            .init("users remove", "remove a person and what hangs on him", UserCommands.remove),
            .init("revoke", "refuse a user, session, token or lesson from now on", RevocationCommands.revoke),
            .init("revocations list", "show what is revoked", RevocationCommands.list),
            .init("revocations lift", "take a revocation back", RevocationCommands.lift),
            .init("jobs list", "show the newest jobs", JobCommands.list),
            .init("jobs show", "show one job whole", JobCommands.show),
            .init("jobs retry", "run a dead or cancelled job again", JobCommands.retry),
            .init("jobs cancel", "cancel a job", JobCommands.cancel),
            .init(
                "recommendations rebuild", "make all recommendations anew, here and now",
                RecommendationCommands.rebuild),
            .init("recommendations show", "show what is recommended, and why", RecommendationCommands.show),
            .init("seed demo", "make a small catalogue, people and what they watched", SeedCommand.demo),
            .init("nginx render", "write nginx's configuration for the settings", NginxRender.command),
            .init("nginx check", "find what in nginx's configuration goes round the gate", NginxCheckCommand.run),
            .init(
                "routes", "print the route table: method, path, who may call; --openapi: as OpenAPI 3.1",
                RoutesCommand.run),
            .init("doctor", "check this host or, with a base URL, attack the site from outside", Doctor.run),
            .init("version", "print the version", VersionCommand.run),
        ]
    }

    /// Runs a command and says how it ended: 0, 1 for a failure, 2 for wrong words.
    nonisolated static func run(_ words: [String]) -> Int32 {
        if words.isEmpty || words.first == "help" || words.contains("--help") {
            let asked = words.filter { $0 != "help" && $0 != "--help" }
            print(help(asked))
            return words.isEmpty ? 2 : 0
        }
        guard let command = table.first(where: { words.starts(with: $0.words) }) else {
            complain("reelgate: there is no `\(words.prefix(2).joined(separator: " "))`\n\n\(help(words))")
            return 2
        }
        do {
            return try command.run(Array(words.dropFirst(command.words.count)))
        } catch let mistake as WrongWords {
            complain("reelgate \(command.words.joined(separator: " ")): \(mistake.description)")
            return 2
        } catch {
            complain("reelgate \(command.words.joined(separator: " ")): \(error)")
            return 1
        }
    }

    /// The commands, those that begin with `words` if there are such.
    nonisolated private static func help(_ words: [String]) -> String {
        let fitting = table.filter { $0.words.first == words.first }
        let lines = (fitting.isEmpty ? table : fitting).map { command in
            let name = "reelgate " + command.words.joined(separator: " ")
            return "  " + name.padding(toLength: 24, withPad: " ", startingAt: 0) + command.summary
        }
        return (["usage:"] + lines + ["Settings come from the environment; X_FILE names a file to read X from."])
            .joined(separator: "\n")
    }

    nonisolated private static func complain(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}

/// One command.
struct Subcommand {
    /// Its words.
    let words: [String]
    /// What it does, in a line.
    let summary: String
    /// Runs it with the words behind its own, and answers the exit code.
    let run: ([String]) throws -> Int32

    /// - Parameters: as the properties; the words with a blank between.
    nonisolated init(_ words: String, _ summary: String, _ run: @escaping ([String]) throws -> Int32) {
        self.words = words.split(separator: " ").map { String($0) }
        self.summary = summary
        self.run = run
    }
}

/// The operator wrote something else than the command takes.
struct WrongWords: Error, CustomStringConvertible {
    /// What, and what it takes.
    let description: String
}

/// Something did not work; the text is for the operator.
struct Failure: Error, CustomStringConvertible {
    /// What.
    let description: String

    /// - Parameter description: what did not work.
    init(_ description: String) { self.description = description }
}
