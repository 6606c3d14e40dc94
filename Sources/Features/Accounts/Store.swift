public import Postgres
public import Tokens

/// Keeps keys and people.
public protocol AccountStore: AnyObject {
    /// Keeps a new key: its id and its secret's hash.
    func add(_ key: APIKey, name: String, scopes: [APIKey.Scope]) throws(DatabaseError)
    /// The hash and scopes of a key that is good; `nil` when there is none or it was revoked.
    func goodKey(_ id: String) throws(DatabaseError) -> (hash: [UInt8], scopes: [APIKey.Scope])?
    /// All keys, oldest first.
    func keys() throws(DatabaseError) -> [KeySummary]
    /// Revokes a key; answers whether there was a good one.
    func revoke(_ id: String) throws(DatabaseError) -> Bool
    /// Adds a person.
    func add(_ user: NewUser) throws(DatabaseError) -> AddedUser
}
