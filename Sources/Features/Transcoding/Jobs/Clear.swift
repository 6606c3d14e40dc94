internal import Core
internal import Jobs
internal import POSIX
internal import Postgres
internal import Storage

/// Clears up after a task that is over: what plays is closed and stays, what never played goes.
struct Clear {
    let desk: Desk
    let lease: Lease
    let id: UUID

    func run() throws(Interruption) {
        try desk.transaction { () throws(Interruption) in
            let task = try desk.hold(id, lease)
            // Started again by the operator meanwhile.
            guard task.state.isOver else { return try finish() }
            if task.state != .done, task.playable, task.facts != nil, task.isNewest {
                try Publisher(desk: desk).reconcile(task, isClosed: true)
            }
            do throws(SystemError) { try remove(task) } catch {
                throw .failed(.internalError, detail: "clearing: \(error)", limit: 20)
            }
            if task.state == .cancelled, !task.playable, task.isNewest, task.playing == nil, !task.isTranscode {
                // Nothing of the lesson is left to be watched.
                _ = try db { () throws(DatabaseError) in
                    try desk.connection.query(
                        "update videos set deleted_at = now(), original_path = null where id = \(task.video)::uuid")
                }
            }
            try finish()
        }
    }

    private func finish() throws(Interruption) {
        _ = try db { () throws(DatabaseError) in try Queue.finish(lease, on: desk.connection) }
    }

    private func remove(_ task: LessonTask) throws(SystemError) {
        let tree = desk.tree
        // An operator may run a failed task again: what it has made so far is kept for the keeper.
        if task.state == .failed { return }
        try Files.removeTree(tree.work(task.id))
        if task.state == .done { return }
        try Files.remove(tree.upload(task.rel, task: task.id, task.fileExtension))
        Files.removeDirectoryIfEmpty(tree.uploads(task.rel))
        if task.playable { return }
        if let name = task.publication { try Files.removeTree(tree.publication(task.rel, name)) }
        guard task.isNewest, !task.isTranscode else { return }
        try Files.remove(tree.pending(task.rel))
        if task.playing == nil {
            try Files.remove(tree.original(task.rel, task.fileExtension))
            Files.removeDirectoryIfEmpty(tree.originals(task.rel))
            Files.removeDirectoryIfEmpty(tree.lesson(task.rel))
        }
    }
}
