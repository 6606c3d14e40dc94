/// Small pictures of a film at even intervals, ten by ten on a sheet: what a player shows over its seek bar.
public struct TileLayout: Equatable, Sendable {
    /// Columns of a sheet.
    public static let columns = 10
    /// Rows of a full sheet.
    public static let rows = 10

    /// Width and height of a tile; even.
    public let tile: PictureSize
    /// How long a tile stands for.
    public let interval: Ticks
    /// Tiles in all; at least 1.
    public let count: Int
    /// How long the film is.
    public let duration: Ticks

    /// - Parameters:
    ///   - duration: how long the film is.
    ///   - tile: width and height of a tile; even.
    public init(duration: Ticks, tile: PictureSize) {
        self.tile = tile
        self.duration = max(1, duration)
        interval = Self.interval(for: duration)
        count = Int((self.duration + interval - 1) / interval)
    }

    /// 2 s up to five minutes, 5 s up to an hour, then 10 s.
    static func interval(for duration: Ticks) -> Ticks {
        switch duration {
        case ...(300 * Ticks.perSecond): 2 * Ticks.perSecond
        case ...(3600 * Ticks.perSecond): 5 * Ticks.perSecond
        default: 10 * Ticks.perSecond
        }
    }

    /// How far a picture may be from the middle of its tile's time before another one is decoded for it: half the
    /// interval in a short film, where that shows and costs little, else the interval.
    public var tolerance: Ticks { interval > 2 * Ticks.perSecond ? interval : interval / 2 }

    /// The time of the film that tile `number` stands for.
    public func range(of number: Int) -> Range<Ticks> {
        let start = Ticks(number) * interval
        return start..<max(start + 1, min(duration, start + interval))
    }

    /// The middle of that.
    public func middle(of number: Int) -> Ticks {
        let range = range(of: number)
        return (range.lowerBound + range.upperBound) / 2
    }

    /// Sheets in all; at least 1.
    public var sheets: Int { (count + Self.columns * Self.rows - 1) / (Self.columns * Self.rows) }

    /// The tiles on a sheet.
    public func tiles(of sheet: Int) -> Range<Int> {
        let first = sheet * Self.columns * Self.rows
        return first..<max(first, min(count, first + Self.columns * Self.rows))
    }

    /// Columns and rows of a sheet: the last one has only as many as it needs.
    public func grid(of sheet: Int) -> (columns: Int, rows: Int) {
        let tiles = tiles(of: sheet).count
        return (max(1, min(Self.columns, tiles)), max(1, (tiles + Self.columns - 1) / Self.columns))
    }

    /// Width and height of a sheet.
    public func size(of sheet: Int) -> PictureSize {
        let grid = grid(of: sheet)
        return PictureSize(width: grid.columns * tile.width, height: grid.rows * tile.height)
    }

    /// The time of the film that a sheet stands for.
    public func time(of sheet: Int) -> Range<Ticks> {
        let tiles = tiles(of: sheet)
        return range(of: tiles.lowerBound)
            .lowerBound..<range(of: max(tiles.lowerBound, tiles.upperBound - 1)).upperBound
    }

    /// Where a tile stands: its sheet, and the upper left corner of its picture.
    public func place(of number: Int) -> (sheet: Int, x: Int, y: Int) {
        let sheet = number / (Self.columns * Self.rows)
        let index = number % (Self.columns * Self.rows)
        return (sheet, index % Self.columns * tile.width, index / Self.columns * tile.height)
    }
}
