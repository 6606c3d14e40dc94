internal import Core
internal import Web

extension RouteDocumentation {
    static let socialLogin = RouteDocumentation(
        "Signs in with a Firebase ID token.",
        detail: """
            The token must be for this server's Firebase project and still good. The account is the one that this Firebase \
            user had before; for one who is new it is the account with the same address, where the address is confirmed on \
            both sides, the sign-in is at most ten minutes old, and the account is no administrator's and has no second \
            factor; else a new account. Firebase ID tokens are also taken as Bearer in the place of access tokens.
            """,
        body: .json(.any(.object(["id_token": .idToken]), .object(["idToken": .idToken]))),
        answers: [.json("The sign-in.", .signedIn)],
        refusals: [
            .credentialsInvalid, .signInAgain, .totpRequired, .accountDisabled, .registrationClosed, .fieldMissing,
            .notFound, .apiUnavailable,
        ])
}

extension Schema {
    fileprivate static let idToken = text(1...8192, example: "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0.e30.c2ln")
}
