/// What this is.
public enum Product {
    /// The version (semver.org).
    public static let version = "0.1.0"
}
