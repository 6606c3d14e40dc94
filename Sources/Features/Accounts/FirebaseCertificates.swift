public import Crypto
public import Fetch
internal import POSIX
internal import Tokens

/// What happened to the set of certificates; for the operator.
public enum CertificateNotice: Sendable, Equatable {
    /// A new set is in use.
    case fetched(count: Int, lifetime: Int64)
    /// There was none; the one before goes on, within its time.
    case failed(reason: String)
    /// There was none, and the one before is past its time: it counts for a day from then.
    case stale(reason: String)
    /// There was none, and nothing is left to check tokens with.
    case missing(reason: String)
    /// It can't be shared with the other processes.
    case notShared(reason: String)
}

/// The certificates that sign Firebase's ID tokens, fetched by whichever process needs them first and shared by all of
/// the host through a file that is put in place by rename.
///
/// A set is fetched when it is past its time, or when a token names a certificate that is not in it; in either case at
/// most once a minute for the whole host. What is no set of certificates changes nothing.
public final class FirebaseCertificates {
    /// What there is for a `kid`.
    public enum Finding {
        /// This.
        case certificate(RSACertificate)
        /// Nothing: the set is fresh and does not have it.
        case unknown
        /// Nobody can tell now; seconds to wait.
        case unavailable(Int)
    }

    private static let largestFile = 4 * CertificateSet.largest
    private let path: String
    private let watched: WatchedPath?
    private let fetch: () throws -> Get.Answer
    private let tell: (CertificateNotice) -> Void
    private let refreshes: FirebaseRefreshes
    private var stamp: FileStamp?
    private var set: CertificateSet?

    /// - Parameters:
    ///   - path: where the set is kept for all processes.
    ///   - refreshes: keeps fetching apart.
    ///   - fetch: asks the server.
    ///   - tell: takes what happens.
    public init(
        _ path: String, refreshes: FirebaseRefreshes, fetch: @escaping () throws -> Get.Answer,
        tell: @escaping (CertificateNotice) -> Void
    ) {
        self.path = path
        watched = WatchedPath(path)
        self.refreshes = refreshes
        self.fetch = fetch
        self.tell = tell
    }

    /// Looks a certificate up, and fetches a set where that is due.
    ///
    /// - Parameters:
    ///   - kid: its name.
    ///   - wall: wall-clock seconds.
    ///   - monotonic: monotonic seconds.
    public func find(_ kid: String, wall: Int64, monotonic: Int64) -> Finding {
        reload()
        if let set, set.age(at: wall) == .fresh, let certificate = set[kid] { return .certificate(certificate) }
        let claim = refreshes.claim(monotonic)
        if case .granted(let stamp) = claim {
            renew(wall)
            refreshes.end(stamp)
        } else {
            // Somebody may have been faster since we looked.
            reload()
        }
        let wait = claim == .underway ? 1 : Int(FirebaseRefreshes.interval)
        guard let set, set.age(at: wall) != .spent else { return .unavailable(wait) }
        if let certificate = set[kid] { return .certificate(certificate) }
        // Only a set within its time knows which names there are not.
        return set.age(at: wall) == .fresh && claim != .underway ? .unknown : .unavailable(wait)
    }

    /// Takes over what another process has put in place. A file that is not whole changes nothing.
    private func reload() {
        guard let watched, let seen = FileStamp(watched), seen != stamp else { return }
        stamp = seen
        guard let file = try? Descriptor(reading: path), let bytes = try? file.readAll(limit: Self.largestFile),
            let stored = CertificateSet(stored: bytes)
        else { return }
        set = stored
    }

    private func renew(_ wall: Int64) {
        let new: CertificateSet
        do {
            let answer = try fetch()
            guard answer.status == 200 else { return fail("it answered \(answer.status)", wall) }
            guard let read = CertificateSet(answer: answer.body, cacheControl: answer.cacheControl, now: wall) else {
                return fail("the answer is no set of certificates", wall)
            }
            new = read
        } catch { return fail("\(error)", wall) }
        set = new
        do throws(SystemError) {
            try Files.replace(path, with: new.stored.span, mode: 0o600)
            if let watched { stamp = FileStamp(watched) }
        } catch { tell(.notShared(reason: "\(error)")) }
        tell(.fetched(count: new.count, lifetime: new.until - new.fetched))
    }

    private func fail(_ reason: String, _ wall: Int64) {
        switch set?.age(at: wall) {
        case .fresh: tell(.failed(reason: reason))
        case .stale: tell(.stale(reason: reason))
        case .spent, nil: tell(.missing(reason: reason))
        }
    }
}
