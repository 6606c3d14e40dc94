internal import Core
internal import FastCGI
internal import Gate
internal import POSIX
internal import Sessions
internal import Tokens

@main struct Main {
    static func main() { run() }
}

nonisolated private func run() {
    Host.harden()
    let log = Log("gate")
    let environment = Host.environment()
    do {
        let settings = try Settings(environment, need: .media)
        let keys = settings.secretKey.reveal { secret in
            settings.signingKeys.reveal { KeyRing(secret: secret, others: $0) }
        }
        let keeper = Gatekeeper(keys: keys, referrers: settings.allowedReferrers, longest: settings.tokenMaxTTL)
        let loop = GateLoop(
            keeper: keeper, keys: settings.masterKeys.reveal { MediaKeys(masters: $0) },
            sessions: try Sessions(settings), dataDirectory: settings.dataDirectory,
            unauthorized: settings.legacyStatus,
            cookies: PlaybackCookie(
                isSecure: settings.publicBaseURL.hasPrefix("https://"), isCrossSite: settings.cookieCrossSite))
        let life = try ChildLife(environment)
        var listener = try Listener(lifeline: life.lifeline)
        life.ready()
        while let exchange = listener.next() {
            life.began()
            loop.answer(exchange, now: .now())
            life.ended()
        }
    } catch {
        log.alert("start_failed", ["reason": .string("\(error)")])
        Host.exit(78)
    }
}
