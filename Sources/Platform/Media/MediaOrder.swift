public import Core

/// What the helper reads on its descriptor 0: a job, and how its segments are wrapped.
public struct MediaOrder: MediaMessage {
    /// What to do.
    public var job: MediaJob
    /// How segments are wrapped.
    public var packaging: Packaging

    /// - Parameters: as the properties.
    public init(_ job: MediaJob, packaging: Packaging) {
        self.job = job
        self.packaging = packaging
    }

    /// The numbers of all keys that what it makes is encrypted with, for the pipe on the helper's descriptor 4:
    /// initialization sections have the key of their rendition's first segment, wherever a slice begins.
    public var keyNumbers: [UInt32] {
        let numbers = job.keyNumbers
        if packaging == .ts { return numbers }
        let ordinals = Set(numbers.map { UInt16($0 >> 16) }).sorted()
        return ordinals.map { KeyPlan.number(ordinal: $0, segment: 0) }.filter { !numbers.contains($0) } + numbers
    }

    /// The order as JSON: the job's with one more member.
    public var json: JSON {
        guard case .object(let members) = job.json else { return job.json }
        return .object(members + [JSON.Member("packaging", .string(packaging.rawValue))])
    }

    /// Reads it back.
    public init(json: JSON) throws(MediaMessageError) {
        job = try MediaJob(json: json)
        guard let packaging = Packaging(rawValue: try json.text("packaging")) else {
            throw MediaMessageError("packaging")
        }
        self.packaging = packaging
    }
}
