internal import Core
internal import POSIX
internal import Postgres
internal import Storage

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
        let tree = DataTree(settings.dataDirectory)
        try Files.makeDirectories(tree.work)
        let lock = try Descriptor(updating: "\(tree.work)/.keeper")
        let connection = settings.databaseURL.reveal { Connection($0, application: "reelgate-keeper") }
        let broom = Broom(tree: tree, connection: connection, log: log)
        let poller = try Poller()
        try poller.add(signals.raw)
        if let lifeline = life.lifeline { try poller.add(lifeline) }
        life.ready()
        var isOurs = false
        while true {
            isOurs = isOurs || lock.lockIfFree()
            if isOurs { broom.sweep(now: Clocks.wallSeconds()) }
            let wait = isOurs ? 30_000 + Int32.random(in: 0..<5000) : 5000
            if try poller.wait(milliseconds: wait) != nil { return }
        }
    } catch {
        log.alert("start_failed", ["reason": .string("\(error)")])
        Host.exit(78)
    }
}
