public import Core
internal import Postgres
public import Tokens
public import Web

/// Begins and renews sign-ins: the one place where somebody gets an access token.
public struct SignIns {
    /// Seconds an access token holds.
    public static let accessLifetime: Int64 = 900
    /// Seconds a sign-in lives without being used.
    public static let idle: Int64 = 30 * 86_400
    /// Seconds a sign-in lives at most.
    public static let longest: Int64 = 180 * 86_400

    private let store: any SignInStore & PeopleStore
    private let tokens: AccessTokens
    private let now: () -> Int64

    /// - Parameters:
    ///   - store: where sign-ins are kept.
    ///   - tokens: signs access tokens.
    ///   - now: wall-clock seconds.
    public init(store: any SignInStore & PeopleStore, tokens: AccessTokens, now: @escaping () -> Int64) {
        self.store = store
        self.tokens = tokens
        self.now = now
    }

    /// Signs a person in, whoever vouched for him: begins a sign-in and answers
    /// `{access_token, refresh_token, token_type, expires_in, user}`.
    ///
    /// - Parameters:
    ///   - person: who it is, as the store has him.
    ///   - agent: the program's own name, for the list of sign-ins.
    /// - Throws: 403 `account_disabled` for somebody who is shut out.
    public func begin(_ person: Person, agent: String) throws(Problem) -> JSON {
        guard person.disabled == nil else { throw Problem(.accountDisabled) }
        let token = try orRefuse(.internalError) { () throws(Refusal) in try RefreshToken() }
        try asking { () throws(DatabaseError) in
            try store.begin(token, of: person.id, agent: AccountRules.agent(agent), lifetime: Self.idle)
        }
        return pair(person, token)
    }

    /// Renews a sign-in by its refresh token, which is replaced.
    ///
    /// - Throws: 401 `refresh_invalid`; a token that was replaced before has ended its sign-in by then.
    public func renew(_ old: RefreshToken) throws(Problem) -> JSON {
        let new = try orRefuse(.internalError) { () throws(Refusal) in try RefreshToken(signIn: old.signIn) }
        let rotation = try asking { () throws(DatabaseError) in
            try store.rotate(old, to: new, lifetime: Self.idle, longest: Self.longest)
        }
        switch rotation {
        case .renewed(let id):
            guard let person = try asking({ () throws(DatabaseError) in try store.person(id) }), person.disabled == nil
            else { throw Problem(.refreshInvalid) }
            return pair(person, new)
        case .reused: throw Problem(.refreshInvalid, inside: "a replaced refresh token came again")
        case .unknown: throw Problem(.refreshInvalid)
        }
    }

    private func pair(_ person: Person, _ token: RefreshToken) -> JSON {
        let claims = AccessClaims(subject: person.id.description, role: person.role, signIn: token.signIn)
        return [
            "access_token": .string(tokens.mint(claims, issued: now(), lifetime: Self.accessLifetime)),
            "refresh_token": .string(token.revealed()), "token_type": "Bearer",
            "expires_in": .integer(Self.accessLifetime), "user": person.json,
        ]
    }
}

extension Person {
    /// As the person himself reads it.
    public var json: JSON { .object(members) }

    var members: [JSON.Member] {
        [
            .init("id", .string("\(id)")), .init("email", JSON(email?.description)), .init("name", .string(name)),
            .init("role", .string(role.rawValue)), .init("subscription_level", .string(level.rawValue)),
            .init("preferences", preferences), .init("language", .string(language)),
            .init("email_verified", .bool(emailVerified != nil)), .init("totp", .bool(hasSecondFactor)),
            .init("created_at", .string(created.rfc3339)),
        ]
    }
}
