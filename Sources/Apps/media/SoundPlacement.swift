internal import AV
internal import Media

/// Samples of a stretch of the lesson at 48 kHz; silence where nothing was put.
struct SampleStore {
    /// The first sample's number from the lesson's beginning.
    let from: Int64
    private(set) var left: [Float]
    private(set) var right: [Float]
    /// Where the next samples go, from the lesson's beginning.
    var at: Int64

    init(from: Int64, count: Int) {
        self.from = from
        left = [Float](repeating: 0, count: count)
        right = left
        at = from
    }

    /// What is put from here on lies behind the stretch.
    var isFull: Bool { at >= from + Int64(left.count) }

    /// Lets `body` work on all samples of both channels.
    mutating func change(_ body: (inout [Float], inout [Float]) -> Void) { body(&left, &right) }

    /// Puts samples at `at` and moves on; what lies outside is dropped.
    mutating func put(_ newLeft: [Float], _ newRight: [Float]) {
        let offset = at - from
        let low = max(0, -offset)
        let high = min(Int64(newLeft.count), Int64(left.count) - offset)
        if low < high {
            let source = Int(low)..<Int(high)
            let target = Int(offset + low)..<Int(offset + high)
            left.replaceSubrange(target, with: newLeft[source])
            right.replaceSubrange(target, with: newRight[source])
        }
        at += Int64(newLeft.count)
    }
}

/// Decides where decoded sound belongs: it goes on where it left off as long as the time stamps agree within 20 ms, and
/// jumps where they do not. So rounding does no harm, and neither holes nor clocks that are off add up.
struct SoundPlacement {
    private let timeBase: TimeBase
    private let origin: Ticks
    private let given: Int64
    /// Where the samples since the last jump began, and how many went in since, at the input's rate.
    private var start: Int64 = 0
    private var input: Int64 = 0
    private var inputRate: Int64 = 48_000
    private var begun = false
    /// Where the next samples go if not where the last ones ended.
    private(set) var jump: Int64?
    /// What the time stamps say beyond the count of samples, since the last jump.
    private var deviation: (sum: Int64, count: Int64) = (0, 0)

    static let tolerance: Int64 = 48_000 / 50

    /// - Parameter shift: what is to be added to the first time stamp, because it stands for all that follow: half a
    ///   millisecond of rounding would be heard where slices join.
    init(timeBase: TimeBase, origin: Ticks, shift: Int64 = 0) {
        self.timeBase = timeBase
        self.origin = origin
        given = shift
    }

    /// How far the first time stamp is off the grid that those after it follow in the mean.
    var shift: Int64 {
        let (sum, count) = deviation
        return count < 8 ? 0 : (2 * sum + count) / (2 * count)
    }

    /// Looks at a frame before it is converted.
    ///
    /// - Returns: whether what is still inside the resampler has to come out first.
    mutating func place(_ frame: borrowing Frame) -> Bool {
        jump = nil
        let rate = Int64(max(1, frame.sampleRate))
        let expected = start + input * 48_000 / inputRate
        let said = frame.presentation.map { stamp(of: $0) } ?? expected
        defer { input += Int64(frame.samples) }
        if !begun || rate != inputRate || abs(said - expected) > Self.tolerance {
            let first = !begun
            begun = true
            start = first ? said + given : said
            input = 0
            inputRate = rate
            deviation = (0, 0)
            jump = start
            return !first
        }
        deviation = (deviation.sum + said - expected, deviation.count + 1)
        return false
    }

    /// The sample at 48 kHz, on our clock, that a time stamp names.
    private func stamp(of presentation: Int64) -> Int64 {
        let fine = TimeBase(numerator: 1, denominator: 48_000)
        return timeBase.convert(presentation, to: fine) - TimeBase.ticks.convert(origin, to: fine)
    }
}
