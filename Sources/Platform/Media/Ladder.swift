/// One rendition of the picture, decided before anything is made.
public struct Rung: Equatable, Sendable {
    /// Its ordinal in the plan: 0 is the top.
    public var ordinal: UInt16
    /// Its directory and what a person reads: 720p.
    public var name: String
    /// Width in samples.
    public var width: Int
    /// Height in samples.
    public var height: Int
    /// Bits a second it may need; the measured mean where it is copied.
    public var cap: Int64
    /// Constant rate factor; unused where copied.
    public var rateFactor: Int
    /// The source's own picture, copied.
    public var isCopied: Bool

    /// - Parameters: as the properties.
    public init(
        ordinal: UInt16, name: String, width: Int, height: Int, cap: Int64, rateFactor: Int, isCopied: Bool
    ) {
        self.ordinal = ordinal
        self.name = name
        self.width = width
        self.height = height
        self.cap = cap
        self.rateFactor = rateFactor
        self.isCopied = isCopied
    }

    /// What the helper is asked.
    ///
    /// - Parameters:
    ///   - choices: the operator's.
    ///   - video: the source.
    public func job(_ choices: EncodingChoices = EncodingChoices(), for video: VideoFacts) -> RungJob {
        let short = min(width, height)
        // A cap that the content set is no hardship; only one that the rung above set is.
        let planned = Ladder.rungs(for: video, steps: choices.steps).first { $0.name == name }?.cap ?? cap
        return RungJob(
            ordinal: ordinal, width: width, height: height, cap: cap, rateFactor: rateFactor,
            effort: Ladder.effort(
                short: short, cap: cap < planned ? Ladder.rate(short: short, steps: choices.steps) : cap,
                steps: choices.steps),
            halvesFrameRate: Ladder.halves(short: short, video, choices))
    }
}

/// How much work goes into a rung.
public enum EncodingEffort: String, Sendable, CaseIterable {
    /// Small pictures, where more work shows least.
    case light
    /// What pays most often.
    case usual
    /// Where the rate, not the picture, decides: the cap is the mean that is aimed at, and moments that need more may
    /// have up to twice as much. (A rate factor held down by a narrow cap spends what it has on what comes first.)
    case careful
}

/// Which renditions a source gets.
public enum Ladder {
    /// A size with its configured rate.
    public struct Step: Equatable, Sendable {
        /// The short side in samples.
        public let short: Int
        /// Bits a second.
        public let rate: Int64

        /// - Parameters: as the properties.
        public init(short: Int, rate: Int64) {
            self.short = short
            self.rate = rate
        }
    }

    /// 1080p 5000k, 720p 3000k, 480p 1500k, 360p 800k.
    public static let steps = [
        Step(short: 1080, rate: 5_000_000), Step(short: 720, rate: 3_000_000), Step(short: 480, rate: 1_500_000),
        Step(short: 360, rate: 800_000),
    ]

    /// The rungs for a source, from the top.
    ///
    /// A copied picture is the top. Otherwise the top is the highest step that is not larger than the source, or the
    /// source's own size where that lies well above the step or below all steps. Each cap is the smallest of the
    /// step's rate and 0.7 × the next higher rung's; a rung with less than 0.02 bit a sample is left out.
    public static func rungs(for video: VideoFacts, steps: [Step] = Ladder.steps) -> [Rung] {
        let display = video.displaySize
        let short = min(display.width, display.height)
        var rungs: [Rung] = []
        if video.copy.isCopy {
            rungs.append(
                Rung(
                    ordinal: 0, name: "\(short)p", width: display.width, height: display.height,
                    cap: max(video.meanBitRate, 1), rateFactor: 0, isCopied: true))
        } else if let own = ownStep(short: short, steps: steps) {
            rungs.append(rung(0, own, of: display, cap: own.rate))
        }
        for step in steps where step.short < (rungs.last.map { min($0.width, $0.height) } ?? short + 1) {
            let higher = rungs.last
            let cap = min(step.rate, higher.map { $0.cap * 7 / 10 } ?? step.rate)
            let made = rung(UInt16(rungs.count), step, of: display, cap: cap)
            let samples = Int64(made.width * made.height)
            let floor = samples * video.frameRate.numerator / (50 * video.frameRate.denominator)
            if higher != nil, cap < floor { continue }
            // A step that is nearly the size above it brings nothing.
            if let higher, step.short * 100 > min(higher.width, higher.height) * 90 { continue }
            rungs.append(made)
        }
        return rungs
    }

