internal import POSIX

/// The product's settings, read from the environment once and all at once, so that a start that fails names every
/// mistake there is. `X_FILE` names a file to read `X` from.
public struct Settings: Sendable {
    /// Where files live.
    public let dataDirectory: String
    /// Where sockets live; short, because a socket's path ends at 107 bytes.
    public let runDirectory: String
    /// libpq's connection string.
    public let databaseURL: Secret<String>
    /// The base of every URL in an answer, without a slash at the end.
    public let publicBaseURL: String
    /// Master secrets of media keys by version.
    public let masterKeys: Secret<[Int64: [UInt8]]>
    /// What playback tokens are signed with.
    public let secretKey: Secret<[UInt8]>
    /// Further signing keys by `kid`, as they are at the start.
    public let signingKeys: SigningKeyList
    /// The file they are in, to be followed.
    public let signingKeysFile: String?
    /// What access tokens are signed with.
    public let jwtSecret: Secret<[UInt8]>
    /// Origins that may call from a browser; the first is that of `publicBaseURL`.
    public let allowedOrigins: [Origin]
    /// Origins that may show a lesson.
    public let allowedReferrers: [Origin]
    /// Origins that may show a lesson to a mobile token; `nil`: they are not looked at.
    public let mobileReferrers: [Origin]?
    /// Whether such a token may come without a referrer, as most apps do.
    public let mobileReferrerMayMiss: Bool
    /// The file that tells the country of an address, if there is one.
    public let geoIPFile: String?
    /// Where Swagger UI is installed, if it is.
    public let swaggerDirectory: String?
    /// Seconds a token holds when nobody says otherwise.
    public let tokenExpiry: Int64
    /// Seconds a token holds at most.
    public let tokenMaxTTL: Int64
    /// Bytes of a multipart upload.
    public let maxContentLength: Int64
    /// What media answer a missing or bad token with: 401, or 403 as the older server did.
    public let legacyStatus: Int
    /// Whether pages of other sites play with a cookie.
    public let cookieCrossSite: Bool
    /// Whether a download token always names its file.
    public let downloadTokenRequireFilename: Bool
    /// What callbacks are signed with.
    public let callbackSecret: Secret<[UInt8]>?
    /// The callbacks' Bearer credential.
    public let callbackBearer: Secret<String>?
    /// Whether callbacks may go to private addresses and plain http.
    public let callbackAllowPrivate: Bool
    /// Whose ID tokens are taken; `nil`: none are.
    public let firebase: Firebase?
    /// Requests a minute: of an address without credentials, of an API key, of an account.
    public let rates: Rates
    /// How people get accounts, and what sends them mail.
    public let accounts: Accounts
    /// What viewers are held to.
    public let limits: Limits
    /// What encoding may use of the machine.
    public let resources: Resources
    /// How many processes of each role.
    public let processes: Processes
    /// What must protect this host from the media helper.
    public let sandbox: Sandbox

    /// What must protect this host from the media helper.
    public enum Sandbox: String, Sendable {
        /// As many layers as this host has; which ones is reported.
        case auto
        /// All of them, bubblewrap too; where one is missing no job is started.
        case require
    }
    /// What is made of an upload.
    public let encoding: Encoding

    /// Requests a minute.
    public struct Rates: Sendable, Equatable {
        /// One address without credentials.
        public let anonymous: Int64
        /// One API key.
        public let key: Int64
        /// One account.
        public let account: Int64
        /// Tokens for one account.
        public let tokens: Int64
        /// Sign-ins from one address.
        public let signIns: Int64
        /// Sign-ins from all addresses.
        public let allSignIns: Int64
        /// Registrations from one address, and mails asked for.
        public let registrations: Int64
        /// Sign-ins of one account that fail, in a quarter of an hour.
        public let failures: Int64
    }

    /// Streams at once by subscription level; 0: as many as there are.
    public struct LevelStreams: Sendable, Equatable {
        /// Without a subscription.
        public let free: Int
        /// With one for a person.
        public let premium: Int
        /// With one for a household.
        public let family: Int
    }

    /// What viewers are held to.
    public struct Limits: Sendable, Equatable {
        /// Streams a user may have at once where a token is asked for without saying; 0: as many as there are.
        public let streams: Int
        /// Streams of people who watch by their accounts.
        public let levels: LevelStreams
        /// Seconds a stream counts after its last media or key.
        public let window: Int64
        /// Whether a stream over the limit takes the place of the oldest instead of being refused.
        public let newestWins: Bool
        /// Days a device counts after it was last seen.
        public let deviceDays: Int64
        /// Seconds of a title that may be fetched at once.
        public let burst: Int64
        /// Milliseconds of it in each second after that; 0: as fast as one likes.
        public let rate: Int64
        /// Refusals for pace within a minute that end a session; 0: none do.
        public let refusals: Int64
    }

