internal import Core
public import Postgres

/// The queue's statements. Each takes the connection, so that it can be part of the caller's transaction.
public enum Queue {
    /// The channel on which new work and cancellations are announced.
    public static let channel: StaticString = "reelgate_jobs"

    /// Adds a job; workers hear of it when the transaction commits.
    ///
    /// - Returns: its number.
    @discardableResult
    public static func enqueue(_ job: NewJob, on connection: Connection) throws(DatabaseError) -> Int64 {
        let rows = try connection.query(
            """
            insert into jobs (kind, payload, task_id, owner, priority, max_attempts, run_after)
            values (\(job.kind), \(job.payload.description)::jsonb, \(job.task?.description)::uuid, \(job.owner),
                    \(job.priority)::smallint, \(job.maxAttempts)::integer,
                    now() + make_interval(secs => \(job.delay)))
            returning id
            """)
        try connection.query("select pg_notify('reelgate_jobs', '')")
        guard let row = rows.first else { throw .column("id") }
        return try row.value("id")
    }

    /// Claims the most urgent job of these kinds for `worker`: higher priority first, then whoever has fewest jobs
    /// running, then the oldest. Jobs whose lease ended are put back first.
    ///
    /// - Parameters:
    ///   - worker: a name no other living worker has.
    ///   - seconds: how long the lease holds without a heartbeat.
    ///   - minimumPriority: leaves less urgent ones alone.
    /// - Returns: `nil` when nothing waits.
    public static func claim(
        _ kinds: [String], worker: String, lease seconds: Double, minimumPriority: Int = -32_768,
        on connection: Connection
    ) throws(DatabaseError) -> Job? {
        try putBackExpired(on: connection)
        let rows = try connection.query(
            """
            update jobs set state = 'running', worker = \(worker), attempt = attempt + 1, progress = 0,
                            lease_until = now() + make_interval(secs => \(seconds)),
                            started_at = coalesce(started_at, now())
            where id = (
                select waiting.id from jobs waiting
                left join (select owner, count(*) as running from jobs where state = 'running' group by owner) busy
                    on busy.owner = waiting.owner
                where waiting.state = 'queued' and waiting.run_after <= now() and waiting.kind = any(\(kinds)::text[])
                    and waiting.priority >= \(minimumPriority)::integer
                order by waiting.priority desc, coalesce(busy.running, 0), waiting.id
                limit 1
                for update of waiting skip locked)
            returning id, kind, payload, task_id, priority, attempt, failures, faults, max_attempts
            """)
        guard let row = rows.first else { return nil }
        return try Job(row, worker: worker)
    }

    /// Puts jobs whose worker went silent back into the queue; those somebody cancelled meanwhile are over.
    ///
    /// - Returns: how many.
    @discardableResult
    public static func putBackExpired(on connection: Connection) throws(DatabaseError) -> Int {
        let rows = try connection.query(
            """
            with silent as (
                select id from jobs where state = 'running' and lease_until < now() for update skip locked)
            update jobs set state = case when cancel_requested then 'cancelled' else 'queued' end,
                            worker = null, lease_until = null, run_after = now(),
                            finished_at = case when cancel_requested then now() end,
                            error_code = 'lease_lost'
            from silent where jobs.id = silent.id
            """)
        return rows.affected
    }

    /// Puts back the jobs of workers that are known to be dead, without waiting for their leases to end.
    ///
    /// - Parameters:
    ///   - prefix: what the names of the workers begin with that `isDead` can judge.
    ///   - isDead: whether the worker of that name is gone for ever.
    /// - Returns: how many.
    @discardableResult
    public static func putBackOrphans(
        ofWorkers prefix: String, on connection: Connection, isDead: (String) -> Bool
    ) throws(DatabaseError) -> Int {
        let names = try connection.query(
            "select distinct worker from jobs where state = 'running' and starts_with(worker, \(prefix))"
        ).map { (row) throws(DatabaseError) in try row.value("worker", as: String.self) }
        for name in names where isDead(name) {
            try connection.query(
                "update jobs set lease_until = now() - interval '1 second' where state = 'running' and worker = \(name)"
            )
        }
        return try putBackExpired(on: connection)
    }

    /// Extends the lease and notes how far the work is.
    ///
    /// - Parameter progress: 0…1; a smaller one than before is not written.
    public static func heartbeat(
        _ lease: Lease, seconds: Double, progress: Double, on connection: Connection
    ) throws(DatabaseError) -> Beat {
        let rows = try connection.query(
            """
            update jobs set lease_until = now() + make_interval(secs => \(seconds)),
                            progress = greatest(progress, \(progress)::real)
            where id = \(lease.job)::bigint and worker = \(lease.worker) and attempt = \(lease.attempt)::integer
                and state = 'running'
            returning cancel_requested
            """)
        guard let row = rows.first else { return .lost }
        return try row.value("cancel_requested") ? .cancelled : .held
    }

