import Media
import Testing

private func source(
    _ width: Int, _ height: Int, rotation: Int = 0, aspect: (Int64, Int64) = (1, 1), rate: Int64? = nil, fps: Int64 = 25
) -> VideoFacts {
    VideoFacts(
        stream: 0, codec: "h264", width: width, height: height, sampleAspect: Ratio(aspect.0, aspect.1) ?? .one,
        rotation: rotation, frameRate: Ratio(fps, 1) ?? .one, frames: 1000, bytes: (rate ?? 0) / 8,
        end: Ticks.perSecond,
        copy: rate == nil ? .encode(.codec) : .copy)
}

@Suite("The ladder")
struct LadderTests {
    @Test(
        "Sizes are never larger than the source, even, and right for portrait, rotation and sample shape",
        arguments: [
            (source(1920, 1080), ["1080p 1920x1080", "720p 1280x720", "480p 852x480", "360p 640x360"]),
            (source(3840, 2160), ["1080p 1920x1080", "720p 1280x720", "480p 852x480", "360p 640x360"]),
            (source(1280, 720), ["720p 1280x720", "480p 852x480", "360p 640x360"]),
            (source(720, 1280), ["720p 720x1280", "480p 480x852", "360p 360x640"]),
            (source(1280, 720, rotation: 90), ["720p 720x1280", "480p 480x852", "360p 360x640"]),
            (source(720, 576, aspect: (64, 45)), ["576p 1024x576", "480p 852x480", "360p 640x360"]),
            (source(720, 480, aspect: (8, 9)), ["480p 640x480", "360p 480x360"]),
            (source(351, 289), ["289p 350x288"]),
            (source(1, 1), ["1p 2x2"]), (source(3, 3), ["3p 2x2"]),
            (source(1900, 1000), ["1000p 1900x1000", "720p 1368x720", "480p 912x480", "360p 684x360"]),
        ] as [(VideoFacts, [String])])
    func sizes(video: VideoFacts, expected: [String]) {
        let rungs = Ladder.rungs(for: video)
        #expect(rungs.map { "\($0.name) \($0.width)x\($0.height)" } == expected)
        #expect(rungs.map(\.ordinal) == (0..<UInt16(rungs.count)).map { $0 })
    }

    @Test(
        "Each cap is the smallest of the configured rate and 0.7 of the next higher rung's",
        arguments: [
            (source(1920, 1080), [5_000_000, 3_000_000, 1_500_000, 800_000], [23, 22, 21, 20]),
            (source(1920, 1080, rate: 8_000_000), [8_000_000, 3_000_000, 1_500_000, 800_000], [0, 22, 21, 20]),
            (source(1280, 720, rate: 540_000, fps: 24), [540_000, 378_000, 264_600], [0, 21, 20]),
            (source(1280, 720, rate: 200_000, fps: 24), [200_000, 140_000], [0, 20]),
            (source(1280, 720, rate: 100_000, fps: 24), [100_000], [0]),
            (source(1280, 720, rate: 200_000, fps: 5), [200_000, 140_000, 98_000], [0, 21, 20]),
        ] as [(VideoFacts, [Int64], [Int])])
    func caps(video: VideoFacts, caps: [Int64], factors: [Int]) {
        let rungs = Ladder.rungs(for: video)
        #expect(rungs.map(\.cap) == caps)
        #expect(rungs.map(\.rateFactor) == factors)
    }

    @Test(
        "Rungs of 1440 and 2160 lines are made where the operator's ladder has them",
        arguments: [
            (
                source(3840, 2160), ["2160p 3840x2160", "1440p 2560x1440", "1080p 1920x1080"], [16, 10, 5],
                [24, 23, 23]
            ),
            (source(2560, 1440), ["1440p 2560x1440", "1080p 1920x1080"], [10, 5], [23, 23]),
            (source(1920, 1080), ["1080p 1920x1080"], [5], [23]),
        ] as [(VideoFacts, [String], [Int64], [Int])])
    func large(video: VideoFacts, expected: [String], caps: [Int64], factors: [Int]) {
        let steps =
            [Ladder.Step(short: 2160, rate: 16_000_000), Ladder.Step(short: 1440, rate: 10_000_000)] + Ladder.steps
        let rungs = Ladder.rungs(for: video, steps: steps)
        #expect(rungs.prefix(expected.count).map { "\($0.name) \($0.width)x\($0.height)" } == expected)
        #expect(rungs.prefix(expected.count).map { $0.cap / 1_000_000 } == caps)
        #expect(rungs.prefix(expected.count).map(\.rateFactor) == factors)
    }

