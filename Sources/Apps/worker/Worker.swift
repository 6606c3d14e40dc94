internal import Accounts
internal import Callbacks
internal import Core
internal import Crypto
internal import Helper
internal import Jobs
internal import Media
internal import POSIX
internal import Postgres
internal import Storage
internal import Tokens
internal import Transcoding

/// The worker's wiring and its loop.
final class Worker {
    private let log: Log
    private let name: String
    private let connection: Connection
    private let tasks: TaskJobs
    private let callbacks: CallbackJobs
    private let mail: MailJobs
    private let departure: Departure
    private let lane: ExpressLane
    private let life: ChildLife
    private var hasLooked = false

    /// Seconds a lease holds without a heartbeat: how long the work of a worker that vanished waits.
    static let lease = 15.0

    /// - Parameter sandbox: what was found to protect this host from the helper.
    init(_ settings: Settings, sandbox: HelperSandbox, life: ChildLife, log: Log) throws(SystemError) {
        self.log = log
        self.life = life
        name = WorkerName.own()
        let connection = settings.databaseURL.reveal { Connection($0, application: "reelgate-worker") }
        self.connection = connection
        let departure = try Departure(
            lifeline: life.lifeline, graceSeconds: Int64(max(1, settings.processes.drainSeconds - 5)))
        self.departure = departure
        let tree = DataTree(settings.dataDirectory)
        try Files.makeDirectories(tree.work)
        // Every pool has its own: several may share one data directory.
        try Files.makeDirectories(settings.runDirectory)
        lane = ExpressLane("\(settings.runDirectory)/express", isNeeded: settings.processes.worker > 1)
        tasks = TaskJobs(
            Desk(
                connection: connection, tree: tree, keys: settings.masterKeys.reveal { MediaKeys(masters: $0) },
                helper: "\(try Host.programDirectory())/reelgate-media", enclosure: sandbox.enclosure, log: log,
                choices: EncodingChoices(settings.encoding), resources: Resources(settings.resources),
                lease: Self.lease,
                announce: { (task, connection) throws(DatabaseError) in
                    try PostgresCallbackStore.announce(task, on: connection)
                }, shouldStop: { departure.isDue }))
        let secret =
            settings.callbackSecret
            ?? settings.secretKey.reveal { secret in
                Secret(HKDF.derive(secret: secret.span, info: Array("reelgate callback".utf8).span, count: 32))
            }
        callbacks = CallbackJobs(
            connection: connection, store: PostgresCallbackStore(connection), secret: secret,
            bearer: settings.callbackBearer, allowPrivate: settings.callbackAllowPrivate, log: log)
        let now = { Clocks.wallSeconds() }
        let mailer: (any Mailer)? =
            ServerMailer(settings.accounts, now: now) ?? FileMailer(settings.accounts, now: now)
        mail = MailJobs(
            connection: connection, store: PostgresAccountStore(connection), mailer: mailer,
            base: settings.publicBaseURL, log: log)
    }

    /// Works until it is told to stop.
    func run() throws(SystemError) {
        var loop = try JobLoop(signals: departure.signals, lifeline: life.lifeline)
        let end = loop.run(
            connection,
            trouble: {
                log.warning("database", ["reason": .string($0.description)])
                hasLooked = false
            },
            step: { () throws(DatabaseError) in try step() })
        if end == .stopped { log.info("stopped") }
    }

    private func step() throws(DatabaseError) -> Bool {
        if !hasLooked, let host = WorkerName.hostPrefix() {
            // A worker that starts often takes the place of one that was killed with a job in its hands; one whose
            // database went away has let go of its own.
            try Queue.putBackOrphans(ofWorkers: host, on: connection) { WorkerName.isDead($0) || $0 == name }
            hasLooked = true
        }
        let express = lane.isOurs
        // Somebody waits for his mail: that is urgent and short.
        let urgent = TaskJobs.kinds + [MailJobs.kind]
        let kinds = express ? urgent : urgent + CallbackJobs.kinds
        guard
            let job = try Queue.claim(
                kinds, worker: name, lease: Self.lease,
                minimumPriority: express ? ExpressLane.minimumPriority : -32_768, on: connection)
        else { return false }
        life.began()
        defer { life.ended() }
        if job.kind == MailJobs.kind {
            try mail.run(job)
        } else if CallbackJobs.kinds.contains(job.kind) {
            try callbacks.run(job)
        } else {
            try tasks.run(job)
        }
        return true
    }
}

/// Whether the worker has to leave.
final class Departure {
    private let signalSource: Signals
    private let lifeline: Int32?
    private let grace: Int64
    private var asked: Int64?

    /// - Parameters:
    ///   - lifeline: ends with the supervisor.
    ///   - graceSeconds: how long the job at hand may go on after SIGTERM.
    init(lifeline: Int32?, graceSeconds: Int64) throws(SystemError) {
        signalSource = try Signals([15, 2])
        self.lifeline = lifeline
        grace = graceSeconds * 1_000_000_000
    }

    /// Readable when the process is told to stop; never read, so that everybody sees it.
    var signals: Int32 { signalSource.raw }

    /// Whether the job at hand must be given back now.
    var isDue: Bool {
        if let lifeline, isReadable(lifeline) { return true }
        let now = Clocks.monotonicNanoseconds()
        if asked == nil, isReadable(signals) { asked = now }
        return asked.map { now - $0 > grace } ?? false
    }

    private func isReadable(_ number: Int32) -> Bool {
        guard let poller = try? Poller(), (try? poller.add(number)) != nil else { return false }
        return (try? poller.wait(milliseconds: 0)) == number
    }
}

/// One worker of a host that does only what is urgent and short.
final class ExpressLane {
    /// Less urgent jobs are left to the others.
    static let minimumPriority = 500

    private let path: String
    private let isNeeded: Bool
    private var held: Int32?

    init(_ path: String, isNeeded: Bool) {
        self.path = path
        self.isNeeded = isNeeded
    }

    /// Whether this worker is it; taken when it is free, held until the process ends.
    var isOurs: Bool {
        guard isNeeded else { return false }
        if held != nil { return true }
        guard let file = try? Descriptor(updating: path), file.lockIfFree() else { return false }
        held = file.release()
        return true
    }
}

extension Resources {
    /// What the settings say.
    init(_ settings: Settings.Resources) {
        let disk: DiskPriority =
            switch settings.diskLevel {
            case nil: .unchanged
            case 8?: .idle
            case let level?: .bestEffort(Int32(level))
            }
        self.init(
            threads: settings.threads, niceness: Int32(settings.niceness), disk: disk, memory: settings.memory,
            reserve: settings.reserve)
    }
}

extension EncodingChoices {
    /// What the settings say.
    init(_ settings: Settings.Encoding) {
        self.init(
            packaging: Packaging(rawValue: settings.packaging) ?? .ts,
            steps: settings.ladder.isEmpty
                ? Ladder.steps : settings.ladder.map { Ladder.Step(short: $0.short, rate: $0.rate) },
            perTitle: settings.perTitle, loudness: settings.loudness, halvesFrameRate: settings.halvesFrameRate)
    }
}
