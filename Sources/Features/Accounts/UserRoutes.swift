internal import Core
internal import Postgres
internal import Tokens
internal import Web

// MARK: GET /api/users/me

func showMe(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    .json(try request.person(accounts).json)
}

// MARK: GET /api/users/:user

func showUser(_ accounts: Accounts, _ request: Request, _ id: ID<Person>) throws(Problem) -> Response {
    try AccountRules.mustBeOwn(id, request.caller)
    return .json(try accounts.person(id).json)
}

// MARK: PUT /api/users/:user

/// What a person may change of himself: nothing that decides what he may do or watch.
func changeUser(_ accounts: Accounts, _ request: Request, _ id: ID<Person>) throws(Problem) -> Response {
    let fields = try Fields(request, "name", "language", "preferences")
    var change = PersonChange()
    change.name = try fields.name()
    change.language = try fields.language()
    change.preferences = try fields.preferences()
    try AccountRules.mustBeOwn(id, request.caller)
    return .json(try accounts.change(id, change).json)
}

// MARK: GET /api/admin/users

func listUsers(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let filter = try AccountRules.filter(request.query)
    let page = try Page(request.query, parts: 2)
    try page.requireTimeAndID()
    let rows = try asking { () throws(DatabaseError) in try accounts.store.people(filter, page) }
    return page.answer(rows, place: { ["\($0.created.seconds)", "\($0.id)"] }, json: \.wholeJSON)
}

// MARK: GET /api/admin/users/:user

func showAccount(_ accounts: Accounts, _ request: Request, _ id: ID<Person>) throws(Problem) -> Response {
    .json(try accounts.person(id).wholeJSON)
}

// MARK: PUT /api/admin/users/:user

func changeAccount(_ accounts: Accounts, _ request: Request, _ id: ID<Person>) throws(Problem) -> Response {
    let fields = try Fields(request, "name", "role", "subscription_level", "disabled")
    var change = PersonChange()
    change.name = try fields.name()
    change.role = try fields.choice("role")
    change.level = try fields.choice("subscription_level")
    change.isDisabled = try fields.flag("disabled")
    try AccountRules.mayChange(id, change, by: request.caller)
    return .json(try accounts.change(id, change).wholeJSON)
}

// MARK: DELETE /api/admin/users/:user

func removeAccount(_ accounts: Accounts, _ request: Request, _ id: ID<Person>) throws(Problem) -> Response {
    try AccountRules.mayRemove(id, by: request.caller)
    let wasThere = try asking { () throws(DatabaseError) in try accounts.store.remove(id) }
    guard wasThere else { throw Problem(.notFound) }
    return Response(status: 204)
}

extension Accounts {
    fileprivate func person(_ id: ID<Person>) throws(Problem) -> Person {
        guard let person = try asking({ () throws(DatabaseError) in try store.person(id) }) else {
            throw Problem(.notFound)
        }
        return person
    }

    fileprivate func change(_ id: ID<Person>, _ change: PersonChange) throws(Problem) -> Person {
        guard let person = try asking({ () throws(DatabaseError) in try store.change(id, change) }) else {
            throw Problem(.notFound)
        }
        return person
    }
}

extension Person {
    /// As an admin reads it.
    var wholeJSON: JSON {
        .object(
            members + [
                .init("email_verified_at", JSON(emailVerified?.rfc3339)), .init("disabled_at", JSON(disabled?.rfc3339)),
            ])
    }
}
