internal import Core
internal import Media
internal import POSIX

/// How far a running step is.
public struct HelperProgress: Equatable, Sendable {
    /// The step has made the segments before this one.
    public var segment: Int
    /// Segments written so far.
    public var written: Int
    /// Frames of picture taken up so far.
    public var frames: Int
}

/// Whether a running step goes on.
public enum HelperOrder: Equatable, Sendable {
    /// It does.
    case goOn
    /// It is killed.
    case stop
}

/// The media helper as a child process.
public enum Helper {
    /// Runs one step to its end.
    ///
    /// - Parameters:
    ///   - request: the step.
    ///   - watch: called at least every half second while it runs.
    /// - Throws: `HelperFailure`; the helper and everything it started is gone then.
    public static func run(
        _ request: HelperRequest, watch: (HelperProgress) -> HelperOrder
    ) throws(HelperFailure) -> HelperResult {
        for directory in request.directories.values {
            do throws(SystemError) { try Files.makeDirectories(directory) } catch { throw .system(error) }
        }
        do {
            let child = try HelperChild(request)
            return try outcome(child, request, watch)
        } catch let error as SystemError {
            throw .system(error)
        } catch let error as HelperFailure {
            throw error
        } catch { throw .broken("\(error)") }
    }

    private static func outcome(
        _ child: borrowing HelperChild, _ request: HelperRequest, _ watch: (HelperProgress) -> HelperOrder
    ) throws -> HelperResult {
        var talk = HelperTalk(request)
        let deadline = Clocks.monotonicNanoseconds() + request.seconds * 1_000_000_000
        do {
            try talk.follow(child, until: deadline, watch)
        } catch {
            child.kill()
            throw error
        }
        guard let end = child.end(by: deadline) else {
            child.kill()
            throw HelperFailure.timedOut
        }
        return try talk.result(end)
    }
}

/// The conversation with a running helper.
struct HelperTalk {
    var events = EventReader()
    var frames: FrameReader?
    var log: [UInt8] = []
    let silence: Int64
    let isInspection: Bool
    let isProbe: Bool
    private let isEnclosed: Bool

    init(_ request: HelperRequest) {
        isEnclosed = request.enclosure != nil
        silence = request.silence * 1_000_000_000
        let bounds = FrameBounds(request.job)
        if case .probe = request.job { isProbe = true } else { isProbe = false }
        isInspection = bounds == nil && !isProbe
        if let bounds {
            frames = FrameReader(
                directories: request.directories, packaging: request.packaging, bounds: bounds,
                most: request.job.limits.outputBytes)
        }
    }

    /// Reads all three pipes until they end.
    mutating func follow(
        _ child: borrowing HelperChild, until deadline: Int64, _ watch: (HelperProgress) -> HelperOrder
    ) throws {
        let poller = try Poller()
        try poller.add(child.events.raw)
        try poller.add(child.log.raw)
        try poller.add(child.frames.raw)
        var open = 3
        var window = [UInt8](repeating: 0, count: 1 << 18)
        var lastWord = Clocks.monotonicNanoseconds()
        var lastWatch: Int64 = 0
        while open > 0 {
            let ready = try poller.wait(milliseconds: 250)
            let now = Clocks.monotonicNanoseconds()
            if now - lastWatch >= 250_000_000 {
                lastWatch = now
                let progress = HelperProgress(
                    segment: events.progress.segment, written: frames?.segments.count ?? 0,
                    frames: events.progress.frames)
                if watch(progress) == .stop { throw HelperFailure.stopped }
            }
            if now > deadline || now - lastWord > silence { throw HelperFailure.timedOut }
            guard let ready else { continue }
            var span = window.mutableSpan
            let count: Int
            switch ready {
            case child.events.raw: count = try child.events.read(into: &span)
            case child.log.raw: count = try child.log.read(into: &span)
            default: count = try child.frames.read(into: &span)
            }
            if count == 0 {
                poller.remove(ready)
                open -= 1
                continue
            }
            switch ready {
            case child.events.raw: try events.take(window[..<count])
            case child.log.raw:
                log.append(contentsOf: window[..<count])
                if log.count > 4096 { log.removeFirst(log.count - 4096) }
                continue
            default:
                guard frames != nil else { throw HelperFailure.broken("segments of an inspection") }
                try frames?.take(window[..<count])
            }
            lastWord = now
        }
    }

    /// What it all comes to, now that the helper has ended.
    func result(_ end: ChildEnd) throws -> HelperResult {
        if let failure = events.failure { throw HelperFailure.refused(failure.code, detail: failure.detail) }
        guard end == .exited(0) else {
            throw HelperFailure.died(end, log: String(decoding: log, as: UTF8.self))
        }
        var result = HelperResult()
        result.jail = events.jail
        result.jail?.bubblewrap = isEnclosed
        result.renditions = events.renditions
        if isProbe {
            guard let probe = events.probe else { throw HelperFailure.broken("a probe without a result") }
            result.probe = probe
            return result
        }
        if isInspection {
            guard let facts = events.facts else { throw HelperFailure.broken("an inspection without facts") }
            result.facts = facts
            return result
        }
        guard let done = events.done, let frames, frames.isBetweenFrames, done.segments == frames.segments.count else {
            throw HelperFailure.broken("an end before the end")
        }
        if let omission = frames.bounds.omission(in: frames.segments) { throw HelperFailure.broken(omission) }
        result.segments = frames.segments
        result.frames = done.frames
        return result
    }
}
