internal import Core
internal import Jobs
internal import Media
internal import Postgres

/// The job of one slice: makes it unless it is noted already, and publishes what is ready.
struct MakeSlice {
    let desk: Desk
    let lease: Lease
    let priority: Int
    let id: UUID
    let number: Int

    func run() throws(Interruption) {
        guard let task = try begin(), let facts = task.facts, let name = task.publication else { throw .cancelled }
        let slices = try db { () throws(DatabaseError) in try desk.ledger.slices(id) }
        guard var slice = slices.first(where: { $0.number == number }) else { throw .cancelled }
        slice.priority = priority
        if slice.attempt == nil {
            try Step(desk: desk, task: task, lease: lease).makeAndNote(slice, facts, name)
        }
        try desk.transaction { () throws(Interruption) in
            let now = try desk.holdOpen(id, lease)
            try TaskEnd(desk: desk).publish(now)
            _ = try db { () throws(DatabaseError) in try Queue.finish(lease, on: desk.connection) }
        }
    }

    private func begin() throws(Interruption) -> LessonTask? {
        try desk.transaction { () throws(Interruption) -> LessonTask? in
            let task = try desk.hold(id, lease)
            // Jobs of a failed task are cancelled; one that runs was asked for again by the operator.
            if task.state == .done || task.state == .cancelled { throw .cancelled }
            if !task.isNewest {
                try TaskEnd(desk: desk).supersede(id)
                return nil
            }
            if task.state == .failed || task.stage == LessonTask.waitsForRoom {
                try db { () throws(DatabaseError) in try desk.ledger.begin(id, stage: "encoding") }
            }
            return task
        }
    }
}
