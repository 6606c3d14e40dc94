internal import Core
internal import Tokens
internal import Web

// MARK: Signing in

extension RouteDocumentation {
    static let register = RouteDocumentation(
        "Makes an account.",
        detail: """
            With `REGISTRATION=open` the answer signs the person in, and 409 `email_taken` says that the address has an \
            account. With `confirmed` every answer is the same 202: what the address is told stands in a mail. With \
            `closed` there are no accounts to be had.
            """,
        body: .json(.object(["email": .email, "password": .password, "name": .personName])),
        answers: [
            .json("The person is signed in.", .signedIn, status: 201),
            .json("What there is to know is mailed.", .message(Response.mailedSentence), status: 202),
        ], refusals: [.fieldMissing, .registrationClosed, .emailTaken, .apiUnavailable])

    static let login = RouteDocumentation(
        "Signs a person in.",
        detail: """
            A wrong password and an address without an account get the same answer in the same time. After ten failures \
            within a quarter of an hour an address is refused with 429, whoever tries. Where the account has a second \
            factor, `totp` is its code of the moment or a recovery code; each counts once.
            """,
        body: .json(.object(["email": .email, "password": .anyPassword], optional: ["totp": .code])),
        answers: [.json("The person is signed in.", .signedIn)],
        refusals: [
            .fieldMissing, .signInFailed, .totpRequired, .totpInvalid, .accountDisabled, .emailUnverified,
            .apiUnavailable,
        ])

    static let refresh = RouteDocumentation(
        "Renews a sign-in.",
        detail: """
            The refresh token is replaced by the one in the answer. One that was replaced before ends its sign-in, \
            because it is in two hands: a client renews from one place at a time. A sign-in ends after 30 days without \
            a renewal, and after 180 days.
            """,
        body: .json(.object(["refresh_token": .refreshToken])),
        answers: [.json("New tokens.", .signedIn)], refusals: [.fieldMissing, .refreshInvalid, .apiUnavailable])

    static let logout = RouteDocumentation(
        "Ends a sign-in, or with `all` every one of the person.",
        detail: """
            Access tokens of an ended sign-in are refused from then on. With `all`, an access token as Bearer does \
            instead of the refresh token. What plays goes on until its playback token ends.
            """,
        body: .json(
            .any(
                .object(["refresh_token": .refreshToken], optional: ["all": .boolean]),
                .object(["all": .boolean]))),
        answers: [.empty("It has ended, now or before.")],
        refusals: [.fieldMissing, .credentialsMissing, .apiUnavailable])

    static let listSignIns = RouteDocumentation(
        "Lists the caller's sign-ins that live, the newest first.", query: Parameter.page,
        answers: [.json("A part of the list.", .page(of: .signIn))], refusals: [.notFound])

    static let endSignIn = RouteDocumentation(
        "Ends one of the caller's sign-ins.", answers: [.empty("It has ended.")], refusals: [.notFound])
}

// MARK: Second factors

extension RouteDocumentation {
    static let showFactor = RouteDocumentation(
        "Says whether signing in takes a code.",
        answers: [
            .json(
                "The second factor.",
                .object(["enabled": .boolean, "recovery_codes_left": .integer(0...10, example: 10)]))
        ], refusals: [.notFound])