    /// Takes the job's row for the rest of the transaction: until it ends nobody can claim or cancel the job.
    ///
    /// - Returns: whether the lease is still ours; if not, write nothing.
    public static func hold(_ lease: Lease, on connection: Connection) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            select id from jobs
            where id = \(lease.job)::bigint and worker = \(lease.worker) and attempt = \(lease.attempt)::integer
                and state = 'running'
            for update
            """
        ).count == 1
    }

    /// The job is done.
    ///
    /// - Returns: whether the lease was still ours.
    public static func finish(_ lease: Lease, on connection: Connection) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            update jobs set state = 'done', progress = 1, lease_until = null, finished_at = now(),
                            error_code = null, error_detail = null
            where id = \(lease.job)::bigint and worker = \(lease.worker) and attempt = \(lease.attempt)::integer
                and state = 'running'
            """
        ).affected == 1
    }

    /// The job went wrong: it waits for its next attempt, or is dead.
    ///
    /// - Parameters:
    ///   - code: a stable code.
    ///   - detail: for the operator.
    ///   - limit: faults after which it is dead, if fewer than the failures it may have.
    ///   - isFault: whether the work itself is to blame; what others did to it counts as a failure only.
    ///   - wait: seconds until it may be claimed again (`Backoff`).
    public static func fail(
        _ lease: Lease, code: String, detail: String, limit: Int = .max, isFault: Bool = true, wait: Double,
        on connection: Connection
    ) throws(DatabaseError) -> Setback {
        let limit = min(limit, 1_000_000)
        let blame = isFault ? 1 : 0
        let rows = try connection.query(
            """
            update jobs set failures = failures + 1, faults = faults + \(blame)::integer,
                            worker = null, lease_until = null,
                            state = case when failures + 1 >= max_attempts
                                              or (\(blame)::integer = 1 and faults + 1 >= \(limit)::integer)
                                         then 'dead' else 'queued' end,
                            finished_at = case when failures + 1 >= max_attempts
                                                    or (\(blame)::integer = 1 and faults + 1 >= \(limit)::integer)
                                               then now() end,
                            run_after = now() + make_interval(secs => \(wait)),
                            error_code = \(code), error_detail = left(\(detail), 4000)
            where id = \(lease.job)::bigint and worker = \(lease.worker) and attempt = \(lease.attempt)::integer
                and state = 'running'
            returning state
            """)
        guard let row = rows.first else { return .lost }
        return try row.value("state", as: String.self) == "dead" ? .dead : .retry
    }

    /// Gives the job back untouched, for another worker to claim: nothing went wrong.
    ///
    /// - Parameters:
    ///   - code: what it waits for, if that is something.
    ///   - wait: seconds until it may be claimed.
    /// - Returns: whether the lease was still ours.
    @discardableResult
    public static func release(
        _ lease: Lease, code: String? = nil, wait: Double = 0, on connection: Connection
    ) throws(DatabaseError) -> Bool {
        let given =
            try connection.query(
                """
                update jobs set state = case when cancel_requested then 'cancelled' else 'queued' end,
                                finished_at = case when cancel_requested then now() end,
                                failures = failures + 1, max_attempts = max_attempts + 1,
                                worker = null, lease_until = null, error_code = \(code),
                                run_after = now() + make_interval(secs => \(wait))
                where id = \(lease.job)::bigint and worker = \(lease.worker) and attempt = \(lease.attempt)::integer
                    and state = 'running'
                """
            ).affected == 1
        if given, wait == 0 { try connection.query("select pg_notify('reelgate_jobs', '')") }
        return given
    }

    /// The job is wanted no more and its worker has stopped.
    ///
    /// - Returns: whether the lease was still ours.
    @discardableResult
    public static func drop(_ lease: Lease, on connection: Connection) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            update jobs set state = 'cancelled', worker = null, lease_until = null, finished_at = now()
            where id = \(lease.job)::bigint and worker = \(lease.worker) and attempt = \(lease.attempt)::integer
                and state = 'running'
            """
        ).affected == 1
    }

    /// Cancels what waits for a task, and asks the workers of what runs to stop.
    ///
    /// - Parameter kinds: which kinds of its jobs.
    public static func cancel(task: String, kinds: [String], on connection: Connection) throws(DatabaseError) {
        try connection.query(
            """
            update jobs set cancel_requested = true,
                            state = case when state = 'queued' then 'cancelled' else state end,
                            finished_at = case when state = 'queued' then now() end
            where task_id = \(task)::uuid and kind = any(\(kinds)::text[]) and state in ('queued', 'running')
            """)
        try connection.query("select pg_notify('reelgate_jobs', '')")
    }
}
