import Media
import Testing

private let s = Ticks.perSecond

private func facts(
    width: Int = 1280, height: Int = 720, aspect: Ratio = .one, rotation: Int = 0, seconds: Ticks,
    keys: [Ticks], cuts: [Ticks], copied: Bool = false
) -> SourceFacts {
    let count = cuts.count
    let plan = SegmentPlan(
        boundaries: cuts + [seconds * s], videoSegments: count, before: cuts.map { ($0 - 2, $0 - 1) },
        decodeFrom: cuts)
    let video = VideoFacts(
        stream: 0, codec: "h264", width: width, height: height, sampleAspect: aspect, rotation: rotation,
        frameRate: .one, frames: 1, bytes: 1, end: seconds * s, copy: copied ? .copy : .encode(.codec), keys: keys)
    return SourceFacts(container: "mp4", duration: seconds * s, origin: 0, video: video, audio: [], plan: plan)
}

private func every(_ step: Ticks, to seconds: Ticks) -> [Ticks] {
    Array(stride(from: 0, to: seconds * s, by: Int(step * s)))
}

@Suite("Stills are planned")
struct StillsPlanTests {
    @Test func keyFramesEachTwoSecondsNeedNoDecodingBetween() throws {
        let plan = try #require(StillsPlan(facts(seconds: 60, keys: every(2, to: 60), cuts: every(6, to: 60))))
        #expect(plan.frames == every(2, to: 60))
        #expect(plan.pictures.allSatisfy { $0.time == $0.from })
        #expect(plan.pictures.count == 30)
        #expect(plan.tiles.count == 30)
    }

    @Test func farKeyFramesAreDecodedFrom() throws {
        let plan = try #require(StillsPlan(facts(seconds: 60, keys: every(20, to: 60), cuts: every(6, to: 60))))
        // One in each segment, at its start or where a key frame is.
        for start in every(6, to: 60) {
            #expect(plan.frames.contains { $0 >= start && $0 < start + 6 * s })
        }
        for picture in plan.pictures {
            #expect(picture.from <= picture.time && picture.time - picture.from < 20 * s)
            #expect(picture.from % (20 * s) == 0)
        }
    }

    @Test func aLongFilmTakesWhatThereIs() throws {
        let plan = try #require(StillsPlan(facts(seconds: 1800, keys: every(4, to: 1800), cuts: every(6, to: 1800))))
        #expect(plan.tiles.interval == 5 * s && plan.tiles.count == 360 && plan.tiles.sheets == 4)
        #expect(plan.pictures.allSatisfy { $0.time == $0.from })
        let hours = try #require(
            StillsPlan(facts(seconds: 12 * 3600, keys: every(4, to: 12 * 3600), cuts: every(6, to: 12 * 3600))))
        #expect(hours.frames.count <= 8000 && hours.tiles.sheets == 44)
    }

    @Test(
        "Every tile has one picture, near its time, in order",
        arguments: [
            (7, [0], [0]), (1, [0], [0]), (60, [0, 13, 14, 40], [0, 6, 12, 18, 24, 30, 36, 42, 48, 54]),
            (60, [5], [0, 30]), (301, [0, 100, 200], [0, 150]), (4000, [0], [0]),
        ] as [(Ticks, [Ticks], [Ticks])])
    func tiles(seconds: Ticks, keys: [Ticks], cuts: [Ticks]) throws {
        let plan = try #require(
            StillsPlan(facts(seconds: seconds, keys: keys.map { $0 * s }, cuts: cuts.map { $0 * s })))
        let filled = plan.pictures.flatMap { Array($0.tiles) }
        #expect(filled == Array(0..<plan.tiles.count))
        for picture in plan.pictures {
            for tile in picture.tiles {
                #expect(abs(picture.time - plan.tiles.middle(of: tile)) <= plan.tiles.tolerance)
            }
        }
        #expect(plan.pictures.compactMap(\.frame) == Array(plan.frames.indices))
        #expect(plan.frames.first == 0)
        #expect(zip(plan.pictures, plan.pictures.dropFirst()).allSatisfy { $0.time < $1.time })
        #expect(plan.frames.indices.reduce(0) { $0 + plan.duration(ofFrame: $1) } == plan.end)
        // The tiles cover the film.
        #expect(plan.tiles.range(of: 0).lowerBound == 0)
        #expect(plan.tiles.range(of: plan.tiles.count - 1).upperBound == seconds * s)
        let sheets = (0..<plan.tiles.sheets).map { plan.tiles.time(of: $0) }
        #expect(zip(sheets, sheets.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    }

    @Test(
        "Sizes follow the shape that is shown",
        arguments: [
            (1920, 1080, 1, 1, 0, [1280, 720, 640, 360, 160, 90]),
            (1080, 1920, 1, 1, 0, [720, 1280, 360, 640, 100, 180]),
            (1920, 1080, 1, 1, 90, [720, 1280, 360, 640, 100, 180]),
            (720, 576, 16, 11, 0, [1046, 576, 654, 360, 160, 88]),
            (641, 363, 1, 1, 0, [640, 362, 636, 360, 160, 90]),
            (1, 1, 1, 1, 0, [2, 2, 2, 2, 2, 2]),
            (8192, 16, 1, 1, 0, [1280, 2, 2048, 4, 160, 2]),
        ] as [(Int, Int, Int64, Int64, Int, [Int])])
    func sizes(width: Int, height: Int, top: Int64, bottom: Int64, rotation: Int, wanted: [Int]) throws {
        let ratio = try #require(Ratio(top, bottom))
        let plan = try #require(
            StillsPlan(
                facts(
                    width: width, height: height, aspect: ratio, rotation: rotation, seconds: 10, keys: [0], cuts: [0]))
        )
        let found = [plan.posterSize, plan.frameSize, plan.tiles.tile].flatMap { [$0.width, $0.height] }
        #expect(found == wanted)
    }

    @Test func nothingFromSoundAloneOrFactsOfOld() {
        var sound = facts(seconds: 10, keys: [0], cuts: [0])
        sound.video = nil
        #expect(StillsPlan(sound) == nil)
        #expect(StillsPlan(facts(seconds: 10, keys: [], cuts: [0])) == nil)
    }

    @Test func sheets() {
        let layout = TileLayout(duration: 211 * s, tile: PictureSize(width: 160, height: 90))
        #expect(layout.count == 106 && layout.sheets == 2)
        #expect(layout.size(of: 0) == PictureSize(width: 1600, height: 900))
        #expect(layout.grid(of: 1) == (6, 1))
        #expect(layout.place(of: 13) == (0, 480, 90))
        #expect(layout.place(of: 105) == (1, 800, 0))
        #expect(layout.time(of: 1) == 200 * s..<211 * s)
    }
}
