internal import Core
internal import Helper
internal import Media
internal import POSIX
internal import Synchronization
internal import Transcoding

/// Makes everything of a file that a task would, with the product's plan and helper and as many helpers at once as
/// workers would run: `transcoder INPUT EXTENSION DIRECTORY WORKERS [CHOICES] [--ladder]`. Says what it made as JSON; with
/// `--ladder` only what plays is made, nothing that stands beside it.
///
/// Segments are written and synced as a worker does; keys are `number × 31 + i`.
@main struct Main {
    static func main() { run(CommandLine.arguments) }
}

nonisolated private func run(_ words: [String]) {
    let arguments = words.filter { $0 != "--ladder" }
    guard arguments.count == 5 || arguments.count == 6, let workers = Int(arguments[4]), workers > 0 else {
        Host.exit(64)
    }
    do {
        let choices =
            arguments.count == 6 ? try EncodingChoices(parsing: Array(arguments[5].utf8)) : EncodingChoices()
        let bench = Workbench(
            input: arguments[1], directory: arguments[3], choices: choices,
            isLadderAlone: arguments.count < words.count)
        Host.print(try bench.run(fileExtension: arguments[2], workers: workers).description)
    } catch {
        Host.log("\(error)")
        Host.exit(1)
    }
}

/// One file's way through the helper.
private final class Workbench: Sendable {
    private let input: String
    private let directory: String
    private let choices: EncodingChoices
    private let isLadderAlone: Bool
    private let program: String
    private let made = Mutex<[MadeSegment]>([])

    init(input: String, directory: String, choices: EncodingChoices, isLadderAlone: Bool) {
        self.isLadderAlone = isLadderAlone
        self.input = input
        self.directory = directory
        self.choices = choices
        program = ((try? Host.programDirectory()) ?? ".") + "/reelgate-media"
    }

    func run(fileExtension: String, workers: Int) throws -> JSON {
        let began = Clocks.monotonicNanoseconds()
        let inspection = try Helper.run(
            HelperRequest(
                program: program, job: .inspect(extension: fileExtension, limits: MediaLimits()), input: input,
                seconds: 900)
        ) { _ in .goOn }
        guard let facts = inspection.facts?.judged(by: choices.steps) else { throw HelperFailure.broken("no facts") }
        let plan = try self.plan(facts)
        let step = { @Sendable (slice: Slice) throws in try self.make(slice, plan, facts) }
        // As a task's first job does: what has no job of its own first.
        for slice in plan.slices where slice.priority == nil { try step(slice) }
        let ready = Double(Clocks.monotonicNanoseconds() - began) / 1e9
        let queue = Mutex(plan.slices.filter { $0.priority != nil }.sorted { ($0.priority ?? 0) > ($1.priority ?? 0) })
        // One worker of several takes only what is urgent.
        let lanes = try (0..<workers).map { worker in
            try Lane<Int>(room: 1) { _ in
                while let slice = queue.withLock({ (queue) -> Slice? in
                    guard let next = queue.first, worker == 0 || (next.priority ?? 0) >= 500 else { return nil }
                    return queue.removeFirst()
                }) { try step(slice) }
            }
        }
        for lane in lanes { try lane.put(0) }
        for lane in lanes { try lane.finish() }
        let wall = Double(Clocks.monotonicNanoseconds() - began) / 1e9
        return report(plan, facts, wall: wall, ready: ready)
    }

    private func plan(_ facts: SourceFacts) throws -> WorkPlan {
        var plan = WorkPlan(facts, choices, probe: try probe(facts))
        guard isLadderAlone else { return plan }
        plan.slices.removeAll { !$0.kind.isEncoding }
        let made = Set(plan.slices.flatMap(\.ordinals))
        plan.renditions.removeAll { !made.contains($0.ordinal) }
        return plan
    }

    private func probe(_ facts: SourceFacts) throws -> ContentProbe? {
        guard choices.perTitle, let video = facts.video else { return nil }
        let rungs = Ladder.rungs(for: video, steps: choices.steps).filter { !$0.isCopied }
        let job = MediaJob.probe(
            source: facts, places: PerTitle.places(in: facts.plan), rungs: rungs.map { $0.job(choices, for: video) },
            limits: MediaLimits())
        return try Helper.run(HelperRequest(program: program, job: job, input: input, seconds: 900)) { _ in .goOn }
            .probe
    }

    private func make(_ slice: Slice, _ plan: WorkPlan, _ facts: SourceFacts) throws {
        let wanted = plan.renditions.filter { slice.ordinals.contains($0.ordinal) }
        guard let job = slice.job(wanted, facts, choices) else { return }
        var request = HelperRequest(program: program, job: job, input: input, seconds: 3600)
        for number in job.keyNumbers {
            request.keys[number] = (0..<16).map { UInt8(truncatingIfNeeded: Int(number) &* 31 &+ $0) }
        }
        for rendition in wanted { request.directories[rendition.ordinal] = "\(directory)/\(rendition.ordinal)" }
        let result = try Helper.run(request) { _ in .goOn }
        made.withLock { $0 += result.segments }
    }

    private func report(_ plan: WorkPlan, _ facts: SourceFacts, wall: Double, ready: Double) -> JSON {
        let segments = made.withLock { $0 }
        return [
            "wall": .string("\(wall)"), "ready": .string("\(ready)"),
            "obstacle": .string(facts.video.map { "\($0.copy)" } ?? ""), "slices": JSON(plan.slices.count),
            "renditions": .array(
                plan.renditions.map { rendition in
                    let own = segments.filter { $0.ordinal == rendition.ordinal }.sorted { $0.number < $1.number }
                    return [
                        "ordinal": JSON(Int(rendition.ordinal)), "name": .string("\(rendition.name)"),
                        "kind": .string(rendition.kind.rawValue), "copied": .bool(rendition.copied),
                        "width": JSON(rendition.width), "height": JSON(rendition.height),
                        "cap": .integer(rendition.cap), "rate_factor": JSON(rendition.rateFactor),
                        "segments": .array(
                            own.map { .array([.integer(Int64($0.number)), .integer($0.duration), .integer($0.bytes)]) }),
                    ]
                }),
        ]
    }
}
