import Accounts
import Core
import Foundation
import Jobs
import Postgres
import TestSupport
import Testing
import Tokens
import Web

@Suite("Accounts in PostgreSQL") struct AccountStoreTests {
    private final class Playback: PlaybackEnding {
        var ended: [String] = []
        func endPlayback(of user: String) throws(DatabaseError) { ended.append(user) }
    }

    private let connection: Connection
    private let playback = Playback()
    private let store: PostgresAccountStore

    init() throws {
        connection = Connection(try PrivatePostgres.shared.database(), application: "tests")
        store = PostgresAccountStore(connection, playback: playback)
    }

    private func add(
        _ email: String?, role: Role = .viewer, verified: Bool = true, hash: String? = nil
    ) throws -> Person {
        let new = NewPerson(
            email: email.flatMap { EmailAddress($0) }, name: "Ann", role: role, isEmailVerified: verified,
            passwordHash: hash)
        guard case .added(let person) = try store.add(new, mailing: false) else { throw Refusal.emailTaken }
        return person
    }

    private func identity(_ subject: String, _ email: String?, verified: Bool = true) -> OutsideIdentity {
        OutsideIdentity(
            issuer: "firebase:p", subject: subject, email: email.flatMap { EmailAddress($0) },
            isEmailVerified: verified, name: "Ann")
    }

    @Test("a key is found until it is revoked") func keys() throws {
        let key = try APIKey.generate()
        try store.add(key, name: "site; drop table api_keys", scopes: [.upload, .tokens])
        let found = try #require(try store.goodKey(key.id))
        #expect(key.matches(found.hash) && found.scopes == [.upload, .tokens])
        for id in ["", "' or 1=1--", "\u{212A}", String(repeating: "x", count: 100_000)] {
            #expect(try store.goodKey(id) == nil)
        }
        #expect(throws: DatabaseError.unrepresentable) { try store.goodKey("a\u{0}b") }
        #expect(try store.revoke(key.id))
        #expect(try store.goodKey(key.id) == nil)
        #expect(try !store.revoke(key.id))
        #expect(try store.keys().map(\.name) == ["site; drop table api_keys"])
        #expect(try store.keys(Page(limit: 1)).count == 1)
    }

