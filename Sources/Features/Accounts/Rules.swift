internal import Core
internal import Crypto
internal import Passwords
public import Tokens

/// What is decided about accounts.
public enum AccountRules {
    /// Bytes of the shortest password.
    public static let shortestPassword = 12

    /// Why a person can't be added.
    public enum Mistake: Error, Equatable, CustomStringConvertible {
        /// Not an address, or over 254 bytes.
        case email
        /// Empty, over 200 bytes, or with control characters.
        case name
        /// Fewer than 12 or more than 128 bytes.
        case password
        /// No random bytes, or no memory.
        case system

        /// For the operator.
        public var description: String {
            switch self {
            case .email: "the e-mail address is not valid"
            case .name: "the name must have 1 to 200 bytes without control characters"
            case .password: "the password must have \(shortestPassword) to \(PasswordHash.longest) bytes"
            case .system: "no random bytes or no memory"
            }
        }
    }

    /// A person to be added, with the password hashed.
    public static func newUser(
        email: String, name: String, role: Role, password: String
    ) throws(Mistake) -> NewUser {
        guard isAddress(email) else { throw .email }
        guard isShown(name) else { throw .name }
        let bytes = Array(password.utf8)
        guard (shortestPassword...PasswordHash.longest).contains(bytes.count), !bytes.contains(0) else {
            throw .password
        }
        guard let salt = try? Random.bytes(PasswordHash.saltLength), let hash = PasswordHash.make(bytes, salt: salt)
        else {
            throw .system
        }
        return NewUser(email: email, name: name, role: role, passwordHash: hash)
    }

    /// Whether a text may be shown as a name: 1…200 bytes, no control characters.
    public static func isShown(_ name: String) -> Bool {
        (1...200).contains(name.utf8.count) && !name.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }

    private static func isAddress(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (3...254).contains(bytes.count),
            bytes.allSatisfy({ $0 > 32 && $0 < 127 && !"\"(),:;<>[\\]".utf8.contains($0) })
        else { return false }
        let parts = bytes.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && !parts[1].isEmpty && parts[1].first != 46 && parts[1].last != 46
    }
}
