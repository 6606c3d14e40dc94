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
    let token = try idToken(request)
    guard let firebase = accounts.firebase else {
        throw Problem(.notFound, detail: "Signing in with Firebase is not set up here.")
    }
    let claims = try firebase.identify(token)
    try accounts.limit.admit(firebase.issuer + " " + claims.subject)
    let person = try accounts.person(claims, issuer: firebase.issuer)
    if let refusal = FirebaseRules.objection(person) {
        throw Problem(refusal, detail: refusal == .totpRequired ? FirebaseSignIns.factorDetail : nil)
    }
    let answer = try accounts.signIns.begin(person, agent: request.agent)
    return .json(answer, fields: [.init("Cache-Control", "no-store")])
}

/// The body's token, under the name it is given by here or by Google's libraries.
private func idToken(_ request: Request) throws(Problem) -> String {
    let fields = try Fields(request, "id_token", "idToken")
    let other = try fields.optional("idToken")
    guard let token = try fields.optional("id_token") ?? other, !(fields.has("id_token") && other != nil) else {
        throw Problem(other == nil ? .fieldMissing : .badRequest, detail: "id_token is to be given once.")
    }
    guard (1...IDToken.longest).contains(token.utf8.count) else {
        throw Problem(.badRequest, detail: "id_token must have 1 to \(IDToken.longest) bytes.")
    }
    return token
}
