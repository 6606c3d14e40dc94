internal import Core
internal import POSIX

@main struct Main {
    static func main() { run() }
}

nonisolated private func run() {
    Host.harden()
    let environment = Host.environment()
    Host.closeInherited(from: Sockets.endOfInherited(environment, processID: Host.processID))
    let options: Options
    let settings: Settings
    do {
        options = try Options(CommandLine.arguments.dropFirst().map { $0 })
    } catch {
        Host.log("reelgate-pool: \(error.sentence)\n\(Options.usage)")
        Host.exit(64)
    }
    do {
        let need = Settings.Need(options.roles.map(\.need))
        settings = try Settings(environment, need: need)
    } catch {
        Host.log("reelgate-pool: these settings are wrong or missing\n\(error)")
        Host.exit(78)
    }
    do {
        let claim = try Claim(options, directory: settings.runDirectory)
        var pool = try Pool(options, settings, environment: environment)
        pool.run()
        pool.cleanUp()
        claim.release()
    } catch {
        Host.log("reelgate-pool: \(error)")
        Host.exit(error is Claim.Taken ? 75 : 71)
    }
}
