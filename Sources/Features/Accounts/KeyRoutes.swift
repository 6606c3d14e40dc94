internal import Core
internal import Postgres
internal import Tokens
internal import Web

// MARK: GET /api/keys

func listKeys(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let page = try Page(request.query, parts: 2)
    if let after = page.after, Digits.parse(after[0]) == nil {
        throw Problem(.badRequest, detail: "cursor is not valid.")
    }
    let rows = try asking { () throws(DatabaseError) in try accounts.store.keys(page) }
    return page.answer(rows, place: { ["\($0.created.seconds)", $0.id] }, json: \.json)
}

// MARK: POST /api/keys

func addKey(_ accounts: Accounts, _ request: Request) throws(Problem) -> Response {
    let fields = try Fields(request, "name", "scopes")
    guard let name = try fields.name() else { throw Problem(.fieldMissing, detail: "name is missing.") }
    let scopes = try fields.scopes()
    let key = try orRefuse(.internalError) { () throws(Refusal) in try APIKey.generate() }
    try asking { () throws(DatabaseError) in try accounts.store.add(key, name: name, scopes: scopes) }
    return .json(
        [
            "id": .string(key.id), "name": .string(name), "scopes": .array(scopes.map { .string($0.rawValue) }),
            "key": .string(key.revealed()),
        ], status: 201)
}

// MARK: DELETE /api/keys/:key

func revokeKey(_ accounts: Accounts, _ request: Request, _ id: String) throws(Problem) -> Response {
    let wasGood = try asking { () throws(DatabaseError) in try accounts.store.revoke(id) }
    guard wasGood else { throw Problem(.notFound) }
    return Response(status: 204)
}

extension KeySummary {
    /// As its list has it.
    var json: JSON {
        [
            "id": .string(id), "name": .string(name), "scopes": .array(scopes.map { .string($0.rawValue) }),
            "created_at": .string(created.rfc3339), "revoked_at": JSON(revoked?.rfc3339),
        ]
    }
}
