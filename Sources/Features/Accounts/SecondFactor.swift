public import Core
internal import Crypto

/// A second factor as it is kept.
public struct SecondFactor: Sendable, Equatable {
    /// The shared secret, sealed.
    public let sealed: [UInt8]
    /// Whether a first code was seen.
    public let isConfirmed: Bool
    /// The last step whose code was taken.
    public let lastStep: Int64
    /// How many recovery codes are left.
    public let recoveryCodes: Int
}

/// Time-based one-time codes (RFC 6238): HMAC-SHA-1 over 30 s steps, six digits, as every authenticator knows them.
public enum TOTP {
    /// Seconds of a step.
    public static let period: Int64 = 30
    /// Bytes of a secret (RFC 4226 §4 R6 recommends 160 bits).
    public static let secretLength = 20
    /// Steps before and after the present one whose codes are taken, too (RFC 6238 §5.2, §6).
    static let drift: Int64 = 1

    /// The step of a moment.
    ///
    /// - Parameter now: wall-clock seconds.
    public static func step(_ now: Int64) -> Int64 { now / period }

    /// The code of a step.
    public static func code(_ secret: [UInt8], step: Int64) -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> Int64(56 - 8 * $0)) }
        let digest = HMACSHA1.code(key: secret.span, message: counter.span)
        // Dynamic truncation (RFC 4226 §5.3).
        let offset = Int(digest[digest.count - 1] & 15)
        var value: UInt32 = 0
        for index in 0..<4 { value = value << 8 | UInt32(digest[offset + index]) }
        let digits = "\((value & 0x7FFF_FFFF) % 1_000_000)"
        return String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }

    /// The step whose code this is, among those that are taken now; `nil` when it is none's.
    ///
    /// - Parameters:
    ///   - code: six digits.
    ///   - last: the last step that was taken: it and those before it count no more.
    ///   - now: wall-clock seconds.
    public static func match(_ code: String, _ secret: [UInt8], after last: Int64, now: Int64) -> Int64? {
        let given = Array(code.utf8)
        guard given.count == 6 else { return nil }
        var found: Int64?
        for step in (step(now) - drift)...(step(now) + drift) where step > last {
            let expected = Array(self.code(secret, step: step).utf8)
            if ConstantTime.equal(given.span, expected.span) { found = step }
        }
        return found
    }

    /// What an authenticator reads (Google's key URI format).
    ///
    /// - Parameters:
    ///   - issuer: the site's host.
    ///   - account: the address.
    public static func uri(_ secret: [UInt8], issuer: String, account: String) -> String {
        "otpauth://totp/\(escape(issuer)):\(escape(account))?secret=\(Base32.encode(secret))&issuer=\(escape(issuer))"
            + "&algorithm=SHA1&digits=6&period=\(period)"
    }

    private static func escape(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: out.unicodeScalars.append(UnicodeScalar(byte))
            default: out += "%" + Hex.encode([byte]).uppercased()
            }
        }
        return out
    }
}

/// Base 32 without padding (RFC 4648 §6), as authenticators and people read secrets.
public enum Base32 {
    /// The text for `bytes`, upper case.
    public static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
        var out: [UInt8] = []
        var bits: UInt32 = 0
        var held: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            held += 8
            while held >= 5 {
                held -= 5
                out.append(alphabet[Int(bits >> held & 31)])
            }
            bits &= (1 << held) - 1
        }
        if held > 0 { out.append(alphabet[Int(bits << (5 - held) & 31)]) }
        return String(decoding: out, as: UTF8.self)
    }
}

/// Codes for whoever lost the authenticator: each is good once.
public enum RecoveryCodes {
    /// How many there are.
    public static let count = 10

    /// New ones, as `ABCD-EFGH-IJKL-MNOP`: 80 random bits each, so that nothing slower than a hash is needed.
    public static func make() throws(Refusal) -> [String] {
        var codes: [String] = []
        for _ in 0..<count {
            guard let bytes = try? Random.bytes(10) else { throw .internalError }
            let text = Array(Base32.encode(bytes).utf8)
            codes.append(
                stride(from: 0, to: 16, by: 4).map { String(decoding: text[$0..<($0 + 4)], as: UTF8.self) }
                    .joined(separator: "-"))
        }
        return codes
    }

    /// What is kept of a code; `nil` for a text that is none. Case and dashes do not count.
    public static func hash(_ text: String) -> String? {
        let letters = text.utf8.filter { $0 != 45 }.map { (97...122).contains($0) ? $0 - 32 : $0 }
        guard letters.count == 16, letters.allSatisfy({ (65...90).contains($0) || (50...55).contains($0) }) else {
            return nil
        }
        return Hex.encode(SHA256.digest(letters.span).bytes)
    }
}

/// Seals the secrets of second factors, so that a stolen database makes no codes: AES-128-CBC, then HMAC-SHA-256 over
/// person, IV and text (encrypt-then-MAC), with keys derived from `JWT_SECRET`. Another `JWT_SECRET` opens none: their
/// owners enrol again after `reelgate users set --no-totp`.
public struct FactorSeal: Sendable {
    private let cipher: [UInt8]
    private let mac: HMACSHA256

    /// - Parameter secret: `JWT_SECRET`.
    public init(secret: [UInt8]) {
        let root = HKDF.extract(secret.span)
        cipher = HKDF.expand(root, info: Array("reelgate totp cipher".utf8).span, count: 16)
        mac = HMACSHA256(key: HKDF.expand(root, info: Array("reelgate totp mac".utf8).span, count: 32).span)
    }

    /// Seals a secret for a person.
    func seal(_ secret: [UInt8], of person: ID<Person>) throws(Refusal) -> [UInt8] {
        guard let iv = try? Random.bytes(16),
            let text = try? AES128CBC.encrypt(secret.span, key: cipher.span, iv: iv.span)
        else { throw .internalError }
        return iv + text + tag(iv + text, person)
    }

    /// The secret; `nil` when it was sealed for somebody else, with another key, or changed.
    func open(_ sealed: [UInt8], of person: ID<Person>) -> [UInt8]? {
        guard sealed.count >= 64 else { return nil }
        let body = Array(sealed[..<(sealed.count - 32)])
        let given = Array(sealed[(sealed.count - 32)...])
        guard ConstantTime.equal(tag(body, person).span, given.span) else { return nil }
        return try? AES128CBC.decrypt(
            Array(body[16...]).span, key: cipher.span, iv: Array(body[..<16]).span)
    }

    private func tag(_ body: [UInt8], _ person: ID<Person>) -> [UInt8] {
        mac.code(for: (person.rawValue.bytes + body).span).bytes
    }
}
