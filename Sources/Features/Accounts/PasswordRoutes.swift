internal import Core
internal import Postgres
internal import Web

// MARK: POST /api/auth/password

/// Every sign-in ends, this one too; the answer begins another.
func changePassword(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let fields = try Fields(request, "current_password", "new_password")
    let present = try fields.text("current_password")
    let new = try fields.newPassword("new_password")
    let person = try request.person(accounts)
    try accounts.requirePassword(present, of: person)
    let hash = try orRefuse(.internalError) { () throws(AccountRules.Mistake) in try AccountRules.hash(new) }
    try asking { () throws(DatabaseError) in try accounts.store.setPassword(hash, of: person.id) }
    return .json(try accounts.signIns.begin(person, agent: request.agent))
}

// MARK: POST /api/auth/password-reset

func requestReset(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    try accounts.mail(.reset, to: try Fields(request, "email").email())
}

// MARK: POST /api/auth/password-reset/confirm

func confirmReset(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let fields = try Fields(request, "token", "new_password")
    let link = MailLink(try fields.text("token"))
    let password = try fields.newPassword("new_password")
    guard let link else { throw Problem(.linkInvalid) }
    let hash = try orRefuse(.internalError) { () throws(AccountRules.Mistake) in try AccountRules.hash(password) }
    let isReset = try asking { () throws(DatabaseError) in try accounts.store.reset(link.hash, to: hash) }
    guard isReset else { throw Problem(.linkInvalid) }
    return .json(["message": "The password was changed."])
}

// MARK: POST /api/auth/verify

func requestVerify(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    try accounts.mail(.verify, to: try Fields(request, "email").email())
}

// MARK: POST /api/auth/verify/confirm

func confirmVerify(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    guard let link = MailLink(try Fields(request, "token").text("token")) else { throw Problem(.linkInvalid) }
    let isVerified = try asking { () throws(DatabaseError) in try accounts.store.verify(link.hash) }
    guard isVerified else { throw Problem(.linkInvalid) }
    return .json(["message": "The address is confirmed."])
}

extension Accounts {
    /// Has a mail sent if the address is somebody's; the answer and the work are the same if not.
    func mail(_ purpose: MailPurpose, to email: EmailAddress) throws(Problem) -> Response {
        if try attempts.mayMail(email) {
            try asking { () throws(DatabaseError) in try store.enqueue(purpose, to: email) }
        }
        return .mailed
    }

    /// Lets pass who knows the person's present password; wrong ones count as failed sign-ins.
    func requirePassword(_ password: String, of person: Person) throws(Problem) {
        if let email = person.email { try attempts.begin(email) }
        let stored = try asking { () throws(DatabaseError) in try store.passwordHash(person.id) }
        guard AccountRules.isRight(password, stored: stored) else { throw Problem(.passwordWrong) }
        if let email = person.email { try attempts.forgive(email) }
    }
}
