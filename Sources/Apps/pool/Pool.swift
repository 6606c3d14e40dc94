internal import Core
internal import POSIX

/// Performs what the supervisor decides: starts and signals processes, reads their pipes, keeps time.
struct Pool: ~Copyable {
    struct Running {
        let process: Int32
        let role: Role
        let slot: Int
        /// The ready pipe's read end.
        let pipe: Int32
    }

    let log = Log("pool")
    let environment: [String: String]
    let plans: [RolePlan]
    let maxRequests: Int
    let programs: String
    let board: ScoreBoard
    let poller: Poller
    let signals: Signals
    let sockets: Sockets
    let nothing: Descriptor
    let lifeline: Pipe
    let manager: ServiceManager
    let began = Clocks.wallSeconds()

    var supervisor: Supervisor
    var running: [ChildID: Running] = [:]
    var ids: [Int32: ChildID] = [:]
    var figures: [Role: MetricsPage.Figures] = [:]
    var rolls: UInt64 = 0
    var metrics: MetricsListener
    var status = ""
    var lastSign: Int64 = 0
    var done = false

    private static let hangUp: Int32 = 1
    private static let interrupt: Int32 = 2
    private static let terminate: Int32 = 15
    private static let childEnded: Int32 = 17

    /// Opens everything; starts nothing yet.
    init(_ options: Options, _ settings: Settings, environment: [String: String]) throws {
        let plans = RolePlan.all(options.roles, settings.processes)
        let programs = try Host.programDirectory()
        for plan in plans where !Files.exists(programs + "/" + plan.role.program) {
            throw Missing(program: plan.role.program, directory: programs)
        }
        let slots = plans.reduce(16) { $0 + 4 * $1.seats }
        let inherited = Sockets.inherited(environment, processID: Host.processID)
        let nothing = try Descriptor.openNothing()
        let sockets = try Sockets(plans.map(\.role), in: settings.runDirectory, inherited: inherited)
        let metrics = try MetricsListener(settings.runDirectory + "/" + options.fileName("metrics", ".sock"))
        let board = try ScoreBoard(slots: slots)
        let lifeline = try Pipe.make()
        let signals = try Signals([Self.hangUp, Self.interrupt, Self.terminate, Self.childEnded])
        let poller = try Poller()
        try poller.add(signals.raw)
        try poller.add(metrics.listening)

        self.environment = environment
        self.plans = plans
        maxRequests = settings.processes.maxRequests
        self.programs = programs
        self.board = board
        self.poller = poller
        self.signals = signals
        self.sockets = sockets
        self.nothing = nothing
        self.lifeline = lifeline
        manager = ServiceManager(environment, processID: Host.processID)
        self.metrics = metrics
        supervisor = Supervisor(plans, slots: slots)
    }

    struct Missing: Error, CustomStringConvertible {
        let program: String
        let directory: String
        var description: String { "\(program) is missing in \(directory)" }
    }

    /// Runs until no child is left after a stop.
    mutating func run() {
        perform(.begin)
        while !done {
            let now = Clocks.monotonicNanoseconds()
            let wake = min(supervisor.wakeAt ?? .max, now + 500 * .millisecond)
            let wait = Int32(clamping: max(0, wake - now) / .millisecond + (wake > now ? 1 : 0))
            if let ready = try? poller.wait(milliseconds: wait) { take(ready) }
            if done { break }
            perform(.tick(busy()))
            signOfLife()
        }
    }

    /// Takes away what was made in the file system.
    func cleanUp() {
        sockets.remove()
        metrics.remove()
    }

    private mutating func take(_ ready: Int32) {
        if ready == signals.raw {
            while let signal = signals.next() {
                switch signal {
                case Self.hangUp: perform(.roll)
                case Self.childEnded: reap()
                default: perform(.stop)
                }
            }
        } else if ready == metrics.listening {
            metrics.accept(poller, now: Clocks.monotonicNanoseconds())
        } else if metrics.owns(ready) {
            let page = metricsPage()
            metrics.serve(ready, poller) { page }
        } else {
            listen(to: ready)
        }
    }

    private mutating func reap() {
        while let (process, end) = Children.reap(sweeping: { [ids] in ids[$0] != nil }) {
            guard let id = ids.removeValue(forKey: process), let child = running[id] else { continue }
            listen(to: child.pipe)
            poller.remove(child.pipe)
            _ = Descriptor(adopting: child.pipe)
            figures[child.role, default: .init()].requests &+= board.read(child.slot).served
            board.clear(child.slot)
            perform(.ended(id, end))
            running[id] = nil
        }
    }

    /// Reads what a child said. The pipe is emptied, so that a word said just before the end counts.
    private mutating func listen(to pipe: Int32) {
        guard let id = running.first(where: { $0.value.pipe == pipe })?.key else { return }
        var words = [UInt8](repeating: 0, count: 16)
        var span = words.mutableSpan
        let count = Descriptor.lending(pipe) { (try? $0.read(into: &span)) ?? 0 }
        if count == 0 { poller.remove(pipe) }
        for byte in words[..<count] {
            if let word = ChildLife.Word(rawValue: byte) { perform(.said(id, word)) }
        }
    }

    /// When the present request of each busy child began.
    func busy() -> [ChildID: Int64] { running.compactMapValues { board.read($0.slot).began } }

    private mutating func signOfLife() {
        let now = Clocks.monotonicNanoseconds()
        metrics.drop(before: now - 5 * .second, poller)
        if let interval = manager.interval, now - lastSign >= min(interval, .second) {
            manager.send("WATCHDOG=1")
            lastSign = now
        }
        let text = statusLine
        if text != status {
            status = text
            manager.send("STATUS=" + text)
        }
    }

    // MARK: Actions

    mutating func perform(_ event: Event) {
        let now = Clocks.monotonicNanoseconds()
        for action in supervisor.handle(event, now: now) {
            switch action {
            case .start(let id, let role, let slot): start(id, role, slot)
            case .ask(let id): if let child = running[id] { Children.signal(child.process, Self.terminate) }
            case .kill(let id): if let child = running[id] { Children.signal(child.process, 9, group: true) }
            case .report(let report): tell(report)
            case .notify(let notice): manager.tell(notice, now: now)
            case .leave: done = true
            }
        }
    }

    private mutating func start(_ id: ChildID, _ role: Role, _ slot: Int) {
        figures[role, default: .init()].starts += 1
        board.clear(slot)
        do {
            let child = try launch(role, slot)
            running[id] = child
            ids[child.process] = id
            try poller.add(child.pipe)
        } catch {
            log.alert("start_failed", ["role": .string(role.rawValue), "reason": .string("\(error)")])
            if running[id] == nil { perform(.startFailed(id)) }
        }
    }

    private func launch(_ role: Role, _ slot: Int) throws(SystemError) -> Running {
        let limit = Int.random(in: (maxRequests - maxRequests / 10)...(maxRequests + maxRequests / 10))
        let ready = try Pipe.make()
        try ready.reading.setNonBlocking()
        let launch = Launch(
            programs + "/" + role.program,
            environment: role.environment(from: environment, slot: slot, requestLimit: limit),
            descriptors: [
                (sockets[role] ?? nothing.raw, 0), (lifeline.reading.raw, ChildLife.lifelineNumber),
                (ready.writing.raw, ChildLife.readyNumber), (board.file.raw, ChildLife.boardNumber),
            ], ownGroup: true)
        let process = try launch.start()
        let pipe = ready.split { reading, _ in reading.release() }
        return Running(process: process, role: role, slot: slot, pipe: pipe)
    }
}
