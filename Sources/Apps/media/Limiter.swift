/// Brings samples of two channels to a level, and keeps their true peak (ITU-R BS.1770-4 annex 2) under a ceiling.
///
/// What comes out at a place depends on nothing further off than `reach` samples, so that slices join when each is given
/// that much more at either end. Where nothing is too loud every sample is only multiplied, or left as it is.
struct Limiter {
    /// Samples to either side that have a say.
    static let reach = 2048
    /// -2 dBTP: coding adds up to 0.7 dB of its own, and -1 dBTP is what platforms ask for.
    static let ceiling: Float = 0.794_328
    /// A low place lasts this long to either side: longer than a wave of the deepest tone takes from crest to crest.
    private static let hold = 960
    /// Taps of a phase; four phases stand for four times the rate.
    private static let taps = 12
    private static let phases: [[Float]] = [
        [
            0.001_708_984_375, 0.010_986_328_125, -0.019_653_320_312_5, 0.033_203_125, -0.059_448_242_187_5,
            0.137_329_101_562_5, 0.972_167_968_75, -0.102_294_921_875, 0.047_607_421_875, -0.026_611_328_125,
            0.014_892_578_125, -0.008_300_781_25,
        ],
        [
            -0.029_174_804_687_5, 0.029_296_875, -0.051_757_812_5, 0.089_111_328_125, -0.166_503_906_25,
            0.465_087_890_625, 0.779_785_156_25, -0.200_317_382_812_5, 0.101_562_5, -0.058_227_539_062_5,
            0.033_081_054_687_5, -0.018_920_898_437_5,
        ],
    ]

    /// What samples are multiplied by before anything else.
    let gain: Float

    /// Works on both channels in place; they are of one length.
    ///
    /// - Complexity: O(n).
    func apply(_ left: inout [Float], _ right: inout [Float]) {
        if gain != 1 {
            for index in left.indices {
                left[index] *= gain
                right[index] *= gain
            }
        }
        guard var factors = Self.wanted(left, right) else { return }
        factors = Self.lowest(factors, within: Self.hold)
        for _ in 0..<2 { factors = Self.mean(factors, within: Self.hold / 2) }
        for index in left.indices {
            left[index] *= factors[index]
            right[index] *= factors[index]
        }
    }

    /// What each sample would have to be multiplied by; `nil` when nothing is too loud.
    private static func wanted(_ left: [Float], _ right: [Float]) -> [Float]? {
        var factors: [Float]?
        let block = 64
        for start in stride(from: 0, to: left.count, by: block) {
            let end = min(left.count, start + block)
            let around = max(0, start - taps)..<min(left.count, end + taps)
            var top: Float = 0
            for index in around { top = max(top, abs(left[index]), abs(right[index])) }
            // Between samples a wave rises to twice their height at the very most.
            if top * 2 <= ceiling { continue }
            for index in start..<end {
                let peak = max(truePeak(left, at: index), truePeak(right, at: index))
                if peak > ceiling {
                    if factors == nil { factors = [Float](repeating: 1, count: left.count) }
                    factors?[index] = ceiling / peak
                }
            }
        }
        return factors
    }

    /// The highest of a sample and three places behind it.
    private static func truePeak(_ samples: [Float], at index: Int) -> Float {
        var top = abs(samples[index])
        let first = index - 5
        guard first >= 0, first + taps <= samples.count else { return top }
        for phase in phases {
            var forth: Float = 0
            var back: Float = 0
            for tap in 0..<taps {
                let sample = samples[first + tap]
                forth += phase[tap] * sample
                back += phase[taps - 1 - tap] * sample
            }
            top = max(top, abs(forth), abs(back))
        }
        return top
    }

    /// The smallest value up to `distance` to either side of each place.
    private static func lowest(_ values: [Float], within distance: Int) -> [Float] {
        var result = values
        // Places whose values rise, the smallest first; those before `head` are out of sight.
        var queue: [Int] = []
        var head = 0
        var next = 0
        for index in values.indices {
            while next < values.count, next <= index + distance {
                while queue.count > head, values[queue[queue.count - 1]] >= values[next] { queue.removeLast() }
                queue.append(next)
                next += 1
            }
            while queue[head] < index - distance { head += 1 }
            result[index] = values[queue[head]]
        }
        return result
    }

    /// The mean of values up to `distance` to either side; beyond the ends stands 1.
    private static func mean(_ values: [Float], within distance: Int) -> [Float] {
        let width = 2 * distance + 1
        var result = values
        // Whole numbers, so that the sum does not depend on where it began.
        func whole(_ index: Int) -> Int64 {
            values.indices.contains(index) ? Int64((values[index] * 16_777_216).rounded()) : 16_777_216
        }
        var sum: Int64 = 0
        for index in -distance...distance { sum += whole(index) }
        for index in values.indices {
            result[index] = Float(Double(sum) / Double(width) / 16_777_216)
            sum += whole(index + distance + 1) - whole(index - distance)
        }
        return result
    }
}

/// Decibels and factors.
enum Decibels {
    /// What samples are multiplied by for a gain in hundredths of a decibel.
    static func factor(hundredths: Int) -> Float {
        // A hundredth of a decibel, multiplied with itself: there is no mathematics library here.
        var result = 1.0
        var factor = 1.001_151_955_538_168_9
        var left = abs(hundredths)
        while left > 0 {
            if left & 1 == 1 { result *= factor }
            factor *= factor
            left >>= 1
        }
        return Float(hundredths < 0 ? 1 / result : result)
    }
}
