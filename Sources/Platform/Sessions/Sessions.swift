public import Core
internal import Crypto
public import POSIX
public import Tokens

/// What limits hold for everybody.
public struct SessionPolicy: Sendable {
    /// Seconds a stream counts after its last media or key.
    public let window: Int64
    /// Whether a stream over the limit takes the place of the oldest instead of being refused.
    public let newestWins: Bool
    /// How fast a title may be fetched.
    public let pace: Pace
    /// Days a device counts after it was last seen.
    public let deviceDays: Int64

    /// - Parameters: as the properties.
    public init(window: Int64, newestWins: Bool, pace: Pace, deviceDays: Int64) {
        self.window = window
        self.newestWins = newestWins
        self.pace = pace
        self.deviceDays = deviceDays
    }
}

/// What a request fetches, as far as limits care.
public enum MediaUse: Sendable, Equatable {
    /// A playlist, an image, subtitles: takes no place, costs nothing.
    case beside
    /// A key, an initialization section, a whole picture for winding: takes a place, costs nothing.
    case free
    /// A segment of picture or sound: its number, and the milliseconds of media it stands for.
    case segment(UInt32, Int64)
}

/// A moment by both clocks.
public struct Moment: Sendable {
    /// Seconds since 1970.
    public let wall: Int64
    /// Tenths of a second that only go forward.
    public let ticks: UInt32

    /// - Parameters: as the properties.
    public init(wall: Int64, ticks: UInt32) {
        self.wall = wall
        self.ticks = ticks
    }

    /// Now.
    public static func now() -> Moment { Moment(wall: Clocks.wallSeconds(), ticks: ticksNow()) }

    /// The ticks now, as of the kernel's last own.
    public static func ticksNow() -> UInt32 {
        UInt32(truncatingIfNeeded: Clocks.coarseMonotonicNanoseconds() / 100_000_000 + 1)
    }

    /// Minutes since 1970: what devices are remembered by, over restarts of the machine.
    var minutes: UInt32 { UInt32(clamping: wall / 60) }
}

/// The playback sessions of one host, shared by its gates and its keeper: who may go on, who has a place, who is too fast.
///
/// On the way to a yes: no lock, no system call, no allocation.
public final class Sessions {
    /// What becomes of a request.
    public enum Decision: Equatable, Sendable {
        /// It may go on.
        case allow
        /// It may not.
        case refuse(Refusal)
        /// It may in so many seconds.
        case wait(Int)
    }

    let sessions: SessionTable
    let streams: PlaceTable
    let devices: PlaceTable
    let pacing: PacingTable
    let policy: SessionPolicy
    let revocationFile: String
    private var revocations: RevocationList
    private var generation: UInt64
    private let clock: () -> UInt32

    /// Opens the tables.
    ///
    /// - Parameters:
    ///   - run: the directory of what a restart of the machine may forget.
    ///   - state: the directory of what it may not: devices, revocations.
    ///   - policy: what limits hold.
    ///   - clock: ticks of a tenth of a second, the same for all processes of the host.
    public init(
        run: String, state: String, policy: SessionPolicy, clock: @escaping () -> UInt32 = { Moment.ticksNow() }
    ) throws(SystemError) {
        try Files.makeDirectories(run)
        try Files.makeDirectories(state)
        let boot = String((Host.bootIdentity() ?? "").prefix(36))
        sessions = try SessionTable("\(run)/sessions", boot: boot)
        streams = try PlaceTable("\(run)/streams", window: UInt32(clamping: policy.window * 10), boot: boot)
        pacing = try PacingTable("\(run)/pacing", boot: boot)
        devices = try PlaceTable("\(state)/devices", window: UInt32(clamping: policy.deviceDays * 1440), boot: "")
        self.policy = policy
        self.clock = clock
        revocationFile = "\(state)/revocations"
        generation = sessions.table.generation
        revocations = RevocationList(revocationFile) ?? RevocationList()
    }

    /// Opens the tables where the settings say; what must outlive a restart lies with the data, apart for each host.
    public convenience init(_ settings: Settings) throws(SystemError) {
        let limits = settings.limits
        try self.init(
            run: settings.runDirectory, state: "\(settings.dataDirectory)/gate/\(Host.name())",
            policy: SessionPolicy(
                window: limits.window, newestWins: limits.newestWins,
                pace: Pace(burst: limits.burst * 1000, rate: limits.rate, refusals: limits.refusals),
                deviceDays: limits.deviceDays))
    }

    /// Decides whether an admitted token may fetch this, and notes it.
    ///
    /// - Parameters:
    ///   - claims: what the token says.
    ///   - use: what is fetched.
    ///   - client: the peer's address, for the owner to read.
    ///   - device: names the device where the token does not: user agent and network.
    ///   - agent: the program, for the owner to read.
    ///   - now: the moment.
    public func visit(
        _ claims: PlaybackClaims, _ use: MediaUse, client: Span<UInt8>, agent: Span<UInt8>, device: UInt64,
        now: Moment
    ) -> Decision {
        refresh()
        let names = Names(claims, key: sessions.table.key)
        let record = sessions.find(names.session) ?? sessions.claim(names.session, wall: now.wall, now: now.ticks)
        if let record { describe(record, claims, names, client: client, agent: agent) }
        let decision = decide(claims, names, use, record, device, now)
        guard let record else { return decision }
        switch decision {
        case .allow:
            sessions.touch(
                record, wall: now.wall, now: now.ticks, isMedia: use != .beside,
                viewer: use == .beside ? 0 : names.viewer)
        case .refuse(let refusal): sessions.refuse(record, refusal, wall: now.wall, now: now.ticks)
        case .wait: sessions.refuse(record, .paced, wall: now.wall, now: now.ticks)
        }
        return decision
    }

