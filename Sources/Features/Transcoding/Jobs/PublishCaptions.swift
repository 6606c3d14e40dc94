internal import Core
internal import Jobs
internal import Media
internal import POSIX
internal import Postgres
internal import Storage

/// Brings the captions of a video into the publication that plays: cuts what is new by its plan, and writes the master
/// anew. What is cut lies in a directory of this claim until it enters the publication by one rename; all of it may be
/// done again.
struct PublishCaptions {
    let desk: Desk
    let lease: Lease
    let video: String

    func run() throws(Interruption) {
        guard let id = try db({ () throws(DatabaseError) in try desk.ledger.playingTask(ofVideo: video) }),
            let task = try db({ () throws(DatabaseError) in try desk.ledger.read(id) }), let facts = task.facts,
            let name = task.publication
        else { return try finishWithoutPublication() }
        let rows = try db { () throws(DatabaseError) in try desk.ledger.captions(task) }
        var made: [(place: String, target: String)] = []
        for row in rows {
            guard let directory = row.directory else { continue }
            let target = desk.tree.rendition(task.rel, name, directory)
            if Files.exists("\(target)/index.m3u8") { continue }
            let place = desk.tree.captions(row.version, job: lease.job, attempt: lease.attempt)
            if try cut(row, facts.plan, task.choices?.packaging ?? .ts, to: place) { made.append((place, target)) }
        }
        try desk.transaction { () throws(Interruption) in
            let now = try desk.hold(id, lease)
            if now.playing == name {
                do throws(SystemError) {
                    for entry in made { try Publishing.enter(entry.place, as: entry.target) }
                } catch {
                    if error.isNoRoom { throw .noRoom(detail: "publishing: \(error)") }
                    throw .failed(.internalError, detail: "publishing: \(error)", limit: 12)
                }
                try Publisher(desk: desk).refresh(now)
            } else {
                // Another publication took its place meanwhile: once more, for that one.
                try db { () throws(DatabaseError) in try desk.ledger.wantCaptions(now) }
            }
            try finish()
        }
        for entry in made { try? Files.removeTree(entry.place) }
    }

    /// It is published with the lesson's first publication; what was removed is nowhere.
    private func finishWithoutPublication() throws(Interruption) {
        try desk.transaction { () throws(Interruption) in
            guard try db({ () throws(DatabaseError) in try Queue.hold(lease, on: desk.connection) }) else {
                throw .lost
            }
            try db { () throws(DatabaseError) in try desk.ledger.noteUnlisted(ofVideo: video) }
            try finish()
        }
    }

    private func finish() throws(Interruption) {
        _ = try db { () throws(DatabaseError) in try Queue.finish(lease, on: desk.connection) }
    }

    /// Writes a version's segments and playlist.
    ///
    /// - Returns: whether there was anything to cut.
    private func cut(
        _ row: CaptionRow, _ plan: SegmentPlan, _ packaging: Packaging, to place: String
    ) throws(Interruption) -> Bool {
        guard let text = try db({ () throws(DatabaseError) in try desk.ledger.captionText(row.version) }) else {
            return false
        }
        let cues: [Cue]
        do throws(CaptionFault) { cues = try CaptionFile.stored(text) } catch {
            throw .failed(.internalError, detail: "captions \(row.version): \(error.sentence)", limit: 1)
        }
        let segments = CaptionSegments.write(cues, plan: plan, offset: Ticks.streamOffset)
        try writing { () throws(SystemError) in
            try Files.removeTree(place)
            try Files.makeDirectories(place)
        }
        for (number, segment) in segments.enumerated() {
            if number % 200 == 0 { try beat() }
            try writing { () throws(SystemError) in
                try write(segment, "\(place)/\(FrameKind.text.fileName(number, packaging))")
            }
        }
        try writing { () throws(SystemError) in
            try write(CaptionSegments.playlist(plan), "\(place)/index.m3u8")
            try Files.syncDirectory(place)
        }
        return true
    }

    private func write(_ text: String, _ path: String) throws(SystemError) {
        let file = try Publishing.create(path)
        try file.write(Array(text.utf8).span)
        try file.sync()
    }

    private func writing(_ body: () throws(SystemError) -> Void) throws(Interruption) {
        do throws(SystemError) { try body() } catch {
            if error.isNoRoom { throw .noRoom(detail: "captions: \(error)") }
            throw .failed(.internalError, detail: "captions: \(error)", limit: 12)
        }
    }

    private func beat() throws(Interruption) {
        if desk.shouldStop() { throw .leaving }
        let beat = try db { () throws(DatabaseError) in
            try Queue.heartbeat(lease, seconds: desk.lease, progress: 0, on: desk.connection)
        }
        switch beat {
        case .held: break
        case .cancelled: throw .cancelled
        case .lost: throw .lost
        }
    }
}
