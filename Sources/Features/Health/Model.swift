/// How one part is.
public enum PartState: String, Sendable {
    /// It answers.
    case ok
    /// It answers, but late or with little left.
    case late
    /// It does not.
    case failed
}

/// How the product is.
public struct HealthReport: Sendable, Equatable {
    /// The database answers.
    public var database: PartState
    /// Files can be written.
    public var storage: PartState
    /// Jobs are taken up.
    public var queue: PartState
    /// The gate answers.
    public var gate: PartState

    /// - Parameters: as the properties.
    public init(database: PartState, storage: PartState, queue: PartState, gate: PartState) {
        self.database = database
        self.storage = storage
        self.queue = queue
        self.gate = gate
    }
}
