import Core
import Foundation
import Jobs
import Postgres
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct QueueTests {
    private let address: String
    private let one: Connection
    private let two: Connection

    init() throws {
        address = try PrivatePostgres.shared.database()
        one = Connection(address, application: "one")
        two = Connection(address, application: "two")
    }

    private func claim(
        _ worker: String, lease: Double = 30, minimum: Int = -100, kinds: [String] = ["a", "b", "mark"],
        on connection: Connection? = nil
    ) throws -> Job? {
        try Queue.claim(kinds, worker: worker, lease: lease, minimumPriority: minimum, on: connection ?? one)
    }

    private func state(_ id: Int64) throws -> String { try #require(try Queue.show(id, on: two)).state }

    @Test("a job exists if and only if the transaction commits") func transactional() throws {
        try one.query("begin")
        try Queue.enqueue(NewJob("a", [:]), on: one)
        #expect(try claim("w", on: two) == nil)
        try one.query("rollback")
        #expect(try claim("w", on: two) == nil)
        try one.transaction { () throws(DatabaseError) in _ = try Queue.enqueue(NewJob("a", ["x": 1]), on: one) }
        let job = try #require(try claim("w", on: two))
        #expect(job.payload == ["x": 1])
        #expect(job.lease.attempt == 1)
    }

    @Test("priority first, then turns between owners, then age") func order() throws {
        for (owner, priority) in [("a", 0), ("a", 0), ("a", 0), ("b", 0), ("c", 5)] {
            try Queue.enqueue(NewJob("a", ["o": .string(owner)], owner: owner, priority: priority), on: one)
        }
        var owners: [String] = []
        while let job = try claim("w") { owners.append(job.payload["o"]?.string ?? "") }
        #expect(owners == ["c", "a", "b", "a", "a"])
    }

    @Test("kinds, least priority and delay are kept to") func filters() throws {
        try Queue.enqueue(NewJob("a", [:], priority: 1), on: one)
        try Queue.enqueue(NewJob("b", [:], priority: 1, delay: 0.4), on: one)
        #expect(try claim("w", minimum: 2) == nil)
        #expect(try claim("w", kinds: ["b"]) == nil)
        Thread.sleep(forTimeInterval: 0.5)
        #expect(try claim("w", kinds: ["b"])?.kind == "b")
    }

    @Test("R03 a worker that stalls past its lease changes nothing any more") func fence() throws {
        let id = try Queue.enqueue(NewJob("a", [:]), on: one)
        let stalled = try #require(try claim("slow", lease: 0.1))
        Thread.sleep(forTimeInterval: 0.3)
        let fresh = try #require(try claim("fresh", on: two))
        #expect(fresh.lease.attempt == 2)
        #expect(try Queue.heartbeat(stalled.lease, seconds: 30, progress: 0.9, on: one) == .lost)
        #expect(try !Queue.finish(stalled.lease, on: one))
        #expect(try Queue.fail(stalled.lease, code: "x", detail: "", wait: 0, on: one) == .lost)
        #expect(try !Queue.release(stalled.lease, on: one))
        #expect(try !Queue.drop(stalled.lease, on: one))
        #expect(try !Queue.hold(stalled.lease, on: one))
        let row = try #require(try Queue.show(id, on: one))
        #expect(row.state == "running" && row.worker == "fresh" && row.progress == 0)
        #expect(try Queue.finish(fresh.lease, on: two))
        #expect(try !Queue.finish(fresh.lease, on: two))
    }

    @Test("the same worker's earlier attempt is fenced too") func sameWorker() throws {
        try Queue.enqueue(NewJob("a", [:]), on: one)
        let first = try #require(try claim("w", lease: 0.1))
        Thread.sleep(forTimeInterval: 0.3)
        let second = try #require(try claim("w"))
        #expect(try !Queue.finish(first.lease, on: one))
        #expect(try Queue.finish(second.lease, on: one))
    }

    @Test("heartbeats hold a lease, and progress never falls") func heartbeat() throws {
        let id = try Queue.enqueue(NewJob("a", [:]), on: one)
        let job = try #require(try claim("w", lease: 0.4))
        for progress in [0.2, 0.5, 0.3] {
            Thread.sleep(forTimeInterval: 0.2)
            #expect(try Queue.heartbeat(job.lease, seconds: 0.4, progress: progress, on: one) == .held)
            #expect(try claim("other", on: two) == nil)
        }
        let progress = try #require(try Queue.show(id, on: one)).progress
        #expect(abs(progress - 0.5) < 0.001)
    }

    @Test("R26 a poison job is dead after its attempts, and others go on") func poison() throws {
        let bad = try Queue.enqueue(NewJob("a", [:], priority: 9, maxAttempts: 3), on: one)
        let good = try Queue.enqueue(NewJob("b", [:]), on: one)
        for attempt in 1...3 {
            let job = try #require(try claim("w"))
            #expect(job.lease.job == bad && job.lease.attempt == attempt)
            let end = try Queue.fail(job.lease, code: "broken", detail: "d", wait: 0, on: one)
            #expect(end == (attempt == 3 ? .dead : .retry))
        }
        #expect(try claim("w")?.lease.job == good)
        #expect(try state(bad) == "dead")
        #expect(try Queue.list(state: "dead", limit: 10, on: one).map(\.errorCode) == ["broken"])
        #expect(try Queue.retry(bad, on: one))
        let again = try #require(try claim("w"))
        #expect(again.lease.job == bad && !again.isExhausted && again.failures < again.maxAttempts)
    }

    @Test("only faults of the work count against its limit; what others break off does not") func faults() throws {
        try Queue.enqueue(NewJob("a", [:], maxAttempts: 20), on: one)
        for round in 0..<8 {
            let job = try #require(try claim("w"))
            #expect(job.faults == round / 4)
            if round % 4 == 1 {
                try Queue.release(job.lease, on: one)
            } else {
                let isFault = round % 4 == 3
                let end = try Queue.fail(
                    job.lease, code: "x", detail: "", limit: 2, isFault: isFault, wait: 0, on: one)
                #expect(end == (round == 7 ? .dead : .retry))
            }
        }
    }

    @Test("a failed job waits") func waits() throws {
        try Queue.enqueue(NewJob("a", [:]), on: one)
        let job = try #require(try claim("w"))
        #expect(try Queue.fail(job.lease, code: "x", detail: "", wait: 0.4, on: one) == .retry)
        #expect(try claim("w") == nil)
        Thread.sleep(forTimeInterval: 0.5)
        #expect(try claim("w")?.failures == 1)
    }

    @Test("a job given back is no failure and no loss") func release() throws {
        try Queue.enqueue(NewJob("a", [:], maxAttempts: 2), on: one)
        for _ in 0..<30 {
            let job = try #require(try claim("w"))
            #expect(job.losses == 0 && job.failures < job.maxAttempts)
            #expect(try Queue.release(job.lease, on: one))
        }
    }

    @Test("a job that every worker vanishes with is handed out as exhausted") func exhausted() throws {
        try Queue.enqueue(NewJob("a", [:]), on: one)
        for _ in 0..<Job.lossLimit {
            let job = try #require(try claim("w", lease: -1))
            #expect(!job.isExhausted)
        }
        #expect(try claim("w")?.isExhausted == true)
    }

    @Test("cancelling: what waits at once, what runs by its worker") func cancel() throws {
        let task = Core.UUID()
        let running = try Queue.enqueue(NewJob("a", [:], task: task), on: one)
        let job = try #require(try claim("w"))
        let waiting = try Queue.enqueue(NewJob("a", [:], task: task), on: one)
        let other = try Queue.enqueue(NewJob("b", [:], task: task), on: one)
        try Queue.cancel(task: task.description, kinds: ["a"], on: two)
        #expect(try state(waiting) == "cancelled" && state(running) == "running" && state(other) == "queued")
        #expect(try Queue.heartbeat(job.lease, seconds: 9, progress: 0, on: one) == .cancelled)
        #expect(try Queue.drop(job.lease, on: one))
        #expect(try state(running) == "cancelled")
    }

    @Test("a cancelled job whose worker vanished is not run again") func cancelledAndLost() throws {
        let task = Core.UUID()
        let id = try Queue.enqueue(NewJob("a", [:], task: task), on: one)
        _ = try claim("w", lease: -1)
        try Queue.cancel(task: task.description, kinds: ["a"], on: one)
        #expect(try claim("v") == nil)
        #expect(try state(id) == "cancelled")
    }

    @Test("a commit wakes who listens") func wakeUp() throws {
        try one.listen(to: Queue.channel)
        #expect(try one.notifications().isEmpty)
        try two.transaction { () throws(DatabaseError) in _ = try Queue.enqueue(NewJob("a", [:]), on: two) }
        var heard = false
        for _ in 0..<50 where !heard {
            heard = try !one.notifications().isEmpty
            if !heard { Thread.sleep(forTimeInterval: 0.02) }
        }
        #expect(heard)
    }

    @Test("R06 a session that was terminated comes back, and what was committed is there") func terminated() throws {
        let id = try Queue.enqueue(NewJob("a", [:]), on: one)
        _ = try claim("w", on: two)
        // Ending is asked for, not done, when the statement returns.
        try two.query(
            """
            select pg_terminate_backend(pid, 5000) from pg_stat_activity
            where application_name = 'one' and datname = current_database()
            """)
        #expect(try Queue.show(id, on: one)?.state == "running")
    }

    // MARK: Processes

    private func claimant(_ name: String, work: Int, lease: Double = 30) throws -> Process {
        let process = Process()
        process.executableURL = Bundle.main.bundleURL.appendingPathComponent("claimant")
        process.arguments = [address, name, "\(work)", "\(lease)"]
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func marks() throws -> (rows: Int, jobs: Int, retried: Int) {
        let row = try #require(
            try one.query(
                "select count(*) as rows, count(distinct job) as jobs, count(*) filter (where attempt > 1) as retried from marks"
            ).first)
        return (try row.value("rows"), try row.value("jobs"), try row.value("retried"))
    }

    private func addMarks(_ count: Int) throws {
        try one.run(script: "create table marks (job bigint, worker text, attempt integer)")
        try one.transaction { () throws(DatabaseError) in
            for _ in 0..<count { try Queue.enqueue(NewJob("mark", [:]), on: one) }
        }
    }

    @Test("500 jobs, 4 processes: each done once, at the first attempt") func parallel() throws {
        try addMarks(500)
        let workers = try (0..<4).map { try claimant("w\($0)", work: 0) }
        for worker in workers { worker.waitUntilExit() }
        #expect(workers.allSatisfy { $0.terminationStatus == 0 })
        #expect(try marks() == (500, 500, 0))
    }

    @Test("R02 workers killed at random moments: each job's result counts once") func killed() throws {
        try addMarks(120)
        var workers = try (0..<4).map { try claimant("w\($0)", work: 20, lease: 0.5) }
        for round in 0..<16 {
            Thread.sleep(forTimeInterval: Double.random(in: 0.02..<0.15))
            kill(workers[round % 4].processIdentifier, 9)
            workers[round % 4].waitUntilExit()
            workers[round % 4] = try claimant("x\(round)", work: 20, lease: 0.5)
        }
        for worker in workers { worker.waitUntilExit() }
        let found = try marks()
        #expect(found.rows == 120 && found.jobs == 120)
    }

    @Test("R27 claiming among 10,000 waiting jobs is quick") func many() throws {
        try one.run(
            script: """
                insert into jobs (kind, payload, owner, priority)
                select 'a', '{}', 'o' || n % 50, n % 3 from generate_series(1, 10000) n; analyze jobs
                """)
        let began = DispatchTime.now()
        for _ in 0..<20 { #expect(try claim("w") != nil) }
        let milliseconds = Double(DispatchTime.now().uptimeNanoseconds - began.uptimeNanoseconds) / 20e6
        #expect(milliseconds < 50, "\(milliseconds) ms a claim")
        print("claim among 10,000: \(milliseconds) ms")
    }
}
