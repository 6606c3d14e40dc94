internal import Core
internal import Jobs
internal import Postgres

/// Publishes what is ready, where no slice was made that would do it.
struct Publish {
    let desk: Desk
    let lease: Lease
    let id: UUID

    func run() throws(Interruption) {
        try desk.transaction { () throws(Interruption) in
            let task = try desk.holdOpen(id, lease)
            try TaskEnd(desk: desk).publish(task)
            _ = try db { () throws(DatabaseError) in try Queue.finish(lease, on: desk.connection) }
        }
    }
}
