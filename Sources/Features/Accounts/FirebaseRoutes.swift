internal import Core
internal import Tokens
public import Web

/// The route that exchanges an ID token for tokens of ours.
public func firebaseRoutes() -> [Route<FirebaseSignIns>] {
    [
        Route(
            .post, "/api/auth/social-login", by: .anyone, rate: .signIns, body: .json(12_288), about: .socialLogin,
            to: socialLogin)
    ]
}

// MARK: POST /api/auth/social-login

private func socialLogin(_ accounts: FirebaseSignIns, _ request: Request) throws(Problem) -> Response {
    let token = try idToken(request.json())
    guard let firebase = accounts.firebase else {
        throw Problem(.notFound, detail: "Signing in with Firebase is not set up here.")
    }
    let claims = try firebase.identify(token)
    try accounts.limit.admit(firebase.issuer + " " + claims.subject)
    let person = try accounts.person(claims, issuer: firebase.issuer)
    if let refusal = FirebaseRules.objection(person) {
        throw Problem(refusal, detail: refusal == .totpRequired ? FirebaseSignIns.factorDetail : nil)
    }
    let answer = try accounts.signIns.begin(person, agent: request.headers.one("user-agent") ?? "")
    return .json(answer, fields: [.init("Cache-Control", "no-store")])
}

/// The body's token, under the name it is given by here or by Google's libraries.
private func idToken(_ body: JSON) throws(Problem) -> String {
    guard case .object(let members) = body else { throw Problem(.badRequest, detail: "The body must be an object.") }
    let given = members.filter { ["id_token", "idToken"].contains($0.name) }
    guard members.count == given.count, given.count <= 1 else {
        throw Problem(.badRequest, detail: "The body holds id_token and nothing else.")
    }
    guard let value = given.first?.value else { throw Problem(.fieldMissing, detail: "id_token is missing.") }
    guard let token = value.string, (1...IDToken.longest).contains(token.utf8.count) else {
        throw Problem(.badRequest, detail: "id_token must be a text of 1 to \(IDToken.longest) bytes.")
    }
    return token
}
