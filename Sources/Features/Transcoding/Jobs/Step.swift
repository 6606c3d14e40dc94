internal import Core
internal import Helper
internal import Jobs
internal import Media
internal import POSIX
internal import Postgres
internal import Storage
internal import Tokens

/// One run of the helper for a job: with a heartbeat each second, ended when the lease is lost, the job is cancelled or
/// the worker leaves.
struct Step {
    let desk: Desk
    let task: LessonTask
    let lease: Lease

    /// Seconds a step may take for each second of media and rung, far above what the slowest machine needs.
    static let patience: Int64 = 40

    /// Looks at a file.
    func inspect(_ path: String) throws(Interruption) -> SourceFacts {
        let job = MediaJob.inspect(extension: task.fileExtension.rawValue, limits: desk.resources.limits)
        let request = HelperRequest(
            program: desk.helper, job: job, input: path, seconds: 900, disk: desk.resources.disk,
            enclosure: desk.enclosure)
        let result = try run(request, slice: nil)
        guard let facts = result.facts else { throw .failed(.helperFailed, detail: "no facts", limit: 3) }
        return facts
    }

    /// Measures how loud a file's tracks are.
    ///
    /// - Returns: the facts with that alone added: nothing else of what the helper says now counts.
    func measureLoudness(_ path: String, _ facts: SourceFacts) throws(Interruption) -> SourceFacts {
        let job = MediaJob.loudness(source: facts, limits: desk.resources.limits)
        let seconds = 300 + facts.duration / Ticks.perSecond
        let request = HelperRequest(
            program: desk.helper, job: job, input: path, seconds: seconds, disk: desk.resources.disk)
        let result = try run(request, slice: nil)
        guard let measured = result.facts?.audio, measured.count == facts.audio.count else {
            throw .failed(.helperFailed, detail: "no loudness", limit: 3)
        }
        var facts = facts
        for index in facts.audio.indices { facts.audio[index].loudness = measured[index].loudness ?? -7000 }
        return facts
    }

    /// Finds out what a few seconds here and there need at each rung.
    func probe(_ path: String, _ facts: SourceFacts, _ rungs: [RungJob]) throws(Interruption) -> ContentProbe {
        let job = MediaJob.probe(
            source: facts, places: PerTitle.places(in: facts.plan), rungs: rungs, limits: desk.resources.limits)
        let request = HelperRequest(
            program: desk.helper, job: job, input: path, seconds: 900, disk: desk.resources.disk)
        let result = try run(request, slice: nil)
        guard let probe = result.probe else { throw .failed(.helperFailed, detail: "no probe", limit: 3) }
        return probe
    }

    /// Makes a slice and notes it, unless its task ended meanwhile.
    func makeAndNote(_ slice: Slice, _ facts: SourceFacts, _ name: PublicationName) throws(Interruption) {
        let renditions = try db { () throws(DatabaseError) in try desk.ledger.renditions(task.id) }
        try checkRoom(Room.bytes([slice], renditions, facts.plan))
        let result: HelperResult
        do { result = try make(slice, renditions, facts, name) } catch {
            removeAttempts(of: slice, renditions, all: true)
            if case .failed(let why, let detail, let limit) = error {
                throw .sliceFailed(slice, why, detail: detail, limit: limit)
            }
            throw error
        }
        let found = slice.kind == .captions ? captions(in: result, of: slice, renditions) : []
        try desk.transaction { () throws(Interruption) in
            // Planned anew meanwhile: these are segments of a publication that nobody wants any more.
            guard try desk.holdOpen(task.id, lease).publication == name else { throw .cancelled }
            try db { () throws(DatabaseError) in
                for entry in found where facts.captions.indices.contains(entry.track) {
                    try desk.ledger.keep(facts.captions[entry.track], track: entry.track, entry.cues, of: task)
                }
                try desk.ledger.note(slice.number, of: task.id, attempt: lease.attempt, result)
            }
        }
    }