    /// What a picture of this size may need, in bits a second: the step's rate, between two steps the part between, beyond
    /// them by lines (below) or by samples (above).
    public static func rate(short: Int, steps: [Step]) -> Int64 {
        guard let lowest = steps.last, let highest = steps.first else { return 0 }
        if short < lowest.short { return max(100_000, lowest.rate * Int64(short) / Int64(lowest.short)) }
        if short >= highest.short {
            return highest.rate * Int64(short * short) / Int64(max(1, highest.short * highest.short))
        }
        guard let below = steps.first(where: { $0.short <= short }), let above = steps.last(where: { $0.short > short })
        else { return lowest.rate }
        return below.rate + (above.rate - below.rate) * Int64(short - below.short) / Int64(above.short - below.short)
    }

    /// How much work a rung is worth.
    public static func effort(short: Int, cap: Int64, steps: [Step]) -> EncodingEffort {
        if cap * 2 < rate(short: short, steps: steps) { return .careful }
        return short <= 480 ? .light : .usual
    }

    /// Whether a rung takes every second picture of the source.
    public static func halves(short: Int, _ video: VideoFacts, _ choices: EncodingChoices) -> Bool {
        choices.halvesFrameRate && short < 720 && video.frameRate.thousandths > 30_500
    }

    /// Pictures a second of a rung. Where a source stands still, encoded rungs repeat its picture (`Fillers`).
    public static func frameRate(short: Int, copied: Bool, _ video: VideoFacts, _ choices: EncodingChoices) -> Ratio {
        let still = Ratio(Ticks.perSecond, Fillers.step) ?? .one
        let stands = !copied && video.frameRate.thousandths * Fillers.longestPause < 1000 * Ticks.perSecond
        let whole = stands ? still : video.frameRate
        guard !copied, halves(short: short, video, choices) else { return whole }
        return Ratio(whole.numerator, whole.denominator * 2) ?? whole
    }

    private static func ownStep(short: Int, steps: [Step]) -> Step? {
        guard let lowest = steps.last, let highest = steps.first, short < highest.short else { return nil }
        if short < lowest.short {
            return Step(short: short, rate: rate(short: short, steps: steps))
        }
        guard let below = steps.first(where: { $0.short <= short }), short * 100 > below.short * 115 else { return nil }
        return Step(short: short, rate: rate(short: short, steps: steps))
    }

    private static func rung(
        _ ordinal: UInt16, _ step: Step, of display: (width: Int, height: Int), cap: Int64
    ) -> Rung {
        let short = min(display.width, display.height)
        func even(_ side: Int) -> Int {
            let scaled = (side * min(step.short, short) + short / 2) / short
            return max(2, min(8192, scaled / 2 * 2))
        }
        return Rung(
            ordinal: ordinal, name: "\(step.short)p", width: even(display.width), height: even(display.height),
            cap: max(cap, 50_000), rateFactor: rateFactor(short: step.short), isCopied: false)
    }

    /// 23, 22, 21, 20 for 1080, 720, 480, 360 lines: small pictures are shown enlarged and need more care.
    static func rateFactor(short: Int) -> Int {
        switch short {
        case 1800...: 24
        case 900...: 23
        case 600..<900: 22
        case 420..<600: 21
        default: 20
        }
    }
}
