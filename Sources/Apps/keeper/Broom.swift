internal import Core
internal import Jobs
internal import POSIX
internal import Postgres
internal import Recommendations
internal import Storage

/// What the keeper removes, and how it knows that nobody needs it.
struct Broom {
    let tree: DataTree
    let connection: Connection
    let log: Log

    /// Seconds after which what was begun and is known to nobody counts as left behind.
    static let stale: Int64 = 86_400
    /// Seconds an upload may take between its mark and its transaction.
    static let undecided: Int64 = 600
    /// Days that jobs are remembered.
    static let memory = 30

    /// One round. Each part stands alone: what fails is logged and tried again in the next round.
    func sweep(now: Int64) {
        part("jobs") { () throws(DatabaseError) in
            if let host = WorkerName.hostPrefix() {
                try Queue.putBackOrphans(ofWorkers: host, on: connection) { WorkerName.isDead($0) }
            }
            return try Queue.putBackExpired(on: connection) + Queue.forget(olderThan: Self.memory, on: connection)
        }
        part("uploads being received") { () throws(DatabaseError) in removeIncoming(now) }
        part("uploads") { () throws(DatabaseError) in try removeUploads(now) }
        part("work") { () throws(DatabaseError) in try removeWork(now) }
        part("replaced publications") { () throws(DatabaseError) in try removeRetired() }
        part("replaced captions") { () throws(DatabaseError) in try removeCaptions(now) }
        part("marks of lessons being made") { () throws(DatabaseError) in try removePending(now) }
        part("recommendations") { () throws(DatabaseError) in
            let index = PostgresRecommendationIndex(connection)
            return try RecommendationJobs.ensure(index, on: connection) ? 1 : 0
        }
        part("unknown publications") { () throws(DatabaseError) in try removeUnknown(now) }
    }

    private func part(_ what: StaticString, _ body: () throws(DatabaseError) -> Int) {
        do throws(DatabaseError) {
            let count = try body()
            if count > 0 { log.info("swept", ["what": .string("\(what)"), "count": JSON(count)]) }
        } catch {
            log.warning("sweep", ["what": .string("\(what)"), "reason": .string(error.description)])
        }
    }

    private func names(_ path: String) -> [String] { (try? Files.list(path)) ?? [] }

    private func isStale(_ path: String, _ now: Int64) -> Bool {
        Files.status(path).map { now - $0.modified > Self.stale } ?? false
    }

    private func remove(_ path: String) -> Int {
        do throws(SystemError) {
            try Files.removeTree(path)
            return 1
        } catch {
            log.warning("sweep", ["reason": .string(error.description)])
            return 0
        }
    }

    private func removeIncoming(_ now: Int64) -> Int {
        var count = 0
        for name in names(tree.incoming) where isStale("\(tree.incoming)/\(name)", now) {
            count += remove("\(tree.incoming)/\(name)")
        }
        return count
    }

    /// Accepted files whose task is over, or that no task knows.
    private func removeUploads(_ now: Int64) throws(DatabaseError) -> Int {
        var count = 0
        for rel in lessons(below: tree.uploads) {
            for name in names(tree.uploads(rel)) where isStale("\(tree.uploads(rel))/\(name)", now) {
                guard let id = UUID(String(name.prefix(36))), try isOver(id) else { continue }
                count += remove("\(tree.uploads(rel))/\(name)")
            }
            Files.removeDirectoryIfEmpty(tree.uploads(rel))
        }
        return try count + removeOlderUploads(now)
    }

    /// The same of videos of two parts: their names are not their tasks'.
    private func removeOlderUploads(_ now: Int64) throws(DatabaseError) -> Int {
        var count = 0
        for user in names(tree.uploads).compactMap({ Slug($0) }) {
            for name in names("\(tree.uploads)/\(user)") {
                let path = "\(tree.uploads)/\(user)/\(name)"
                guard let file = OlderName(name), isStale(path, now),
                    try !isBeingMade(RelPath(user: user, video: file.video))
                else { continue }
                count += remove(path)
            }
            Files.removeDirectoryIfEmpty("\(tree.uploads)/\(user)")
        }
        return count
    }

    private func isBeingMade(_ rel: RelPath) throws(DatabaseError) -> Bool {
        try connection.query(
            """
            select from tasks t join videos v on v.id = t.video_id
            where v.rel = \(rel.description) and t.state in ('queued', 'running')
            """
        ).count > 0
    }

    private func removeWork(_ now: Int64) throws(DatabaseError) -> Int {
        var count = 0
        for name in names(tree.work) {
            guard let id = UUID(name) else { continue }
            let state = try state(of: id)
            // A failed task may be run again by the operator for a day.
            let isFree = state == "done" || state == "cancelled" || isStale(tree.work(id), now)
            if isFree, try isOver(id) { count += remove(tree.work(id)) }
        }
        return count
    }

