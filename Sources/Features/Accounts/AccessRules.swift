public import Core
internal import Passwords
internal import Tokens
public import Web

extension AccountRules {
    /// How long a password may be, for sentences.
    static let passwordLengths = "\(shortestPassword) to \(PasswordHash.longest)"

    /// Lets pass the person himself, admins, and services.
    ///
    /// - Throws: 404: what is somebody else's is not there.
    public static func mustBeOwn(_ id: ID<Person>, _ caller: Caller) throws(Problem) {
        switch caller {
        case .key, .user(_, role: .admin): return
        case .user(let subject, _) where ID<Person>(subject) == id: return
        case .user, .anyone: throw Problem(.notFound)
        }
    }

    /// Lets an admin change a person, but not shut himself out or give his own role away: somebody else does that.
    ///
    /// - Throws: 409.
    public static func mayChange(_ id: ID<Person>, _ change: PersonChange, by caller: Caller) throws(Problem) {
        guard case .user(let subject, _) = caller, ID<Person>(subject) == id else { return }
        let isHarmless = change.isDisabled != true && (change.role == nil || change.role == .admin)
        guard isHarmless else { throw Problem(.conflict, detail: "Another admin has to do that.") }
    }

    /// Lets an admin remove a person, but not himself.
    ///
    /// - Throws: 409.
    public static func mayRemove(_ id: ID<Person>, by caller: Caller) throws(Problem) {
        if case .user(let subject, _) = caller, ID<Person>(subject) == id {
            throw Problem(.conflict, detail: "Another admin has to do that.")
        }
    }

    /// Reads which people somebody wants to see.
    public static func filter(_ query: Query) throws(Problem) -> PeopleFilter {
        var filter = PeopleFilter()
        if let text = try query.one("search") {
            guard (1...200).contains(text.unicodeScalars.count) else {
                throw Problem(.badRequest, detail: "search must have 1 to 200 characters.")
            }
            filter.text = text
        }
        filter.role = try choice(query, "role")
        filter.level = try choice(query, "subscription_level")
        switch try query.one("disabled") {
        case nil: break
        case "true": filter.isDisabled = true
        case "false": filter.isDisabled = false
        default: throw Problem(.badRequest, detail: "disabled must be true or false.")
        }
        return filter
    }

    private static func choice<T: CaseIterable & RawRepresentable<String>>(
        _ query: Query, _ name: String
    ) throws(Problem) -> T? {
        guard let text = try query.one(name) else { return nil }
        guard let value = T(rawValue: text) else {
            throw Problem(
                .badRequest, detail: "\(name) must be one of: \(T.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return value
    }
}
