internal import Core

/// What a child is for.
enum Role: String, CaseIterable, Sendable {
    case gate, api, upload, worker, keeper

    /// The program's file name, beside the pool's own.
    var program: String {
        switch self {
        case .gate: "reelgate-gate"
        case .api, .upload: "reelgate-api"
        case .worker: "reelgate-worker"
        case .keeper: "reelgate-keeper"
        }
    }

    /// The socket below the run directory that its children share, if they answer requests.
    var socketName: String? {
        switch self {
        case .gate, .api, .upload: rawValue + ".sock"
        case .worker, .keeper: nil
        }
    }

    /// What the settings must hold for it; checked before anything starts.
    var need: Settings.Need {
        switch self {
        case .gate: .media
        case .api, .upload: [.database, .tokens, .accounts, .web]
        case .worker: [.database, .media]
        case .keeper: .database
        }
    }

    /// The settings it is given, each also as `<name>_FILE`: a child never sees more of the environment than this.
    var settings: [String] {
        let places = ["DATA_DIR", "RUN_DIR"]
        let database = ["DATABASE_URL"]
        let tokens = ["SECRET_KEY", "SIGNING_KEYS", "TOKEN_MAX_TTL"]
        let web = ["PUBLIC_BASE_URL", "ALLOWED_ORIGINS", "FOCUST_ALLOWED_ORIGINS"]
        let limits = [
            "STREAM_WINDOW", "STREAM_POLICY", "DEVICE_DAYS", "PACING_BURST", "PACING_RATE", "PACING_REFUSALS",
            "PACING_REVOKE",
        ]
        let rates = ["RATE_ANONYMOUS", "RATE_KEY", "RATE_ACCOUNT", "RATE_TOKENS"]
        switch self {
        case .gate:
            return places + tokens + web + limits
                + ["MEDIA_MASTER_KEY", "ALLOWED_REFERRERS", "MOBILE_REFERRERS", "GEOIP", "LEGACY_STATUS"]
                + ["COOKIE_CROSS_SITE"]
        case .api, .upload:
            return places + database + tokens + web + rates + limits
                + ["JWT_SECRET", "TOKEN_EXPIRY", "MAX_CONTENT_LENGTH", "CALLBACK_ALLOW_PRIVATE", "HELPER_MEMORY"]
                + ["DISK_RESERVE", "SANDBOX", "STREAM_LIMIT", "DOWNLOAD_TOKEN_REQUIRE_FILENAME", "SWAGGER_UI_DIR"]
                + ["STREAM_LIMIT_FREE", "STREAM_LIMIT_PREMIUM", "STREAM_LIMIT_FAMILY"]
                + ["FIREBASE_PROJECT_ID", "FIREBASE_CERTS_URL"]
        case .worker:
            return places + database + ["MEDIA_MASTER_KEY", "SECRET_KEY", "WORKER_PROCESSES", "DRAIN_SECONDS"]
                + ["CALLBACK_SECRET", "CALLBACK_BEARER", "CALLBACK_ALLOW_PRIVATE"]
                + [
                    "PACKAGING", "LADDER", "PER_TITLE", "LOUDNESS", "HALVE_FRAME_RATE", "ENCODER_THREADS",
                    "ENCODER_NICE",
                ]
                + ["ENCODER_IO_CLASS", "HELPER_MEMORY", "DISK_RESERVE", "SANDBOX"]
        case .keeper: return places + database + limits + ["TOKEN_MAX_TTL"]
        }
    }

    /// What libpq and the certificate stores read by themselves; no secret among them but a file's name.
    private var surroundings: [String] {
        let locale = ["TZ"]
        return self == .gate
            ? locale
            : locale + [
                "PGPASSFILE", "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "SSL_CERT_FILE", "SSL_CERT_DIR",
            ]
    }

    /// The environment of one child.
    ///
    /// - Parameters:
    ///   - all: the pool's own.
    ///   - slot: its place on the score board.
    ///   - requestLimit: after how many requests it wants to be replaced.
    func environment(from all: [String: String], slot: Int, requestLimit: Int) -> [String: String] {
        var own: [String: String] = [:]
        for name in settings.flatMap({ [$0, $0 + "_FILE"] }) + surroundings { own[name] = all[name] }
        own["REELGATE_POOL"] = "1"
        own["REELGATE_ROLE"] = rawValue
        own["REELGATE_SLOT"] = String(slot)
        if socketName != nil { own["REELGATE_REQUEST_LIMIT"] = String(requestLimit) }
        // A backtrace prints registers and what they point at: a request's bytes would get into the log.
        own["SWIFT_BACKTRACE"] = "enable=no"
        return own
    }
}

/// How many children a role has and how long they may take.
struct RolePlan: Sendable, Equatable {
    let role: Role
    /// Children that serve at the same time.
    let seats: Int
    /// Nanoseconds one request may take; `nil` for roles that nobody times.
    let requestLimit: Int64?
    /// Nanoseconds a child has from SIGTERM on.
    let drain: Int64

    /// The plans for `roles`; a role with no children is left out.
    static func all(_ roles: [Role], _ processes: Settings.Processes) -> [RolePlan] {
        roles.map { role in
            let (seats, seconds): (Int, Int?) =
                switch role {
                case .gate: (processes.gate, processes.gateSeconds)
                case .api: (processes.api, processes.apiSeconds)
                case .upload: (processes.upload, nil)
                case .worker: (processes.worker, nil)
                case .keeper: (1, nil)
                }
            return RolePlan(
                role: role, seats: seats, requestLimit: seconds.map { Int64($0) * .second },
                drain: Int64(processes.drainSeconds) * .second)
        }.filter { $0.seats > 0 }
    }
}

extension Int64 {
    /// A second in nanoseconds.
    static var second: Int64 { 1_000_000_000 }
    /// A millisecond in nanoseconds.
    static var millisecond: Int64 { 1_000_000 }
}