    /// Processes and their times.
    public struct Processes: Sendable, Equatable {
        /// `reelgate-gate`.
        public let gate: Int
        /// `reelgate-api` on its own socket.
        public let api: Int
        /// `reelgate-api` on the upload socket.
        public let upload: Int
        /// `reelgate-worker`.
        public let worker: Int
        /// Seconds an old process has to finish.
        public let drainSeconds: Int
        /// Requests after which a process makes room for a new one; varied by a tenth.
        public let maxRequests: Int
        /// Seconds one gate request may take.
        public let gateSeconds: Int
        /// Seconds one API request may take.
        public let apiSeconds: Int
    }

    /// What is made of an upload.
    public struct Encoding: Sendable, Equatable {
        /// A size and its rate.
        public struct Step: Sendable, Equatable {
            /// The short side in lines.
            public let short: Int
            /// Bits a second.
            public let rate: Int64
        }

        /// `ts` or `cmaf`.
        public let packaging: String
        /// Sizes from the top; empty: the product's own.
        public let ladder: [Step]
        /// Whether the content decides about rungs and caps.
        public let perTitle: Bool
        /// LUFS; `nil`: loudness is left as it is.
        public let loudness: Int?
        /// Whether low rungs take every second frame of fast sources.
        public let halvesFrameRate: Bool
    }

    /// What encoding may use of the machine.
    public struct Resources: Sendable, Equatable {
        /// Threads of one media helper; 0: as many as there are processors.
        public let threads: Int
        /// How far encoding that nobody waits for is lowered (0…19).
        public let niceness: Int
        /// Its turn at the disk: 0…7 among others, 8 when nobody else wants to, `nil`: as its starter's.
        public let diskLevel: Int?
        /// Bytes of address space of one media helper; 0: no limit.
        public let memory: Int64
        /// Bytes that stay free where files live: below, uploads are refused and encoding waits.
        public let reserve: Int64
    }

    /// Which settings a program can't do without; the others may be absent for it.
    public struct Need: OptionSet, Sendable {
        /// The bits.
        public let rawValue: Int
        /// - Parameter rawValue: the bits.
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// `DATABASE_URL`
        public static let database = Need(rawValue: 1)
        /// `SECRET_KEY` and `MEDIA_MASTER_KEY`: for programs that derive media keys
        public static let media = Need(rawValue: 2)
        /// `SECRET_KEY` alone: for programs that hand out tokens
        public static let tokens = Need(rawValue: 16)
        /// `JWT_SECRET`
        public static let accounts = Need(rawValue: 4)
        /// `PUBLIC_BASE_URL`
        public static let web = Need(rawValue: 8)
    }

    /// Reads the settings, and the files that the environment names.
    ///
    /// - Throws: every mistake.
    public init(_ environment: [String: String], need: Need) throws(SettingsError) {
        try self.init(environment, need: need) { Files.text($0) }
    }

