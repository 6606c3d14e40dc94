/// Times and lengths of media, in ticks of 1/90000 second. 0 is where the lesson begins: the first picture, or the
/// first sound when that comes earlier. Segments carry them `Ticks.streamOffset` later.
public typealias Ticks = Int64

extension Ticks {
    /// Ticks in a second.
    public static let perSecond: Ticks = 90_000
    /// What is added to every time stamp inside segments (10 s), so that none is negative.
    public static let streamOffset: Ticks = 900_000
}

/// A ratio of two positive numbers, such as a frame rate or the shape of a sample.
public struct Ratio: Equatable, Sendable {
    /// Above the line; at least 1.
    public let numerator: Int64
    /// Below the line; at least 1.
    public let denominator: Int64

    /// `nil` unless both are positive and below 2³¹.
    public init?(_ numerator: Int64, _ denominator: Int64) {
        guard numerator > 0, denominator > 0, numerator < 1 << 31, denominator < 1 << 31 else { return nil }
        self.numerator = numerator
        self.denominator = denominator
    }

    private init(exactly numerator: Int64, _ denominator: Int64) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// 1 ÷ 1.
    public static let one = Ratio(exactly: 1, 1)

    /// In thousandths, rounded to nearest: 23976 for 24000 ÷ 1001.
    public var thousandths: Int64 { (numerator * 1000 + denominator / 2) / denominator }
}
