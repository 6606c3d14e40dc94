/// What a client wants done (RFC 9110 §9).
public enum Method: String, Sendable, CaseIterable {
    /// Reads.
    case get = "GET"
    /// Reads the head alone.
    case head = "HEAD"
    /// Makes something.
    case post = "POST"
    /// Replaces.
    case put = "PUT"
    /// Changes.
    case patch = "PATCH"
    /// Removes.
    case delete = "DELETE"
    /// Asks what there is; preflights are answered by nginx.
    case options = "OPTIONS"
}
