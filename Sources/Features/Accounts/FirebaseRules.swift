public import Core
public import Tokens

/// What is decided about people whom Firebase vouches for.
public enum FirebaseRules {
    /// Seconds since somebody last showed who he is, within which he may join an account that he has here already.
    public static let freshness: Int64 = 600
    /// Sessions that one identity may begin in a quarter of an hour.
    public static let sessions: Int64 = 20

    /// Who a token speaks of.
    ///
    /// An address that is none to us (not ASCII, too long, …) is as none.
    public static func identity(_ claims: IDClaims, issuer: String) -> OutsideIdentity {
        OutsideIdentity(
            issuer: issuer, subject: claims.subject, email: claims.email.flatMap { EmailAddress($0) },
            isEmailVerified: claims.isEmailVerified, name: claims.name)
    }

    /// Why somebody who is seen here for the first time gets no account; `nil` when he does.
    ///
    /// Joining an account by its address is done once and can't be taken back, so it takes a sign-in of the last minutes:
    /// a token that was stolen from a session of last week joins nothing.
    ///
    /// - Parameters:
    ///   - identity: who it is.
    ///   - owner: whose the address is here.
    ///   - authenticated: when he last showed who he is; wall-clock seconds.
    ///   - registration: how people get accounts.
    ///   - now: wall-clock seconds.
    public static func objection(
        _ identity: OutsideIdentity, owner: Person?, authenticated: Int64,
        registration: Settings.Accounts.Registration, now: Int64
    ) -> Refusal? {
        if let owner, AccountRules.mayJoin(identity, owner) {
            return authenticated >= now - freshness ? nil : .signInAgain
        }
        return registration == .closed ? .registrationClosed : nil
    }

    /// Why the person behind a token may not act; `nil` when he may. A second factor is asked for where the password is,
    /// and Firebase does not know of it.
    public static func objection(_ person: Person) -> Refusal? {
        if person.disabled != nil { return .accountDisabled }
        return person.hasSecondFactor ? .totpRequired : nil
    }
}