    private func decide(
        _ claims: PlaybackClaims, _ names: Names, _ use: MediaUse, _ record: Int?, _ device: UInt64,
        _ now: Moment
    ) -> Decision {
        if isRevoked(claims) { return .refuse(.revoked) }
        if let record {
            var flags = sessions.flags(record)
            if flags.contains(.displaced), sessions.idle(record, now: now.ticks) > policy.window * 10 {
                // Who stayed away for as long as a stream counts begins anew.
                sessions.lower(.displaced, record)
                flags.remove(.displaced)
            }
            if !flags.isDisjoint(with: [.ended, .closed]) { return .refuse(.revoked) }
            if !flags.isDisjoint(with: [.surplus, .displaced]) { return .refuse(.limitStreams) }
        }
        if claims.devices > 0, use != .beside {
            let name = names.device(claims, device, key: devices.table.key)
            let owner = names.owner(claims, key: devices.table.key)
            if devices.visit(owner, name, limit: claims.devices, clock: { now.minutes }) == .limited {
                return .refuse(.limitDevices)
            }
        }
        if claims.streams > 0 {
            if !hasStream(claims, names, use, now) { return .refuse(.limitStreams) }
            // Whoever closes a session marks it before he gives its place back: one taken in between is seen here.
            if use != .beside, let record, sessions.flags(record).contains(.closed) {
                streams.release(names.user, names.place)
                return .refuse(.revoked)
            }
        }
        if case .segment(let number, let cost) = use {
            if case .wait(let seconds) = pacing.ask(
                names.viewer, number: number, cost: cost, pace: policy.pace, now: now.ticks)
            {
                return pace(record, seconds, now)
            }
        }
        return .allow
    }

    /// Whether the user has room for this session's stream; media takes a place, everything else only looks.
    private func hasStream(
        _ claims: PlaybackClaims, _ names: Names, _ use: MediaUse, _ now: Moment
    ) -> Bool {
        if use == .beside {
            return policy.newestWins
                || !streams.isLimited(names.user, names.place, limit: claims.streams, now: now.ticks)
        }
        return takeStream(names.user, names.place, limit: claims.streams, now: now)
    }

    /// Takes a place, or holds on to the one there is; where the newest wins, from the oldest.
    func takeStream(_ user: UInt64, _ place: UInt32, limit: Int, now: Moment) -> Bool {
        while true {
            if streams.visit(user, place, limit: limit, clock: clock) != .limited { return true }
            guard policy.newestWins else { return false }
            let oldest = streams.displace(user, for: place, limit: limit, now: now.ticks) { other in
                sessions.find(Names.session(user, other)).map { sessions.table.words.load($0 + 2) } ?? 0
            }
            if let oldest, let loser = sessions.find(Names.session(user, oldest)) {
                sessions.raise(.displaced, loser)
            }
        }
    }

    private func pace(_ record: Int?, _ seconds: Int, _ now: Moment) -> Decision {
        guard let record else { return .wait(seconds) }
        let count = sessions.countPaced(record, now: now.ticks)
        if policy.pace.refusals > 0, count >= policy.pace.refusals {
            sessions.raise(.ended, record)
            return .refuse(.revoked)
        }
        return .wait(seconds)
    }

    // MARK: Revocations

    private func isRevoked(_ claims: PlaybackClaims) -> Bool {
        if revocations.count == 0 { return false }
        let issued = claims.issued
        return claims.id.withBytes { revocations.holds(.token, $0, issued: issued) }
            || claims.session.withBytes { revocations.holds(.session, $0, issued: issued) }
            || claims.user.withBytes { revocations.holds(.user, $0, issued: issued) }
            || claims.withRel { revocations.holds(.rel, $0, issued: issued) }
    }

    /// Whether a download was revoked: by its token's id, its user, or the lesson that the file belongs to.
    public func isRevoked(_ claims: DownloadClaims, rel: Span<UInt8>) -> Bool {
        refresh()
        if revocations.count == 0 { return false }
        let issued = claims.issued
        return claims.id.withBytes { revocations.holds(.token, $0, issued: issued) }
            || claims.user.withBytes { revocations.holds(.user, $0, issued: issued) }
            || revocations.holds(.rel, rel, issued: issued)
    }

    /// Reads the revocations again when the keeper says that there are others.
    private func refresh() {
        let said = sessions.table.generation
        if said == generation { return }
        guard let read = RevocationList(revocationFile) else { return }
        revocations = read
        generation = said
    }

    private func describe(
        _ record: Int, _ claims: PlaybackClaims, _ names: Names, client: Span<UInt8>, agent: Span<UInt8>
    ) {
        // Everything that changes within a session: the lesson and the limit. An address may change with each request.
        let limit = claims.streams
        let mark = names.rel ^ UInt64(limit) << 56 | 1
        let isMobile = claims.platform == .mobile
        claims.session.withBytes { session in
            claims.user.withBytes { user in
                claims.withRel { rel in
                    sessions.describe(
                        record, names, mark: mark, isMobile: isMobile, limit: limit, session: session, user: user,
                        rel: rel,
                        address: client, agent: agent)
                }
            }
        }
    }
}
