internal import Core
internal import Helper
internal import Media
internal import POSIX
internal import Postgres
internal import Storage

/// Brings the files into the state the database describes. Runs while the task's row is locked; every step may be done
/// again, so a crash anywhere costs nothing but the repetition.
///
/// Order: segments in place → playlist → rendition's directory by rename → master by rename → directory synced → only
/// then does the caller commit.
struct Publisher {
    let desk: Desk

    /// - Parameter isClosed: nothing more will be made; what grew ends where it is.
    /// - Returns: what is ready.
    @discardableResult
    func reconcile(_ task: LessonTask, isClosed: Bool = false) throws(Interruption) -> Shelf {
        guard let facts = task.facts, let name = task.publication else {
            throw .failed(.internalError, detail: "nothing is planned", limit: 1)
        }
        let ledger = desk.ledger
        var renditions = try db { () throws(DatabaseError) in try ledger.renditions(task.id) }
        let slices = try db { () throws(DatabaseError) in try ledger.slices(task.id) }
        if isClosed {
            let shelf = Shelf(facts, renditions: renditions, slices: slices, isClosed: true)
            for row in shelf.rows where !row.isComplete {
                try db { () throws(DatabaseError) in try ledger.note(.dropped, of: row.rendition.ordinal, task.id) }
            }
            renditions = try db { () throws(DatabaseError) in try ledger.renditions(task.id) }
        }
        let shelf = Shelf(facts, renditions: renditions, slices: slices, isClosed: isClosed)
        var torn: RenditionName?
        do throws(SystemError) {
            for row in shelf.rows where torn == nil {
                if try !publish(row, task, name, facts) { torn = row.rendition.name }
            }
        } catch {
            if error.isNoRoom { throw .noRoom(detail: "publishing: \(error)") }
            throw .failed(.internalError, detail: "publishing: \(error)", limit: 6)
        }
        if let torn { throw .failed(.internalError, detail: "slices of \(torn) are coded differently", limit: 1) }
        if task.mayShow(shelf) { try publishMaster(shelf, task, name, facts) }
        for row in shelf.rows {
            let state: Rendition.State = row.isClosed ? .done : row.isListed ? .growing : row.rendition.state
            if state != row.rendition.state {
                try db { () throws(DatabaseError) in try ledger.note(state, of: row.rendition.ordinal, task.id) }
            }
        }
        if task.mayShow(shelf), !task.playable || task.playing != name {
            try db { () throws(DatabaseError) in
                try ledger.published(task, name, original: desk.tree.originalPath(task.rel, task.fileExtension))
            }
            desk.log.info("playable", ["task": .string(task.id.description), "publication": .string(name.description)])
        }
        return shelf
    }

    /// - Returns: `false` when slices of the rendition do not fit together.
    private func publish(
        _ row: Shelf.Row, _ task: LessonTask, _ name: PublicationName, _ facts: SourceFacts
    ) throws(SystemError) -> Bool {
        let rendition = row.rendition
        // Those are published by a job of their own, with the captions that people sent.
        if rendition.kind == .captions { return true }
        if rendition.state == .done || !(row.isComplete || rendition.growing) { return true }
        if row.segments.isEmpty, rendition.kind != .chapters { return true }
        let target = desk.tree.rendition(task.rel, name, rendition.name)
        // It enters by one rename.
        let isEntered = !rendition.growing && Files.isDirectory(target)
        if isEntered, row.isHeld || !rendition.kind.isEssential { return true }
        // What is entered whole is put together elsewhere first; only its playlist is written again when it closes.
        let place = rendition.growing || isEntered ? target : desk.tree.assembly(task.id, rendition.name)
        let packaging = task.choices?.packaging ?? .ts
        func made(_ file: String, in slice: Slice) -> (String, String) {
            let source = desk.tree.slice(task.id, rendition.name, slice.number, attempt: slice.attempt ?? 0)
            return ("\(source)/\(file)", file)
        }
        let head = FrameKind.initialisation.fileName(0, packaging)
        try Publishing.install(
            row.initialisations.prefix(1).map { made(head, in: $0) }
                + row.segments.map { made($0.made.kind.fileName($0.made.number, packaging), in: $0.slice) }, in: place)
        // Encoders of one rendition agree on how it is coded; if they did not, players would fail where slices meet.
        for slice in row.initialisations.dropFirst() {
            guard try Publishing.isSame(made(head, in: slice).0, "\(place)/\(head)") else { return false }
        }
        for file in row.texts(facts, packaging) { try Publishing.write(file.text, to: "\(place)/\(file.name)") }
        if place != target { try Publishing.enter(place, as: target) }
        try Files.syncDirectory(desk.tree.publication(task.rel, name))
        return true
    }

    /// Writes the master of a publication that plays anew: its captions are others now.
    func refresh(_ task: LessonTask) throws(Interruption) {
        guard let facts = task.facts, let name = task.publication else { return }
        let ledger = desk.ledger
        let renditions = try db { () throws(DatabaseError) in try ledger.renditions(task.id) }
        let slices = try db { () throws(DatabaseError) in try ledger.slices(task.id) }
        let isClosed = task.state.isOver && task.state != .done
        let shelf = Shelf(facts, renditions: renditions, slices: slices, isClosed: isClosed)
        if shelf.isPlayable { try publishMaster(shelf, task, name, facts) }
    }

    private func publishMaster(
        _ shelf: Shelf, _ task: LessonTask, _ name: PublicationName, _ facts: SourceFacts
    ) throws(Interruption) {
        let captions = try db { () throws(DatabaseError) in try desk.ledger.captions(task) }
        func stands(_ directory: String) -> Bool {
            Files.exists("\(desk.tree.publication(task.rel, name))/\(directory)/index.m3u8")
        }
        let listed = captions.filter { $0.directory.map { stands($0.description) } ?? false }
        var master = shelf.master(facts, task.choices ?? EncodingChoices(), prefix: "\(name)/")
        master.captions = listed.compactMap(\.listed)
        // What is noted but not published yet has no playlist.
        master.videos = master.videos.filter { stands($0.name) }
        master.audios = master.audios.filter { stands($0.name) }
        do throws(SystemError) {
            try Publishing.write(master.text, to: desk.tree.master(task.rel))
            try Files.remove(desk.tree.pending(task.rel))
            try Files.syncDirectory(desk.tree.lesson(task.rel))
        } catch {
            if error.isNoRoom { throw .noRoom(detail: "publishing: \(error)") }
            throw .failed(.internalError, detail: "publishing: \(error)", limit: 6)
        }
        try db { () throws(DatabaseError) in
            try desk.ledger.noteListed(listed.map(\.version), task, in: name)
            if listed.count < captions.count { try desk.ledger.wantCaptions(task) }
        }
    }
}