    private func removeRetired() throws(DatabaseError) -> Int {
        let due = try connection.query(
            """
            select r.rel, r.name from retired_publications r where r.remove_after < now()
                and not exists (select from videos v where v.rel = r.rel and v.publication = r.name)
            limit 1000
            """
        ).map { (row) throws(DatabaseError) in
            (try row.value("rel", as: String.self), try row.value("name", as: String.self))
        }
        var count = 0
        for (relText, nameText) in due {
            if let rel = RelPath(stored: relText), let name = PublicationName(nameText) {
                guard remove(tree.publication(rel, name)) == 1 else { continue }
            }
            try connection.query("delete from retired_publications where rel = \(relText) and name = \(nameText)")
            count += 1
        }
        return count
    }

    /// Captions that no master has listed for an hour, and what was left of cutting some.
    private func removeCaptions(_ now: Int64) throws(DatabaseError) -> Int {
        var count = 0
        for name in names(tree.captions) where isStale("\(tree.captions)/\(name)", now) {
            count += remove("\(tree.captions)/\(name)")
        }
        let due = try connection.query(
            """
            select c.version, c.language, v.rel from captions c join videos v on v.id = c.video_id
            where c.removed_at is not null and c.unlisted_at < now() - interval '1 hour' limit 1000
            """
        ).map { (row) throws(DatabaseError) in
            (
                try row.value("version", as: String.self), try row.value("language", as: String.self),
                try row.value("rel", as: String.self)
            )
        }
        for (version, language, relText) in due {
            if let rel = RelPath(stored: relText), let directory = RenditionName.captions(language, version) {
                var isGone = true
                for entry in names(tree.lesson(rel)) {
                    guard let name = PublicationName(entry) else { continue }
                    let place = tree.rendition(rel, name, directory)
                    if Files.exists(place) { isGone = remove(place) == 1 && isGone }
                }
                if !isGone { continue }
            }
            try connection.query("delete from captions where version = \(version)")
            count += 1
        }
        return count
    }

    /// Marks of lessons that nobody makes: a crash between the mark and the transaction leaves one.
    private func removePending(_ now: Int64) throws(DatabaseError) -> Int {
        var count = 0
        for rel in published {
            guard let mark = Files.status(tree.pending(rel)), now - mark.modified > Self.undecided else { continue }
            if try !isBeingMade(rel) { count += remove(tree.pending(rel)) }
        }
        return count
    }

    /// Publications that stand in no row: made by a task whose transaction never came.
    private func removeUnknown(_ now: Int64) throws(DatabaseError) -> Int {
        var count = 0
        for rel in published {
            for entry in names(tree.lesson(rel)) {
                guard let name = PublicationName(entry), isStale(tree.publication(rel, name), now) else { continue }
                let known = try connection.query(
                    """
                    select from videos v where v.rel = \(rel.description) and (
                        v.publication = \(name.description)
                        or exists (select from tasks t where t.video_id = v.id and t.publication = \(name.description)
                                   and (t.state in ('queued', 'running')
                                        or (t.state = 'failed' and t.finished_at > now() - interval '1 day')))
                        or exists (select from retired_publications r where r.rel = v.rel and r.name = \(name.description)))
                    """)
                if known.count == 0 { count += remove(tree.publication(rel, name)) }
            }
        }
        return count
    }

    private func state(of task: UUID) throws(DatabaseError) -> String? {
        let rows = try connection.query("select state from tasks where id = \(task.description)::uuid")
        return try rows.first?.value("state")
    }

    private func isOver(_ task: UUID) throws(DatabaseError) -> Bool {
        switch try state(of: task) {
        case "queued", "running": false
        default: true
        }
    }

    /// All lessons that have a directory, of four parts and of two.
    private var published: [RelPath] {
        let root = "\(tree.root)/hls"
        var all = lessons(below: root)
        for user in names(root).compactMap({ Slug($0) }) {
            all += names("\(root)/\(user)").compactMap { Slug($0) }.map { RelPath(user: user, video: $0) }
        }
        return all
    }

    private func lessons(below root: String) -> [RelPath] {
        var all: [RelPath] = []
        for a in names(root).compactMap({ Slug($0) }) {
            for b in names("\(root)/\(a)").compactMap({ Slug($0) }) {
                for c in names("\(root)/\(a)/\(b)").compactMap({ Slug($0) }) {
                    for d in names("\(root)/\(a)/\(b)/\(c)").compactMap({ Slug($0) }) {
                        all.append(RelPath(trainer: a, course: b, module: c, lesson: d))
                    }
                }
            }
        }
        return all
    }
}
