internal import Core
internal import Jobs
internal import Media
internal import POSIX
internal import Postgres
internal import Storage

/// How tasks go on and end, inside the transaction that holds their rows.
struct TaskEnd {
    let desk: Desk

    /// The kinds of jobs that work for a task and end with it.
    static let working = ["prepare", "slice", "publish"]

    /// Publishes what is ready, and ends the task when that is everything.
    func publish(_ task: LessonTask) throws(Interruption) {
        let shelf = try Publisher(desk: desk).reconcile(task)
        try db { () throws(DatabaseError) in
            try desk.ledger.updateProgress(task, running: nil)
            guard shelf.isComplete else { return try desk.ledger.stage(task.id, "encoding") }
            try desk.ledger.end(task.id, .done)
            try desk.announce(task.id, desk.connection)
            try addClearing(of: task.id)
        }
        if shelf.isComplete { desk.log.info("task done", ["task": .string(task.id.description)]) }
    }

    /// Ends a task whose place a newer one took.
    func supersede(_ task: UUID) throws(Interruption) {
        try db { () throws(DatabaseError) in try supersedeInside(task) }
    }

    /// The same, where statements are run already.
    func supersedeInside(_ task: UUID) throws(DatabaseError) {
        try Self.cancel(task, .superseded, on: desk.connection, announce: desk.announce)
    }

    /// Ends a task that somebody cancelled; a later job clears up after it.
    static func cancel(
        _ task: UUID, _ why: Refusal, on connection: Connection,
        announce: (UUID, Connection) throws(DatabaseError) -> Void
    ) throws(DatabaseError) {
        try Ledger(connection).end(task, .cancelled, code: why.code)
        try Queue.cancel(task: task.description, kinds: working, on: connection)
        try announce(task, connection)
        try Queue.enqueue(
            NewJob("clear", ["task": .string(task.description)], task: task, priority: 500, maxAttempts: 20),
            on: connection)
    }

    /// What stands beside the picture is left out when it can't be made: no lesson fails for want of a poster.
    func doWithout(_ slice: Slice, _ task: LessonTask, _ why: Refusal) throws(DatabaseError) {
        guard !task.state.isOver else { return }
        try desk.ledger.drop(slice, of: task.id)
        try Queue.enqueue(
            NewJob(
                "publish", ["task": .string(task.id.description)], task: task.id, owner: task.owner,
                priority: WorkPlan.soon, maxAttempts: 20), on: desk.connection)
        desk.log.warning(
            "done without",
            [
                "task": .string(task.id.description), "kind": .string(slice.kind.rawValue),
                "slice": JSON(slice.number), "code": .string(why.code),
            ])
    }

    /// What was judged fit to be copied and can't be is encoded: the task is planned anew, into a publication of its
    /// own. What was published of the first one stays as it is, and plays until the new one does.
    func encodeInstead(_ task: LessonTask, _ why: Refusal, detail: String) throws(DatabaseError) {
        guard !task.state.isOver, var facts = task.facts else { return }
        if facts.video?.copy.isCopy == true { facts.video?.copy = .encode(.tried) }
        for index in facts.audio.indices where facts.audio[index].copy.isCopy {
            facts.audio[index].copy = .encode(.tried)
        }
        try Queue.cancel(task: task.id.description, kinds: Self.working, on: desk.connection)
        try desk.ledger.forgetPlan(task, facts: facts)
        try desk.ledger.stage(task.id, "packaging")
        try Queue.enqueue(.prepare(task: task.id, owner: task.owner), on: desk.connection)
        desk.log.warning(
            "encoded instead of copied",
            ["task": .string(task.id.description), "code": .string(why.code), "detail": .string(detail)])
    }

    /// Ends a task that went wrong.
    func fail(_ task: LessonTask, _ why: Refusal, detail: String) throws(DatabaseError) {
        guard !task.state.isOver else { return }
        try desk.ledger.end(task.id, .failed, code: why.code, detail: detail)
        try Queue.cancel(task: task.id.description, kinds: Self.working, on: desk.connection)
        if task.isNewest { try? Files.remove(desk.tree.pending(task.rel)) }
        try desk.announce(task.id, desk.connection)
        try addClearing(of: task.id)
        desk.log.warning(
            "task failed",
            ["task": .string(task.id.description), "code": .string(why.code), "detail": .string(detail)])
    }

    private func addClearing(of task: UUID) throws(DatabaseError) {
        try Queue.enqueue(
            NewJob("clear", ["task": .string(task.description)], task: task, priority: 500, maxAttempts: 20),
            on: desk.connection)
    }
}
