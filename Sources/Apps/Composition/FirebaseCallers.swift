internal import Accounts
internal import Core
internal import POSIX
internal import Postgres
internal import Serving
internal import Tokens
internal import Web

/// People who show a Firebase ID token in the place of our access token.
final class FirebaseCallers: OutsideCallers {
    private let signIns: FirebaseSignIns

    /// `nil` where no project is set: then nobody does.
    init?(_ signIns: FirebaseSignIns) {
        guard signIns.isSet else { return nil }
        self.signIns = signIns
    }

    func caller(_ token: String) throws(Problem) -> Caller { try signIns.caller(token) }
}

/// Sessions of an identity, counted in a table that all processes of this host share.
private final class IdentitySessions: SessionLimit {
    private let attempts: AttemptLimits

    init(_ path: String, secret: [UInt8]) {
        attempts = AttemptLimits(path, failures: FirebaseRules.sessions, secret: secret)
    }

    func admit(_ identity: String) throws(Problem) {
        try attempts.begin(identity, now: Clocks.monotonicNanoseconds() / 1_000_000_000)
    }
}

extension FirebaseSignIns {
    /// As the settings say.
    init(_ settings: Settings, _ connection: Connection, log: Log) {
        let store = accountStore(connection)
        let secret = settings.jwtSecret.reveal { $0 }
        let firebase = settings.firebase.map {
            Firebase($0, directory: settings.runDirectory, log: log) {
                (Clocks.wallSeconds(), Clocks.monotonicNanoseconds() / 1_000_000_000)
            }
        }
        self.init(
            firebase: firebase, store: store,
            signIns: SignIns(
                store: store, tokens: AccessTokens(secret: secret), now: { Clocks.wallSeconds() }),
            limit: IdentitySessions(settings.runDirectory + "/identities", secret: secret),
            registration: settings.accounts.registration, now: { Clocks.wallSeconds() })
    }
}
