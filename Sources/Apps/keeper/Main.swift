internal import Core
internal import POSIX
internal import Postgres
internal import Sessions
internal import Storage
internal import Watching

@main struct Main {
    static func main() { run() }
}

nonisolated private func run() {
    Host.harden()
    let log = Log("keeper")
    let environment = Host.environment()
    do {
        let settings = try Settings(environment, need: .database)
        let life = try ChildLife(environment)
        let signals = try Signals([15, 2])
        let poller = try Poller()
        try poller.add(signals.raw)
        if let lifeline = life.lifeline { try poller.add(lifeline) }
        let round = SessionRound(
            try Sessions(settings), store: PostgresWatchingStore(connection(settings)), host: host(settings),
            limits: settings.limits, longest: settings.tokenMaxTTL, log: log)
        // Clearing away may take long; who is watching is looked at twice a second.
        let clearing = try Lane<Settings>(room: 1) { settings in try clear(settings, log) }
        try clearing.put(settings)
        life.ready()
        var outages = 0
        while true {
            do throws(DatabaseError) {
                try round.run(now: Clocks.wallSeconds())
                outages = 0
            } catch {
                if outages % 60 == 0 { log.warning("sessions", ["reason": .string(error.description)]) }
                outages += 1
            }
            if try poller.wait(milliseconds: outages == 0 ? 500 : 1000) != nil { Host.exit(0) }
        }
    } catch {
        log.alert("start_failed", ["reason": .string("\(error)")])
        Host.exit(78)
    }
}

/// What sessions and streams are counted under: two pools on one machine are two hosts.
nonisolated private func host(_ settings: Settings) -> String {
    settings.runDirectory == "/run/reelgate" ? Host.name() : "\(Host.name()):\(settings.runDirectory)"
}

nonisolated private func connection(_ settings: Settings) -> Connection {
    settings.databaseURL.reveal { Connection($0, application: "reelgate-keeper") }
}

/// Clears away what nobody needs for as long as the process lives, if no other keeper does it for this data directory.
nonisolated private func clear(_ settings: Settings, _ log: Log) throws(SystemError) {
    let tree = DataTree(settings.dataDirectory)
    try Files.makeDirectories(tree.work)
    let lock = try Descriptor(updating: "\(tree.work)/.keeper")
    let broom = Broom(tree: tree, connection: connection(settings), log: log)
    var isOurs = false
    while true {
        isOurs = isOurs || lock.lockIfFree()
        if isOurs { broom.sweep(now: Clocks.wallSeconds()) }
        Clocks.sleep(milliseconds: isOurs ? 30_000 + Int.random(in: 0..<5000) : 5000)
    }
}
