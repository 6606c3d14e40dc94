public import Accounts
internal import Core
internal import POSIX
internal import Playback
public import Postgres
internal import Serving
internal import Sessions
internal import Tokens
internal import Watching
internal import Web

/// The accounts' store, which ends what somebody plays who is shut out.
public func accountStore(_ connection: Connection) -> PostgresAccountStore {
    PostgresAccountStore(connection, playback: RevokedPlayback(connection))
}

extension Accounts {
    /// What the settings say.
    init(_ settings: Settings, _ connection: Connection) {
        let store = accountStore(connection)
        let secret = settings.jwtSecret.reveal { $0 }
        let now = { Clocks.wallSeconds() }
        // Authenticators take no colon in a name.
        let host = settings.publicBaseURL.split(separator: "/").last ?? ""
        let site = String(host.prefix { $0 != ":" })
        self.init(
            store: store, signIns: SignIns(store: store, tokens: AccessTokens(secret: secret), now: now),
            attempts: SharedAttempts(
                AttemptLimits(
                    settings.runDirectory + "/attempts", failures: settings.rates.failures, secret: secret)),
            seal: FactorSeal(secret: secret), registration: settings.accounts.registration, site: site, now: now)
    }
}

/// Ends what somebody plays by revoking his playback tokens.
private final class RevokedPlayback: PlaybackEnding {
    private let store: PostgresWatchingStore

    /// - Parameter connection: the accounts' own, so that both writes are one transaction.
    init(_ connection: Connection) { store = PostgresWatchingStore(connection) }

    func endPlayback(of user: String) throws(DatabaseError) {
        try store.revoke(
            Revocation(kind: .user, value: user, time: Clocks.wallSeconds()), reason: "account disabled",
            author: "accounts")
    }
}

/// Who is shut out, as the accounts' store has it; a site's own users never are.
final class KnownSuspensions: Suspensions {
    private let store: any SignInStore

    init(_ connection: Connection) { store = PostgresAccountStore(connection) }

    func isSuspended(_ user: String) throws(DatabaseError) -> Bool {
        guard let person = ID<Person>(user) else { return false }
        return try store.isShutOut(person)
    }
}

/// Attempts as this host's processes count them together.
private struct SharedAttempts: Attempts {
    private let limits: AttemptLimits

    init(_ limits: AttemptLimits) { self.limits = limits }

    private var now: Int64 { Clocks.monotonicNanoseconds() / 1_000_000_000 }

    func begin(_ email: EmailAddress) throws(Problem) { try limits.begin(email.description, now: now) }
    func forgive(_ email: EmailAddress) throws(Problem) { try limits.forgive(email.description, now: now) }
    func mayMail(_ email: EmailAddress) throws(Problem) -> Bool { try limits.mayMail(email.description, now: now) }
}
