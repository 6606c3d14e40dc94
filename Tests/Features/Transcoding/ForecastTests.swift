import Media
import Testing

@testable import Transcoding

/// A task on an imagined machine: what every second brings, and what is said about it.
private struct Timeline {
    var facts: SourceFacts
    /// Slices at once.
    var workers = 2
    /// How much slower than estimated each kind of work really is.
    var picture = 1.0
    var sound = 1.0
    /// Times how slow the whole machine is.
    var slowness = 1.0
    /// Seconds in which nobody works.
    var pause: Range<Int> = 0..<0
    /// Whether a slice's progress is seen at its end only.
    var isLumpy = false

    struct Moment {
        var second: Int
        var progress: Double
        var eta: Double?
        var rungs: [UInt16: Double?]
    }

    func run() -> [Moment] {
        let plan = WorkPlan(facts)
        let order = plan.slices.sorted { ($0.priority ?? 1000, $1.number) > ($1.priority ?? 1000, $0.number) }
        let costs = plan.slices.map { Workload.cost($0, plan.renditions, facts) }
        func truth(_ slice: Slice) -> Double {
            costs[slice.number] * slowness * (slice.kind == .audio ? sound : slice.kind == .video ? picture : 1)
        }
        var left = plan.slices.map(truth)
        var moments: [Moment] = []
        var forecast = Forecast(work: costs.reduce(0, +), worked: 0, pace: Pace(), age: nil)
        var last = 0
        var made = 0.0
        var second = 0
        while left.contains(where: { $0 > 0 }) {
            second += 1
            if !pause.contains(second) {
                let busy = order.filter { left[$0.number] > 0 }.prefix(workers)
                for slice in busy { left[slice.number] = max(0, left[slice.number] - 1) }
            }
            let fractions = plan.slices.map { slice in
                let part = 1 - left[slice.number] / truth(slice)
                return isLumpy && part < 1 ? 0 : part
            }
            let worked = zip(costs, fractions).reduce(0) { $0 + $1.0 * $1.1 }
            if forecast.age == nil || worked > forecast.worked {
                if forecast.age != nil {
                    forecast.pace.add(
                        worked - forecast.worked, in: Double(second - last), memory: Pace.memory(after: Double(second)))
                }
                forecast.worked = worked
                last = second
            }
            forecast.age = Double(second - last)
            let sums = Progress.seconds(
                plan.slices.map { .init(ordinals: $0.ordinals, range: $0.range, fraction: fractions[$0.number]) },
                plan: facts.plan)
            let all = sums.values.reduce(0) { $0 + $1.all }
            made = max(made, sums.values.reduce(0) { $0 + $1.made })
            var rungs: [UInt16: Double?] = [:]
            for rendition in plan.renditions {
                let end = plan.slices.lastIndex {
                    $0.ordinals.contains(rendition.ordinal) && fractions[$0.number] < 1
                }
                let rest = end.map { zip(costs, fractions).prefix($0 + 1).reduce(0) { $0 + $1.0 * (1 - $1.1) } } ?? 0
                rungs[rendition.ordinal] = forecast.remaining(rest)
            }
            moments.append(Moment(second: second, progress: made / all, eta: forecast.remaining, rungs: rungs))
        }
        return moments
    }
}

@Suite("How long it will take") struct ForecastTests {
    private static let cases: [(String, Timeline)] = [
        ("copied, two rungs", Timeline(facts: Sample.facts())),
        ("an hour", Timeline(facts: Sample.facts(seconds: 3600))),
        ("nothing copied", Timeline(facts: Sample.facts(copyVideo: false, copyAudio: false))),
        ("one worker", Timeline(facts: Sample.facts(copyVideo: false, copyAudio: false), workers: 1)),
        ("eight workers", Timeline(facts: Sample.facts(seconds: 3600, copyVideo: false), workers: 8)),
        (
            "pictures heavier than thought",
            Timeline(facts: Sample.facts(copyVideo: false, copyAudio: false), picture: 3)
        ),
        ("sound heavier than thought", Timeline(facts: Sample.facts(copyVideo: false, copyAudio: false), sound: 3)),
        ("a slow machine", Timeline(facts: Sample.facts(copyVideo: false, copyAudio: false), slowness: 20)),
        (
            "a slow machine, seen slice by slice",
            Timeline(facts: Sample.facts(copyVideo: false, copyAudio: false), slowness: 5, isLumpy: true)
        ),
        ("a minute of silence", Timeline(facts: Sample.facts(seconds: 1800), pause: 60..<130)),
    ]

    @Test("converges, never explodes, and progress never falls", arguments: cases) private func converges(
        name: String, timeline: Timeline
    ) throws {
        let moments = timeline.run()
        let end = try #require(moments.last?.second)
        var last = 0.0
        var known = 0
        for moment in moments {
            #expect(moment.progress >= last)
            last = moment.progress
            guard let eta = moment.eta else { continue }
            known += 1
            let truth = Double(end - moment.second)
            let context = "\(name): at \(moment.second) of \(end) s said \(eta)"
            // Early guesses may be wrong by a factor; from a third on they are good.
            #expect(eta <= 6 * truth + 30 && eta >= truth / 6 - 30, "\(context)")
            if moment.second * 3 >= end, !timeline.pause.contains(moment.second), timeline.pause.isEmpty {
                #expect(abs(eta - truth) <= max(15, 0.4 * truth), "\(context)")
            }
            for (ordinal, rest) in moment.rungs {
                if let rest { #expect(rest <= eta + 1, "\(context), rung \(ordinal) \(rest)") }
            }
        }
        #expect(moments.last?.progress == 1)
        #expect(known * 2 >= moments.count, "\(name): known \(known) of \(moments.count)")
        if let eta = moments.last?.eta { #expect(eta <= 1) }
    }

    @Test("rungs that wait end later than the one that is made first") func waiting() throws {
        let moments = Timeline(facts: Sample.facts(copyVideo: false, copyAudio: false, rate: 120)).run()
        let early = try #require(moments.first { $0.eta != nil && $0.second > 10 })
        let lowest = try #require(early.rungs[2] ?? nil)
        let top = try #require(early.rungs[0] ?? nil)
        #expect(lowest < top)
    }

    @Test("work is measured by what is made") func workload() {
        let facts = Sample.facts(copyVideo: false, copyAudio: false)
        let plan = WorkPlan(facts)
        func cost(_ kind: Slice.Kind, _ ordinals: [UInt16]) -> Double {
            Workload.cost(
                Slice(number: 0, kind: kind, ordinals: ordinals, range: 0..<10, priority: nil), plan.renditions, facts)
        }
        #expect(cost(.copy, [0, 3]) * 10 < cost(.audio, [3]))
        #expect(cost(.audio, [3]) * 4 < cost(.video, [2]))
        #expect(cost(.video, [0]) > cost(.video, [1]) && cost(.video, [1]) > cost(.video, [2]))
        #expect(cost(.video, [0, 1, 2]) < cost(.video, [0]) + cost(.video, [1]) + cost(.video, [2]))
    }
}