    /// What a slice of captions found. The helper read a hostile file: its text is read as strictly as one that is sent.
    private func captions(
        in result: HelperResult, of slice: Slice, _ renditions: [Rendition]
    ) -> [(track: Int, cues: [Cue])] {
        var all: [(track: Int, cues: [Cue])] = []
        for made in result.segments where made.kind == .text {
            guard let rendition = renditions.first(where: { $0.ordinal == made.ordinal }), let track = rendition.track
            else { continue }
            let place = desk.tree.slice(task.id, rendition.name, slice.number, attempt: lease.attempt)
            guard let file = try? Descriptor(reading: "\(place)/\(made.kind.fileName(made.number, .ts))"),
                let bytes = try? file.readAll(limit: CaptionFile.largest), let text = try? CaptionFile(bytes)
            else { continue }
            all.append((track, text.cues))
        }
        return all
    }

    /// Whether there is room for so many bytes, and for the service to live on.
    func checkRoom(_ needed: Int64) throws(Interruption) {
        guard let free = try? Files.freeBytes(desk.tree.work) else { return }
        if free - desk.resources.reserve < needed {
            throw .noRoom(detail: "\(free) bytes are free, \(desk.resources.reserve) of them kept, \(needed) needed")
        }
    }

    /// Removes what attempts at a slice left behind that nobody noted: earlier ones, or the present one too.
    private func removeAttempts(of slice: Slice, _ renditions: [Rendition], all: Bool) {
        for rendition in renditions where slice.ordinals.contains(rendition.ordinal) {
            for attempt in 1...max(1, lease.attempt) where all || attempt < lease.attempt {
                try? Files.removeTree(desk.tree.slice(task.id, rendition.name, slice.number, attempt: attempt))
            }
        }
    }

    /// Makes a slice's segments; they lie in a directory of this attempt when this returns.
    private func make(
        _ slice: Slice, _ renditions: [Rendition], _ facts: SourceFacts, _ name: PublicationName
    ) throws(Interruption) -> HelperResult {
        let wanted = renditions.filter { slice.ordinals.contains($0.ordinal) }
        let isUrgent = slice.kind == .copy || (slice.priority ?? 0) >= WorkPlan.soon
        guard let job = slice.job(wanted, facts, task.choices ?? EncodingChoices(), limits: desk.resources.limits)
        else {
            throw .failed(.internalError, detail: "no step makes \(slice.kind.rawValue)", limit: 1)
        }
        var request = HelperRequest(
            program: desk.helper, job: job, input: desk.tree.original(task.rel, task.fileExtension),
            packaging: task.choices?.packaging ?? .ts,
            seconds: 300 + Self.patience * seconds(slice, facts) * Int64(max(1, wanted.count)),
            niceness: isUrgent ? 0 : desk.resources.niceness,
            disk: isUrgent ? desk.resources.disk.raised : desk.resources.disk, enclosure: desk.enclosure)
        for number in request.order.keyNumbers {
            guard let key = desk.keys.key(rel: task.rel.description, publication: name, number: number) else {
                throw .failed(.internalError, detail: "no master secret of version \(name.keyVersion)", limit: 6)
            }
            request.keys[number] = key
        }
        for rendition in wanted {
            request.directories[rendition.ordinal] = desk.tree.slice(
                task.id, rendition.name, slice.number, attempt: lease.attempt)
        }
        removeAttempts(of: slice, renditions, all: false)
        // An attempt of the same number is left over from a plan that another one replaced, or a restored database.
        do throws(SystemError) {
            for directory in request.directories.values { try Files.removeTree(directory) }
        } catch { throw .failed(.internalError, detail: "\(error)", limit: 6) }
        let result = try run(request, slice: slice)
        let told = Set(result.renditions.map(\.ordinal))
        if result.segments.contains(where: { !told.contains($0.ordinal) }) {
            throw .failed(.helperFailed, detail: "segments of a rendition nothing was told about", limit: 3)
        }
        do throws(SystemError) {
            for directory in request.directories.values { try Files.syncDirectory(directory) }
        } catch { throw .failed(.internalError, detail: "\(error)", limit: 6) }
        return result
    }

