public import POSIX

/// A child's side of the pool: it says when it is ready, notes what it is doing, and learns when to end.
///
/// ```swift
/// let life = try ChildLife(Host.environment())             // first of all, after Host.harden()
/// var listener = try Listener(lifeline: life.lifeline)
/// life.ready()                                             // from here on an older process may be told to leave
/// while let exchange = listener.next() {
///     life.began()                                         // or began(label), or note(label) once the route is known
///     answer(exchange)
///     life.ended()
/// }
/// ```
/// The pool kills a process whose request takes longer than its role may, counts requests for `/metrics`, and replaces
/// the process when it has served its share: the process itself goes on serving until SIGTERM comes, so no request
/// meets a closed door. A program without requests (worker, keeper) calls `ready()`, waits on `lifeline` beside
/// everything else, and may note what it does with `began(label)` and `ended()`: nobody limits its time.
///
/// When the supervisor dies, `lifeline` ends; four seconds later the kernel ends a process that is still there.
///
/// Started by anything else than the pool (`spawn-fcgi`, by hand) all of this does nothing and costs nothing.
public final class ChildLife: Sendable {
    /// The pipe end that ends with the supervisor: something to read there means to stop. `nil` without a pool.
    public var lifeline: Int32? { pooled ? Self.lifelineNumber : nil }

    /// Descriptors as the pool hands them down.
    public static let lifelineNumber: Int32 = 3
    /// The pipe on which the child tells that it is ready, then that it has done its share.
    public static let readyNumber: Int32 = 4
    /// The score board.
    public static let boardNumber: Int32 = 5

    /// What is written on the ready pipe.
    public enum Word: UInt8, Sendable {
        /// The child serves from now on.
        case ready = 0x52
        /// The child has served its share and wants to be replaced.
        case served = 0x4C
    }

    private let pooled: Bool
    private let words: SharedWords
    private let slot: Int
    private let limit: UInt64

    /// Takes over what the pool handed down.
    ///
    /// - Parameter environment: `REELGATE_POOL`, `REELGATE_SLOT` and `REELGATE_REQUEST_LIMIT` are read.
    /// - Throws: when the pool is there but its descriptors are not.
    public init(_ environment: [String: String]) throws(SystemError) {
        pooled = environment["REELGATE_POOL"] == "1"
        guard pooled else {
            let own = try SharedWords.anonymousFile("scoreboard", count: ScoreBoard.wordsPerSlot)
            words = try SharedWords(own, count: ScoreBoard.wordsPerSlot)
            slot = 0
            limit = 0
            return
        }
        let board = Descriptor(adopting: Self.boardNumber)
        let size = try board.size()
        words = try SharedWords(board, count: Int(size / 8))
        slot = Digits.parse(environment["REELGATE_SLOT"] ?? "").flatMap { Int(exactly: $0) } ?? 0
        limit = Digits.parse(environment["REELGATE_REQUEST_LIMIT"] ?? "").map { UInt64($0) } ?? 0
        for number in [Self.lifelineNumber, Self.readyNumber] {
            try Descriptor.lending(number) { (pipe) throws(SystemError) in try pipe.setCloseOnExec() }
        }
        Children.endWithParent(alreadyGone: { Descriptor.lending(Self.lifelineNumber) { $0.peerIsGone() } })
    }

    /// Tells the pool that this process serves from now on.
    public func ready() { say(.ready) }

    /// Notes that a request begins: one clock read without a system call, a few stores, no allocation.
    public func began(_ label: RequestLabel = .none) {
        note(label)
        let now = UInt64(truncatingIfNeeded: Clocks.coarseMonotonicNanoseconds())
        words.store(now, at: slot * ScoreBoard.wordsPerSlot + ScoreBoard.began)
    }

    /// Notes what the present request is, for the log line if it has to be killed.
    public func note(_ label: RequestLabel) {
        let start = slot * ScoreBoard.wordsPerSlot + ScoreBoard.label
        for index in 0..<RequestLabel.words { words.storeRelaxed(label.packed[index], at: start + index) }
    }

    /// Notes that the request is answered. The one that fills this process's share tells the pool.
    public func ended() {
        let start = slot * ScoreBoard.wordsPerSlot
        words.store(0, at: start + ScoreBoard.began)
        if words.add(1, at: start + ScoreBoard.served) == limit { say(.served) }
    }

    private func say(_ word: Word) {
        guard pooled else { return }
        Descriptor.lending(Self.readyNumber) { pipe in try? pipe.write([word.rawValue].span) }
    }
}
