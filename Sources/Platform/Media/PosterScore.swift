/// What is measured of a picture, to choose the one that stands for the film.
public struct PictureTraits: Equatable, Sendable {
    /// Mean brightness, 0…255.
    public var brightness: Int
    /// How far brightness spreads (standard deviation), 0…127.
    public var contrast: Int
    /// How much neighbouring samples differ in the mean, in sixteenths of a step.
    public var detail: Int
    /// How far colours are from grey in the mean, 0…127.
    public var colour: Int
    /// Thousandths of the picture that are nearly of one brightness: a card with letters, a fade.
    public var flatness: Int

    /// - Parameters: as the properties.
    public init(brightness: Int, contrast: Int, detail: Int, colour: Int, flatness: Int) {
        self.brightness = brightness
        self.contrast = contrast
        self.detail = detail
        self.colour = colour
        self.flatness = flatness
    }

    /// Measures a picture in 4:2:0 with 8 bits in limited range.
    ///
    /// - Parameters:
    ///   - luma: rows of brightness.
    ///   - stride: bytes from row to row.
    ///   - u: rows of the first colour difference, half as many and half as wide.
    ///   - v: rows of the second.
    ///   - chromaStride: bytes from row to row there.
    public init(
        luma: Span<UInt8>, stride: Int, width: Int, height: Int, u: Span<UInt8>, v: Span<UInt8>, chromaStride: Int
    ) {
        var histogram = [Int](repeating: 0, count: 256)
        var sum = 0
        var squares = 0
        var differences = 0
        for y in 0..<height {
            let row = y * stride
            for x in 0..<width {
                let value = Int(luma[row + x])
                sum += value
                squares += value * value
                histogram[value] += 1
                if x > 0 { differences += abs(value - Int(luma[row + x - 1])) }
                if y > 0 { differences += abs(value - Int(luma[row + x - stride])) }
            }
        }
        let count = max(1, width * height)
        let mean = sum / count
        // Limited range holds 16…235.
        brightness = min(255, max(0, (mean - 16) * 255 / 219))
        let variance = max(0, squares / count - mean * mean)
        contrast = Int(Double(variance).squareRoot())
        detail = differences * 16 / (2 * count)
        var chroma = 0
        for y in 0..<height / 2 {
            for x in 0..<width / 2 {
                chroma += abs(Int(u[y * chromaStride + x]) - 128) + abs(Int(v[y * chromaStride + x]) - 128)
            }
        }
        colour = chroma / max(1, 2 * (height / 2) * (width / 2))
        var most = 0
        for level in 0..<248 {
            var near = 0
            for value in level..<level + 8 { near += histogram[value] }
            most = max(most, near)
        }
        flatness = most * 1000 / count
    }
}

/// Which picture stands for a film.
public enum PosterScore {
    /// How good a picture is, 0…1000; higher is better.
    ///
    /// A picture that is dark, blown out, flat or soft is worth little wherever it stands. Among good ones those of the
    /// first tenth to third are preferred: behind titles, before what should not be given away.
    ///
    /// - Parameters:
    ///   - traits: of the picture.
    ///   - position: when it is shown, in thousandths of the film.
    ///   - movement: mean difference in brightness to the picture a moment later, 0…255: a film that fades or cuts
    ///     there shows a mixture. `nil`: not looked at.
    public static func score(_ traits: PictureTraits, position: Int, movement: Int? = nil) -> Int {
        let light = min(ramp(traits.brightness, from: 18, to: 70), ramp(traits.brightness, from: 245, to: 190))
        let contrast = ramp(traits.contrast, from: 6, to: 45)
        let detail = ramp(traits.detail, from: 8, to: 80)
        let variety = ramp(traits.flatness, from: 950, to: 450)
        let colour = ramp(traits.colour, from: 0, to: 12)
        var score = 1000.0 * light * contrast.squareRoot() * (0.15 + 0.85 * detail) * (0.15 + 0.85 * variety)
        score *= 0.8 + 0.2 * colour
        score *= place(position)
        if let movement { score *= 1 - 0.6 * ramp(movement, from: 12, to: 50) }
        return Int(score)
    }

    /// 1 from a tenth to a third, less towards both ends.
    private static func place(_ position: Int) -> Double {
        switch position {
        case ..<20: 0.55
        case ..<100: 0.55 + 0.45 * ramp(position, from: 20, to: 100)
        case ...340: 1
        case ...900: 1 - 0.25 * ramp(position, from: 340, to: 900)
        default: 0.5
        }
    }

    /// 0 at one value, 1 at the other, a straight line between.
    private static func ramp(_ value: Int, from low: Int, to high: Int) -> Double {
        min(1, max(0, Double(value - low) / Double(high - low)))
    }

    /// The best of some pictures; the earliest of equals, `nil` of none.
    ///
    /// - Parameter scores: one for each picture, in their order.
    public static func best(_ scores: [Int]) -> Int? {
        var best: Int?
        for index in scores.indices where best.map({ scores[index] > scores[$0] }) ?? true { best = index }
        return best
    }

    /// The best few, best first; equals in their order.
    public static func best(_ scores: [Int], _ count: Int) -> [Int] {
        Array(scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }.prefix(count))
    }
}