    @Test(
        "A size has the rate of its step, or what lies between and beyond them",
        arguments: [
            (1080, 5_000_000), (720, 3_000_000), (900, 4_000_000), (480, 1_500_000), (360, 800_000), (180, 400_000),
            (2, 100_000), (2160, 20_000_000), (576, 2_100_000),
        ] as [(Int, Int64)])
    func rates(short: Int, expected: Int64) { #expect(Ladder.rate(short: short, steps: Ladder.steps) == expected) }

    @Test("Most work goes where the rate decides, least into small pictures")
    func effort() {
        #expect(Ladder.effort(short: 1080, cap: 5_000_000, steps: Ladder.steps) == .usual)
        #expect(Ladder.effort(short: 720, cap: 3_000_000, steps: Ladder.steps) == .usual)
        #expect(Ladder.effort(short: 480, cap: 1_500_000, steps: Ladder.steps) == .light)
        #expect(Ladder.effort(short: 480, cap: 378_000, steps: Ladder.steps) == .careful)
        #expect(Ladder.effort(short: 720, cap: 1_600_000, steps: Ladder.steps) == .usual)
        #expect(Ladder.effort(short: 720, cap: 1_400_000, steps: Ladder.steps) == .careful)
    }

    @Test(
        "Every second picture is left out below 720 lines, above 30 a second, where the operator wants it",
        arguments: [
            (480, 50, true, 25_000), (360, 60, true, 30_000), (720, 60, true, 60_000), (480, 30, true, 30_000),
            (480, 60, false, 60_000),
        ] as [(Int, Int64, Bool, Int64)])
    func halves(short: Int, fps: Int64, wanted: Bool, expected: Int64) {
        let choices = EncodingChoices(halvesFrameRate: wanted)
        let video = source(1920, 1080, fps: fps)
        #expect(Ladder.frameRate(short: short, copied: false, video, choices).thousandths == expected)
        #expect(Ladder.frameRate(short: short, copied: true, video, choices).thousandths == fps * 1000)
        #expect(Ladder.halves(short: short, video, choices) == (expected != fps * 1000))
    }

    @Test func aCopiedPictureIsTheTop() {
        let rungs = Ladder.rungs(for: source(722, 406, rate: 2_000_000))
        #expect(rungs.map(\.name) == ["406p", "360p"])
        #expect(rungs.map(\.isCopied) == [true, false])
        // A step that is nearly the size above it is left out.
        #expect(Ladder.rungs(for: source(640, 362, rate: 2_000_000)).map(\.name) == ["362p"])
    }
}

@Suite("What may be copied")
struct RemuxRuleTests {
    private static let good = VideoTraits(
        codec: "h264", profile: 100, level: 42, idrTimes: [0, 12, 20].map { $0 * Ticks.perSecond },
        end: 30 * Ticks.perSecond)

    private static func changed(_ change: (inout VideoTraits) -> Void) -> VideoTraits {
        var traits = good
        change(&traits)
        return traits
    }

