public import Core
internal import Jobs
public import Media
public import Postgres
public import Storage

/// An upload that was accepted, as its task begins.
public struct NewTask: Sendable {
    /// The task; the file has its name.
    public var id: UUID
    /// The video's row, locked by the caller's transaction.
    public var video: String
    /// Whose turn it is: the trainer.
    public var owner: String
    /// The stored file's extension.
    public var fileExtension: FileExtension
    /// Its name as the client wrote it.
    public var originalName: String
    /// Bytes.
    public var size: Int64
    /// What the helper found; `nil`: the task asks it.
    public var facts: SourceFacts?
    /// Who is told of success.
    public var successURL: String?
    /// Who is told of failure.
    public var errorURL: String?
    /// Why an address that was given is not used.
    public var callbackRefusal: Refusal?

    /// - Parameters: as the properties.
    public init(
        id: UUID, video: String, owner: String, fileExtension: FileExtension, originalName: String, size: Int64,
        facts: SourceFacts?, successURL: String?, errorURL: String?, callbackRefusal: Refusal?
    ) {
        self.id = id
        self.video = video
        self.owner = owner
        self.fileExtension = fileExtension
        self.originalName = originalName
        self.size = size
        self.facts = facts
        self.successURL = successURL
        self.errorURL = errorURL
        self.callbackRefusal = callbackRefusal
    }
}

/// Where accepted uploads become tasks.
public struct Intake {
    private let connection: Connection
    private let announce: (UUID, Connection) throws(DatabaseError) -> Void

    /// - Parameters:
    ///   - connection: the one whose transaction the caller has open.
    ///   - announce: adds the callbacks of tasks that end here.
    public init(_ connection: Connection, announce: @escaping (UUID, Connection) throws(DatabaseError) -> Void) {
        self.connection = connection
        self.announce = announce
    }

    /// Inside the caller's transaction, which holds the video's row: older tasks of the video are superseded, the new
    /// one is made with its first job, and the video's newest task is this one.
    public func add(_ task: NewTask) throws(DatabaseError) {
        let older = try connection.query(
            """
            select id from tasks where video_id = \(task.video)::uuid and state in ('queued', 'running')
            order by id for update
            """
        ).map { (row) throws(DatabaseError) in UUID(try row.value("id", as: String.self)) }
        try connection.query(
            """
            insert into tasks (id, video_id, extension, original_name, file_size, facts, success_callback_url,
                               error_callback_url, callback_state, callback_code)
            values (\(task.id.description)::uuid, \(task.video)::uuid, \(task.fileExtension.rawValue),
                    \(task.originalName), \(task.size)::bigint, \(task.facts?.json.description)::jsonb,
                    \(task.successURL), \(task.errorURL),
                    case when \(task.callbackRefusal?.code)::text is not null then 'refused' end,
                    \(task.callbackRefusal?.code)::text)
            """)
        try connection.query(
            """
            update videos set task_id = \(task.id.description)::uuid, file_size = \(task.size)::bigint,
                              updated_at = now(), deleted_at = null
            where id = \(task.video)::uuid
            """)
        for case let id? in older {
            try TaskEnd.cancel(id, .superseded, on: connection, announce: announce)
        }
        try Queue.enqueue(.prepare(task: task.id, owner: task.owner), on: connection)
    }
}
