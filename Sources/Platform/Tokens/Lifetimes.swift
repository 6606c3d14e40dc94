/// How long the two tokens of an answer hold, in seconds.
public struct Lifetimes: Sendable, Equatable {
    /// Seconds beyond its length that a lesson's token holds where the player can't renew it.
    private static let slack: Int64 = 7200

    /// The one for the header.
    public let header: Int64
    /// The one for the path.
    public let path: Int64

    /// What the operator set, in seconds.
    public struct Terms: Sendable, Equatable {
        /// Where nobody says otherwise.
        public let usual: Int64
        /// At most.
        public let longest: Int64

        /// - Parameters: as the properties.
        public init(usual: Int64, longest: Int64) {
            self.usual = usual
            self.longest = longest
        }
    }

    /// - Parameters: as the properties.
    public init(header: Int64, path: Int64) {
        self.header = header
        self.path = path
    }

    /// Where the player can't renew a token, in apps and in paths, it holds for the whole lesson and a pause.
    ///
    /// - Parameters:
    ///   - ttl: seconds somebody asked for; `nil`: nobody did.
    ///   - duration: seconds the lesson plays, if that is known.
    ///   - platform: the kind of player.
    ///   - terms: the operator's.
    public init(ttl: Int64? = nil, duration: Double?, platform: Platform, terms: Terms) {
        if let ttl {
            header = min(max(1, ttl), terms.longest)
            path = header
            return
        }
        let length = duration.flatMap { $0.isFinite ? Int64(exactly: $0.rounded(.up)) : nil } ?? 0
        path = min(terms.longest, max(terms.usual, max(0, min(length, terms.longest)) + Self.slack))
        header = platform == .mobile ? path : min(terms.usual, terms.longest)
    }
}
