public import Core
public import Postgres
internal import Tokens
public import Web

/// Knows who has which identity elsewhere.
public protocol IdentityStore: AnyObject {
    /// The person with this identity, by issuer and subject alone; `nil` when it was never seen here.
    func known(_ identity: OutsideIdentity) throws(DatabaseError) -> Person?
}

/// How often one identity may begin a session: a fact of what all processes of a host count together.
public protocol SessionLimit: AnyObject {
    /// Counts a session that is about to begin.
    ///
    /// - Throws: 429 when there were too many.
    func admit(_ identity: String) throws(Problem)
}

/// Finds the person behind an ID token, as a credential of its own or to begin a session.
public struct FirebaseSignIns {
    let firebase: Firebase?
    let store: any PeopleStore & IdentityStore
    let signIns: SignIns
    let limit: any SessionLimit
    let registration: Settings.Accounts.Registration
    let now: () -> Int64

    /// - Parameters:
    ///   - firebase: checks tokens; `nil` where no project is set.
    ///   - store: keeps people.
    ///   - signIns: begins sessions.
    ///   - limit: counts them.
    ///   - registration: how people get accounts.
    ///   - now: wall-clock seconds.
    public init(
        firebase: Firebase?, store: any PeopleStore & IdentityStore, signIns: SignIns, limit: any SessionLimit,
        registration: Settings.Accounts.Registration, now: @escaping () -> Int64
    ) {
        self.firebase = firebase
        self.store = store
        self.signIns = signIns
        self.limit = limit
        self.registration = registration
        self.now = now
    }

    /// Whether ID tokens are taken at all.
    public var isSet: Bool { firebase != nil }

    /// Who asks with an ID token as Bearer. The account is found by the identity, and made when that is seen for the first
    /// time; role and whether he is shut out are asked of the store on every request.
    ///
    /// - Throws: 401 for a token that is not valid, and for a person who may not act; 503 when nobody can tell now.
    public func caller(_ token: String) throws(Problem) -> Caller {
        guard let firebase else { throw Problem(.credentialsInvalid) }
        let person = try person(firebase.identify(token), issuer: firebase.issuer)
        switch FirebaseRules.objection(person) {
        case nil: return .user(id: "\(person.id)", role: person.role)
        case .totpRequired: throw Problem(.totpRequired, detail: Self.factorDetail)
        case .some(let refusal): throw Problem(.credentialsInvalid, inside: refusal.code)
        }
    }

    static let factorDetail = "An account with a second factor is signed in to with its password and a code."

    /// The person, found or made.
    func person(_ claims: IDClaims, issuer: String) throws(Problem) -> Person {
        let identity = FirebaseRules.identity(claims, issuer: issuer)
        if let known = try asking({ () throws(DatabaseError) in try store.known(identity) }) { return known }
        let owner = try identity.email.map { (email) throws(Problem) in
            try asking { () throws(DatabaseError) in try store.person(email) }
        }
        let objection = FirebaseRules.objection(
            identity, owner: owner ?? nil, authenticated: claims.authenticated, registration: registration, now: now())
        if let objection { throw Problem(objection) }
        return try asking { () throws(DatabaseError) in
            do throws(DatabaseError) {
                return try store.person(for: identity)
            } catch DatabaseError.constraint {
                // Somebody else took the address in between: now it is seen to be his.
                return try store.person(for: identity)
            }
        }
    }
}
