public import Core
internal import POSIX

/// The keys of `SIGNING_KEYS_FILE` and `SECRET_KEY` as they are now: added and retired without a restart.
///
/// Asked before each request, it looks at the file at most once a second by the coarse clock, which is no call of the
/// kernel, and then with a single one; it reads the file only when that says it is another. A file that can't be read
/// changes nothing: the keys known so far stay good, and one alert says so.
public final class SigningKeys {
    /// The keys that count now.
    public private(set) var ring: KeyRing
    private let secret: Secret<[UInt8]>
    private let unlike: Secret<[[UInt8]]>
    private let file: String?
    private let watched: WatchedPath?
    private let log: Log
    private var stamp: FileStamp?
    private var nextLook: Int64 = 0
    private var isBroken = false

    /// - Parameters:
    ///   - settings: with `SECRET_KEY`.
    ///   - log: for a file that can't be read.
    public init(_ settings: Settings, log: Log) {
        secret = settings.secretKey
        let jwt = settings.jwtSecret.reveal { $0 }
        unlike = Secret(settings.secretKey.reveal { [$0] } + (jwt.isEmpty ? [] : [jwt]))
        file = settings.signingKeysFile
        watched = settings.signingKeysFile.flatMap { WatchedPath($0) }
        self.log = log
        ring = Self.ring(settings.secretKey, settings.signingKeys)
    }

    /// Looks whether the file changed, if it is time to.
    ///
    /// - Returns: whether `ring` is another one now.
    public func refresh() -> Bool { refresh(now: Clocks.coarseMonotonicNanoseconds()) }

    /// - Parameter now: the coarse monotonic clock, nanoseconds.
    func refresh(now: Int64) -> Bool {
        guard let file, let watched, now >= nextLook else { return false }
        nextLook = now + 1_000_000_000
        let seen = FileStamp(watched)
        guard seen != stamp || seen == nil || isBroken else { return false }
        stamp = seen
        guard seen != nil, let text = Files.text(file) else { return broken("it can't be read") }
        do throws(SettingsError) {
            let list = try unlike.reveal { (others) throws(SettingsError) in
                try SigningKeyList(parsing: text, unlike: others)
            }
            ring = Self.ring(secret, list)
            if isBroken { log.info("signing_keys_read") }
            isBroken = false
            return true
        } catch { return broken(error.description) }
    }

    private func broken(_ reason: String) -> Bool {
        if !isBroken { log.alert("signing_keys_unreadable", ["reason": .string(reason)]) }
        isBroken = true
        return false
    }

    private static func ring(_ secret: Secret<[UInt8]>, _ list: SigningKeyList) -> KeyRing {
        secret.reveal { secret in
            list.secrets.reveal { KeyRing(secret: secret, others: $0, signing: list.signing) }
        }
    }
}
