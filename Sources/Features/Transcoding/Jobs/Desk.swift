public import Core
public import Helper
internal import Jobs
public import Media
public import Postgres
public import Storage
public import Tokens

/// What a worker's handlers share: handed in by the program, so that nothing here reads the environment.
public struct Desk {
    /// The worker's connection.
    public let connection: Connection
    /// Where files live.
    public let tree: DataTree
    /// Where segment keys come from.
    public let keys: MediaKeys
    /// The media helper's program.
    public let helper: String
    /// What stands round the helper; `nil` is nothing.
    public let enclosure: Enclosure?
    /// Where to write what happens.
    public let log: Log
    /// What the operator chose for tasks that are planned now.
    public let choices: EncodingChoices
    /// What the helper may use.
    public let resources: Resources
    /// Seconds a lease holds.
    public let lease: Double
    /// Adds the callbacks a finished task asks for, in the transaction that finishes it.
    public let announce: (UUID, Connection) throws(DatabaseError) -> Void
    /// Whether the worker should stop what it does.
    public let shouldStop: () -> Bool

    /// - Parameters: as the properties.
    public init(
        connection: Connection, tree: DataTree, keys: MediaKeys, helper: String,
        enclosure: Enclosure?, log: Log,
        choices: EncodingChoices, resources: Resources = Resources(), lease: Double,
        announce: @escaping (UUID, Connection) throws(DatabaseError) -> Void, shouldStop: @escaping () -> Bool
    ) {
        self.connection = connection
        self.tree = tree
        self.keys = keys
        self.helper = helper
        self.enclosure = enclosure
        self.log = log
        self.choices = choices
        self.resources = resources
        self.lease = lease
        self.announce = announce
        self.shouldStop = shouldStop
    }
}

/// Why a handler stopped before its job was done.
enum Interruption: Error {
    /// The lease is somebody else's: write nothing.
    case lost
    /// The job is wanted no more.
    case cancelled
    /// The worker ends: somebody else shall go on.
    case leaving
    /// The database failed: the job waits for its lease to end, or for a better moment.
    case database(DatabaseError)
    /// It went wrong. `limit`: faults after which trying again is useless.
    case failed(Refusal, detail: String, limit: Int)
    /// The same, in the making of a slice.
    case sliceFailed(Slice, Refusal, detail: String, limit: Int)
    /// Somebody else broke it off: it is tried again, and the file is not blamed.
    case disturbed(detail: String)
    /// There is no room for what it makes: it waits.
    case noRoom(detail: String)
}

/// Runs statements in a handler.
func db<R>(_ body: () throws(DatabaseError) -> R) throws(Interruption) -> R {
    do throws(DatabaseError) { return try body() } catch { throw .database(error) }
}

extension Desk {
    /// Runs a transaction of a handler.
    func transaction<R>(_ body: () throws(Interruption) -> R) throws(Interruption) -> R {
        try connection.transaction(as: { Interruption.database($0) }, body)
    }

    /// The task's statements.
    var ledger: Ledger { Ledger(connection) }

    /// Takes task and job for the rest of the transaction.
    ///
    /// - Returns: the task as it is now.
    func hold(_ task: UUID, _ lease: Lease) throws(Interruption) -> LessonTask {
        let record = try db { () throws(DatabaseError) in try ledger.lock(task) }
        guard try db({ () throws(DatabaseError) in try Queue.hold(lease, on: connection) }) else { throw .lost }
        guard let record else { throw .cancelled }
        return record
    }

    /// As `hold`, for a task that must still be going on.
    func holdOpen(_ task: UUID, _ lease: Lease) throws(Interruption) -> LessonTask {
        let now = try hold(task, lease)
        if now.state.isOver { throw .cancelled }
        return now
    }
}
