public import Core
public import Tokens

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

/// A person to be added.
public struct NewUser: Sendable {
    /// Where mail reaches the person; unique whatever its letters' case.
    public let email: String
    /// The name shown.
    public let name: String
    /// What the person may do.
    public let role: Role
    /// The password's hash in PHC form.
    public let passwordHash: String
}

/// What became of a person to be added.
public enum AddedUser: Sendable, Equatable {
    /// There is a new row with this id.
    case added(String)
    /// The e-mail address belongs to somebody already.
    case taken
}
