internal import Core
internal import Helper
internal import POSIX

@main struct Main {
    static func main() { run() }
}

nonisolated private func run() {
    Host.harden()
    let log = Log("worker")
    let environment = Host.environment()
    do {
        let settings = try Settings(environment, need: [.database, .media])
        let life = try ChildLife(environment)
        let sandbox = HelperSandbox.look(at: "\(try Host.programDirectory())/reelgate-media")
        let missing = sandbox.missing
        log.info(
            "helper_sandbox",
            [
                "active": .array(sandbox.active.map { .string($0) }),
                "missing": .array(missing.map { .string($0) }),
            ])
        if settings.sandbox == .require, !missing.isEmpty {
            log.alert(
                "start_failed",
                ["reason": .string("SANDBOX=require, but not in force: \(missing.joined(separator: ", "))")])
            Host.exit(78)
        }
        let worker = try Worker(settings, sandbox: sandbox, life: life, log: log)
        life.ready()
        try worker.run()
    } catch {
        log.alert("start_failed", ["reason": .string("\(error)")])
        Host.exit(78)
    }
}
