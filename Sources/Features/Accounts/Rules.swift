public import Core
internal import Crypto
internal import Passwords
public import Tokens

/// What is decided about accounts.
public enum AccountRules {
    /// Bytes of the shortest password.
    public static let shortestPassword = 12
    /// Bytes of what a client may keep with an account.
    public static let longestPreferences = 8192

    /// Why a person can't be added.
    public enum Mistake: Error, Equatable, CustomStringConvertible {
        /// Not an address.
        case email
        /// Empty, over 200 characters, or with control characters.
        case name
        /// Fewer than 12 or more than 128 bytes.
        case password
        /// No random bytes, or no memory.
        case system

        /// For whoever wrote it.
        public var description: String {
            switch self {
            case .email: "the e-mail address is not valid"
            case .name: "the name must have 1 to 200 characters without control characters"
            case .password: "the password must have \(shortestPassword) to \(PasswordHash.longest) bytes"
            case .system: "no random bytes or no memory"
            }
        }
    }

    /// A person whom the operator adds, who vouches for the address; the password is hashed.
    public static func newPerson(
        email: String, name: String, role: Role, level: SubscriptionLevel = .free, password: String
    ) throws(Mistake) -> NewPerson {
        guard let email = EmailAddress(email) else { throw .email }
        guard isShown(name) else { throw .name }
        return NewPerson(
            email: email, name: name, role: role, level: level, isEmailVerified: true,
            passwordHash: try hash(password))
    }

    /// The hash of a password somebody chose.
    public static func hash(_ password: String) throws(Mistake) -> String {
        guard isPassword(password) else { throw .password }
        return try hash(bytes: Array(password.utf8))
    }

    /// The hash of a password that was right, with today's parameters.
    static func hash(bytes: [UInt8]) throws(Mistake) -> String {
        guard let salt = try? Random.bytes(PasswordHash.saltLength), let hash = PasswordHash.make(bytes, salt: salt)
        else {
            throw .system
        }
        return hash
    }

    /// Whether somebody may choose this as password.
    public static func isPassword(_ text: String) -> Bool {
        (shortestPassword...PasswordHash.longest).contains(text.utf8.count) && !text.utf8.contains(0)
    }

    /// Whether a text may be shown as a name: 1…200 characters, no control characters.
    public static func isShown(_ name: String) -> Bool {
        (1...200).contains(name.unicodeScalars.count)
            && !name.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }

    /// Whether a password is the one of an account. Without an account, or with one that has no password, as much work is
    /// done as with one: the time says nothing about which addresses have accounts.
    public static func isRight(_ password: String, stored: String?) -> Bool {
        let matches = PasswordHash.verify(Array(password.utf8), stored: stored ?? PasswordHash.nobodys)
        return stored != nil && matches
    }

    /// Whether somebody from elsewhere may join the account with his address: both sides must have seen that the address
    /// is the person's own (else whoever registered first with somebody's address would get his account, or give him
    /// one that he still has the password of), and the account must not be worth more than a mailbox: an admin's, or one
    /// with a second factor, is joined by nobody.
    public static func mayJoin(_ identity: OutsideIdentity, _ owner: Person) -> Bool {
        identity.isEmailVerified && identity.email != nil && identity.email == owner.email
            && owner.emailVerified != nil && owner.role != .admin && !owner.hasSecondFactor
    }

    /// The account that somebody from elsewhere gets: an address that nobody has confirmed is not taken over.
    public static func newcomer(_ identity: OutsideIdentity) -> NewPerson {
        let email = identity.isEmailVerified ? identity.email : nil
        let local = identity.email.map { String($0.description.prefix { $0 != "@" }) }
        let name = [identity.name, local].compactMap { $0 }.first { isShown($0) }
        return NewPerson(email: email, name: name ?? "Viewer", isEmailVerified: email != nil)
    }

    /// A program's name as it is kept: its first 200 printable ASCII characters.
    static func agent(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0 >= 32 && $0 < 127 }.prefix(200), as: UTF8.self)
    }
}
