import Core
import Media
import Testing

private let video = VideoFacts(
    stream: 0, codec: "hevc", width: 1920, height: 1080, frameRate: Ratio(25, 1) ?? .one, frames: 1500, bytes: 0,
    end: 60 * Ticks.perSecond, copy: .encode(.codec))

private func probe(_ rates: [(Int, [Int64])]) -> ContentProbe {
    ContentProbe(
        samples: rates.flatMap { short, rates in
            rates.enumerated().map {
                ContentProbe.Sample(
                    short: short, segment: $0.offset, duration: 2 * Ticks.perSecond, bytes: $0.element * 2 / 8)
            }
        })
}

@Suite("A ladder for one film")
struct PerTitleTests {
    @Test(
        "Rungs that bring nothing go, caps follow the hardest place, the top stays",
        arguments: [
            // Slides: everybody can have the best picture.
            (probe([(1080, [90_000, 70_000]), (720, [60_000]), (480, [50_000]), (360, [40_000])]), ["1080p 150"]),
            // A talking head.
            (
                probe([(1080, [900_000, 700_000]), (720, [400_000]), (480, [240_000]), (360, [170_000])]),
                ["1080p 1350", "720p 600", "480p 360"]
            ),
            // Hard everywhere: the ladder as it is.
            (
                probe([(1080, [9_000_000]), (720, [5_000_000]), (480, [2_500_000]), (360, [1_500_000])]),
                ["1080p 5000", "720p 3000", "480p 1500", "360p 800"]
            ),
            // A size that costs as much as the one above it.
            (
                probe([(1080, [2_000_000]), (720, [1_900_000]), (480, [900_000]), (360, [600_000])]),
                ["1080p 3000", "480p 1350", "360p 800"]
            ),
            // What was not looked at stays as it was.
            (probe([]), ["1080p 5000", "720p 3000", "480p 1500", "360p 800"]),
        ] as [(ContentProbe, [String])])
    func refines(probe: ContentProbe, expected: [String]) {
        let rungs = PerTitle.refine(Ladder.rungs(for: video), probe)
        #expect(rungs.map { "\($0.name) \($0.cap / 1000)" } == expected)
        #expect(rungs.map(\.ordinal) == (0..<UInt16(rungs.count)).map { $0 })
    }

    @Test func aCapSetByTheContentIsNoHardship() throws {
        let rungs = PerTitle.refine(
            Ladder.rungs(for: video), probe([(1080, [900_000]), (720, [400_000]), (480, [270_000]), (360, [150_000])]))
        #expect(rungs.allSatisfy { $0.job(for: video).effort != .careful })
    }

    @Test(arguments: [(1, [0]), (2, [0, 1]), (10, [1, 3, 5, 7, 9]), (600, [60, 180, 300, 420, 540])])
    func places(segments: Int, expected: [Int]) {
        let plan = SegmentPlan(
            boundaries: (0...segments).map { Ticks($0) * SegmentPlan.target }, videoSegments: segments)
        #expect(PerTitle.places(in: plan) == expected)
    }

    @Test func theProbeIsReadBack() throws {
        let whole = probe([(720, [1_000_000, 2_000_000])])
        #expect(try ContentProbe(parsing: Array(whole.json.description.utf8)) == whole)
        let need = try #require(whole.need(short: 720))
        #expect(need.mean == 1_500_000 && need.most == 2_000_000)
        #expect(whole.need(short: 480) == nil)
    }
}
