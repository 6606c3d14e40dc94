public import Core
internal import Crypto
public import Jobs
public import Postgres

/// Mails links. The request that asked for one only adds a job, whether the address belongs to somebody or not: how long
/// it takes and what it answers say nothing about that.
public struct MailJobs {
    /// The kind of jobs this feature handles.
    public static let kind = "account_mail"

    private let connection: Connection
    private let store: any PeopleStore & MailStore
    private let mailer: (any Mailer)?
    private let base: String
    private let log: Log

    /// - Parameters:
    ///   - connection: the worker's.
    ///   - store: accounts, on the same connection.
    ///   - mailer: sends; `nil` where nothing is set up.
    ///   - base: `PUBLIC_BASE_URL`, which links begin with whatever `Host` a request had.
    ///   - log: for what goes wrong.
    public init(
        connection: Connection, store: any PeopleStore & MailStore, mailer: (any Mailer)?, base: String, log: Log
    ) {
        self.connection = connection
        self.store = store
        self.mailer = mailer
        self.base = base
        self.log = log
    }

    /// Runs one claimed job.
    public func run(_ job: Job) throws(DatabaseError) {
        guard let purpose = job.payload["purpose"]?.string.flatMap({ MailPurpose(rawValue: $0) }),
            let email = job.payload["email"]?.string.flatMap({ EmailAddress($0) }),
            let person = try store.person(email), person.disabled == nil
        else {
            _ = try Queue.finish(job.lease, on: connection)
            return
        }
        guard let mailer, !base.isEmpty else {
            return try fail(job, "mail_unconfigured", "SMTP_URL or MAIL_FILE_DIR, MAIL_FROM and PUBLIC_BASE_URL", .max)
        }
        guard let letter = try letter(purpose, person) else {
            return try fail(job, "mail_failed", "no random bytes", .max)
        }
        switch mailer.send(letter) {
        case .success: _ = try Queue.finish(job.lease, on: connection)
        case .failure(.later(let reason)): try fail(job, "mail_failed", reason, .max)
        case .failure(.never(let reason)): try fail(job, "mail_refused", reason, 1)
        }
    }

    private func letter(_ purpose: MailPurpose, _ person: Person) throws(DatabaseError) -> Letter? {
        // Whoever asks to confirm an address that was confirmed before is told so, by mail alone.
        if purpose == .verify, person.emailVerified != nil {
            return Letter(purpose, person: person, link: nil, site: base)
        }
        guard let link = try? MailLink() else { return nil }
        try store.keep(link.hash, purpose, of: person, lifetime: purpose.lifetime)
        return Letter(purpose, person: person, link: link.url(purpose, base: base), site: base)
    }

    private func fail(_ job: Job, _ code: String, _ reason: String, _ limit: Int) throws(DatabaseError) {
        log.warning("mail", ["code": .string(code), "reason": .string(reason), "job": .integer(job.lease.job)])
        let wait = Backoff.seconds(
            failures: job.failures + 1, first: 5, longest: 1800, chance: Double.random(in: 0..<1))
        _ = try Queue.fail(job.lease, code: code, detail: reason, limit: limit, wait: wait, on: connection)
    }
}

/// The secret of a mailed link: 32 random bytes in base64url. Only its SHA-256 is kept.
public struct MailLink: Sendable {
    private let secret: Secret<[UInt8]>

    /// A new one.
    ///
    /// - Throws: when there are no random bytes.
    public init() throws(Refusal) {
        guard let bytes = try? Random.bytes(32) else { throw .internalError }
        secret = Secret(bytes)
    }

    /// `nil` unless the text has exactly the form.
    public init?(_ text: String) {
        guard text.utf8.count == 43, let bytes = Base64URL.decode(text), bytes.count == 32 else { return nil }
        secret = Secret(bytes)
    }

    /// What is kept of it.
    public var hash: [UInt8] { secret.reveal { SHA256.digest($0.span).bytes } }

    /// What the mail asks to open. The secret stands in the fragment, which browsers send to nobody.
    ///
    /// - Parameter base: `PUBLIC_BASE_URL`.
    public func url(_ purpose: MailPurpose, base: String) -> String {
        "\(base)/account.html#\(purpose.rawValue)=\(secret.reveal { Base64URL.encode($0.span) })"
    }
}
