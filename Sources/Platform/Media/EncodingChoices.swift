public import Core

/// What the operator chose, noted with each task when it is planned, so that a change of settings never splits a lesson.
public struct EncodingChoices: MediaMessage {
    /// How segments are wrapped.
    public var packaging: Packaging
    /// Sizes with their rates, from the top.
    public var steps: [Ladder.Step]
    /// Whether rungs and caps are chosen by what a probe of the content needs.
    public var perTitle: Bool
    /// The loudness that sound is brought to, in LUFS (ITU-R BS.1770); `nil`: left as it is.
    public var loudness: Int?
    /// Whether rungs below 720 lines take every second frame of sources above 30 frames a second.
    public var halvesFrameRate: Bool

    /// - Parameters: as the properties; what is left out has the product's default.
    public init(
        packaging: Packaging = .ts, steps: [Ladder.Step] = Ladder.steps, perTitle: Bool = false, loudness: Int? = nil,
        halvesFrameRate: Bool = false
    ) {
        self.packaging = packaging
        self.steps = steps
        self.perTitle = perTitle
        self.loudness = loudness
        self.halvesFrameRate = halvesFrameRate
    }

    /// The choices as JSON.
    public var json: JSON {
        [
            "packaging": .string(packaging.rawValue),
            "steps": .array(steps.map { ["short": JSON($0.short), "rate": .integer($0.rate)] }),
            "per_title": .bool(perTitle), "loudness": JSON(loudness), "halves_frame_rate": .bool(halvesFrameRate),
        ]
    }

    /// Reads them back; what an older task does not say has the default.
    public init(json: JSON) throws(MediaMessageError) { try self.init(json: json, over: EncodingChoices()) }

    /// Reads what is given; the rest is as in `base`.
    public init(json: JSON, over base: EncodingChoices) throws(MediaMessageError) {
        self = base
        if json["packaging"] != nil {
            guard let known = Packaging(rawValue: try json.text("packaging")) else {
                throw MediaMessageError("packaging")
            }
            packaging = known
        }
        if json["steps"] != nil {
            steps = []
            for step in try json.list("steps", upTo: 16) {
                steps.append(
                    Ladder.Step(
                        short: Int(try step.whole("short", 2...4320)),
                        rate: try step.whole("rate", 10_000...200_000_000))
                )
            }
            guard Ladder.isValid(steps) else { throw MediaMessageError("steps") }
        }
        if json["per_title"] != nil { perTitle = try json.flag("per_title") }
        if let value = json["loudness"], value != .null { loudness = Int(try json.whole("loudness", -70...0)) }
        if json["halves_frame_rate"] != nil { halvesFrameRate = try json.flag("halves_frame_rate") }
    }
}

extension Ladder {
    /// Whether sizes fall strictly from the top, at least one.
    public static func isValid(_ steps: [Step]) -> Bool {
        !steps.isEmpty && zip(steps, steps.dropFirst()).allSatisfy { $0.short > $1.short }
    }
}
