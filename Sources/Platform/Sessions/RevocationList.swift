internal import Core
internal import Crypto
public import POSIX

/// What a revocation names.
public enum RevocationKind: String, Sendable, CaseIterable {
    /// One token, by its `jti`.
    case token
    /// A playback session, by its `sid`.
    case session
    /// Everything a user was given, by `user_id`.
    case user
    /// Every token for a lesson.
    case rel

    fileprivate var number: UInt8 {
        switch self {
        case .token: 1
        case .session: 2
        case .user: 3
        case .rel: 4
        }
    }
}

/// Tokens issued at or before a time are refused: of a token, a session, a user, a lesson.
public struct Revocation: Sendable, Equatable {
    /// What it names.
    public let kind: RevocationKind
    /// By which text.
    public let value: String
    /// Wall-clock seconds.
    public let time: Int64

    /// - Parameters: as the properties.
    public init(kind: RevocationKind, value: String, time: Int64) {
        self.kind = kind
        self.value = value
        self.time = time
    }
}

/// The revocations as gates look them up: a file that the keeper writes and puts in place by rename, so that they hold
/// after a restart and without a database.
///
/// Words, the low byte first: magic, two of the key, how many, then {name, time} in the order of names, and a check sum.
/// A file that is not whole is not taken; what was known before goes on to hold.
public struct RevocationList: Sendable {
    private static let magic: UInt64 = 0x7265_766f_6b65_6401
    /// Bytes of the largest file: a million entries.
    private static let largest = 16 << 20

    private let key: (UInt64, UInt64)
    private let names: [UInt64]
    private let times: [Int64]

    /// Nothing is revoked.
    public init() {
        key = (0, 0)
        names = []
        times = []
    }

    /// Reads the file, or `nil` when it is not there or not whole.
    public init?(_ path: String) {
        guard let file = try? Descriptor(reading: path), let bytes = try? file.readAll(limit: Self.largest),
            bytes.count >= 40, bytes.count % 8 == 0
        else { return nil }
        let words = Self.words(bytes)
        guard words[0] == Self.magic, words[3] == UInt64((words.count - 5) / 2), words.count % 2 == 1,
            let sum = words.last, sum == Self.sum(words.dropLast(), (words[1], words[2]))
        else { return nil }
        key = (words[1], words[2])
        names = stride(from: 4, to: words.count - 1, by: 2).map { words[$0] }
        times = stride(from: 5, to: words.count - 1, by: 2).map { Int64(clamping: words[$0]) }
    }

    /// Writes the file in the place of what is there.
    public static func write(_ all: [Revocation], to path: String) throws(SystemError) {
        var generator = SystemRandomNumberGenerator()
        let key = (generator.next(), generator.next())
        let entries = all.map { (name: name(of: $0.kind, Array($0.value.utf8).span, key), time: $0.time) }
            .sorted { ($0.name, $0.time) < ($1.name, $1.time) }
        var words = [Self.magic, key.0, key.1, UInt64(entries.count)]
        for entry in entries {
            words.append(entry.name)
            words.append(UInt64(clamping: entry.time))
        }
        words.append(sum(words[...], key))
        let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) } }
        try Files.replace(path, with: bytes.span)
    }

    /// How many there are.
    public var count: Int { names.count }

    /// Whether something is revoked for tokens issued at `issued`. Allocates nothing.
    public func holds(_ kind: RevocationKind, _ value: Span<UInt8>, issued: Int64) -> Bool {
        if names.isEmpty || value.isEmpty { return false }
        let name = Self.name(of: kind, value, key)
        var low = 0
        var high = names.count
        while low < high {
            let middle = (low + high) / 2
            if names[middle] < name { low = middle + 1 } else { high = middle }
        }
        while low < names.count, names[low] == name {
            if issued <= times[low] { return true }
            low += 1
        }
        return false
    }

    private static func name(of kind: RevocationKind, _ value: Span<UInt8>, _ key: (UInt64, UInt64)) -> UInt64 {
        var hash = SipHash(key: key)
        hash.add(kind.number)
        hash.add(value)
        return hash.finish()
    }

    private static func sum(_ words: ArraySlice<UInt64>, _ key: (UInt64, UInt64)) -> UInt64 {
        var hash = SipHash(key: key)
        for word in words { hash.add(word) }
        return hash.finish()
    }

    private static func words(_ bytes: [UInt8]) -> [UInt64] {
        stride(from: 0, to: bytes.count, by: 8).map { at in
            (0..<8).reduce(0) { $0 | UInt64(bytes[at + $1]) << (8 * UInt64($1)) }
        }
    }
}
