public import Core

/// What a few seconds at several places of a film needed at each rung, when only quality decided.
public struct ContentProbe: MediaMessage, Equatable {
    /// A few seconds at one rung.
    public struct Sample: MediaMessage, Equatable {
        /// The rung's short side in lines.
        public var short: Int
        /// The segment it began with.
        public var segment: Int
        /// How long it lasted.
        public var duration: Ticks
        /// Bytes of pictures.
        public var bytes: Int64

        /// - Parameters: as the properties.
        public init(short: Int, segment: Int, duration: Ticks, bytes: Int64) {
            self.short = short
            self.segment = segment
            self.duration = duration
            self.bytes = bytes
        }

        /// Bits a second.
        public var rate: Int64 { duration > 0 ? bytes * 8 * Ticks.perSecond / duration : 0 }

        /// The sample as JSON.
        public var json: JSON {
            [
                "short": JSON(short), "segment": JSON(segment), "duration": .integer(duration),
                "bytes": .integer(bytes),
            ]
        }

        /// Reads it back.
        public init(json: JSON) throws(MediaMessageError) {
            short = Int(try json.whole("short", 1...8192))
            segment = try json.count("segment")
            duration = try json.ticks("duration")
            bytes = try json.whole("bytes", 0...(1 << 40))
        }
    }

    /// All samples.
    public var samples: [Sample]

    /// - Parameter samples: in any order.
    public init(samples: [Sample]) { self.samples = samples }

    /// The probe as JSON.
    public var json: JSON { ["samples": .array(samples.map(\.json))] }

    /// Reads it back.
    public init(json: JSON) throws(MediaMessageError) { samples = try json.messages("samples", upTo: 256) }

    /// What a size needs in the mean and where it needs most, in bits a second; `nil` where it was not looked at.
    public func need(short: Int) -> (mean: Int64, most: Int64)? {
        let own = samples.filter { $0.short == short && $0.duration > 0 }
        let duration = own.reduce(Ticks(0)) { $0 + $1.duration }
        guard duration > 0 else { return nil }
        let bytes = own.reduce(Int64(0)) { $0 + $1.bytes }
        return (bytes * 8 * Ticks.perSecond / duration, own.map(\.rate).max() ?? 0)
    }
}

/// A ladder for one film instead of for all of them.
public enum PerTitle {
    /// Seconds looked at in one place.
    public static let length: Ticks = 2 * Ticks.perSecond
    /// A rung that needs no more than this needs nothing below it: a poor connection carries it.
    public static let lightEnough: Int64 = 250_000
    /// The smallest cap.
    static let floor: Int64 = 150_000

    /// The segments to look into: five places spread over the film, fewer in a short one.
    public static func places(in plan: SegmentPlan) -> [Int] {
        let count = plan.videoSegments
        var places: [Int] = []
        for part in [10, 30, 50, 70, 90] {
            let place = count * part / 100
            if place < count, places.last != place { places.append(place) }
        }
        return places
    }

    /// Leaves out rungs that bring nothing, and lowers caps to what the content needs.
    ///
    /// A rung goes when the next higher one is light enough for everybody, or when it would need more than 0.7 of the
    /// next higher one's bits. A cap is 1.5 × what the hardest place needed, if that is less. The top always stays.
    ///
    /// - Parameters:
    ///   - rungs: the ladder without knowledge of the content, from the top.
    ///   - probe: what was found.
    public static func refine(_ rungs: [Rung], _ probe: ContentProbe) -> [Rung] {
        var kept: [Rung] = []
        var above: Int64?
        for var rung in rungs {
            let found = rung.isCopied ? nil : probe.need(short: min(rung.width, rung.height))
            let need = min(found?.mean ?? rung.cap, rung.cap)
            if let above, above <= lightEnough || need * 10 > above * 7 { continue }
            above = need
            if let found { rung.cap = min(rung.cap, max(floor, found.most * 3 / 2)) }
            rung.ordinal = UInt16(kept.count)
            kept.append(rung)
        }
        return kept
    }
}
