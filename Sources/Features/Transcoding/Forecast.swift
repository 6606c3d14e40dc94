internal import Media

/// How much work a slice is: seconds of one processor on the machine this was measured on. Only the proportions count;
/// how fast the machine at hand is shows while it works.
enum Workload {
    /// Decoding a million samples of picture, and scaling as many for each rung.
    static let decoding = 0.00064
    static let scaling = 0.00095
    /// Encoding a million samples.
    static let encoding = 0.0029
    /// Codings that take so many times H.264's work to decode.
    static let heavy: [String: Double] = ["hevc": 2, "vp9": 2, "av1": 3]
    /// A second of sound decoded and encoded.
    static let sound = 0.0107
    /// A second copied.
    static let copying = 0.0002

    /// What a slice takes.
    static func cost(_ slice: Slice, _ renditions: [Rendition], _ facts: SourceFacts) -> Double {
        let ticks = facts.plan.start(of: slice.range.upperBound) - facts.plan.start(of: slice.range.lowerBound)
        let seconds = max(0.001, Double(ticks) / Double(Ticks.perSecond))
        let wanted = renditions.filter { slice.ordinals.contains($0.ordinal) && $0.state != .dropped }
        switch slice.kind {
        case .copy: return seconds * copying
        case .audio: return seconds * sound * Double(max(1, wanted.count))
        case .captions: return seconds * copying
        case .video, .stills:
            guard let video = facts.video else { return seconds * copying }
            let rate = max(1, Double(video.frameRate.numerator) / Double(video.frameRate.denominator))
            let source = Double(video.width * video.height) / 1_000_000 * rate
            let decoded = source * decoding * (heavy[video.codec] ?? 1)
            // Only whole pictures are decoded for stills.
            if slice.kind == .stills { return seconds * decoded / 10 }
            var sum = decoded
            for rendition in wanted {
                let made = Double(rendition.width * rendition.height) / 1_000_000 * rate
                sum += source * scaling + made * encoding
            }
            return seconds * sum
        }
    }
}

/// What was made in how much time, the past counting ever less.
struct Pace: Equatable {
    /// What was made.
    var made = 0.0
    /// Seconds it took.
    var wall = 0.0

    /// Seconds of work before anything is said.
    static let fewest = 2.0
    /// Seconds of a pause that count at most: in a longer one nobody worked.
    static let longestPause = 20.0
    /// Seconds without news after which nothing is known.
    static let longestSilence = 60.0

    /// How much is made in a second; `nil` when that can't be said yet.
    var rate: Double? { wall >= Self.fewest && made > 0 ? made / wall : nil }

    /// Takes in what was made since the last time.
    ///
    /// - Parameters:
    ///   - gain: how much.
    ///   - seconds: in which time; a pause longer than `longestPause` counts as that.
    ///   - memory: seconds after which two thirds are forgotten.
    mutating func add(_ gain: Double, in seconds: Double, memory: Double) {
        let seconds = min(max(0, seconds), Self.longestPause)
        let kept = 1 / (1 + seconds / max(memory, 1))
        made = made * kept + gain
        wall = wall * kept + seconds
    }

    /// How long the memory is after so many seconds of work: a third of them, so that an early guess is soon put right.
    static func memory(after seconds: Double) -> Double { min(45, max(15, seconds / 3)) }
}

/// What is known of a task's speed when somebody asks.
struct Forecast {
    /// All there is to do, and what is done.
    var work: Double
    var worked: Double
    var pace: Pace
    /// Seconds since something was last done.
    var age: Double?

    private var rate: Double? { (age ?? .infinity) <= Pace.longestSilence ? pace.rate : nil }

    /// Seconds until so much of the work is done, from now.
    func remaining(_ left: Double) -> Double? {
        guard work > 0, let rate, let age else { return nil }
        if left <= 0 { return 0 }
        return max(left / rate - age, min(left / rate, 1))
    }

    /// Seconds until all is done.
    var remaining: Double? { remaining(work - worked) }

    /// Seconds of the lesson made whole in a second.
    func speed(duration: Double) -> Double? { work > 0 ? rate.map { $0 * duration / work } : nil }
}