    private func seconds(_ slice: Slice, _ facts: SourceFacts) -> Int64 {
        let ticks = facts.plan.start(of: slice.range.upperBound) - facts.plan.start(of: slice.range.lowerBound)
        return max(1, ticks / Ticks.perSecond)
    }

    /// Frames of the source in a slice of picture; 0 where frames say nothing about how far it is.
    private func frames(_ slice: Slice) -> Double {
        guard slice.kind == .video, let facts = task.facts, let video = facts.video else { return 0 }
        let rate = Double(video.frameRate.numerator) / Double(max(1, video.frameRate.denominator))
        return rate * Double(seconds(slice, facts))
    }

    private func run(_ request: HelperRequest, slice: Slice?) throws(Interruption) -> HelperResult {
        var reason: Interruption?
        var lastBeat: Int64 = 0
        var lastGood = Clocks.monotonicNanoseconds()
        let killsBefore = Host.outOfMemoryKills()
        let whole = Double((slice?.range.count ?? 1) * max(1, slice?.ordinals.count ?? 1))
        let allFrames = slice.map { frames($0) } ?? 0
        do throws(HelperFailure) {
            return try Helper.run(request) { progress in
                if desk.shouldStop() {
                    reason = .leaving
                    return .stop
                }
                let now = Clocks.monotonicNanoseconds()
                if now - lastBeat < 1_000_000_000 { return .goOn }
                lastBeat = now
                if slice != nil, let free = try? Files.freeBytes(desk.tree.work), free < desk.resources.reserve {
                    reason = .noRoom(detail: "\(free) bytes are free while a slice is made")
                    return .stop
                }
                let byFrames = allFrames > 0 ? 0.97 * Double(progress.frames) / allFrames : 0
                let fraction = min(0.99, max(Double(progress.written) / whole, min(byFrames, 0.97)))
                do throws(DatabaseError) {
                    switch try Queue.heartbeat(lease, seconds: desk.lease, progress: fraction, on: desk.connection) {
                    case .held: break
                    case .cancelled: reason = .cancelled
                    case .lost: reason = .lost
                    }
                    lastGood = now
                    if reason == nil {
                        try desk.ledger.updateProgress(task, running: slice.map { ($0.number, fraction) })
                    }
                } catch {
                    // The helper may go on while the database is away, but not for longer than the lease holds.
                    if Double(now - lastGood) > desk.lease * 1e9 { reason = .lost }
                }
                return reason == nil ? .goOn : .stop
            }
        } catch {
            if let reason { throw reason }
            let kills = Host.outOfMemoryKills()
            let isShort: Bool? = if let kills, let killsBefore { kills > killsBefore } else { nil }
            throw Self.interruption(error, outOfMemory: isShort)
        }
    }

    /// What a failure of the helper means for its job: at most two retries for whatever the file may have caused.
    ///
    /// - Parameter outOfMemory: whether the kernel ended a process for want of memory meanwhile; `nil`: nobody knows.
    static func interruption(_ failure: HelperFailure, outOfMemory: Bool?) -> Interruption {
        switch failure {
        case .refused(let code, let detail):
            .failed(
                code.refusal ?? .helperFailed, detail: "\(code.rawValue): \(detail)", limit: code.isTransient ? 3 : 1)
        // The one signal that others send, too: an operator, a restart of the machine. The file is blamed when the
        // kernel was short of memory, or when that can't be known.
        case .died(.killed(9), let log) where outOfMemory == false: .disturbed(detail: "signal 9: \(log)")
        case .died(.killed(9), let log):
            .failed(.helperFailed, detail: "signal 9, out of memory: \(log)", limit: 3)
        case .died(let end, let log): .failed(.helperFailed, detail: "\(end): \(log)", limit: 3)
        case .timedOut: .failed(.helperTimeout, detail: "timed out", limit: 2)
        case .broken(let what): .failed(.helperFailed, detail: what, limit: 2)
        case .stopped: .leaving
        case .system(let error) where error.isNoRoom: .noRoom(detail: error.description)
        case .system(let error): .failed(.internalError, detail: error.description, limit: 6)
        }
    }
}
