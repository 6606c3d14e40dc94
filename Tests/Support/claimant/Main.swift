internal import Jobs
internal import POSIX
internal import Postgres

/// Claims jobs of kind "mark" until none waits: notes each in the table `marks`, works for as long as it is told, and
/// finishes it; writes only while its lease holds.
@main struct Main {
    static func main() { run(CommandLine.arguments) }
}

nonisolated private func run(_ arguments: [String]) {
    guard arguments.count == 5, let work = Int(arguments[3]), let lease = Double(arguments[4]) else { Host.exit(64) }
    let connection = Connection(arguments[1], application: "claimant")
    do {
        var idle = 0
        while idle < 40 {
            guard let job = try Queue.claim(["mark"], worker: arguments[2], lease: lease, on: connection) else {
                idle += 1
                Clocks.sleep(milliseconds: 50)
                continue
            }
            idle = 0
            Clocks.sleep(milliseconds: work)
            try connection.transaction { () throws(DatabaseError) in
                guard try Queue.hold(job.lease, on: connection) else { return }
                try connection.query(
                    "insert into marks (job, worker, attempt) values (\(job.lease.job)::bigint, \(arguments[2]), \(job.lease.attempt)::integer)"
                )
                _ = try Queue.finish(job.lease, on: connection)
            }
        }
    } catch {
        Host.log("\(error)")
        Host.exit(1)
    }
}
