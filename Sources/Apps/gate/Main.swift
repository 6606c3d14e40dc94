internal import Core
internal import FastCGI
internal import Gate
internal import GeoIP
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
        let signers = SigningKeys(settings, log: log)
        let keeper = Gatekeeper(
            keys: signers.ring, referrers: settings.allowedReferrers, longest: settings.tokenMaxTTL,
            mobile: settings.mobileReferrers.map {
                MobileReferrers(origins: $0, mayMiss: settings.mobileReferrerMayMiss)
            }, countries: countries(settings, log))
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
            if signers.refresh() { loop.use(signers.ring) }
            loop.answer(exchange, now: .now())
            life.ended()
        }
    } catch {
        log.alert("start_failed", ["reason": .string("\(error)")])
        Host.exit(78)
    }
}

/// A file that can't be used stops no playback but that of lessons and tokens with rules on countries.
private nonisolated func countries(_ settings: Settings, _ log: Log) -> CountryDatabase? {
    guard let file = settings.geoIPFile else { return nil }
    let database = CountryDatabase(file)
    if database == nil { log.alert("geoip_unusable", ["reason": "GEOIP_FILE is no readable database of countries"]) }
    return database
}
