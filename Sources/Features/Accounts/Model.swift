public import Core
public import Tokens

/// A person who has an account.
public struct Person: Sendable, Equatable {
    /// The row's id.
    public let id: ID<Person>
    /// Where mail reaches the person, in its one form; `nil` when that is not known.
    public let email: EmailAddress?
    /// The name shown.
    public let name: String
    /// What the person may do.
    public let role: Role
    /// What the person may watch, and how much of it at once.
    public let level: SubscriptionLevel
    /// BCP 47; empty when the person did not say.
    public let language: String
    /// What the client keeps with the account.
    public let preferences: JSON
    /// When the account was made.
    public let created: UnixTime
    /// When the address was seen to be the person's own.
    public let emailVerified: UnixTime?
    /// Since when the person may not sign in; `nil` while he may.
    public let disabled: UnixTime?
    /// Whether signing in takes a code besides the password.
    public let hasSecondFactor: Bool
}

/// A person to be added.
public struct NewPerson: Sendable {
    /// Where mail reaches the person.
    public var email: EmailAddress?
    /// The name shown.
    public var name: String
    /// What the person may do.
    public var role: Role
    /// What the person may watch.
    public var level: SubscriptionLevel
    /// Whether somebody vouches for the address.
    public var isEmailVerified: Bool
    /// The password's hash in PHC form; `nil` for somebody who signs in elsewhere.
    public var passwordHash: String?

    /// - Parameters: as the properties.
    public init(
        email: EmailAddress?, name: String, role: Role = .viewer, level: SubscriptionLevel = .free,
        isEmailVerified: Bool = false, passwordHash: String? = nil
    ) {
        self.email = email
        self.name = name
        self.role = role
        self.level = level
        self.isEmailVerified = isEmailVerified
        self.passwordHash = passwordHash
    }
}

/// What became of a person to be added.
public enum AddedPerson: Sendable, Equatable {
    /// There is a new account.
    case added(Person)
    /// The address belongs to somebody already.
    case taken
}

/// What is to be changed of a person; `nil` leaves it as it is.
public struct PersonChange: Sendable, Equatable {
    /// The name shown.
    public var name: String?
    /// BCP 47, or empty.
    public var language: String?
    /// The client's own.
    public var preferences: JSON?
    /// What the person may do.
    public var role: Role?
    /// What the person may watch.
    public var level: SubscriptionLevel?
    /// Whether the person is shut out.
    public var isDisabled: Bool?

    /// Nothing.
    public init() {}
}

/// Which people somebody wants to see.
public struct PeopleFilter: Sendable, Equatable {
    /// Those whose address or name contains this, whatever its case.
    public var text: String?
    /// Those who may do this.
    public var role: Role?
    /// Those who may watch this.
    public var level: SubscriptionLevel?
    /// Those who are shut out, or those who are not.
    public var isDisabled: Bool?

    /// Everybody.
    public init() {}
}

/// Who somebody is to another service that vouches for him.
public struct OutsideIdentity: Sendable, Equatable {
    /// The service: `firebase:<project>`.
    public let issuer: String
    /// The service's own id of the person.
    public let subject: String
    /// The address the service knows; `nil` when it knows none that is one to us.
    public let email: EmailAddress?
    /// Whether the service has seen that the address is the person's.
    public let isEmailVerified: Bool
    /// The name the service knows.
    public let name: String?

    /// - Parameters: as the properties.
    public init(issuer: String, subject: String, email: EmailAddress?, isEmailVerified: Bool, name: String?) {
        self.issuer = issuer
        self.subject = subject
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.name = name
    }
}

/// An API key as the operator sees it.
public struct KeySummary: Sendable, Equatable {
    /// Its id.
    public let id: String
    /// What it is for, as the operator wrote it.
    public let name: String
    /// What it may do.
    public let scopes: [APIKey.Scope]
    /// When it was made.
    public let created: UnixTime
    /// When it was revoked; `nil` while it is good.
    public let revoked: UnixTime?
}
