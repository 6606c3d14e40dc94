internal import Core
internal import Jobs
internal import Media
internal import POSIX
internal import Postgres
internal import Storage
internal import Tokens

/// The first job of a task: retires older tasks of the lesson, inspects, stores the original, plans, makes what makes
/// the lesson playable, publishes it, and adds the jobs for the rest.
struct Prepare {
    let desk: Desk
    let lease: Lease
    let id: UUID

    func run() throws(Interruption) {
        guard var task = try begin() else { throw .cancelled }
        if task.facts == nil { task.facts = try inspect(task) }
        guard var facts = task.facts else { throw .cancelled }
        let choices: EncodingChoices
        if let settled = task.choices { choices = settled } else { choices = try chosen(task) }
        if choices.loudness != nil {
            if !facts.isMeasured, task.publication == nil { facts = try measure(task, facts) }
            facts = facts.levelled(to: choices.loudness)
            task.facts = facts
        }
        task.choices = choices
        let plan = WorkPlan(facts, choices, probe: try probe(task, facts, choices))
        guard let name = try settle(&task, plan) else { throw .cancelled }
        let step = Step(desk: desk, task: task, lease: lease)
        if !task.playable {
            // A lesson is not begun that can't be finished; one that plays already goes on slice by slice.
            let (slices, renditions) = try db { () throws(DatabaseError) in
                (try desk.ledger.slices(id), try desk.ledger.renditions(id))
            }
            try step.checkRoom(Room.bytes(slices, renditions, facts.plan))
        }
        for planned in plan.slices where planned.priority == nil {
            let slices = try db { () throws(DatabaseError) in try desk.ledger.slices(id) }
            guard slices.first(where: { $0.number == planned.number })?.attempt == nil else { continue }
            try step.makeAndNote(planned, facts, name)
        }
        try desk.transaction { () throws(Interruption) in
            let now = try desk.holdOpen(id, lease)
            try TaskEnd(desk: desk).publish(now)
            try db { () throws(DatabaseError) in
                try desk.ledger.enqueueSlices(now, plan)
                _ = try Queue.finish(lease, on: desk.connection)
            }
        }
    }

    /// The settings, and what the caller wants done differently.
    private func chosen(_ task: LessonTask) throws(Interruption) -> EncodingChoices {
        guard let wishes = task.wishes else { return desk.choices }
        do throws(MediaMessageError) { return try EncodingChoices(json: wishes, over: desk.choices) } catch {
            throw .failed(.internalError, detail: "wishes: \(error)", limit: 1)
        }
    }

    /// - Returns: the task, or `nil` when there is nothing to do.
    private func begin() throws(Interruption) -> LessonTask? {
        try desk.transaction { () throws(Interruption) -> LessonTask? in
            let task = try desk.hold(id, lease)
            if task.state == .done || task.state == .cancelled { throw .cancelled }
            if !task.isNewest {
                try TaskEnd(desk: desk).supersede(task.id)
                return nil
            }
            try db { () throws(DatabaseError) in
                for older in try desk.ledger.older(than: task) { try TaskEnd(desk: desk).supersedeInside(older) }
                try desk.ledger.begin(id, stage: task.facts == nil ? "checking" : "packaging")
            }
            return task
        }
    }

    private func inspect(_ task: LessonTask) throws(Interruption) -> SourceFacts {
        let found = try Step(desk: desk, task: task, lease: lease).inspect(path(task))
        let facts = found.judged(by: (task.choices ?? desk.choices).steps)
        try db { () throws(DatabaseError) in try desk.ledger.note(facts, of: id) }
        return facts
    }

    /// Notes how loud the tracks are; once, before anything is planned.
    private func measure(_ task: LessonTask, _ facts: SourceFacts) throws(Interruption) -> SourceFacts {
        let measured = try Step(desk: desk, task: task, lease: lease).measureLoudness(path(task), facts)
        try db { () throws(DatabaseError) in try desk.ledger.note(measured, of: id) }
        return measured
    }

    /// Where the file waits, or is kept.
    private func path(_ task: LessonTask) -> String {
        let waiting = desk.tree.upload(task.rel, task: id, task.fileExtension)
        return Files.exists(waiting) ? waiting : desk.tree.original(task.rel, task.fileExtension)
    }

    /// What the content needs, where the operator wants a ladder for each film; looked at once.
    private func probe(
        _ task: LessonTask, _ facts: SourceFacts, _ choices: EncodingChoices
    ) throws(Interruption) -> ContentProbe? {
        guard choices.perTitle, let video = facts.video else { return nil }
        if let known = task.probe { return known }
        let rungs = Ladder.rungs(for: video, steps: choices.steps).filter { !$0.isCopied }
        if rungs.isEmpty { return nil }
        let probe = try Step(desk: desk, task: task, lease: lease).probe(
            path(task), facts, rungs.map { $0.job(choices, for: video) })
        try db { () throws(DatabaseError) in try desk.ledger.note(probe, of: id) }
        return probe
    }

    /// Puts the file where originals are kept, and writes the plan down.
    private func settle(_ task: inout LessonTask, _ plan: WorkPlan) throws(Interruption) -> PublicationName? {
        guard !plan.slices.isEmpty else { throw .failed(.noStreams, detail: "nothing to make", limit: 1) }
        let settled = try desk.transaction { () throws(Interruption) -> LessonTask? in
            var now = try desk.holdOpen(id, lease)
            if !now.isNewest {
                try TaskEnd(desk: desk).supersede(id)
                return nil
            }
            do throws(SystemError) { try keepOriginal(&now) } catch {
                if error.isNoRoom { throw .noRoom(detail: "storing: \(error)") }
                throw .failed(.internalError, detail: "storing: \(error)", limit: 6)
            }
            if now.publication == nil {
                // What an earlier plan left behind must not be taken for this one's.
                do throws(SystemError) { try Files.removeTree(desk.tree.work(id)) } catch {
                    throw .failed(.internalError, detail: "clearing: \(error)", limit: 6)
                }
                let milliseconds = SegmentPlan.target * 1000 / Ticks.perSecond
                let name = PublicationName(keyVersion: desk.keys.newest, targetMilliseconds: milliseconds)
                now.publication = name
                now.choices = task.choices
                try db { () throws(DatabaseError) in try desk.ledger.plan(now, plan, name) }
            }
            return now
        }
        guard let settled else { return nil }
        task = settled
        return settled.publication
    }

    private func keepOriginal(_ task: inout LessonTask) throws(SystemError) {
        let source = desk.tree.upload(task.rel, task: id, task.fileExtension)
        let target = desk.tree.original(task.rel, task.fileExtension)
        try Publishing.move(source, to: target)
        // An original of another kind belongs to a lesson that this one replaces.
        for kind in FileExtension.allCases where kind != task.fileExtension {
            try Files.remove(desk.tree.original(task.rel, kind))
        }
        Files.removeDirectoryIfEmpty(desk.tree.uploads(task.rel))
    }
}
