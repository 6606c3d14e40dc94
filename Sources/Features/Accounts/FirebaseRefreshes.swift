public import POSIX

/// What the processes of a host tell one another about fetching certificates and about clocks: a few words that all of
/// them map, each changed by compare-and-swap, so that one that dies in the middle leaves nothing to repair.
public final class FirebaseRefreshes: Sendable {
    /// Seconds between two attempts of the whole host, whatever they are for.
    public static let interval: Int64 = 60
    /// Seconds after which an attempt whose process did not come back is no longer waited for.
    private static let patience: Int64 = 10
    /// Seconds over which clocks are compared.
    private static let window: Int64 = 600
    /// Tokens of a window below which nothing is said about clocks.
    private static let fewest = 20

    /// Whether somebody may fetch.
    public enum Claim: Sendable, Equatable {
        /// The caller, and nobody else for a minute; he says when he is done.
        case granted(UInt64)
        /// Somebody is at it.
        case underway
        /// Somebody was, less than a minute ago.
        case tooSoon
    }

    // 0: when the last attempt began, in monotonic seconds plus one. 1: the same, once it has ended.
    // 2: window (24 bits), tokens seen (20), those from the future (20). 3: the window that was told of.
    private let words: SharedWords

    /// Maps the words in a file, which is made when it is not there.
    public init(_ path: String) throws(SystemError) {
        words = try SharedWords(Descriptor(updating: path, mode: 0o600), count: 4)
    }

    /// Asks to fetch.
    ///
    /// - Parameter now: monotonic seconds; a begin that lies in the future is one of before the machine started.
    public func claim(_ now: Int64) -> Claim {
        let stamp = UInt64(clamping: now) + 1
        while true {
            let began = words.load(0)
            if began != 0, began <= stamp, stamp - began < UInt64(Self.interval) {
                let isOver = words.load(1) == began || stamp - began >= UInt64(Self.patience)
                return isOver ? .tooSoon : .underway
            }
            if words.exchange(began, for: stamp, at: 0) { return .granted(stamp) }
        }
    }

    /// Says that an attempt has ended, with whatever result, and that its result can be read.
    public func end(_ stamp: UInt64) { words.store(stamp, at: 1) }

    /// Counts a signed token, and whether it was made in this host's future.
    ///
    /// - Parameter now: monotonic seconds.
    /// - Returns: what to tell the operator: the tokens of these ten minutes and those from the future, once when they are
    ///   more than one in a hundred; else `nil`.
    public func count(isAhead: Bool, _ now: Int64) -> (tokens: Int, ahead: Int)? {
        let window = UInt64(clamping: now / Self.window + 1) & 0xFF_FFFF
        while true {
            let old = words.load(2)
            let isSame = old >> 40 == window
            let seen = min((isSame ? old >> 20 & 0xF_FFFF : 0) + 1, 0xF_FFFF)
            let ahead = min((isSame ? old & 0xF_FFFF : 0) + (isAhead ? 1 : 0), 0xF_FFFF)
            guard words.exchange(old, for: window << 40 | seen << 20 | ahead, at: 2) else { continue }
            guard seen >= Self.fewest, ahead * 100 > seen else { return nil }
            let told = words.load(3)
            return told != window && words.exchange(told, for: window, at: 3) ? (Int(seen), Int(ahead)) : nil
        }
    }
}
