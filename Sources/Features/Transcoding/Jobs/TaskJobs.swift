internal import Core
public import Jobs
public import Postgres

/// The handlers of this feature's jobs, and what becomes of a job that stops before its end.
public struct TaskJobs {
    private let desk: Desk

    /// The kinds of jobs this feature handles.
    public static let kinds = ["prepare", "slice", "publish", "clear", "captions"]

    /// - Parameter desk: what the handlers share.
    public init(_ desk: Desk) { self.desk = desk }

    /// Runs one claimed job to its end, whatever that is.
    ///
    /// - Throws: when the database can't be reached; the job's lease ends by itself then.
    public func run(_ job: Job) throws(DatabaseError) {
        do throws(Interruption) {
            if job.kind == "captions" { return try publishCaptions(job) }
            guard let id = job.payload["task"]?.string.flatMap({ UUID($0) }) else {
                throw .failed(.internalError, detail: "no task in the payload", limit: 1)
            }
            if job.isExhausted {
                throw .failed(.helperFailed, detail: "\(job.losses) workers vanished with this job", limit: 1)
            }
            switch job.kind {
            case "prepare": try Prepare(desk: desk, lease: job.lease, id: id).run()
            case "slice":
                guard let number = job.payload["slice"]?.integer else {
                    throw .failed(.internalError, detail: "no slice in the payload", limit: 1)
                }
                try MakeSlice(desk: desk, lease: job.lease, priority: job.priority, id: id, number: Int(number)).run()
            case "publish": try Publish(desk: desk, lease: job.lease, id: id).run()
            case "clear": try Clear(desk: desk, lease: job.lease, id: id).run()
            default: throw .failed(.internalError, detail: "unknown kind", limit: 1)
            }
        } catch {
            try settle(job, error)
        }
    }

    private func publishCaptions(_ job: Job) throws(Interruption) {
        guard let video = job.payload["video"]?.string.flatMap({ UUID($0) }), !job.isExhausted else {
            throw .failed(
                .internalError, detail: "no video in the payload, or \(job.losses) workers vanished", limit: 1)
        }
        try PublishCaptions(desk: desk, lease: job.lease, video: video.description).run()
    }

    private func settle(_ job: Job, _ interruption: Interruption) throws(DatabaseError) {
        let connection = desk.connection
        switch interruption {
        case .lost: desk.log.warning("lease lost", ["job": .integer(job.lease.job)])
        case .cancelled: try Queue.drop(job.lease, on: connection)
        case .leaving: try Queue.release(job.lease, on: connection)
        case .database(.failed(let state, let detail)):
            try fail(job, .internalError, "\(state): \(detail)", limit: 6)
        case .database(.constraint(let name)): try fail(job, .internalError, "constraint \(name)", limit: 6)
        case .database(.column(let name)): try fail(job, .internalError, "column \(name)", limit: 6)
        case .database(let error): throw error
        case .failed(let why, let detail, let limit): try fail(job, why, detail, limit: limit)
        case .sliceFailed(let slice, let why, let detail, let limit):
            try fail(job, why, detail, limit: limit, slice: slice)
        case .disturbed(let detail): try fail(job, .helperFailed, detail, limit: .max, isFault: false)
        case .noRoom(let detail): try wait(job, detail)
        }
    }

    /// Seconds between two looks at whether there is room again.
    static let patience = 10.0

    /// The job waits until there is room, however long that takes.
    private func wait(_ job: Job, _ detail: String) throws(DatabaseError) {
        desk.log.warning(
            "no room", ["job": .integer(job.lease.job), "kind": .string(job.kind), "detail": .string(detail)])
        try desk.connection.transaction { () throws(DatabaseError) in
            let task = try job.task.flatMap { (id) throws(DatabaseError) in try desk.ledger.lock(id) }
            let seconds = Self.patience * Double.random(in: 0.8..<1.2)
            guard try Queue.release(job.lease, code: Refusal.noRoom.code, wait: seconds, on: desk.connection),
                let task, !task.state.isOver
            else { return }
            try desk.ledger.stage(task.id, LessonTask.waitsForRoom)
        }
    }

    private func fail(
        _ job: Job, _ why: Refusal, _ detail: String, limit: Int, isFault: Bool = true, slice: Slice? = nil
    ) throws(DatabaseError) {
        let wait = Backoff.seconds(failures: job.failures + 1, first: 1, longest: 30, chance: Double.random(in: 0..<1))
        desk.log.warning(
            "job failed",
            [
                "job": .integer(job.lease.job), "kind": .string(job.kind), "code": .string(why.code),
                "detail": .string(detail),
            ])
        try desk.connection.transaction { () throws(DatabaseError) in
            // The task before the job, as everywhere.
            let task = try job.task.flatMap { (id) throws(DatabaseError) in try desk.ledger.lock(id) }
            let setback = try Queue.fail(
                job.lease, code: why.code, detail: detail, limit: limit, isFault: isFault, wait: wait,
                on: desk.connection)
            guard setback == .dead, let task, job.kind != "clear" else { return }
            if let slice, try desk.ledger.isFurtherSound(slice, task.id) {
                return try TaskEnd(desk: desk).doWithout(slice, task, why)
            }
            switch slice?.kind {
            case .stills?, .captions?:
                if let slice { try TaskEnd(desk: desk).doWithout(slice, task, why) }
            case .copy? where task.facts?.canBeEncodedInstead == true:
                try TaskEnd(desk: desk).encodeInstead(task, why, detail: detail)
            case .copy?, .video?, .audio?, nil: try TaskEnd(desk: desk).fail(task, why, detail: detail)
            }
        }
    }
}
