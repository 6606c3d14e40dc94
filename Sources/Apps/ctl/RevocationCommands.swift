internal import Core
internal import Foundation
internal import POSIX
internal import Sessions
internal import Watching
internal import Web

/// `reelgate revoke …`, `reelgate revocations …`: what must not play any more.
enum RevocationCommands {
    static func revoke(_ words: [String]) throws -> Int32 {
        let usage = "reelgate revoke --user ID | --session ID | --token JTI | --rel LESSON [--reason TEXT]"
        let names = ["--user": "user_id", "--session": "session_id", "--token": "jti", "--rel": "rel"]
        let options = try Options(words, names: Set(names.keys).union(["--reason"]), usage: usage)
        var body: [JSON.Member] = []
        for (option, name) in names { if let value = options[option] { body.append(.init(name, .string(value))) } }
        if let reason = options["--reason"] { body.append(.init("reason", .string(reason))) }
        let wish: (revocation: Revocation, reason: String)
        do throws(Problem) {
            guard options.rest.isEmpty else { throw Problem(.badRequest) }
            wish = try WatchingRules.revocation(.object(body), now: Clocks.wallSeconds())
        } catch {
            throw WrongWords(description: "\(error.detail)\nusage: \(usage)")
        }
        let entry = try store().revoke(wish.revocation, reason: wish.reason, author: "operator")
        print("\(entry.id)  \(line(entry))")
        return 0
    }

    static func list(_ words: [String]) throws -> Int32 {
        _ = try Options(words, usage: "reelgate revocations list")
        let store = try store()
        var page = Page(limit: 100)
        while true {
            let rows = try store.revocations(page)
            for row in rows.prefix(page.limit) { print("\(row.id)  \(line(row))") }
            guard rows.count > page.limit else { return 0 }
            let last = rows[page.limit - 1]
            page = Page(limit: 100, after: ["\(last.revocation.time)", "\(last.id)"])
        }
    }

    static func lift(_ words: [String]) throws -> Int32 {
        let usage = "reelgate revocations lift ID"
        let options = try Options(words, usage: usage)
        guard options.rest.count == 1, let text = options.rest.first, let id = Core.UUID(text) else {
            throw WrongWords(description: "usage: \(usage)")
        }
        guard try store().lift(id) else { throw Failure("there is no revocation \(id)") }
        print("revocation \(id) is lifted")
        return 0
    }

    private static func store() throws -> PostgresWatchingStore { PostgresWatchingStore(try Surroundings.database()) }

    private static func line(_ entry: RevocationEntry) -> String {
        let time = UnixTime(entry.revocation.time).rfc3339
        let reason = entry.reason.isEmpty ? "" : " (\(entry.reason))"
        return "\(time)  \(entry.revocation.kind.rawValue) \(entry.revocation.value), by \(entry.author)\(reason)"
    }
}
