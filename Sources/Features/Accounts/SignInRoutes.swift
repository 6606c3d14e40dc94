internal import Core
internal import Passwords
internal import Postgres
internal import Tokens
internal import Web

// MARK: POST /api/auth/register

func register(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let fields = try Fields(request, "email", "password", "name")
    guard accounts.registration != .closed else { throw Problem(.registrationClosed) }
    let email = try fields.email()
    guard let name = try fields.name() else { throw Problem(.fieldMissing, detail: "name is missing.") }
    let password = try fields.newPassword("password")
    let hash = try orRefuse(.internalError) { () throws(AccountRules.Mistake) in try AccountRules.hash(password) }
    let mayMail = try accounts.attempts.mayMail(email)
    let added = try asking { () throws(DatabaseError) in
        try accounts.store.add(NewPerson(email: email, name: name, passwordHash: hash), mailing: mayMail)
    }
    switch (added, accounts.registration) {
    case (.added(let person), .open):
        return .json(try accounts.signIns.begin(person, agent: request.agent), status: 201)
    case (.taken, .open): throw Problem(.emailTaken)
    case (.taken, _):
        // Whoever has the mailbox learns of it; whoever asked gets the same answer for the same work.
        if mayMail { try asking { () throws(DatabaseError) in try accounts.store.enqueue(.verify, to: email) } }
        return .mailed
    case (.added, _): return .mailed
    }
}

// MARK: POST /api/auth/login

func login(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let fields = try Fields(request, "email", "password", "totp")
    let email = try fields.email()
    let password = try fields.text("password")
    let code = try fields.optional("totp")
    // Counted before it is known: of guesses at once no more than the limit are tried.
    try accounts.attempts.begin(email)
    let found = try asking { () throws(DatabaseError) in try accounts.store.credentials(email) }
    let isRight = AccountRules.isRight(password, stored: found?.hash)
    guard isRight, let found, let stored = found.hash else { throw Problem(.signInFailed) }
    let person = found.person
    if person.hasSecondFactor {
        guard let code else {
            try accounts.attempts.forgive(email)
            throw Problem(.totpRequired)
        }
        try accounts.takeCode(code, of: person)
    }
    try accounts.attempts.forgive(email)
    if accounts.registration == .confirmed, person.emailVerified == nil {
        throw Problem(.emailUnverified)
    }
    if !PasswordHash.isCurrent(stored), let hash = try? AccountRules.hash(bytes: Array(password.utf8)) {
        try asking { () throws(DatabaseError) in try accounts.store.rehash(person.id, from: stored, to: hash) }
    }
    return .json(try accounts.signIns.begin(person, agent: request.agent))
}

// MARK: POST /api/auth/refresh

func refresh(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let fields = try Fields(request, "refresh_token")
    guard let token = RefreshToken(try fields.text("refresh_token")) else { throw Problem(.refreshInvalid) }
    return .json(try accounts.signIns.renew(token))
}

// MARK: POST /api/auth/logout

/// Ends one sign-in, or all. Who asks is known by the refresh token; with `all`, an access token will do.
func logout(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let fields = try Fields(request, "refresh_token", "all")
    let all = try fields.flag("all") ?? false
    guard let text = try fields.optional("refresh_token") else {
        guard all else { throw Problem(.fieldMissing, detail: "refresh_token is missing.") }
        guard case .user(let subject, _) = request.caller, let id = ID<Person>(subject) else {
            throw Problem(.credentialsMissing)
        }
        try asking { () throws(DatabaseError) in try accounts.store.endAll(of: id) }
        return Response(status: 204)
    }
    // One that is no token, or whose sign-in has ended, leaves nothing to do.
    guard let token = RefreshToken(text),
        let holder = try asking({ () throws(DatabaseError) in try accounts.store.holder(token) })
    else { return Response(status: 204) }
    try asking { () throws(DatabaseError) in
        if all { try accounts.store.endAll(of: holder) } else { _ = try accounts.store.end(token.signIn, of: holder) }
    }
    return Response(status: 204)
}

// MARK: GET /api/auth/sessions

func listSignIns(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let page = try Page(request.query, parts: 2)
    try page.requireTimeAndID()
    let person = try request.person(accounts)
    let rows = try asking { () throws(DatabaseError) in try accounts.store.signIns(of: person.id, page) }
    return page.answer(rows, place: { ["\($0.started.seconds)", "\($0.id)"] }, json: \.json)
}

// MARK: DELETE /api/auth/sessions/:session

func endSignIn(_ accounts: Accounts, _ request: Request, _ id: ID<SignIn>) throws(Problem) -> Response {
    let person = try request.person(accounts)
    let hasEnded = try asking { () throws(DatabaseError) in try accounts.store.end(id.rawValue, of: person.id) }
    guard hasEnded else { throw Problem(.notFound) }
    return Response(status: 204)
}

extension SignIn {
    /// As its list has it.
    var json: JSON {
        [
            "id": .string("\(id)"), "agent": .string(agent), "started_at": .string(started.rfc3339),
            "last_used_at": .string(used.rfc3339), "expires_at": .string(expires.rfc3339),
        ]
    }
}

extension Response {
    /// What everybody is told who asks for a mail, whether one is sent or not.
    static let mailed = Response.json(["message": .string(mailedSentence)], status: 202)
    /// Its sentence.
    static let mailedSentence = "If the address can be used, a mail is on its way to it."
}

extension Page {
    /// The cursors of these lists hold a time in seconds and an id.
    func requireTimeAndID() throws(Problem) {
        if let after, Digits.parse(after[0]) == nil || UUID(after[1]) == nil {
            throw Problem(.badRequest, detail: "cursor is not valid.")
        }
    }
}
