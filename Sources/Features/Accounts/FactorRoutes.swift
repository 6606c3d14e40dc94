internal import Core
internal import Crypto
internal import Postgres
internal import Web

// MARK: GET /api/auth/totp

func showFactor(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let person = try request.person(accounts)
    let factor = try asking { () throws(DatabaseError) in try accounts.store.secondFactor(person.id) }
    let confirmed = factor?.isConfirmed == true ? factor : nil
    return .json([
        "enabled": .bool(confirmed != nil), "recovery_codes_left": JSON(confirmed?.recoveryCodes ?? 0),
    ])
}

// MARK: POST /api/auth/totp

func enrolFactor(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let fields = try Fields(request, "current_password")
    let password = try fields.text("current_password")
    let person = try request.person(accounts)
    try accounts.requirePassword(password, of: person)
    let secret = try orRefuse(.internalError) { () throws(CryptoFailure) in try Random.bytes(TOTP.secretLength) }
    let sealed = try orRefuse(.internalError) { () throws(Refusal) in try accounts.seal.seal(secret, of: person.id) }
    let isNew = try asking { () throws(DatabaseError) in try accounts.store.enrol(sealed, of: person.id) }
    guard isNew else { throw Problem(.conflict, detail: "There is a second factor already.") }
    let account = person.email?.description ?? person.name
    return .json(
        [
            "secret": .string(Base32.encode(secret)),
            "uri": .string(TOTP.uri(secret, issuer: accounts.site, account: account)),
        ], status: 201)
}

// MARK: POST /api/auth/totp/confirm

func confirmFactor(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let code = try Fields(request, "totp").text("totp")
    let person = try request.person(accounts)
    let factor = try asking { () throws(DatabaseError) in try accounts.store.secondFactor(person.id) }
    guard let factor, !factor.isConfirmed else {
        throw Problem(.conflict, detail: "There is no second factor that waits for its first code.")
    }
    if let email = person.email { try accounts.attempts.begin(email) }
    guard let secret = accounts.seal.open(factor.sealed, of: person.id),
        let step = TOTP.match(code, secret, after: factor.lastStep, now: accounts.now())
    else { throw Problem(.totpInvalid) }
    if let email = person.email { try accounts.attempts.forgive(email) }
    let codes = try orRefuse(.internalError) { () throws(Refusal) in try RecoveryCodes.make() }
    let isConfirmed = try asking { () throws(DatabaseError) in
        try accounts.store.confirm(step, recovery: codes.compactMap { RecoveryCodes.hash($0) }, of: person.id)
    }
    guard isConfirmed else { throw Problem(.conflict) }
    return .json(["recovery_codes": .array(codes.map { .string($0) })])
}

// MARK: POST /api/auth/totp/disable

func disableFactor(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let fields = try Fields(request, "current_password", "totp")
    let password = try fields.text("current_password")
    let code = try fields.text("totp")
    let person = try request.person(accounts)
    guard person.hasSecondFactor else { throw Problem(.conflict, detail: "There is no second factor.") }
    try accounts.requirePassword(password, of: person)
    if let email = person.email { try accounts.attempts.begin(email) }
    try accounts.takeCode(code, of: person)
    if let email = person.email { try accounts.attempts.forgive(email) }
    _ = try asking { () throws(DatabaseError) in try accounts.store.removeSecondFactor(person.id) }
    return .json(["message": "The second factor is off."])
}

extension Accounts {
    /// Takes a code of a confirmed second factor, or one of its recovery codes, each once.
    ///
    /// - Throws: 401 `totp_invalid`.
    func takeCode(_ code: String, of person: Person) throws(Problem) {
        if let hash = RecoveryCodes.hash(code) {
            let isTaken = try asking { () throws(DatabaseError) in try store.take(recovery: hash, of: person.id) }
            guard isTaken else { throw Problem(.totpInvalid) }
            return
        }
        let factor = try asking { () throws(DatabaseError) in try store.secondFactor(person.id) }
        guard let factor else { throw Problem(.totpInvalid) }
        guard let secret = seal.open(factor.sealed, of: person.id) else {
            throw Problem(.totpInvalid, inside: "the second factor was sealed with another JWT_SECRET")
        }
        guard let step = TOTP.match(code, secret, after: factor.lastStep, now: now()) else {
            throw Problem(.totpInvalid)
        }
        // Of two at once with one code the store lets one pass.
        let isTaken = try asking { () throws(DatabaseError) in try store.take(step, of: person.id) }
        guard isTaken else { throw Problem(.totpInvalid) }
    }
}
