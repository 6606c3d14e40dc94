internal import Core
internal import Foundation
internal import Jobs
internal import Postgres

/// `reelgate jobs …`: the queue as the operator sees it.
enum JobCommands {
    static func list(_ words: [String]) throws -> Int32 {
        let usage = "reelgate jobs list [--state queued|running|done|dead|cancelled] [--limit N]"
        let options = try Options(words, names: ["--state", "--limit"], usage: usage)
        let states = ["queued", "running", "done", "dead", "cancelled"]
        let limit = try options["--limit"].map { text in
            guard let value = Digits.parse(text), (1...10_000).contains(value) else {
                throw WrongWords(description: usage)
            }
            return Int(value)
        }
        if let state = options["--state"], !states.contains(state) { throw WrongWords(description: "usage: \(usage)") }
        let database = try Surroundings.database()
        for job in try Queue.list(state: options["--state"], limit: limit ?? 50, on: database) {
            let task = job.task.map { " task \($0)" } ?? ""
            let trouble = job.errorCode.map { " (\($0))" } ?? ""
            let part = job.state == "running" ? " \(Int(job.progress * 100)) %" : ""
            print(
                "\(job.id)  \(job.created.rfc3339)  \(job.state)\(part)  \(job.kind)\(task)  attempt \(job.attempt)\(trouble)"
            )
        }
        let depth = try Queue.depth(on: database)
        print(
            "queued \(depth.queued), running \(depth.running), dead \(depth.dead); oldest waits \(Int(depth.oldestSeconds)) s"
        )
        return 0
    }

    static func show(_ words: [String]) throws -> Int32 {
        let id = try number(words, "reelgate jobs show ID")
        guard let job = try Queue.show(id, on: Surroundings.database()) else { throw Failure("there is no job \(id)") }
        let lines: [(String, String?)] = [
            ("job", "\(job.id)"), ("kind", job.kind), ("state", job.state), ("task", job.task?.description),
            ("priority", "\(job.priority)"), ("attempt", "\(job.attempt)"), ("failures", "\(job.failures)"),
            ("progress", "\(job.progress)"), ("worker", job.worker), ("error", job.errorCode),
            ("detail", job.errorDetail),
            ("created", job.created.rfc3339), ("started", job.started?.rfc3339), ("finished", job.finished?.rfc3339),
            ("payload", job.payload),
        ]
        for (name, value) in lines {
            guard let value else { continue }
            print(name.padding(toLength: 10, withPad: " ", startingAt: 0) + value)
        }
        return 0
    }

    static func retry(_ words: [String]) throws -> Int32 {
        let id = try number(words, "reelgate jobs retry ID")
        guard try Queue.retry(id, on: Surroundings.database()) else {
            throw Failure("job \(id) is neither dead nor cancelled")
        }
        print("job \(id) waits again")
        return 0
    }

    static func cancel(_ words: [String]) throws -> Int32 {
        let id = try number(words, "reelgate jobs cancel ID")
        guard try Queue.cancel(id, on: Surroundings.database()) else {
            throw Failure("job \(id) neither waits nor runs")
        }
        print("job \(id) is cancelled")
        return 0
    }

    private static func number(_ words: [String], _ usage: String) throws -> Int64 {
        let options = try Options(words, usage: usage)
        guard options.rest.count == 1, let text = options.rest.first, let id = Digits.parse(text) else {
            throw WrongWords(description: "usage: \(usage)")
        }
        return id
    }
}
