/// Repeated frames that keep the picture going where a source stands still for long: a recording of slides may have a
/// frame a minute, and players wait where a segment has no picture. Only encoded renditions have them.
public enum Fillers {
    /// A pause longer than this is filled.
    public static let longestPause: Ticks = 4 * Ticks.perSecond
    /// A frame is repeated this often in a pause.
    public static let step: Ticks = Ticks.perSecond

    /// When the frame shown at `frame` is shown again, before `next` comes.
    public static func times(after frame: Ticks, before next: Ticks) -> [Ticks] {
        guard next - frame > longestPause else { return [] }
        return Array(stride(from: frame + step, to: next - step / 2, by: Int(step)))
    }

    /// All times a picture is shown, repetitions included.
    ///
    /// - Parameters:
    ///   - frames: presentation times of the frames, rising.
    ///   - end: until when the last one stands.
    public static func fill(_ frames: [Ticks], end: Ticks) -> [Ticks] {
        var all: [Ticks] = []
        all.reserveCapacity(frames.count)
        for (index, time) in frames.enumerated() {
            all.append(time)
            all += times(after: time, before: index + 1 < frames.count ? frames[index + 1] : end)
        }
        return all
    }
}
