public import Core
public import Postgres
public import Tokens
public import Web

/// Keeps API keys.
public protocol KeyStore: AnyObject {
    /// Keeps a new key: its id and its secret's hash.
    func add(_ key: APIKey, name: String, scopes: [APIKey.Scope]) throws(DatabaseError)
    /// The hash and scopes of a key that is good; `nil` when there is none or it was revoked.
    func goodKey(_ id: String) throws(DatabaseError) -> (hash: [UInt8], scopes: [APIKey.Scope])?
    /// All keys, oldest first.
    func keys() throws(DatabaseError) -> [KeySummary]
    /// A page of the keys, oldest first.
    func keys(_ page: Page) throws(DatabaseError) -> [KeySummary]
    /// Revokes a key; answers whether there was a good one.
    func revoke(_ id: String) throws(DatabaseError) -> Bool
}

/// Keeps people.
public protocol PeopleStore: AnyObject {
    /// Adds a person.
    ///
    /// - Parameter mailing: adds the job that mails a link to confirm the address, in the same transaction.
    func add(_ new: NewPerson, mailing: Bool) throws(DatabaseError) -> AddedPerson
    /// A person by id.
    func person(_ id: ID<Person>) throws(DatabaseError) -> Person?
    /// A person by address.
    func person(_ email: EmailAddress) throws(DatabaseError) -> Person?
    /// People, the newest first.
    func people(_ filter: PeopleFilter, _ page: Page) throws(DatabaseError) -> [Person]
    /// Changes a person. Shutting somebody out ends his sign-ins and what he plays, in the same transaction.
    ///
    /// - Returns: the person as he is then; `nil` when there is none.
    func change(_ id: ID<Person>, _ change: PersonChange) throws(DatabaseError) -> Person?
    /// Removes a person and what hangs on him, and ends what he plays; answers whether there was one.
    func remove(_ id: ID<Person>) throws(DatabaseError) -> Bool

    /// Finds the person with this identity elsewhere, or makes one.
    ///
    /// An identity is found by issuer and subject alone. A new one joins an account with the same address only when both
    /// sides have seen that the address is the person's own, and when the account is no admin's and has no second
    /// factor; in every other case it gets an account of its own, with the address if it is confirmed and free.
    func person(for identity: OutsideIdentity) throws(DatabaseError) -> Person

    /// The person and his password's hash, for signing in.
    func credentials(_ email: EmailAddress) throws(DatabaseError) -> (person: Person, hash: String?)?
    /// The password's hash of a person; `nil` when he has none.
    func passwordHash(_ id: ID<Person>) throws(DatabaseError) -> String?
    /// Sets a password and ends every sign-in of the person, in one transaction.
    func setPassword(_ hash: String, of id: ID<Person>) throws(DatabaseError)
    /// Puts a hash with today's parameters in the place of `old`, unless the password was changed meanwhile.
    func rehash(_ id: ID<Person>, from old: String, to new: String) throws(DatabaseError)
}

/// Keeps sign-ins.
public protocol SignInStore: AnyObject {
    /// Begins one.
    ///
    /// - Parameter lifetime: seconds it lives without being used.
    func begin(_ token: RefreshToken, of person: ID<Person>, agent: String, lifetime: Int64) throws(DatabaseError)
    /// Puts `new` in the place of `old`. When `old` is not the newest of a sign-in that lives, that one ends.
    ///
    /// - Parameters:
    ///   - lifetime: seconds it lives without being used.
    ///   - longest: seconds it lives at most.
    func rotate(_ old: RefreshToken, to new: RefreshToken, lifetime: Int64, longest: Int64) throws(DatabaseError)
        -> Rotation
    /// Whose the sign-in of this refresh token is, if it lives and the token is its newest.
    func holder(_ token: RefreshToken) throws(DatabaseError) -> ID<Person>?
    /// Ends a sign-in; answers whether there was a living one, of that person where one is named.
    func end(_ id: UUID, of person: ID<Person>?) throws(DatabaseError) -> Bool
    /// Ends every sign-in of a person.
    func endAll(of person: ID<Person>) throws(DatabaseError)
    /// The living sign-ins of a person, the newest first.
    func signIns(of person: ID<Person>, _ page: Page) throws(DatabaseError) -> [SignIn]
    /// What the person of a living sign-in may do; `nil` when it has ended or he is shut out.
    func role(signIn: UUID, of person: ID<Person>) throws(DatabaseError) -> Role?
    /// Whether there is such a person and he is shut out.
    func isShutOut(_ person: ID<Person>) throws(DatabaseError) -> Bool
}

/// Keeps second factors.
public protocol SecondFactorStore: AnyObject {
    /// The second factor of a person, confirmed or not.
    func secondFactor(_ person: ID<Person>) throws(DatabaseError) -> SecondFactor?
    /// Keeps a new secret, not confirmed; answers `false` when there is a confirmed one.
    func enrol(_ sealed: [UInt8], of person: ID<Person>) throws(DatabaseError) -> Bool
    /// Confirms it with the step of the first code.
    func confirm(_ step: Int64, recovery: [String], of person: ID<Person>) throws(DatabaseError) -> Bool
    /// Takes a step's code; answers `false` when that or a later one was taken before.
    func take(_ step: Int64, of person: ID<Person>) throws(DatabaseError) -> Bool
    /// Takes a recovery code by its hash; answers `false` when it is none or was taken before.
    func take(recovery hash: String, of person: ID<Person>) throws(DatabaseError) -> Bool
    /// Removes it; answers whether there was one.
    func removeSecondFactor(_ person: ID<Person>) throws(DatabaseError) -> Bool
}

/// Keeps mailed links and the jobs that mail them.
public protocol MailStore: AnyObject {
    /// Adds the job that mails a link; the same work whether the address belongs to somebody or not.
    func enqueue(_ purpose: MailPurpose, to email: EmailAddress) throws(DatabaseError)
    /// Keeps a link that is about to be mailed.
    func keep(_ hash: [UInt8], _ purpose: MailPurpose, of person: Person, lifetime: Int64) throws(DatabaseError)
    /// Chooses a new password with a mailed link: takes the link and all others of its kind, confirms the address,
    /// ends every sign-in and, where the address was confirmed by nobody before, takes the second factor off, in one
    /// transaction.
    ///
    /// - Returns: whether the link was good.
    func reset(_ link: [UInt8], to hash: String) throws(DatabaseError) -> Bool
    /// Confirms an address with a mailed link.
    ///
    /// - Returns: whether the link was good.
    func verify(_ link: [UInt8]) throws(DatabaseError) -> Bool
}

/// Everything about accounts.
public typealias AccountStore = KeyStore & PeopleStore & SignInStore & SecondFactorStore & MailStore

/// Ends what somebody plays: a fact of another feature.
public protocol PlaybackEnding: AnyObject {
    /// Refuses every playback token that the user has, in the caller's transaction.
    func endPlayback(of user: String) throws(DatabaseError)
}
