public import Core
internal import Postgres

/// A job to be added to the queue.
public struct NewJob: Sendable {
    /// Which handler.
    public var kind: String
    /// What the handler needs; never a secret.
    public var payload: JSON
    /// The task it works for.
    public var task: UUID?
    /// For whom: workers take turns between owners of jobs of the same priority.
    public var owner: String
    /// Higher first; −32,768…32,767.
    public var priority: Int
    /// Failures after which it is dead.
    public var maxAttempts: Int
    /// Seconds to wait before it may be claimed.
    public var delay: Double

    /// - Parameters: as the properties.
    public init(
        _ kind: String, _ payload: JSON, task: UUID? = nil, owner: String = "", priority: Int = 0,
        maxAttempts: Int = 6, delay: Double = 0
    ) {
        self.kind = kind
        self.payload = payload
        self.task = task
        self.owner = owner
        self.priority = priority
        self.maxAttempts = maxAttempts
        self.delay = delay
    }
}

/// The right to work on a job: every write of its holder names worker and attempt.
public struct Lease: Sendable, Equatable {
    /// The job's number.
    public let job: Int64
    /// Who holds it.
    public let worker: String
    /// Which claim this is, from 1.
    public let attempt: Int
}

/// A job that was claimed.
public struct Job: Sendable {
    /// The right to work on it.
    public let lease: Lease
    /// Which handler.
    public let kind: String
    /// What it needs.
    public let payload: JSON
    /// The task it works for.
    public let task: UUID?
    /// How urgent it is.
    public let priority: Int
    /// How often a worker gave it back, for whatever reason.
    public let failures: Int
    /// How often that was the work's own fault.
    public let faults: Int
    /// Failures after which it is dead.
    public let maxAttempts: Int

    /// How many workers vanished with it.
    public var losses: Int { lease.attempt - 1 - failures }

    /// So many workers vanished with this job that the job is to blame: give it up instead of running it.
    public var isExhausted: Bool { losses >= Job.lossLimit }

    /// Workers that may vanish with one job. Well above what restarts and power cuts cost an innocent job.
    public static let lossLimit = 20

    init(_ row: Row, worker: String) throws(DatabaseError) {
        lease = Lease(job: try row.value("id"), worker: worker, attempt: try row.value("attempt"))
        kind = try row.value("kind")
        guard let payload = try? JSON(parsing: try row.value("payload", as: String.self)) else {
            throw .column("payload")
        }
        self.payload = payload
        task = try row.optional("task_id", as: String.self).flatMap { UUID($0) }
        priority = try row.value("priority")
        failures = try row.value("failures")
        faults = try row.value("faults")
        maxAttempts = try row.value("max_attempts")
    }
}

/// What a heartbeat learned.
public enum Beat: Equatable, Sendable {
    /// The lease holds on.
    case held
    /// The lease holds, and the job is wanted no more: stop and `drop` it.
    case cancelled
    /// Somebody else has the job, or it is over: stop at once and write nothing.
    case lost
}

/// What became of a job that went wrong.
public enum Setback: Equatable, Sendable {
    /// It will be tried again.
    case retry
    /// That was its last attempt.
    case dead
    /// The lease was lost before: nothing was written.
    case lost
}

/// How long a job waits after its failures.
public enum Backoff {
    /// Seconds: `first` × 2^(failures − 1), at most `longest`, varied by ± a quarter so that jobs that failed
    /// together do not come back together.
    ///
    /// - Parameters:
    ///   - failures: from 1.
    ///   - chance: uniformly from 0 ..< 1.
    public static func seconds(failures: Int, first: Double = 2, longest: Double = 600, chance: Double) -> Double {
        var wait = min(first, longest)
        for _ in 1..<max(2, min(failures, 64)) where failures > 1 { wait = min(wait * 2, longest) }
        return wait * (0.75 + 0.5 * min(max(chance, 0), 1))
    }
}
