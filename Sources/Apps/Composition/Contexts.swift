internal import Accounts
internal import Analytics
internal import Captions
internal import Catalog
public import Core
internal import Health
public import POSIX
internal import Playback
internal import Postgres
internal import Recommendations
internal import Reference
public import Serving
internal import Sessions
internal import Storage
internal import Tokens
internal import Transcoding
internal import Uploads
internal import Viewing
internal import Watching
public import Web

/// What the features need at run time, made once in a process.
public final class Contexts {
    let uploads: Uploads
    let playback: Playback
    let tasks: TaskRoutes
    let captions: Captions
    let watching: Watching
    let viewings: Viewings
    let analytics: Analytics
    let recommendations: Recommendations
    let catalog: Catalog
    let health: Health
    let accounts: Accounts
    let firebase: FirebaseSignIns
    let reference: Reference
    let connection: Connection
    private let settings: Settings

    /// - Parameters:
    ///   - settings: with database, tokens, accounts and web.
    ///   - programs: the directory of our programs.
    ///   - log: for what goes wrong outside a request.
    /// - Throws: when the tables that the gates count in can't be opened.
    public init(_ settings: Settings, programs: String, log: Log) throws(SystemError) {
        let connection = settings.databaseURL.reveal { Connection($0, application: "reelgate-api") }
        let tree = DataTree(settings.dataDirectory)
        self.connection = connection
        self.settings = settings
        uploads = Uploads(
            store: PostgresUploadStore(connection, maker: LessonIntake(connection)),
            inspector: HelperInspector(
                programs: programs, memory: settings.resources.memory, demand: settings.sandbox, log: log), tree: tree,
            bodies: OpenBodies(runDirectory: settings.runDirectory),
            settings: .init(
                largest: settings.maxContentLength, baseURL: settings.publicBaseURL,
                callbackAllowPrivate: settings.callbackAllowPrivate, reserve: settings.resources.reserve))
        let signers = SigningKeys(settings, log: log)
        let keys = {
            _ = signers.refresh()
            return signers.ring
        }
        playback = Playback(
            store: PostgresPlaybackStore(connection, tree: tree),
            downloads: PostgresDownloadStore(connection, tree: tree), suspensions: KnownSuspensions(connection),
            namesDownloads: settings.downloadTokenRequireFilename, keys: keys, usual: settings.tokenExpiry,
            longest: settings.tokenMaxTTL, baseURL: settings.publicBaseURL,
            streams: settings.limits.streams, now: { Clocks.wallSeconds() })
        tasks = TaskRoutes(
            store: PostgresTaskStore(connection, announce: announceCallbacks), base: settings.publicBaseURL,
            tree: tree)
        captions = Captions(store: PostgresCaptionStore(connection))
        watching = Watching(
            store: PostgresWatchingStore(connection), window: settings.limits.window, now: { Clocks.wallSeconds() })
        viewings = Viewings(
            store: PostgresViewingStore(connection), history: PostgresHistoryStore(connection),
            elsewhere: SessionsElsewhere(connection), sessions: try Sessions(settings), keys: keys,
            terms: .init(usual: settings.tokenExpiry, longest: settings.tokenMaxTTL), streams: settings.limits.levels,
            baseURL: settings.publicBaseURL, now: { Clocks.wallSeconds() })
        analytics = Analytics(store: PostgresAnalyticsStore(connection), window: settings.limits.window)
        recommendations = Recommendations(store: PostgresRecommendationStore(connection))
        accounts = Accounts(settings, connection)
        catalog = Catalog(
            store: PostgresCatalogStore(connection), signer: StreamDesk(playback), receiver: FilmDesk(uploads),
            tasks: TaskDesk(tasks),
            streams: { [levels = settings.limits.levels] in levels[$0] }, baseURL: settings.publicBaseURL)
        health = Health(
            probes: Probes(
                connection: connection, tree: tree, gateSocket: settings.runDirectory + "/gate.sock", log: log),
            now: { Clocks.wallSeconds() })
        firebase = FirebaseSignIns(settings, connection, log: log)
        reference = Reference(
            store: FileReferenceStore(directory: settings.swaggerDirectory) {
                apiDescription(server: settings.publicBaseURL).bytes
            })
    }

    /// What answers requests.
    ///
    /// - Parameters:
    ///   - life: is told which route runs.
    ///   - log: takes a line a request.
    public func responder(life: ChildLife, log: Log) throws(SystemError) -> Responder {
        try Files.makeDirectories(settings.runDirectory)
        let file = try Descriptor(updating: settings.runDirectory + "/rates", mode: 0o600)
        let secret = settings.jwtSecret.reveal { $0 }
        return Responder(
            router: Router(routeTable().map { $0.bound(to: self) }),
            authentication: Authentication(
                keys: StoredKeys(PostgresAccountStore(connection)),
                people: StoredPeople(PostgresAccountStore(connection)), tokens: AccessTokens(secret: secret),
                outside: FirebaseCallers(firebase)),
            limits: try RateLimits(file, rates: settings.rates, secret: secret), life: life, log: log)
    }
}

/// The whole route table.
public func routeTable() -> [Route<Contexts>] {
    uploadRoutes().map { $0.within(\.uploads) } + TaskRoutes.routes.map { $0.within(\.tasks) }
        + captionRoutes().map { $0.within(\.captions) }
        + playbackRoutes().map { $0.within(\.playback) } + watchingRoutes().map { $0.within(\.watching) }
        + viewingRoutes().map { $0.within(\.viewings) } + analyticsRoutes().map { $0.within(\.analytics) }
        + recommendationRoutes().map { $0.within(\.recommendations) }
        + catalogRoutes().map { $0.within(\.catalog) }
        + accountRoutes().map { $0.within(\.accounts) } + firebaseRoutes().map { $0.within(\.firebase) }
        + healthRoutes().map { $0.within(\.health) } + referenceRoutes().map { $0.within(\.reference) }
}
