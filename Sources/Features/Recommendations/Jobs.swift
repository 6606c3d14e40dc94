public import Core
public import Jobs
internal import POSIX
public import Postgres

/// Brings recommendations up to date in the background.
public struct RecommendationJobs {
    /// The kinds of jobs this feature handles.
    public static let kinds = ["recommend"]

    /// Seconds after which a job makes room for others and is added again.
    static let turn: Int64 = 10

    private let connection: Connection
    private let index: any RecommendationIndex
    private let lease: Double
    private let shouldStop: () -> Bool
    private let log: Log

    /// - Parameters:
    ///   - connection: the worker's.
    ///   - index: what is made.
    ///   - lease: seconds a lease holds without a heartbeat.
    ///   - shouldStop: whether the worker has to leave.
    public init(
        connection: Connection, index: any RecommendationIndex, lease: Double, log: Log,
        shouldStop: @escaping () -> Bool
    ) {
        self.connection = connection
        self.index = index
        self.lease = lease
        self.shouldStop = shouldStop
        self.log = log
    }

    /// Adds the job when there is something to do and none waits or runs. Every keeper asks now and then, whoever ends
    /// such a job asks at once.
    ///
    /// - Returns: whether one was added.
    @discardableResult
    public static func ensure(
        _ index: any RecommendationIndex, on connection: Connection
    ) throws(DatabaseError) -> Bool {
        guard try index.isBehind() else { return false }
        return try connection.transaction { () throws(DatabaseError) in try add(on: connection) }
    }

    private static func add(on connection: Connection) throws(DatabaseError) -> Bool {
        try connection.query("select pg_advisory_xact_lock(7046029254386353132)")
        let waiting = try connection.query(
            "select from jobs where kind = 'recommend' and state in ('queued', 'running') limit 1")
        guard waiting.count == 0 else { return false }
        try Queue.enqueue(NewJob("recommend", [:], priority: -100), on: connection)
        return true
    }

    /// Runs one claimed job: step after step, each fenced by the lease, until nothing is left or its turn is over.
    public func run(_ job: Job) throws(DatabaseError) {
        let began = Clocks.monotonicNanoseconds()
        var steps = 0
        while !shouldStop(), Clocks.monotonicNanoseconds() - began < Self.turn * 1_000_000_000 {
            switch try Queue.heartbeat(job.lease, seconds: lease, progress: 0, on: connection) {
            case .held: break
            case .cancelled:
                try Queue.drop(job.lease, on: connection)
                return
            case .lost: return
            }
            let step = try index.step { () throws(DatabaseError) in try Queue.hold(job.lease, on: connection) }
            if step == .lost { return }
            if step == .done { break }
            steps += 1
        }
        let behind = try index.isBehind()
        let ended = try connection.transaction { () throws(DatabaseError) in
            guard try Queue.finish(job.lease, on: connection) else { return false }
            if behind { _ = try Self.add(on: connection) }
            return true
        }
        if ended { log.info("recommended", ["steps": JSON(steps), "behind": .bool(behind)]) }
    }
}
