internal import Composition
internal import Core
internal import FastCGI
internal import POSIX
internal import Serving

@main struct Main {
    static func main() { run() }
}

nonisolated private func run() {
    Host.harden()
    let environment = Host.environment()
    let log = Log(environment["REELGATE_ROLE"] == "upload" ? "upload" : "api")
    do {
        let settings = try Settings(environment, need: [.database, .tokens, .accounts, .web])
        let life = try ChildLife(environment)
        let contexts = try Contexts(settings, programs: try Host.programDirectory(), log: log)
        let responder = try contexts.responder(life: life, log: log)
        var listener = try Listener(lifeline: life.lifeline)
        life.ready()
        while let exchange = listener.next() {
            life.began()
            responder.answer(exchange)
            life.ended()
        }
    } catch {
        log.alert("start_failed", ["reason": .string("\(error)")])
        Host.exit(78)
    }
}
