public import Core
internal import Fetch
internal import POSIX
public import Tokens
public import Web

/// Takes Firebase ID tokens of one project for what they say.
public final class Firebase {
    /// Seconds by which a token's making may lie ahead before it counts as from the future.
    private static let tolerance: Int64 = 5

    /// What identities of this project are kept under.
    public let issuer: String
    private let settings: Settings.Firebase
    private let directory: String
    private let log: Log
    private let now: () -> (wall: Int64, monotonic: Int64)
    private var shared: (refreshes: FirebaseRefreshes, certificates: FirebaseCertificates)?

    /// - Parameters:
    ///   - settings: the project, and where its certificates are.
    ///   - directory: where processes of this host share what they know; used from the first token on.
    ///   - log: for what an operator should know.
    ///   - now: wall-clock and monotonic seconds.
    public init(
        _ settings: Settings.Firebase, directory: String, log: Log,
        now: @escaping () -> (wall: Int64, monotonic: Int64)
    ) {
        self.settings = settings
        self.directory = directory
        self.log = log
        self.now = now
        issuer = "firebase:" + settings.project
    }

    private func opened() throws(Problem) -> (refreshes: FirebaseRefreshes, certificates: FirebaseCertificates) {
        if let shared { return shared }
        let refreshes = try orRefuse(.internalError) { () throws(SystemError) in
            try FirebaseRefreshes(directory + "/firebase-refreshes")
        }
        let get = Get(url: settings.certificates, secure: settings.isSecure, answerLimit: CertificateSet.largest)
        let certificates = FirebaseCertificates(
            directory + "/firebase-certificates", refreshes: refreshes, fetch: { try get.send() },
            tell: { [log] in log.tell($0) })
        shared = (refreshes, certificates)
        return (refreshes, certificates)
    }

    /// Who stands behind an ID token.
    ///
    /// - Throws: 401 for a token that is not valid, 503 when there is nothing to check it with.
    public func identify(_ token: String) throws(Problem) -> IDClaims {
        let now = now()
        let token = try asked { () throws(IDTokenFault) in try IDToken(token) }
        let (refreshes, certificates) = try opened()
        switch certificates.find(token.kid, wall: now.wall, monotonic: now.monotonic) {
        case .unavailable(let wait): throw Problem(.apiUnavailable, retryAfter: wait, inside: "no certificates")
        case .unknown: throw Self.refused(.key)
        case .certificate(let certificate):
            do throws(IDTokenFault) {
                let claims = try token.claims(under: certificate, project: settings.project, now: now.wall)
                let isAhead = claims.issued > now.wall + Self.tolerance
                tell(refreshes.count(isAhead: isAhead, now.monotonic))
                return claims
            } catch {
                if error == .issued { tell(refreshes.count(isAhead: true, now.monotonic)) }
                throw Self.refused(error)
            }
        }
    }

    private func asked<T>(_ body: () throws(IDTokenFault) -> T) throws(Problem) -> T {
        do throws(IDTokenFault) { return try body() } catch { throw Self.refused(error) }
    }

    private static func refused(_ fault: IDTokenFault) -> Problem {
        Problem(.credentialsInvalid, inside: "ID token: \(fault.rawValue)")
    }

    /// Google's clocks are right: where many tokens come from the future, it is ours that is behind.
    private func tell(_ counted: (tokens: Int, ahead: Int)?) {
        guard let (tokens, ahead) = counted else { return }
        log.alert("clock_behind", ["tokens": .integer(Int64(tokens)), "from_the_future": .integer(Int64(ahead))])
    }
}

extension Log {
    fileprivate func tell(_ notice: CertificateNotice) {
        switch notice {
        case .fetched(let count, let lifetime):
            info("firebase_certificates", ["count": .integer(Int64(count)), "seconds": .integer(lifetime)])
        case .failed(let reason): warning("firebase_certificates_kept", ["reason": .string(reason)])
        case .stale(let reason): alert("firebase_certificates_stale", ["reason": .string(reason)])
        case .missing(let reason): alert("firebase_certificates_missing", ["reason": .string(reason)])
        case .notShared(let reason): alert("firebase_certificates_not_shared", ["reason": .string(reason)])
        }
    }
}