    @Test("D02 an address belongs to one person, whatever its letters' case") func people() throws {
        let ann = try add("ann@example.com", role: .admin)
        #expect(throws: Refusal.emailTaken) { try add("Ann@Example.com") }
        let loud = try #require(EmailAddress("ANN@example.com"))
        #expect(try store.person(loud) == ann)
        // The column holds the one form, whoever writes it.
        #expect(throws: DatabaseError.constraint("an e-mail address has one form")) {
            try connection.query("insert into users (email, name, role) values ('Eve@example.com', 'Eve', 'viewer')")
        }
        // People without an address are many.
        _ = try add(nil)
        _ = try add(nil)
    }

    @Test("J06 J11 people are listed in order, filtered by what is asked, taken literally") func list() throws {
        for number in 0..<25 { _ = try add("p\(number)@example.com") }
        let boss = try add("boss@example.org", role: .admin)
        var seen: [ID<Person>] = []
        var page = Page(limit: 10)
        while true {
            let rows = try store.people(PeopleFilter(), page)
            seen += rows.prefix(10).map(\.id)
            guard rows.count > 10 else { break }
            page = Page(limit: 10, after: ["\(rows[9].created.seconds)", "\(rows[9].id)"])
        }
        #expect(seen.count == 26 && Set(seen).count == 26)
        var filter = PeopleFilter()
        filter.role = .admin
        #expect(try store.people(filter, Page()).map(\.id) == [boss.id])
        filter = PeopleFilter()
        for (text, count) in [("P1", 11), ("%", 0), ("_", 0), ("' or 1=1--", 0), ("example.org", 1)] {
            filter.text = text
            #expect(try store.people(filter, Page()).count == count)
        }
    }

    @Test("F12 F13 an identity is found by issuer and subject; an address joins nothing that nobody confirmed")
    func identities() throws {
        let local = try add("ann@example.com")
        let unsure = try add("eve@example.com", verified: false)
        let boss = try add("boss@example.com", role: .admin)
        #expect(try store.person(for: identity("1", "ann@example.com")).id == local.id)
        // Known from now on, whatever the address becomes.
        #expect(try store.person(for: identity("1", "other@example.com", verified: false)).id == local.id)
        for (subject, email, isVerified, owner) in [
            ("2", "ann@example.com", false, local), ("3", "eve@example.com", true, unsure),
            ("4", "boss@example.com", true, boss),
        ] {
            let person = try store.person(for: identity(subject, email, verified: isVerified))
            #expect(person.id != owner.id && person.email == nil)
            #expect(try store.person(for: identity(subject, email, verified: isVerified)).id == person.id)
        }
        let fresh = try store.person(for: identity("5", "new@example.com"))
        #expect(fresh.email?.description == "new@example.com" && fresh.emailVerified != nil && fresh.role == .viewer)
        let phone = try store.person(for: identity("6", nil))
        #expect(phone.email == nil)
        // The same subject of another issuer is somebody else.
        let other = OutsideIdentity(
            issuer: "firebase:q", subject: "1", email: nil, isEmailVerified: false, name: nil)
        #expect(try store.person(for: other).id != local.id)
    }

    @Test("E32 a refresh token works once; one that was replaced ends its sign-in") func rotation() throws {
        let person = try add("ann@example.com")
        let first = try RefreshToken()
        try store.begin(first, of: person.id, agent: "a", lifetime: 100)
        let second = try RefreshToken(signIn: first.signIn)
        #expect(try store.rotate(first, to: second, lifetime: 100, longest: 1000) == .renewed(person.id))
        #expect(try store.role(signIn: first.signIn, of: person.id) == .viewer)
        #expect(try store.role(signIn: first.signIn, of: ID<Person>()) == nil)
        let third = try RefreshToken(signIn: first.signIn)
        #expect(try store.rotate(first, to: third, lifetime: 100, longest: 1000) == .reused)
        #expect(try store.role(signIn: first.signIn, of: person.id) == nil)
        #expect(try store.rotate(second, to: third, lifetime: 100, longest: 1000) == .unknown)
        #expect(try store.rotate(RefreshToken(), to: third, lifetime: 100, longest: 1000) == .unknown)
        #expect(try connection.query("select from sign_ins where end_reason = 'reuse'").count == 1)
    }

    @Test("E32 a sign-in that nobody used, and one that is old, has ended") func expiry() throws {
        let person = try add("ann@example.com")
        let token = try RefreshToken()
        try store.begin(token, of: person.id, agent: "", lifetime: 0)
        #expect(try store.holder(token) == nil)
        #expect(try store.role(signIn: token.signIn, of: person.id) == nil)
        #expect(try store.rotate(token, to: RefreshToken(signIn: token.signIn), lifetime: 9, longest: 9) == .unknown)
        let old = try RefreshToken()
        try store.begin(old, of: person.id, agent: "", lifetime: 100)
        try connection.query("update sign_ins set started_at = now() - interval '1000 seconds'")
        let new = try RefreshToken(signIn: old.signIn)
        #expect(try store.rotate(old, to: new, lifetime: 100, longest: 1000) == .renewed(person.id))
        #expect(try store.role(signIn: old.signIn, of: person.id) == nil)
        #expect(try store.signIns(of: person.id, Page()).isEmpty)
    }

    @Test("E32 J01 of 8 that renew with one token at once one passes, and the sign-in ends") func race() throws {
        let address = try PrivatePostgres.shared.database()
        let setUp = PostgresAccountStore(Connection(address, application: "tests"))
        guard case .added(let person) = try setUp.add(NewPerson(email: nil, name: "A"), mailing: false) else { return }
        let token = try RefreshToken()
        try setUp.begin(token, of: person.id, agent: "", lifetime: 100)
        let outcomes = Outcomes()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            let own = PostgresAccountStore(Connection(address, application: "tests"))
            guard let new = try? RefreshToken(signIn: token.signIn),
                let outcome = try? own.rotate(token, to: new, lifetime: 100, longest: 1000)
            else { return }
            outcomes.add(outcome)
        }
        let all = outcomes.all
        #expect(all.count == 8 && all.filter { $0 == .renewed(person.id) }.count == 1)
        #expect(all.filter { $0 == .reused }.count == 1)
        #expect(try setUp.role(signIn: token.signIn, of: person.id) == nil)
    }

    @Test("E32 a new password, shutting out and leaving end every sign-in") func ending() throws {
        let person = try add("ann@example.com", hash: "$argon2id$x")
        func signedIn() throws -> RefreshToken {
            let token = try RefreshToken()
            try store.begin(token, of: person.id, agent: "", lifetime: 100)
            return token
        }
        var token = try signedIn()
        try store.setPassword("$argon2id$y", of: person.id)
        #expect(try store.role(signIn: token.signIn, of: person.id) == nil)
        try store.rehash(person.id, from: "$argon2id$x", to: "stale")
        #expect(try store.passwordHash(person.id) == "$argon2id$y")

        token = try signedIn()
        var change = PersonChange()
        change.isDisabled = true
        #expect(try store.change(person.id, change)?.disabled != nil)
        #expect(try store.holder(token) == nil && playback.ended == ["\(person.id)"])
        #expect(try store.isShutOut(person.id))
        change.isDisabled = false
        #expect(try store.change(person.id, change)?.disabled == nil)
        #expect(try store.holder(token) == nil)

        token = try signedIn()
        change = PersonChange()
        change.role = .admin
        change.level = .family
        _ = try store.change(person.id, change)
        #expect(try store.role(signIn: token.signIn, of: person.id) == .admin)
        #expect(try store.end(token.signIn, of: ID<Person>()) == false)
        try store.endAll(of: person.id)
        #expect(try store.holder(token) == nil)

        token = try signedIn()
        #expect(try store.remove(person.id))
        #expect(try store.role(signIn: token.signIn, of: person.id) == nil)
        #expect(try !store.remove(person.id) && store.change(person.id, change) == nil)
    }

    @Test("a second factor's code and a recovery code count once") func factors() throws {
        let person = try add("ann@example.com", role: .admin)
        #expect(try store.enrol([1], of: person.id) && store.enrol([2], of: person.id))
        #expect(try store.person(person.id)?.hasSecondFactor == false)
        #expect(try store.confirm(5, recovery: ["aa", "bb"], of: person.id))
        #expect(try !store.confirm(6, recovery: [], of: person.id) && !store.enrol([3], of: person.id))
        #expect(try store.person(person.id)?.hasSecondFactor == true)
        #expect(try !store.take(5, of: person.id) && store.take(6, of: person.id) && !store.take(6, of: person.id))
        #expect(try store.take(recovery: "aa", of: person.id) && !store.take(recovery: "aa", of: person.id))
        let factor = try #require(try store.secondFactor(person.id))
        #expect(factor.sealed == [2] && factor.lastStep == 6 && factor.recoveryCodes == 1)
        #expect(try store.removeSecondFactor(person.id) && !store.removeSecondFactor(person.id))
    }

    @Test("E32 a mailed link works once, for the address it went to, until it expires") func links() throws {
        let person = try add("ann@example.com", verified: false, hash: "old")
        let token = try RefreshToken()
        try store.begin(token, of: person.id, agent: "", lifetime: 100)
        let (one, two) = (try MailLink(), try MailLink())
        for link in [one, two] { try store.keep(link.hash, .reset, of: person, lifetime: 100) }
        #expect(try !store.verify(one.hash))
        #expect(try store.reset(one.hash, to: "new"))
        #expect(try !store.reset(one.hash, to: "newer") && !store.reset(two.hash, to: "newer"))
        #expect(try store.passwordHash(person.id) == "new" && store.holder(token) == nil)
        #expect(try store.person(person.id)?.emailVerified != nil)

        let late = try MailLink()
        try store.keep(late.hash, .verify, of: person, lifetime: 0)
        #expect(try !store.verify(late.hash))
        let moved = try MailLink()
        try store.keep(moved.hash, .reset, of: person, lifetime: 100)
        try connection.query("update users set email = 'other@example.com'")
        #expect(try !store.reset(moved.hash, to: "newer"))
    }

    @Test(
        "E32 a second factor that a stranger enrolled for an address goes with the owner's reset",
        arguments: [false, true])
    func enrolledByAStranger(verified: Bool) throws {
        let person = try add("ann@example.com", verified: verified, hash: "old")
        #expect(try store.enrol([1], of: person.id) && store.confirm(5, recovery: [], of: person.id))
        let link = try MailLink()
        try store.keep(link.hash, .reset, of: person, lifetime: 100)
        #expect(try store.reset(link.hash, to: "new"))
        #expect(try (store.secondFactor(person.id) != nil) == verified)
    }

    @Test("J25 the job that mails a link is the same for an address of nobody") func jobs() throws {
        let person = try add("ann@example.com")
        let sent = Sent()
        let jobs = MailJobs(
            connection: connection, store: store, mailer: sent, base: "https://v.example", log: Log("test"))
        for email in ["ann@example.com", "nobody@example.com"] {
            let address = try #require(EmailAddress(email))
            try store.enqueue(.reset, to: address)
        }
        #expect(try connection.query("select from jobs where kind = 'account_mail'").count == 2)
        func work() throws {
            while let job = try Queue.claim([MailJobs.kind], worker: "w", lease: 15, on: connection) {
                try jobs.run(job)
            }
        }
        try work()
        #expect(sent.letters.map(\.to.description) == ["ann@example.com"])
        let lines = sent.letters[0].text.split(separator: "\n")
        let secret = try #require(lines.first { $0.hasPrefix("https://v.example/a") }).suffix(43)
        let link = try #require(MailLink(String(secret)))
        // Nothing of the link is in the queue.
        #expect(try connection.query("select from jobs where strpos(payload::text, \(String(secret))) > 0").count == 0)
        #expect(try store.reset(link.hash, to: "new"))

        sent.answer = .failure(.later("busy"))
        let address = try #require(person.email)
        try store.enqueue(.verify, to: address)
        try work()
        func count(_ state: String, _ code: String) throws -> Int {
            try connection.query("select from jobs where state = \(state) and error_code = \(code)").count
        }
        #expect(try count("queued", "mail_failed") == 1)
        sent.answer = .failure(.never("no such box"))
        try connection.query("update jobs set run_after = now() where state = 'queued'")
        try work()
        #expect(try count("dead", "mail_refused") == 1)
        #expect(person.emailVerified != nil && sent.letters.last?.subject == "You have an account already")
    }
}

/// A mailer that keeps what it gets.
private final class Sent: Mailer {
    var letters: [Letter] = []
    var answer: Result<Void, MailFailure> = .success(())

    func send(_ letter: Letter) -> Result<Void, MailFailure> {
        letters.append(letter)
        return answer
    }
}

/// What threads found, together.
private final class Outcomes: @unchecked Sendable {
    private let lock = NSLock()
    private var found: [Rotation] = []

    func add(_ rotation: Rotation) { lock.withLock { found.append(rotation) } }
    var all: [Rotation] { lock.withLock { found } }
}
