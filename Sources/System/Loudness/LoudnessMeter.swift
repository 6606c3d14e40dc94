internal import CEBUR128

/// Measures how loud two channels are as a whole: integrated loudness of ITU-R BS.1770-4, gated as EBU R 128 says.
@safe public final class LoudnessMeter {
    private var state: UnsafeMutablePointer<ebur128_state>?
    private var interleaved: [Float] = []

    /// - Parameter sampleRate: samples a second, 16 to 768,000.
    /// - Returns: `nil` for other rates, or without memory.
    public init?(sampleRate: Int) {
        guard (16...768_000).contains(sampleRate) else { return nil }
        unsafe state = ebur128_init(2, UInt(sampleRate), shim_integrated)
        if unsafe state == nil { return nil }
    }

    deinit {
        // The library does not look whether there is one.
        if unsafe state != nil { unsafe ebur128_destroy(&state) }
    }

    /// Takes the next samples.
    ///
    /// - Returns: whether they were taken; memory may run out.
    public func add(_ left: [Float], _ right: [Float]) -> Bool {
        let count = min(left.count, right.count)
        if count == 0 { return true }
        interleaved.removeAll(keepingCapacity: true)
        interleaved.reserveCapacity(2 * count)
        for index in 0..<count {
            // What is no number would spoil the whole measurement.
            interleaved.append(left[index].isFinite ? left[index] : 0)
            interleaved.append(right[index].isFinite ? right[index] : 0)
        }
        return unsafe interleaved.withUnsafeBufferPointer { samples in
            unsafe ebur128_add_frames_float(state, samples.baseAddress, count) == shim_success
        }
    }

    /// LUFS of all that was added; -70 or less stands for silence.
    public var integrated: Double {
        var loudness = 0.0
        guard unsafe ebur128_loudness_global(state, &loudness) == shim_success, loudness.isFinite else { return -70 }
        return max(-70, loudness)
    }
}
