import Media
import Testing

private let s = Ticks.perSecond

@Suite("Where segments begin")
struct SegmentPlanTests {
    /// Evenly spaced whole pictures and how long the segments get: the last number is the rest.
    @Test(
        "Copied pictures are cut as near to 6 s as whole pictures allow",
        arguments: [
            (1.0, 60.0, 6.0, 6.0), (2.0, 60.0, 6.0, 6.0), (4.0, 60.0, 4.0, 8.0), (5.0, 60.0, 5.0, 5.0),
            (10.0, 60.0, 10.0, 10.0), (2.5, 60.0, 5.0, 7.5), (0.04, 60.0, 5.5, 6.5), (7.0, 35.0, 7.0, 7.0),
        ])
    func onIDR(gap: Double, length: Double, shortest: Double, longest: Double) {
        let step = Ticks(gap * Double(s))
        let end = Ticks(length * Double(s))
        let cuts = SegmentPlan.cut(at: Array(stride(from: 0, to: end, by: Int(step))), end: end)
        let lengths = zip(cuts, cuts.dropFirst()).map { Double($1 - $0) / Double(s) }
        #expect(cuts.first == 0 && cuts.last == end)
        #expect(lengths.dropLast().allSatisfy { $0 >= shortest && $0 <= longest })
        #expect(lengths.allSatisfy { $0 >= 1 })
    }

    @Test func aSceneChangeMakesNoSplinter() {
        // 6.0 is nearest, but then 6.5 would follow at once and nothing until 16.
        let cuts = SegmentPlan.cut(at: [0, 6 * s, 6 * s + s / 2, 16 * s], end: 22 * s)
        #expect(cuts == [0, 6 * s + s / 2, 16 * s, 22 * s])
    }

    @Test func oneFrame() {
        #expect(SegmentPlan.cut(at: [0], end: 3600) == [0, 3600])
        #expect(SegmentPlan.cut(onFrames: [0], end: 3600) == [0, 3600])
        #expect(SegmentPlan.cut(at: [], end: 5) == [])
    }

    @Test(
        "H35 frames at any rate are cut on real frames",
        arguments: [
            (3600, 250, [0, 2, 4, 6, 10]), (3003, 400, [0, 2.002, 4.004, 6.006, 13.3467]),
            (90_000, 20, [0, 2, 4, 6, 12, 18, 20]), (90, 14_000, [0, 2, 4, 6, 12, 14]), (3600, 90, [0, 3.6]),
            (3600, 120, [0, 2, 4.8]),
        ] as [(Ticks, Int, [Double])])
    func onFrames(step: Ticks, count: Int, expected: [Double]) {
        let frames = (0..<count).map { Ticks($0) * step }
        let cuts = SegmentPlan.cut(onFrames: frames, end: Ticks(count) * step)
        #expect(cuts.count == expected.count)
        for (cut, time) in zip(cuts, expected) { #expect(abs(Double(cut) / Double(s) - time) < 0.01) }
        for cut in cuts.dropLast() { #expect(frames.contains(cut)) }
    }

    @Test func soundAlone() {
        #expect(SegmentPlan.even(from: 0, to: 14 * s) == [0, 6 * s, 14 * s])
        #expect(SegmentPlan.even(from: 0, to: 16 * s) == [0, 6 * s, 12 * s, 16 * s])
        #expect(SegmentPlan.even(from: 0, to: 0) == [0, 1])
    }

    @Test func placesTimes() {
        let plan = SegmentPlan(boundaries: [0, 10, 20, 30], videoSegments: 3)
        #expect([-5, 0, 9, 10, 29, 30, 99].map { plan.segment(at: $0) } == [0, 0, 0, 1, 2, 2, 2])
        #expect(plan.count == 3 && plan.start(of: 3) == 30 && plan.start(of: 9) == 30)
    }

    @Test func pausesAreFilled() {
        #expect(Fillers.times(after: 0, before: 4 * s) == [])
        #expect(Fillers.times(after: s, before: 6 * s) == [2 * s, 3 * s, 4 * s, 5 * s])
        #expect(Fillers.fill([0, s], end: 7 * s) == [0, s, 2 * s, 3 * s, 4 * s, 5 * s, 6 * s])
    }
}