    static let enrolFactor = RouteDocumentation(
        "Makes a second factor (RFC 6238), which counts once its first code was confirmed.",
        body: .json(.object(["current_password": .anyPassword])),
        answers: [
            .json(
                "What an authenticator reads.",
                .object([
                    "secret": .text(32...32, pattern: "^[A-Z2-7]{32}$", example: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
                    "uri": .text(example: "otpauth://totp/video.example.org:ada%40example.org?secret=JBSWY3DP"),
                ]), status: 201)
        ], refusals: [.fieldMissing, .passwordWrong, .conflict, .notFound])

    static let confirmFactor = RouteDocumentation(
        "Confirms a second factor with its first code.", body: .json(.object(["totp": .code])),
        answers: [
            .json(
                "Codes for whoever loses the authenticator; shown once.",
                .object(["recovery_codes": .list(of: .text(19...19, example: "JBSW-Y3DP-EHPK-3PXP"), 10...10)]))
        ], refusals: [.fieldMissing, .totpInvalid, .conflict, .notFound])

    static let disableFactor = RouteDocumentation(
        "Removes the second factor.",
        body: .json(.object(["current_password": .anyPassword, "totp": .code])),
        answers: [.json("It is off.", .message("The second factor is off."))],
        refusals: [.fieldMissing, .passwordWrong, .totpInvalid, .conflict, .notFound])
}

// MARK: Passwords and addresses

extension RouteDocumentation {
    static let changePassword = RouteDocumentation(
        "Changes the caller's password.",
        detail: "Every sign-in of the person ends, the caller's too; the answer begins another.",
        body: .json(.object(["current_password": .anyPassword, "new_password": .password])),
        answers: [.json("The person is signed in anew.", .signedIn)],
        refusals: [.fieldMissing, .passwordWrong, .accountDisabled, .notFound])

    static let requestReset = RouteDocumentation(
        "Mails a link to choose a new password, if the address is somebody's.",
        detail: "The answer and its time are the same if not. The link holds for an hour, and once.",
        body: .json(.object(["email": .email])),
        answers: [.json("What there is to know is mailed.", .message(Response.mailedSentence), status: 202)],
        refusals: [.fieldMissing, .apiUnavailable])

    static let confirmReset = RouteDocumentation(
        "Chooses a new password with a mailed link's token.", detail: "Every sign-in of the person ends.",
        body: .json(.object(["token": .linkToken, "new_password": .password])),
        answers: [.json("The password was changed.", .message("The password was changed."))],
        refusals: [.fieldMissing, .linkInvalid, .apiUnavailable])

    static let requestVerify = RouteDocumentation(
        "Mails a link to confirm an address, if it is somebody's.", body: .json(.object(["email": .email])),
        answers: [.json("What there is to know is mailed.", .message(Response.mailedSentence), status: 202)],
        refusals: [.fieldMissing, .apiUnavailable])

    static let confirmVerify = RouteDocumentation(
        "Confirms an address with a mailed link's token.", body: .json(.object(["token": .linkToken])),
        answers: [.json("The address is confirmed.", .message("The address is confirmed."))],
        refusals: [.fieldMissing, .linkInvalid, .apiUnavailable])
}

// MARK: People

extension RouteDocumentation {
    static let showMe = RouteDocumentation(
        "Shows the caller's account.", answers: [.json("The account.", .user)], refusals: [.notFound])

    static let showUser = RouteDocumentation(
        "Shows an account: one's own, or as an admin or a service with scope `admin` anyone's.",
        answers: [.json("The account.", .user)])

    static let changeUser = RouteDocumentation(
        "Changes what a person says of himself.",
        detail: "A role or a level can't be set here: a body that holds one is refused.",
        body: .json(
            .object([:], optional: ["name": .personName, "language": .languageOrNone, "preferences": .preferences])),
        answers: [.json("The account.", .user)])

    static let listUsers = RouteDocumentation(
        "Lists accounts, the newest first.",
        query: [
            .optional("search", .text(1...200, example: "ada"), "Only those whose address or name holds this."),
            .optional("role", .oneOf(Role.self), "Only those who may do this."),
            .optional("subscription_level", .oneOf(SubscriptionLevel.self), "Only those of this level."),
            .optional("disabled", .oneOf("true", "false"), "Only those who are shut out, or who are not."),
        ] + Parameter.page,
        answers: [.json("A part of the list.", .page(of: .account))])

    static let showAccount = RouteDocumentation("Shows an account.", answers: [.json("The account.", .account)])

    static let changeAccount = RouteDocumentation(
        "Changes an account: its role, its level, whether it is shut out.",
        detail: """
            A new role or level counts from the next request on. Shutting somebody out ends his sign-ins at once, and \
            what he plays within a second. Nobody shuts himself out or gives his own role away.
            """,
        body: .json(
            .object(
                [:],
                optional: [
                    "name": .personName, "role": .oneOf(Role.self),
                    "subscription_level": .oneOf(SubscriptionLevel.self), "disabled": .boolean,
                ])),
        answers: [.json("The account.", .account)], refusals: [.conflict])

