/// Bringing tracks to one loudness.
public enum Levels {
    /// What is nearer to the goal than this stays as it is, in hundredths of a decibel.
    public static let tolerance = 50
    /// A whisper is raised by no more than this: what is raised with it is noise.
    public static let most = 2000

    /// What a track is to be raised by, in hundredths of a decibel; negative: lowered.
    ///
    /// - Parameters:
    ///   - loudness: measured, in hundredths of LUFS; -70 LUFS is silence.
    ///   - target: in LUFS.
    public static func gain(loudness: Int, target: Int) -> Int {
        let wanted = target * 100 - loudness
        return loudness <= -6900 || abs(wanted) < tolerance ? 0 : min(most, max(-6000, wanted))
    }
}

extension SourceFacts {
    /// Whether the loudness of every track is known.
    public var isMeasured: Bool { audio.allSatisfy { $0.loudness != nil } }

    /// The same source with its tracks to be brought to `target` LUFS, as far as they were measured; a track that is
    /// raised or lowered can't be copied. `nil` leaves all as they are.
    public func levelled(to target: Int?) -> SourceFacts {
        guard let target else { return self }
        var facts = self
        for index in facts.audio.indices {
            guard let loudness = facts.audio[index].loudness else { continue }
            let gain = Levels.gain(loudness: loudness, target: target)
            facts.audio[index].gain = gain
            if gain != 0, facts.audio[index].copy.isCopy { facts.audio[index].copy = .encode(.loudness) }
        }
        return facts
    }
}
