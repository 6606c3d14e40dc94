public import Postgres

extension PostgresAccountStore: IdentityStore {
    /// See `IdentityStore`.
    public func known(_ identity: OutsideIdentity) throws(DatabaseError) -> Person? { try linked(identity) }
}