    static let removeAccount = RouteDocumentation(
        "Removes an account and what hangs on it: sign-ins, history, favourites.",
        answers: [.empty("It is gone.")], refusals: [.conflict])
}

// MARK: Keys

extension RouteDocumentation {
    static let listKeys = RouteDocumentation(
        "Lists the API keys, the oldest first.", query: Parameter.page,
        answers: [.json("A part of the list.", .page(of: .apiKey))])

    static let addKey = RouteDocumentation(
        "Makes an API key, which is shown once.",
        body: .json(
            .object([
                "name": .personName, "scopes": .list(of: .oneOf(APIKey.Scope.self), 1...APIKey.Scope.allCases.count),
            ])),
        answers: [
            .json(
                "The key.",
                .object([
                    "id": .keyID, "name": .personName, "scopes": .list(of: .oneOf(APIKey.Scope.self)),
                    "key": .text(60...60, example: "rgk_abcdefghijkl_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                ]), status: 201)
        ], refusals: [.fieldMissing])

    static let revokeKey = RouteDocumentation(
        "Revokes an API key: the next request with it is refused.", arguments: ["key": .keyID],
        answers: [.empty("It is revoked.")], refusals: [.notFound])
}

extension Schema {
    /// See `EmailAddress`.
    fileprivate static let email = text(
        3...254,
        pattern: "^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
            + "@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*$",
        example: "ada@example.org")
    fileprivate static let password = text(12...128, pattern: "^[^\\x00]*$", example: "correct horse battery")
        .described("12 to 128 bytes.")
    fileprivate static let anyPassword = text(pattern: "^[^\\x00]*$", example: "correct horse battery")
    fileprivate static let code = text(pattern: "^[^\\x00]*$", example: "492039")
        .described("Six digits, or a recovery code.")
    fileprivate static let personName = text(1...200, pattern: "^[^\\x00-\\x1f\\x7f]+$", example: "Ada")
    fileprivate static let refreshToken = text(
        example: "rgr_0b8f3c526a1d4e0f9b7a2c5d8e1f4a60_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    fileprivate static let linkToken = text(example: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    fileprivate static let languageOrNone = text(0...35, example: "pt-BR").described("BCP 47; empty: not said.")
    fileprivate static let preferences = dictionary(of: anything, example: ["autoplay": true])
        .described("The client's own; at most 8,192 bytes.")
    fileprivate static let keyID = text(12...12, pattern: "^[a-z0-9]{12}$", example: "abcdefghijkl")

    /// A person as he reads himself.
    static let user = object([
        "id": uuid, "email": email.orNull, "name": personName, "role": oneOf(Role.self),
        "subscription_level": oneOf(SubscriptionLevel.self), "preferences": preferences, "language": languageOrNone,
        "email_verified": boolean, "totp": boolean, "created_at": time,
    ]).named("User")

    /// A person as an admin reads him.
    static let account = object([
        "id": uuid, "email": email.orNull, "name": personName, "role": oneOf(Role.self),
        "subscription_level": oneOf(SubscriptionLevel.self), "preferences": preferences, "language": languageOrNone,
        "email_verified": boolean, "totp": boolean, "created_at": time, "email_verified_at": time.orNull,
        "disabled_at": time.orNull,
    ]).named("Account")

    /// What signing in answers.
    static let signedIn = object([
        "access_token": text(example: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwYjhmIn0.c2lnbmF0dXJl"),
        "refresh_token": refreshToken, "token_type": oneOf("Bearer"), "expires_in": integer(1..., example: 900),
        "user": user,
    ]).named("SignedIn")

    static let signIn = object([
        "id": uuid, "agent": text(example: "Mozilla/5.0"), "started_at": time, "last_used_at": time,
        "expires_at": time,
    ]).named("SignIn")

    static let apiKey = object([
        "id": keyID, "name": personName, "scopes": list(of: oneOf(APIKey.Scope.self)), "created_at": time,
        "revoked_at": time.orNull,
    ]).named("APIKey")
}
