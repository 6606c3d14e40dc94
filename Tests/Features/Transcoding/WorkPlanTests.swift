import Media
import Storage
import Testing

@testable import Transcoding

/// Sources of 6-second segments.
enum Sample {
    static func facts(
        seconds: Int = 600, copyVideo: Bool = true, copyAudio: Bool = true, video: Bool = true, audio: Bool = true,
        rate: Int64 = 25, wholePictures: Int = 6
    )
        -> SourceFacts
    {
        let count = (seconds + 5) / 6
        let boundaries = (0..<count).map { Ticks($0 * 540_000) } + [Ticks(seconds * 90_000)]
        let end = Ticks(seconds * 90_000)
        return SourceFacts(
            container: "mp4", duration: end, origin: 0,
            video: video
                ? VideoFacts(
                    stream: 0, codec: "h264", width: 1280, height: 720, frameRate: Ratio(rate, 1) ?? .one,
                    frames: seconds * 25, bytes: Int64(seconds) * 250_000, end: end,
                    copy: copyVideo ? .copy : .encode(.codec)) : nil,
            audio: audio
                ? [
                    AudioFacts(
                        stream: 1, codec: "aac", channels: 2, sampleRate: 48_000, start: 0, end: end,
                        bytes: Int64(seconds) * 16_000, copy: copyAudio ? .copy : .encode(.codec))
                ] : [],
            plan: SegmentPlan(
                boundaries: boundaries, videoSegments: video ? count : 0,
                before: video ? (0..<count).map { _ in (0, 0) } : [],
                decodeFrom: video ? boundaries.dropLast().map { $0 - $0 % Ticks(wholePictures * 90_000) } : []))
    }
}

@Suite struct WorkPlanTests {
    /// Each rendition's segments must be covered once, in order.
    private func check(_ plan: WorkPlan, _ facts: SourceFacts) {
        for rendition in plan.renditions {
            var next = 0
            for slice in plan.slices where slice.ordinals.contains(rendition.ordinal) {
                #expect(slice.range.lowerBound == next)
                next = slice.range.upperBound
            }
            #expect(
                next == (rendition.kind == .video && !rendition.copied ? facts.plan.videoSegments : facts.plan.count))
        }
        #expect(plan.slices.map(\.number) == Array(plan.slices.indices))
        #expect(Set(plan.renditions.map(\.ordinal)).count == plan.renditions.count)
        #expect(Set(plan.renditions.map(\.name)).count == plan.renditions.count)
    }

    @Test(
        "every segment of every rendition is made once, in order",
        arguments: [1, 5, 6, 7, 17, 30, 31, 61, 600, 7199, 43_200])
    func covers(seconds: Int) {
        for bits in 0..<16 {
            let facts = Sample.facts(
                seconds: seconds, copyVideo: bits & 1 == 0, copyAudio: bits & 2 == 0, video: bits & 4 == 0,
                audio: bits & 8 == 0)
            check(WorkPlan(facts), facts)
        }
    }

    @Test("picture and sound that can be copied: one slice at once, then the other rungs") func copied() {
        let plan = WorkPlan(Sample.facts())
        #expect(plan.slices.first == Slice(number: 0, kind: .copy, ordinals: [0, 3], range: 0..<100, priority: nil))
        #expect(
            plan.slices.dropFirst().allSatisfy { $0.kind == .video && $0.ordinals == [1, 2] && $0.priority == 100 })
        #expect(plan.renditions.map(\.growing) == [false, false, false, false])
    }

    @Test("a long film is copied in slices and grows: it plays before all of it was copied") func longCopy() {
        let plan = WorkPlan(Sample.facts(seconds: 3600))
        let copies = plan.slices.filter { $0.kind == .copy }
        #expect(copies.map(\.range) == [0..<50, 50..<250, 250..<450, 450..<600])
        #expect(copies.map(\.priority) == [nil, WorkPlan.first, WorkPlan.first, WorkPlan.first])
        #expect(plan.renditions.filter(\.growing).map(\.copied) == [true, true])
        #expect(plan.slices.filter { $0.kind == .video }.allSatisfy { $0.ordinals == [1, 2] })
    }

    @Test("sound that can't be copied: its first half minute at once, the rest soon, and it grows") func soundEncoded()
    {
        let plan = WorkPlan(Sample.facts(copyAudio: false))
        #expect(plan.slices[0].kind == .copy && plan.slices[0].ordinals == [0])
        #expect(plan.slices[1] == Slice(number: 1, kind: .audio, ordinals: [3], range: 0..<5, priority: nil))
        #expect(plan.slices[2].kind == .audio && plan.slices[2].priority == WorkPlan.soon)
        #expect(plan.renditions.last?.growing == true)
    }

    @Test("nothing can be copied: the opening of the lowest rung and sound first, then all rungs at once")
    func nothing() {
        let plan = WorkPlan(Sample.facts(copyVideo: false, copyAudio: false))
        #expect(plan.slices.allSatisfy { $0.priority != nil })
        let first = plan.slices.filter { $0.priority == WorkPlan.first }
        #expect(first.filter { $0.kind == .video }.map(\.range) == [0..<3])
        #expect(first.filter { $0.kind == .audio }.map(\.range) == [0..<5])
        #expect(plan.renditions.filter(\.growing).map { $0.name.description } == ["360p", "audio"])
        let together = plan.slices.filter { $0.ordinals == [0, 1, 2] }
        #expect(together.prefix(4).map(\.range) == [3..<4, 4..<6, 6..<10, 10..<16])
        #expect(together.allSatisfy { $0.priority == WorkPlan.soon / 2 })
        #expect(
            plan.slices.filter { $0.kind == .video && $0.priority == WorkPlan.later }.map(\.range) == [0..<3])
    }

    @Test("of a source that is slow to decode the lowest rung goes ahead alone") func slow() {
        let plan = WorkPlan(Sample.facts(copyVideo: false, rate: 120))
        let alone = plan.slices.filter { $0.kind == .video && $0.ordinals == [2] }
        #expect(alone.prefix(3).map(\.range) == [0..<3, 3..<5, 5..<8])
        #expect(alone.dropFirst().allSatisfy { $0.priority == WorkPlan.soon / 2 })
        let others = plan.slices.filter { $0.ordinals == [0, 1] }
        #expect(others.first?.range == 0..<1 && others.allSatisfy { $0.priority == WorkPlan.later })
    }

    @Test("slices begin where little is decoded in vain") func borders() {
        let facts = Sample.facts(copyVideo: false, wholePictures: 30)
        let starts = WorkPlan(facts).slices.filter { $0.ordinals == [0, 1, 2] }.map(\.range.lowerBound)
        #expect(starts.prefix(5) == [3, 4, 6, 10, 15])
        check(WorkPlan(facts), facts)
    }

    @Test("sound alone is an audio rendition") func soundOnly() {
        let plan = WorkPlan(Sample.facts(copyAudio: false, video: false))
        #expect(plan.renditions.map { $0.name.description } == ["audio"])
        #expect(plan.slices.first?.priority == nil)
    }
}
