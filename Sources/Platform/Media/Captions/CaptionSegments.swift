/// A file of captions as a rendition: one WebVTT file for each segment of the plan (RFC 8216 §3.5).
public enum CaptionSegments {
    /// Cuts cues into the segments of a plan. A cue stands in every segment that it reaches into, with its own times.
    ///
    /// - Parameters:
    ///   - cues: by the time they begin.
    ///   - plan: of the lesson.
    ///   - offset: what media time stamps have that the lesson's own clock has not.
    /// - Returns: the text of each segment.
    public static func write(_ cues: [Cue], plan: SegmentPlan, offset: Ticks) -> [String] {
        let head = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:\(offset),LOCAL:00:00:00.000\n\n"
        var segments = [String](repeating: head, count: plan.count)
        let perMillisecond = Ticks.perSecond / 1000
        let end = plan.start(of: plan.count)
        for cue in cues {
            let (from, to) = (cue.start * perMillisecond, cue.end * perMillisecond)
            guard from < end, to > plan.start(of: 0) else { continue }
            let text = cue.webVTT
            var number = plan.segment(at: from)
            repeat {
                segments[number] += text
                number += 1
            } while number < plan.count && plan.start(of: number) < to
        }
        return segments
    }

    /// The playlist of such a rendition.
    public static func playlist(_ plan: SegmentPlan) -> String {
        let lengths = (0..<plan.count).map { plan.start(of: $0 + 1) - plan.start(of: $0) }
        let longest = lengths.reduce(Ticks.perSecond) { max($0, $1) }
        var text = "#EXTM3U\n#EXT-X-VERSION:6\n"
        text += "#EXT-X-TARGETDURATION:\((longest + Ticks.perSecond / 2) / Ticks.perSecond)\n"
        text += "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
        for (number, length) in lengths.enumerated() {
            text += "#EXTINF:\(MediaPlaylist.seconds(length)),\n\(number).vtt\n"
        }
        return text + "#EXT-X-ENDLIST\n"
    }
}