    /// Reads the settings.
    ///
    /// - Parameters:
    ///   - environment: names and values.
    ///   - need: what must be there.
    ///   - readFile: gives the text of a file, or `nil`.
    /// - Throws: every mistake.
    public init(
        _ environment: [String: String], need: Need, readFile: @escaping (String) -> String?
    ) throws(SettingsError) {
        var reader = SettingsReader(environment: environment, readFile: readFile)
        dataDirectory = reader.directory("DATA_DIR", or: "/var/lib/reelgate")
        runDirectory = reader.directory("RUN_DIR", or: "/run/reelgate")
        databaseURL = Secret(reader.text("DATABASE_URL", needed: need.contains(.database)) ?? "")
        let base = reader.baseURL("PUBLIC_BASE_URL", needed: need.contains(.web))
        publicBaseURL = base?.text ?? ""
        masterKeys = Secret(reader.masterKeys("MEDIA_MASTER_KEY", needed: need.contains(.media)))
        let secret = reader.secret("SECRET_KEY", needed: !need.isDisjoint(with: [.media, .tokens]))
        let jwt = reader.secret("JWT_SECRET", needed: need.contains(.accounts))
        if let secret, let jwt, secret == jwt { reader.mistake("JWT_SECRET must differ from SECRET_KEY") }
        secretKey = Secret(secret ?? [])
        jwtSecret = Secret(jwt ?? [])
        signingKeysFile = reader.path("SIGNING_KEYS_FILE")
        signingKeys = reader.signingKeys(signingKeysFile, unlike: [secret, jwt].compactMap { $0 })
        let origins = reader.origins("ALLOWED_ORIGINS", alias: "FOCUST_ALLOWED_ORIGINS", wildcards: false)
        let own: [Origin] = if let base { [base.origin] } else { [] }
        var calling = own
        for origin in origins ?? [] where !calling.contains(origin) { calling.append(origin) }
        allowedOrigins = calling
        allowedReferrers = reader.origins("ALLOWED_REFERRERS", alias: nil, wildcards: true) ?? allowedOrigins
        (mobileReferrers, mobileReferrerMayMiss) = reader.mobileReferrers("MOBILE_REFERRERS")
        geoIPFile = reader.path("GEOIP_FILE")
        swaggerDirectory = reader.path("SWAGGER_UI_DIR")
        tokenMaxTTL = reader.number("TOKEN_MAX_TTL", or: 86_400, 1...31_536_000)
        tokenExpiry = reader.number("TOKEN_EXPIRY", or: min(3600, tokenMaxTTL), 1...tokenMaxTTL)
        maxContentLength = reader.number("MAX_CONTENT_LENGTH", or: 104_857_600, 1...1_099_511_627_776)
        legacyStatus = reader.number("LEGACY_STATUS", or: 401, 401...403) == 403 ? 403 : 401
        cookieCrossSite = reader.flag("COOKIE_CROSS_SITE")
        downloadTokenRequireFilename = reader.flag("DOWNLOAD_TOKEN_REQUIRE_FILENAME")
        callbackSecret = reader.secret("CALLBACK_SECRET", needed: false).map { Secret($0) }
        callbackBearer = reader.text("CALLBACK_BEARER", needed: false).map { Secret($0) }
        callbackAllowPrivate = reader.flag("CALLBACK_ALLOW_PRIVATE")
        firebase = reader.firebase()
        rates = Rates(
            anonymous: reader.number("RATE_ANONYMOUS", or: 1200, 1...1_000_000),
            key: reader.number("RATE_KEY", or: 6000, 1...1_000_000),
            account: reader.number("RATE_ACCOUNT", or: 600, 1...1_000_000),
            tokens: reader.number("RATE_TOKENS", or: 120, 1...1_000_000),
            signIns: reader.number("RATE_SIGN_INS", or: 30, 1...1_000_000),
            allSignIns: reader.number("RATE_ALL_SIGN_INS", or: 1000, 1...500_000),
            registrations: reader.number("RATE_REGISTRATIONS", or: 20, 1...1_000_000),
            failures: reader.number("RATE_FAILED_SIGN_INS", or: 10, 1...1_000_000))
        accounts = reader.accounts()
        func count(_ name: String, or fallback: Int64, _ range: ClosedRange<Int64>) -> Int {
            Int(reader.number(name, or: fallback, range))
        }
        limits = Limits(
            streams: count("STREAM_LIMIT", or: 0, 0...15),
            levels: LevelStreams(
                free: count("STREAM_LIMIT_FREE", or: 1, 0...15),
                premium: count("STREAM_LIMIT_PREMIUM", or: 2, 0...15),
                family: count("STREAM_LIMIT_FAMILY", or: 5, 0...15)),
            window: reader.number("STREAM_WINDOW", or: 45, 5...3600),
            newestWins: reader.choice("STREAM_POLICY", of: ["newest_refused", "oldest_ended"]) == "oldest_ended",
            deviceDays: reader.number("DEVICE_DAYS", or: 30, 1...400),
            burst: reader.number("PACING_BURST", or: 600, 10...86_400),
            rate: reader.thousandths("PACING_RATE", or: 2500),
            refusals: reader.flag("PACING_REVOKE", or: true) ? reader.number("PACING_REFUSALS", or: 60, 1...100_000) : 0
        )
        processes = Processes(
            gate: count("GATE_PROCESSES", or: 4, 0...256),
            api: count("API_PROCESSES", or: 8, 0...256),
            upload: count("UPLOAD_PROCESSES", or: 24, 0...256),
            worker: count("WORKER_PROCESSES", or: 2, 0...64),
            drainSeconds: count("DRAIN_SECONDS", or: 30, 1...3600),
            maxRequests: count("MAX_REQUESTS", or: 100_000, 10...1_000_000_000),
            gateSeconds: count("GATE_SECONDS", or: 10, 1...3600),
            apiSeconds: count("API_SECONDS", or: 60, 1...3600))
        resources = Resources(
            threads: count("ENCODER_THREADS", or: 0, 0...256), niceness: count("ENCODER_NICE", or: 10, 0...19),
            diskLevel: reader.diskLevel("ENCODER_IO_CLASS"),
            memory: reader.bytes("HELPER_MEMORY", or: 4 << 30, 512 << 20...1 << 44, zero: true),
            reserve: reader.bytes("DISK_RESERVE", or: 256 << 20, 16 << 20...1 << 50, zero: false))
        encoding = Encoding(
            packaging: reader.choice("PACKAGING", of: ["ts", "cmaf"]), ladder: reader.ladder("LADDER"),
            perTitle: reader.flag("PER_TITLE"), loudness: reader.loudness("LOUDNESS"),
            halvesFrameRate: reader.flag("HALVE_FRAME_RATE"))
        sandbox = Sandbox(rawValue: reader.choice("SANDBOX", of: ["auto", "require"])) ?? .require
        if !reader.mistakes.isEmpty { throw SettingsError(mistakes: reader.mistakes) }
    }
}

/// Every mistake in the settings; holds names and rules, never a value.
public struct SettingsError: Error, Equatable, CustomStringConvertible {
    /// A sentence each.
    public let mistakes: [String]

    /// All of them, a line each.
    public var description: String { mistakes.map { "setting: \($0)" }.joined(separator: "\n") }
}
