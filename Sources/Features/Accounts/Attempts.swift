public import Core
public import Web

/// How often an account may be tried, whether there is one or not: counted on this host, by all its processes.
public protocol Attempts {
    /// Counts an attempt as one that fails.
    ///
    /// - Throws: 429 when there were too many.
    func begin(_ email: EmailAddress) throws(Problem)
    /// Takes an attempt back that did not fail.
    func forgive(_ email: EmailAddress) throws(Problem)
    /// Counts a mail; answers whether it may go.
    func mayMail(_ email: EmailAddress) throws(Problem) -> Bool
}
