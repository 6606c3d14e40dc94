/// Whose turn it is at a disk that has a queue (ioprio_set(2)).
public enum DiskPriority: Equatable, Sendable {
    /// As its starter's.
    case unchanged
    /// Among others: 0 is first, 7 last.
    case bestEffort(Int32)
    /// When nobody else wants to.
    case idle

    /// What somebody waits for never stands behind everybody.
    public var raised: DiskPriority { self == .unchanged ? .unchanged : .bestEffort(4) }

    /// The kernel's word: the class in the bits from 13 on, the level below.
    var word: Int32? {
        switch self {
        case .unchanged: nil
        case .bestEffort(let level): 2 << 13 | max(0, min(7, level))
        case .idle: 3 << 13
        }
    }
}
