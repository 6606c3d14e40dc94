public import Core
public import Postgres
internal import Storage

/// Tasks in PostgreSQL.
public final class PostgresTaskStore: TaskStore {
    let connection: Connection
    private let announce: (UUID, Connection) throws(DatabaseError) -> Void

    /// - Parameters:
    ///   - connection: shared with the other stores of the process.
    ///   - announce: adds the callbacks of a task that is cancelled.
    public init(_ connection: Connection, announce: @escaping (UUID, Connection) throws(DatabaseError) -> Void) {
        self.connection = connection
        self.announce = announce
    }

    /// See `TaskStore`.
    public func status(_ task: UUID) throws(DatabaseError) -> TaskStatus? {
        let rows = try connection.query(
            """
            select t.*, v.rel, v.owner, (t.facts->>'duration')::double precision / 90000 as seconds,
                   extract(epoch from now() - t.paced_at)::double precision as age,
                   extract(epoch from t.created_at)::bigint as created, extract(epoch from t.started_at)::bigint as started,
                   extract(epoch from t.finished_at)::bigint as finished
            from tasks t join videos v on v.id = t.video_id where t.id = \(task.description)::uuid
            """)
        guard let row = rows.first else { return nil }
        guard let rel = RelPath(stored: try row.value("rel")) else { throw .column("rel") }
        guard let state = TaskState(rawValue: try row.value("state")) else { throw .column("state") }
        let rungs = try connection.query(
            """
            select name, kind, width, height, copied, state, progress, work_left, pace_made, pace_wall,
                   extract(epoch from now() - paced_at)::double precision as age
            from renditions
            where task_id = \(task.description)::uuid and state <> 'dropped' order by ordinal
            """
        ).map { (row) throws(DatabaseError) in
            let pace = Pace(made: try row.value("pace_made"), wall: try row.value("pace_wall"))
            let isFresh = try row.optional("age", as: Double.self).map { $0 <= 30 } ?? false
            return TaskStatus.Rung(
                name: try row.value("name"), kind: try row.value("kind"), width: try row.optional("width"),
                height: try row.optional("height"), copied: try row.value("copied"), state: try row.value("state"),
                progress: try row.value("progress"), speed: isFresh ? pace.rate : nil,
                workLeft: try row.optional("work_left"))
        }
        return TaskStatus(
            id: task, video: try row.value("video_id"), rel: rel, owner: try row.value("owner"), state: state,
            stage: try row.value("stage"), playable: try row.value("playable"),
            mediaSeconds: try row.value("media_seconds"), madeSeconds: try row.value("made_seconds"),
            forecast: Forecast(
                work: try row.value("work"), worked: try row.value("worked"),
                pace: Pace(made: try row.value("pace_made"), wall: try row.value("pace_wall")),
                age: try row.optional("age")),
            duration: try row.optional("seconds"),
            errorCode: try row.optional("error_code"), callbackState: try row.optional("callback_state"),
            callbackCode: try row.optional("callback_code"), created: UnixTime(try row.value("created")),
            started: try row.optional("started", as: Int64.self).map { UnixTime($0) },
            finished: try row.optional("finished", as: Int64.self).map { UnixTime($0) }, rungs: rungs)
    }

    /// See `TaskStore`.
    public func cancel(_ task: UUID) throws(DatabaseError) -> TaskState? {
        try connection.transaction { () throws(DatabaseError) in
            guard let record = try Ledger(connection).lock(task) else { return nil }
            if !record.state.isOver {
                try TaskEnd.cancel(task, .cancelled, on: connection, announce: announce)
            }
            return record.state
        }
    }
}
