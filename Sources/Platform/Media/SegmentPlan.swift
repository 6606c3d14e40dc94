public import Core

/// Where the segments of all renditions begin and end, made once by `inspect`.
public struct SegmentPlan: MediaMessage {
    /// What a segment should last: 6 s.
    public static let target: Ticks = 6 * Ticks.perSecond
    /// Segments at the beginning of a lesson whose picture is encoded that are shorter.
    public static let openingSegments = 3
    /// What those should last: 2 s.
    public static let openingTarget: Ticks = 2 * Ticks.perSecond

    /// The beginnings of segments 0, 1, 2… and the end of the last one.
    public var boundaries: [Ticks]
    /// How many segments have picture: all of them, or none.
    public var videoSegments: Int
    /// For each segment with picture: the times of the two frames shown before its first, from which decoding times
    /// are made that join without overlap.
    public var before: [(Ticks, Ticks)]
    /// For each segment with picture: the decoding time of the whole picture that decoding has to start from.
    public var decodeFrom: [Ticks]

    /// - Parameters: as the properties.
    public init(boundaries: [Ticks], videoSegments: Int, before: [(Ticks, Ticks)] = [], decodeFrom: [Ticks] = []) {
        self.boundaries = boundaries
        self.videoSegments = videoSegments
        self.before = before
        self.decodeFrom = decodeFrom
    }

    /// Segments.
    public var count: Int { max(0, boundaries.count - 1) }

    /// Where segment `number` begins; its end is the beginning of the next.
    public func start(of number: Int) -> Ticks { boundaries[min(max(0, number), boundaries.count - 1)] }

    /// The segment that `time` falls into; the first and last reach beyond the plan's ends.
    ///
    /// - Complexity: O(log n).
    public func segment(at time: Ticks) -> Int {
        var low = 0
        var high = max(0, count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if boundaries[middle] <= time { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Whether both say the same.
    public static func == (one: SegmentPlan, other: SegmentPlan) -> Bool {
        one.boundaries == other.boundaries && one.videoSegments == other.videoSegments
            && one.decodeFrom == other.decodeFrom && one.before.elementsEqual(other.before) { $0 == $1 }
    }

    /// The plan as JSON.
    public var json: JSON {
        [
            "boundaries": .array(boundaries.map { .integer($0) }), "video_segments": JSON(videoSegments),
            "before": .array(before.flatMap { [.integer($0.0), .integer($0.1)] }),
            "decode_from": .array(decodeFrom.map { .integer($0) }),
        ]
    }

    /// Reads it back.
    public init(json: JSON) throws(MediaMessageError) {
        boundaries = try json.allTicks("boundaries")
        guard boundaries.count >= 2, zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw MediaMessageError("boundaries")
        }
        videoSegments = try json.count("video_segments", upTo: boundaries.count - 1)
        let pairs = try json.allTicks("before")
        decodeFrom = try json.allTicks("decode_from")
        guard pairs.count == 2 * videoSegments else { throw MediaMessageError("before") }
        guard decodeFrom.count == videoSegments else { throw MediaMessageError("decode_from") }
        before = (0..<videoSegments).map { (pairs[2 * $0], pairs[2 * $0 + 1]) }
    }
}

extension SegmentPlan {
    /// Chooses among whole pictures (IDR frames) so that segments come as near to `target` as they allow.
    ///
    /// The sum of squared distances from the target is smallest; a segment under 2 s is taken only where nothing else
    /// is possible.
    ///
    /// - Parameters:
    ///   - candidates: presentation times of the IDR frames, rising; the first is the beginning.
    ///   - end: when the picture ends.
    /// - Returns: beginnings and the end.
    /// - Complexity: O(n) in the length of the lesson.
    public static func cut(at candidates: [Ticks], end: Ticks, target: Ticks = SegmentPlan.target) -> [Ticks] {
        guard let first = candidates.first else { return [] }
        // One candidate in a quarter of a second is choice enough, and bounds the work for all-intra files.
        var points: [Ticks] = [first]
        for time in candidates.dropFirst() where time < end && time - (points.last ?? first) >= Ticks.perSecond / 4 {
            points.append(time)
        }
        points.append(max(end, (points.last ?? first) + 1))

        func cost(_ length: Ticks, isLast: Bool) -> Int64 {
            let off = (length - target) / 900
            if length < Ticks.perSecond * (isLast ? 1 : 2) { return off * off + 100_000_000 }
            return isLast && length < target ? off * off / 8 : off * off
        }
        let reach = max(points.count - 1, 1)
        var best = [Int64](repeating: .max, count: points.count)
        var from = [Int](repeating: 0, count: points.count)
        best[0] = 0
        for index in 1..<points.count {
            var earlier = index - 1
            while earlier >= 0 && index - earlier <= reach {
                let length = points[index] - points[earlier]
                if length > 2 * target, earlier < index - 1 { break }
                let (sum, over) = best[earlier].addingReportingOverflow(cost(length, isLast: index == points.count - 1))
                if !over, sum < best[index] {
                    best[index] = sum
                    from[index] = earlier
                }
                earlier -= 1
            }
        }
        var chosen: [Ticks] = []
        var index = points.count - 1
        while index > 0 {
            chosen.append(points[index])
            index = from[index]
        }
        chosen.append(points[0])
        return chosen.reversed()
    }

    /// Cuts at the first frame that comes `target` or more after the last cut; a rest under 2 s joins the segment
    /// before it. The first segments are shorter, so that a player has the three it wants before it begins soon after
    /// work has begun.
    ///
    /// - Parameters:
    ///   - frames: presentation times of all frames, rising; the first is the beginning.
    ///   - end: when the picture ends.
    public static func cut(onFrames frames: [Ticks], end: Ticks, target: Ticks = SegmentPlan.target) -> [Ticks] {
        guard let first = frames.first else { return [] }
        var chosen = [first]
        var next = first + openingTarget
        // Half a tick of rounding in files that count milliseconds must not push a cut to the next frame.
        for time in frames where time >= next - 90 && time < end {
            chosen.append(time)
            next = time + (chosen.count <= openingSegments ? openingTarget : target)
        }
        if chosen.count > 1, let last = chosen.last, end - last < 2 * Ticks.perSecond { chosen.removeLast() }
        chosen.append(max(end, (chosen.last ?? first) + 1))
        return chosen
    }

    /// Even steps of `target` from `start` to `end`, for sound alone; a rest under half a step joins the last one.
    public static func even(from start: Ticks, to end: Ticks, target: Ticks = SegmentPlan.target) -> [Ticks] {
        var chosen = [start]
        while end - (chosen.last ?? start) > target + target / 2 { chosen.append((chosen.last ?? start) + target) }
        chosen.append(max(end, (chosen.last ?? start) + 1))
        return chosen
    }

    /// Lets the last segment last until the sound ends too.
    ///
    /// - Parameters:
    ///   - cuts: beginnings of the segments, and the picture's end.
    ///   - soundEnd: when the sound ends.
    public static func extend(_ cuts: [Ticks], soundEnd: Ticks) -> [Ticks] {
        guard let end = cuts.last, soundEnd > end else { return cuts }
        return Array(cuts.dropLast()) + [soundEnd]
    }
}
