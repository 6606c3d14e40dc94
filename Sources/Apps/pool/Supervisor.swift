internal import Core
internal import POSIX

/// A child's number within this pool; never used twice.
typealias ChildID = Int

/// What happened.
enum Event: Equatable, Sendable {
    /// The pool begins.
    case begin
    /// A child could not be started.
    case startFailed(ChildID)
    /// A child said something on its ready pipe.
    case said(ChildID, ChildLife.Word)
    /// A child is gone.
    case ended(ChildID, ChildEnd)
    /// Every child is to be replaced by a new one (SIGHUP).
    case roll
    /// Everything is to end (SIGTERM, SIGINT); a second time at once.
    case stop
    /// Time went by; when the present request of each busy child began.
    case tick([ChildID: Int64])
}

/// What is to be done about it.
enum Action: Equatable, Sendable {
    /// Start a child.
    case start(ChildID, Role, slot: Int)
    /// Ask a child to finish and leave (SIGTERM).
    case ask(ChildID)
    /// Kill a child and its group.
    case kill(ChildID)
    /// Tell the log.
    case report(Report)
    /// Tell the service manager.
    case notify(Notice)
    /// No child is left: end.
    case leave
}

/// What the log is told.
enum Report: Equatable, Sendable {
    case died(ChildID, Role, ChildEnd, restartIn: Int64)
    case left(ChildID, Role, ChildEnd)
    case crashLoop(Role, deaths: Int)
    case stuck(ChildID, Role, nanoseconds: Int64)
    case overdue(ChildID, Role)
    case neverReady(ChildID, Role)
    case recycling(ChildID, Role)
    case rollAbandoned(Role)
    case rollBegan
    case rollEnded
    case ready
    case stopping
}

/// What the service manager is told.
enum Notice: Equatable, Sendable {
    case ready, reloading, stopping
}

/// Decides what the pool does: events and a time in, actions out. It starts nothing and asks no clock.
///
/// Each place of a role (a seat) has one child that serves and, while that is being replaced, one that is starting.
/// The old one is asked to leave when the new one has said that it is ready, never before; so a roll, a recycled child
/// and a restart after a crash are the same thing.
struct Supervisor: Sendable {
    /// How long a child may take to say that it is ready.
    static let patience: Int64 = 10 * .second

    enum State: Equatable, Sendable {
        case starting(until: Int64)
        case serving
        /// Asked to leave; `firm` kills it at that time even in the middle of a request.
        case leaving(until: Int64, firm: Bool)
        case killed
    }

    struct Child: Sendable {
        let role: Int
        let seat: Int
        let slot: Int
        let generation: Int
        var state: State
    }

    struct Seat: Sendable {
        /// The child that serves.
        var current: ChildID?
        /// The child that is starting to take its place.
        var next: ChildID?
        /// When to start one.
        var startAt: Int64?
        /// Whether the serving child has done its share.
        var tired = false
    }

    struct Place: Sendable {
        let plan: RolePlan
        var seats: [Seat]
        var backoff = Backoff()
        var rolling = false
        /// Successors that may start at the same time during a roll.
        var width: Int { max(1, plan.seats / 4) }
    }

    var roles: [Place]
    var children: [ChildID: Child] = [:]
    var freeSlots: [Int]
    var nextID: ChildID = 1
    var generation = 0
    var stopping = false
    var announced = false
    var announceBy: Int64 = .max
    var rolling = false

    /// - Parameters:
    ///   - plans: what is to run.
    ///   - slots: places on the score board; more than children, because old ones may take long to leave.
    init(_ plans: [RolePlan], slots: Int) {
        roles = plans.map { Place(plan: $0, seats: Array(repeating: Seat(), count: $0.seats)) }
        freeSlots = Array((0..<slots).reversed())
    }

    /// Takes note of an event.
    mutating func handle(_ event: Event, now: Int64) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .begin:
            announceBy = now + Self.patience
            for role in roles.indices {
                for seat in roles[role].seats.indices { start(role, seat, now, &actions) }
            }
        case .startFailed(let id): gone(id, .exited(127), now, &actions)
        case .said(let id, .ready): becameReady(id, now, &actions)
        case .said(let id, .served): hasServed(id, now, &actions)
        case .ended(let id, let end): gone(id, end, now, &actions)
        case .roll: beginRoll(now, &actions)
        case .stop: beginStop(now, &actions)
        case .tick(let busy): passTime(busy, now, &actions)
        }
        if stopping {
            if children.isEmpty { actions.append(.leave) }
        } else {
            startWhatIsDue(now, &actions)
            goOnRolling(now, &actions)
            announce(now, &actions)
        }
        return actions
    }

    /// When `tick` is due at the latest, if there is something to wait for.
    var wakeAt: Int64? {
        var earliest: Int64 = announced || stopping ? .max : announceBy
        for child in children.values {
            switch child.state {
            case .starting(let until), .leaving(let until, firm: true): earliest = min(earliest, until)
            case .leaving, .serving, .killed: break
            }
        }
        if !stopping {
            for place in roles { for seat in place.seats { earliest = min(earliest, seat.startAt ?? .max) } }
        }
        return earliest == .max ? nil : earliest
    }
}
