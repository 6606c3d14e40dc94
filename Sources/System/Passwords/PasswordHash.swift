internal import CArgon2

/// Passwords as they are stored: Argon2id in PHC form, `$argon2id$v=19$m=65536,t=3,p=1$<salt>$<hash>`.
public enum PasswordHash {
    /// Bytes of the longest password.
    public static let longest = 128
    /// Bytes of a salt.
    public static let saltLength = 16

    private static let kibibytes: UInt32 = 65_536
    private static let passes: UInt32 = 3
    private static let hashLength = 32

    /// The text to store.
    ///
    /// - Parameters:
    ///   - password: 1…128 bytes.
    ///   - salt: 16 random bytes.
    /// - Returns: `nil` for other lengths, or when there is no memory.
    public static func make(_ password: [UInt8], salt: [UInt8]) -> String? {
        guard (1...longest).contains(password.count), salt.count == saltLength else { return nil }
        var encoded = [CChar](repeating: 0, count: 128)
        let capacity = encoded.count
        let result = unsafe argon2id_hash_encoded(
            passes, kibibytes, 1, password, password.count, salt, salt.count, hashLength, &encoded, capacity)
        guard result == ARGON2_OK.rawValue else { return nil }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether `password` is the one that `stored` was made from; takes about as long whatever the answer.
    public static func verify(_ password: [UInt8], stored: String) -> Bool {
        guard (1...longest).contains(password.count), isBounded(stored) else { return false }
        return unsafe argon2id_verify(stored, password, password.count) == ARGON2_OK.rawValue
    }

    /// A text that no password was made from, with today's parameters: comparing with it takes as long as with another.
    public static let nobodys =
        "$argon2id$v=19$m=\(kibibytes),t=\(passes),p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

    /// Whether the text was made with today's parameters; one that was not is made anew when its password is known.
    public static func isCurrent(_ stored: String) -> Bool {
        stored.utf8.starts(with: "$argon2id$v=19$m=\(kibibytes),t=\(passes),p=1$".utf8)
    }

    /// Whether the text asks for no more work than twice ours: who can write the table must not be able to stop us.
    static func isBounded(_ stored: String) -> Bool {
        let parts = stored.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false)
        guard stored.utf8.count <= 127, parts.count == 6, parts[0].isEmpty, parts[1].elementsEqual("argon2id".utf8),
            parts[2].elementsEqual("v=19".utf8)
        else { return false }
        let costs = parts[3].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        let limits: [(name: String, most: Int)] = [("m=", 131_072), ("t=", 6), ("p=", 4)]
        guard costs.count == limits.count else { return false }
        for (cost, limit) in zip(costs, limits) {
            guard cost.starts(with: limit.name.utf8), let text = String(cost.dropFirst(2)), text.utf8.count <= 7,
                text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }), let value = Int(text), value >= 1, value <= limit.most
            else { return false }
        }
        return true
    }
}
