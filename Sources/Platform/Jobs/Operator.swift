public import Core
public import Postgres

/// A job as the operator sees it.
public struct JobRecord: Sendable {
    /// Its number.
    public let id: Int64
    /// Which handler.
    public let kind: String
    /// The task it works for.
    public let task: UUID?
    /// queued, running, done, dead, cancelled
    public let state: String
    /// How urgent.
    public let priority: Int
    /// How often it was claimed.
    public let attempt: Int
    /// How often it went wrong.
    public let failures: Int
    /// 0…1
    public let progress: Double
    /// Who holds it.
    public let worker: String?
    /// Why it went wrong the last time.
    public let errorCode: String?
    /// The same for people.
    public let errorDetail: String?
    /// What the handler gets, as JSON text.
    public let payload: String
    /// When it was added.
    public let created: UnixTime
    /// When it was first claimed.
    public let started: UnixTime?
    /// When it was over.
    public let finished: UnixTime?

    init(_ row: Row) throws(DatabaseError) {
        id = try row.value("id")
        kind = try row.value("kind")
        task = try row.optional("task_id", as: String.self).flatMap { UUID($0) }
        state = try row.value("state")
        priority = try row.value("priority")
        attempt = try row.value("attempt")
        failures = try row.value("failures")
        progress = try row.value("progress")
        worker = try row.optional("worker")
        errorCode = try row.optional("error_code")
        errorDetail = try row.optional("error_detail")
        payload = try row.value("payload")
        created = UnixTime(try row.value("created"))
        started = try row.optional("started", as: Int64.self).map { UnixTime($0) }
        finished = try row.optional("finished", as: Int64.self).map { UnixTime($0) }
    }
}

extension Queue {
    /// The newest jobs.
    ///
    /// - Parameters:
    ///   - state: only those in this state.
    ///   - limit: how many at most.
    public static func list(state: String?, limit: Int, on connection: Connection) throws(DatabaseError) -> [JobRecord]
    {
        try connection.query(
            """
            select *, extract(epoch from created_at)::bigint as created, extract(epoch from started_at)::bigint as started,
                   extract(epoch from finished_at)::bigint as finished
            from jobs where \(state)::text is null or state = \(state)::text order by id desc limit \(limit)::bigint
            """
        ).map { (row) throws(DatabaseError) in try JobRecord(row) }
    }

    /// One job, or `nil`.
    public static func show(_ id: Int64, on connection: Connection) throws(DatabaseError) -> JobRecord? {
        let rows = try connection.query(
            """
            select *, extract(epoch from created_at)::bigint as created, extract(epoch from started_at)::bigint as started,
                   extract(epoch from finished_at)::bigint as finished
            from jobs where id = \(id)::bigint
            """)
        guard let row = rows.first else { return nil }
        return try JobRecord(row)
    }

    /// Runs a dead or cancelled job again, together with the cancelled jobs of its task.
    ///
    /// - Returns: whether there was such a job.
    public static func retry(_ id: Int64, on connection: Connection) throws(DatabaseError) -> Bool {
        try connection.transaction { () throws(DatabaseError) in
            let changed = try connection.query(
                """
                with asked as (select id, task_id from jobs where id = \(id)::bigint and state in ('dead', 'cancelled'))
                update jobs set state = 'queued', failures = attempt, faults = 0, max_attempts = attempt + 6,
                                cancel_requested = false, run_after = now(), finished_at = null
                from asked
                where jobs.id = asked.id
                    or (jobs.task_id = asked.task_id and jobs.state = 'cancelled' and jobs.kind <> 'callback')
                """
            ).affected
            try connection.query("select pg_notify('reelgate_jobs', '')")
            return changed > 0
        }
    }

    /// Cancels one job: at once when it waits, else its worker is asked to stop.
    ///
    /// - Returns: whether there was one to cancel.
    public static func cancel(_ id: Int64, on connection: Connection) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            update jobs set cancel_requested = true,
                            state = case when state = 'queued' then 'cancelled' else state end,
                            finished_at = case when state = 'queued' then now() end
            where id = \(id)::bigint and state in ('queued', 'running')
            """
        ).affected == 1
    }

    /// How many jobs are in each state, and how long the oldest that could run has waited.
    public static func depth(
        on connection: Connection
    ) throws(DatabaseError) -> (queued: Int, running: Int, dead: Int, oldestSeconds: Double) {
        let rows = try connection.query(
            """
            select count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'running') as running,
                   count(*) filter (where state = 'dead') as dead,
                   coalesce(extract(epoch from now() - min(run_after) filter
                       (where state = 'queued' and run_after <= now())), 0)::double precision as oldest
            from jobs where state in ('queued', 'running', 'dead')
            """)
        guard let row = rows.first else { return (0, 0, 0, 0) }
        return (try row.value("queued"), try row.value("running"), try row.value("dead"), try row.value("oldest"))
    }

    /// Forgets jobs that have been over for longer than `days`.
    ///
    /// - Returns: how many.
    public static func forget(olderThan days: Int, on connection: Connection) throws(DatabaseError) -> Int {
        try connection.query(
            """
            delete from jobs where state in ('done', 'dead', 'cancelled')
                and finished_at < now() - make_interval(days => \(days)::integer)
            """
        ).affected
    }
}
