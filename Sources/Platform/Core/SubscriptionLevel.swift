/// What a person has subscribed to; each plays what those before it play.
public enum SubscriptionLevel: String, Sendable, CaseIterable, Comparable {
    /// Nothing.
    case free
    /// For a person.
    case premium
    /// For a household.
    case family

    /// By what they play.
    public static func < (one: SubscriptionLevel, other: SubscriptionLevel) -> Bool { one.rank < other.rank }

    private var rank: Int {
        switch self {
        case .free: 0
        case .premium: 1
        case .family: 2
        }
    }
}

extension Settings.LevelStreams {
    /// Streams that somebody with this level may have at once; 0: as many as there are.
    public subscript(level: SubscriptionLevel) -> Int {
        switch level {
        case .free: free
        case .premium: premium
        case .family: family
        }
    }
}
