/// Which pictures are taken out of a film, when, and how large: the same for worker and helper, from the facts alone.
///
/// Pictures of places where decoding can start cost a hundredth of what those between them cost, so they are preferred;
/// where they are too far apart, the film is decoded up to the wanted time.
public struct StillsPlan: Equatable, Sendable {
    /// A picture that is decoded once, for everything it is used for.
    public struct Picture: Equatable, Sendable {
        /// When it is on the screen.
        public var time: Ticks
        /// Where decoding starts for it: `time` itself where that is possible.
        public var from: Ticks
        /// Its number among the I-frames; `nil`: it is none.
        public var frame: Int?
        /// The tiles it fills.
        public var tiles: Range<Int>
    }

    /// Pictures to decode, by time.
    public let pictures: [Picture]
    /// When each I-frame is shown, rising; the first at 0.
    public let frames: [Ticks]
    /// Width and height of I-frames; even.
    public let frameSize: PictureSize
    /// The tiles and the sheets they stand on.
    public let tiles: TileLayout
    /// Width and height of the poster; even.
    public let posterSize: PictureSize
    /// When the picture ends.
    public let end: Ticks

    /// Two I-frames are at least this far apart, unless a segment begins.
    public static let frameStep: Ticks = 2 * Ticks.perSecond

    /// `nil` where there is no picture, or nothing is known of where decoding can start.
    ///
    /// - Parameter facts: with `keys`.
    public init?(_ facts: SourceFacts) {
        guard let video = facts.video, !video.keys.isEmpty, facts.plan.videoSegments > 0, video.end > 0 else {
            return nil
        }
        let display = video.displaySize
        let size = PictureSize(width: display.width, height: display.height)
        end = video.end
        posterSize = size.fitted(into: PictureSize(width: 1280, height: 1280))
        frameSize = size.fitted(short: 360)
        tiles = TileLayout(duration: video.end, tile: size.fitted(into: PictureSize(width: 160, height: 180)))
        let starts = facts.plan.boundaries.prefix(facts.plan.videoSegments)
        var keys = Set(video.keys.filter { $0 >= 0 && $0 < video.end })
        if video.copy.isCopy { keys.formUnion(starts) }
        let sorted = keys.sorted()
        let chosen = Self.frames(starts: Array(starts), keys: sorted, end: video.end)
        frames = chosen.map(\.time)
        pictures = Self.assign(tiles, frames: chosen, keys: sorted, end: video.end)
    }

    /// Chooses I-frames: where decoding can start, about `frameStep` apart, and at least one in each segment.
    ///
    /// - Parameters:
    ///   - starts: beginnings of the segments, rising; the first is the film's.
    ///   - keys: where decoding can start, rising.
    static func frames(starts: [Ticks], keys: [Ticks], end: Ticks) -> [(time: Ticks, from: Ticks)] {
        // A film of many hours does not get ten thousand of them.
        let step = max(frameStep, end / 3600)
        var chosen: [(time: Ticks, from: Ticks)] = []
        var next = 0
        var before = keys.first.map { min($0, 0) } ?? 0
        for (number, start) in starts.enumerated() {
            let stop = number + 1 < starts.count ? starts[number + 1] : end
            var isEmpty = true
            while next < keys.count, keys[next] < stop {
                let key = keys[next]
                next += 1
                // A quarter less than the step: a key frame each two seconds comes now and then a little early.
                let isFar = chosen.last.map { key - $0.time >= step - step / 4 } ?? true
                if number == 0, chosen.isEmpty, key > start { chosen.append((start, before)) }
                if key == start || isFar || (isEmpty && chosen.last.map { key > $0.time } ?? true) {
                    chosen.append((key, key))
                    isEmpty = false
                }
                before = key
            }
            if isEmpty, chosen.last.map({ $0.time < start }) ?? true { chosen.append((start, before)) }
        }
        return chosen
    }

    /// Gives each tile the nearest picture there is without decoding more, or one of its own.
    private static func assign(
        _ layout: TileLayout, frames: [(time: Ticks, from: Ticks)], keys: [Ticks], end: Ticks
    ) -> [Picture] {
        var all: [Ticks: Picture] = [:]
        for (number, frame) in frames.enumerated() {
            all[frame.time] = Picture(time: frame.time, from: frame.from, frame: number, tiles: 0..<0)
        }
        let free = Set(keys).union(frames.map(\.time)).sorted()
        for tile in 0..<layout.count {
            let wanted = layout.middle(of: tile)
            let index = free.partitioned { $0 < wanted }
            let around = free[max(0, index - 1)..<min(free.count, index + 1)]
            let nearest = around.min { abs($0 - wanted) < abs($1 - wanted) }
            var time = wanted
            var from = keys.partitioned { $0 <= wanted }
            from = max(0, from - 1)
            var start = keys.isEmpty ? 0 : min(keys[from], wanted)
            if let nearest, abs(nearest - wanted) <= layout.tolerance {
                time = nearest
                start = all[nearest]?.from ?? nearest
            }
            if var picture = all[time] {
                picture.tiles = picture.tiles.isEmpty ? tile..<tile + 1 : picture.tiles.lowerBound..<tile + 1
                all[time] = picture
            } else {
                all[time] = Picture(time: time, from: start, frame: nil, tiles: tile..<tile + 1)
            }
        }
        return all.values.sorted { $0.time < $1.time }
    }

    /// How long I-frame `number` stands.
    public func duration(ofFrame number: Int) -> Ticks {
        guard frames.indices.contains(number) else { return 0 }
        return max(1, (number + 1 < frames.count ? frames[number + 1] : end) - frames[number])
    }
}

/// Width and height of a picture in samples.
public struct PictureSize: Equatable, Sendable {
    /// Samples in a row.
    public var width: Int
    /// Rows.
    public var height: Int

    /// - Parameters: as the properties.
    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// The largest size of the same shape that is not larger than this and fits into `box`; even, at least 2 × 2.
    public func fitted(into box: PictureSize) -> PictureSize {
        let wide = width * box.height > height * box.width
        return wide
            ? scaled(min(width, box.width), of: max(1, width)) : scaled(min(height, box.height), of: max(1, height))
    }

    /// The same shape with a short side of `short`, or of its own where that is smaller; even, at least 2 × 2, and at
    /// most 2048 long.
    public func fitted(short: Int) -> PictureSize {
        let made = scaled(min(short, width, height), of: max(1, min(width, height)))
        return max(made.width, made.height) > 2048 ? made.fitted(into: PictureSize(width: 2048, height: 2048)) : made
    }

    private func scaled(_ part: Int, of whole: Int) -> PictureSize {
        func even(_ side: Int) -> Int { max(2, (side * part + whole / 2) / whole / 2 * 2) }
        return PictureSize(width: even(width), height: even(height))
    }
}

extension Array where Element == Ticks {
    /// The first index whose element is not `before`; the array is sorted so that all before it are.
    func partitioned(_ before: (Ticks) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if before(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
