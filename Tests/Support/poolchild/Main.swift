internal import Core
internal import FastCGI
internal import POSIX

// A program that stands in for every child of the pool. It answers what the path asks for, and files in the run
// directory make it misbehave: `never-ready`, `fails`, `label`.

@main struct Main {
    static func main() { run() }
}

nonisolated private func run() {
    Host.harden()
    let environment = Host.environment()
    let directory = environment["RUN_DIR"] ?? ""
    if Files.exists(directory + "/fails") { Host.exit(3) }
    do {
        let life = try ChildLife(environment)
        if ["worker", "keeper"].contains(environment["REELGATE_ROLE"] ?? "") {
            try wait(life, environment)
        } else {
            try serve(life, environment, directory)
        }
    } catch {
        Host.log("poolchild: \(error)")
        Host.exit(71)
    }
}

nonisolated private func wait(_ life: ChildLife, _ environment: [String: String]) throws {
    let signals = try Signals([15])
    let poller = try Poller()
    try poller.add(signals.raw)
    if let lifeline = life.lifeline { try poller.add(lifeline) }
    let helper = try Launch("/bin/sleep", ["987654"], environment: [:], descriptors: []).start()
    life.ready()
    while try poller.wait() == nil {}
    Children.signal(helper, 9)
}

nonisolated private func serve(_ life: ChildLife, _ environment: [String: String], _ directory: String) throws {
    if Files.exists(directory + "/never-ready") { while true { Clocks.sleep(milliseconds: 100) } }
    var listener = try Listener(lifeline: life.lifeline)
    life.ready()
    while let exchange = listener.next() {
        life.began()
        let path = exchange.withParameter("PATH") { $0.text ?? "" }
        life.note(RequestLabel("test " + path))
        let words = path.split(separator: "/")
        var text = ""
        switch words.first {
        case "sleep": sleep(words.last.flatMap { Int64($0) } ?? 0)
        case "crash": Children.signal(Host.processID, 9)
        case "environment": text = environment.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "\n")
        case "descriptors": text = try descriptors()
        default: break
        }
        if text.isEmpty { text = "\(Host.processID)" }
        exchange.respond(head: Array("Status: 200\r\n".utf8).span, body: Array(text.utf8).span)
        life.ended()
    }
}

/// Sleeps the whole time, whatever signals come.
nonisolated private func sleep(_ milliseconds: Int64) {
    let end = Clocks.monotonicNanoseconds() + milliseconds * 1_000_000
    while Clocks.monotonicNanoseconds() < end {
        Clocks.sleep(milliseconds: Int(min(100, (end - Clocks.monotonicNanoseconds()) / 1_000_000 + 1)))
    }
}

/// Number and target of every open descriptor.
nonisolated private func descriptors() throws -> String {
    try Files.list("/proc/self/fd").map { "\($0) \(Files.linkTarget("/proc/self/fd/" + $0) ?? "")" }
        .joined(separator: "\n")
}