    @Test(
        arguments: [
            (good, .copy), (changed { $0.profile = 66 }, .copy), (changed { $0.codec = "hevc" }, .encode(.codec)),
            (changed { $0.profile = 110 }, .encode(.profile)), (changed { $0.profile = 244 }, .encode(.profile)),
            (changed { $0.level = 50 }, .encode(.level)), (changed { $0.is8Bit420 = false }, .encode(.format)),
            (changed { $0.interlaced = true }, .encode(.interlaced)),
            (changed { $0.rotation = 90 }, .encode(.rotation)),
            (changed { $0.aspectDiffers = true }, .encode(.aspect)),
            (changed { $0.idrTimes = [0, 13 * Ticks.perSecond] }, .encode(.keyframes)),
            (changed { $0.end = 33 * Ticks.perSecond }, .encode(.keyframes)),
            (changed { $0.idrTimes = [] }, .encode(.keyframes)),
            (changed { $0.idrTimes = [3600] }, .encode(.keyframes)),
            (changed { $0.timestampsSane = false }, .encode(.timestamps)),
            (changed { $0.parametersSteady = false }, .encode(.parameters)),
        ] as [(VideoTraits, CopyDecision)])
    func video(traits: VideoTraits, expected: CopyDecision) { #expect(RemuxRule.video(traits) == expected) }

    @Test(
        "x264's default of a whole picture each 250 frames passes at 23.976 frames a second",
        arguments: [(250, .copy), (287, .copy), (300, .encode(.keyframes))] as [(Int64, CopyDecision)])
    func defaultKeyInterval(frames: Int64, expected: CopyDecision) {
        let gap = frames * Ticks.perSecond * 1001 / 24_000
        let traits = Self.changed {
            $0.idrTimes = (0..<20).map { $0 * gap }
            $0.end = 20 * gap
        }
        #expect(RemuxRule.video(traits) == expected)
    }

    @Test(
        "A picture is copied up to 1.5 × the rate of a rung of its size",
        arguments: [
            (source(1920, 1080, rate: 7_500_000), .copy), (source(1920, 1080, rate: 7_600_000), .encode(.bitRate)),
            (source(1280, 720, rate: 4_400_000), .copy), (source(1280, 720, rate: 4_600_000), .encode(.bitRate)),
            (source(640, 360, rate: 1_250_000), .encode(.bitRate)), (source(640, 360, rate: 1_150_000), .copy),
            (source(1080, 1920, rate: 7_000_000), .copy), (source(2560, 1440, rate: 13_000_000), .copy),
            (source(320, 180, rate: 580_000), .copy), (source(1920, 1080), .encode(.codec)),
        ] as [(VideoFacts, CopyDecision)])
    func rate(video: VideoFacts, expected: CopyDecision) {
        #expect(RemuxRule.rate(video, steps: Ladder.steps) == expected)
    }

    @Test(
        arguments: [
            ("aac", true, 2, 0, 600, 0, true, .copy), ("aac", true, 1, -1, 600, 0, true, .copy),
            ("mp3", false, 2, 0, 600, 0, true, .encode(.codec)), ("aac", true, 6, 0, 600, 0, true, .encode(.channels)),
            ("aac", false, 2, 0, 600, 0, true, .encode(.profile)),
            ("aac", true, 2, 0, 600, 1, true, .encode(.timestamps)),
            ("aac", true, 2, 0, 600, 0, false, .encode(.timestamps)),
            ("aac", true, 2, 3, 600, 0, true, .encode(.coverage)),
            ("aac", true, 2, 0, 590, 0, true, .encode(.coverage)), ("aac", true, 2, 0, 599, 0, true, .copy),
        ] as [(String, Bool, Int, Ticks, Ticks, Ticks, Bool, CopyDecision)])
    func audio(
        codec: String, plain: Bool, channels: Int, start: Ticks, end: Ticks, hole: Ticks, sane: Bool,
        expected: CopyDecision
    ) {
        let traits = AudioTraits(
            codec: codec, isPlainLC: plain, channels: channels, start: start * Ticks.perSecond,
            end: end * Ticks.perSecond, largestHole: hole * Ticks.perSecond, timestampsSane: sane)
        #expect(RemuxRule.audio(traits, duration: 600 * Ticks.perSecond) == expected)
    }

    @Test(
        "Only AAC-LC of one or two channels at a listed rate is plain",
        arguments: [
            ([0x12, 0x10], true), ([0x11, 0x90], true), ([], true), ([0x2B, 0x92], false), ([0x12, 0x00], false),
            ([0x12, 0x30], false), ([0x17, 0x80], false),
        ] as [([UInt8], Bool)])
    func plainAAC(config: [UInt8], expected: Bool) {
        #expect(AAC.isPlainLC(config, profile: 1, channels: 2) == expected)
        #expect(!AAC.isPlainLC(config, profile: 4, channels: 2))
        #expect(!AAC.isPlainLC(config, profile: 1, channels: 3))
    }
}
