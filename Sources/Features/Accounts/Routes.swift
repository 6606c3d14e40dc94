public import Core
internal import Postgres
internal import Tokens
public import Web

/// What the handlers need.
public struct Accounts {
    let store: any AccountStore
    let signIns: SignIns
    let attempts: any Attempts
    let seal: FactorSeal
    let registration: Settings.Accounts.Registration
    let site: String
    let now: () -> Int64

    /// - Parameters:
    ///   - store: people, keys, sign-ins.
    ///   - signIns: begins and renews sign-ins.
    ///   - attempts: how often an account may be tried.
    ///   - seal: seals the secrets of second factors.
    ///   - registration: how somebody gets an account.
    ///   - site: the site's host, as authenticators show it.
    ///   - now: wall-clock seconds.
    public init(
        store: any AccountStore, signIns: SignIns, attempts: any Attempts, seal: FactorSeal,
        registration: Settings.Accounts.Registration, site: String, now: @escaping () -> Int64
    ) {
        self.store = store
        self.signIns = signIns
        self.attempts = attempts
        self.seal = seal
        self.registration = registration
        self.site = site
        self.now = now
    }
}

/// The feature's routes.
public func accountRoutes() -> [Route<Accounts>] { authRoutes() + passwordRoutes() + userRoutes() + keyRoutes() }

private func authRoutes() -> [Route<Accounts>] {
    let people = Access.key(or: .viewer, .instructor, .admin)
    return [
        Route(
            .post, "/api/auth/register", by: .anyone, rate: .registrations, body: .json(4096), about: .register,
            to: register),
        Route(.post, "/api/auth/login", by: .anyone, rate: .signIns, body: .json(4096), about: .login, to: login),
        Route(.post, "/api/auth/refresh", by: .anyone, body: .json(4096), about: .refresh, to: refresh),
        Route(.post, "/api/auth/logout", by: .anyoneNoticed, body: .json(4096), about: .logout, to: logout),
        Route(.get, "/api/auth/sessions", by: people, about: .listSignIns, to: listSignIns),
        Route(.delete, "/api/auth/sessions/:session", by: people, about: .endSignIn, to: endSignIn),
        Route(.get, "/api/auth/totp", by: people, about: .showFactor, to: showFactor),
        Route(.post, "/api/auth/totp", by: people, body: .json(4096), about: .enrolFactor, to: enrolFactor),
        Route(.post, "/api/auth/totp/confirm", by: people, body: .json(4096), about: .confirmFactor, to: confirmFactor),
        Route(.post, "/api/auth/totp/disable", by: people, body: .json(4096), about: .disableFactor, to: disableFactor),
    ]
}

private func passwordRoutes() -> [Route<Accounts>] {
    let people = Access.key(or: .viewer, .instructor, .admin)
    return [
        Route(
            .post, "/api/auth/password", by: people, rate: .signIns, body: .json(4096), about: .changePassword,
            to: changePassword),
        Route(
            .post, "/api/auth/password-reset", by: .anyone, rate: .registrations, body: .json(4096),
            about: .requestReset, to: requestReset),
        Route(
            .post, "/api/auth/password-reset/confirm", by: .anyone, rate: .registrations, body: .json(4096),
            about: .confirmReset, to: confirmReset),
        Route(
            .post, "/api/auth/verify", by: .anyone, rate: .registrations, body: .json(4096), about: .requestVerify,
            to: requestVerify),
        Route(
            .post, "/api/auth/verify/confirm", by: .anyone, rate: .registrations, body: .json(4096),
            about: .confirmVerify, to: confirmVerify),
    ]
}

private func userRoutes() -> [Route<Accounts>] {
    let people = Access.key(or: .viewer, .instructor, .admin)
    let readers = Access.key(.admin, or: .viewer, .instructor, .admin)
    let admins = Access.key(.admin, or: .admin)
    return [
        Route(.get, "/api/users/me", by: people, about: .showMe, to: showMe),
        Route(.get, "/api/users/users/me", by: people, about: .showMe, to: showMe),
        Route(.get, "/api/users/:user", by: readers, about: .showUser, to: showUser),
        Route(.get, "/api/users/users/:user", by: readers, about: .showUser, to: showUser),
        Route(.put, "/api/users/:user", by: readers, body: .json(16_384), about: .changeUser, to: changeUser),
        Route(.put, "/api/users/users/:user", by: readers, body: .json(16_384), about: .changeUser, to: changeUser),
        Route(.get, "/api/admin/users", by: admins, about: .listUsers, to: listUsers),
        Route(.get, "/api/admin/users/:user", by: admins, about: .showAccount, to: showAccount),
        Route(.put, "/api/admin/users/:user", by: admins, body: .json(4096), about: .changeAccount, to: changeAccount),
        Route(.delete, "/api/admin/users/:user", by: admins, about: .removeAccount, to: removeAccount),
    ]
}

private func keyRoutes() -> [Route<Accounts>] {
    [
        Route(.get, "/api/keys", by: .key(.admin, or: .admin), about: .listKeys, to: listKeys),
        // A key makes no keys: one with `admin` alone would give itself every other scope.
        Route(.post, "/api/keys", by: .key(or: .admin), body: .json(4096), about: .addKey, to: addKey),
        Route(.delete, "/api/keys/:key", by: .key(or: .admin), about: .revokeKey, to: revokeKey),
    ]
}

extension Request {
    /// The person who asks.
    ///
    /// - Throws: 404 for a site's own user, who has no account here.
    func person(_ accounts: Accounts) throws(Problem) -> Person {
        guard case .user(let subject, _) = caller, let id = ID<Person>(subject),
            let person = try asking({ () throws(DatabaseError) in try accounts.store.person(id) })
        else { throw Problem(.notFound) }
        return person
    }

    /// What the program calls itself.
    var agent: String { (try? headers.one("user-agent")) ?? "" }
}
