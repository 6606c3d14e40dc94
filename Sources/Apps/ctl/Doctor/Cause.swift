/// How bad a finding is.
enum Severity: String, CaseIterable {
    case critical, high, medium, low
}

/// What is wrong with a site: one cause can fail many probes. The raw value is the finding's stable id.
enum Cause: String, CaseIterable {
    // Files without a token
    case guardOff = "guard-off"
    case mobileUnguarded = "mobile-unguarded"
    case playUnguarded = "play-unguarded"
    case filesUnguarded = "files-unguarded"
    case keysUnguarded = "keys-unguarded"
    case playlistsUnguarded = "playlists-unguarded"
    case siteLocationWins = "site-location-wins"
    case refusalServesFile = "refusal-serves-file"
    case gateAnswerCached = "gate-answer-cached"
    case failOpen = "fail-open"
    // Files with the wrong one
    case tokenUnverified = "token-unverified"
    case tokenExpired = "token-expired-accepted"
    case otherLesson = "other-lesson"
    case pathConfusion = "path-confusion"
    case doubleSlash = "double-slash"
    case headerTrusted = "header-trusted"
    case transportOpen = "transport-open"
    case referrerLoose = "referrer-loose"
    case referrerNotAsked = "referrer-not-asked"
    // Other ways to the files
    case aliasClimb = "alias-climb"
    case dataServed = "data-served"
    case originalsServed = "originals-served"
    case directoryListing = "directory-listing"
    case dotFiles = "dot-files"
    case storePublic = "store-public"
    case foreignHost = "foreign-host"
    case internalReachable = "internal-reachable"
    case apiOpen = "api-open"
    case metricsOpen = "metrics-open"
    // What browsers are told
    case corsReflects = "cors-reflects"
    case corsAny = "cors-any"
    case corsMissing = "cors-missing"
    case methodOpen = "method-open"
    case headersMissing = "headers-missing"
    case mediaCacheable = "media-cacheable"
    case serverVersion = "server-version"
    // Refusals
    case refusalHTML = "refusal-html"
    case refusalCacheable = "refusal-cacheable"
    case refusalShape = "refusal-shape"
    // Transport
    case tlsOld = "tls-old"
    case tlsCertificate = "tls-certificate"
    case hstsMissing = "hsts-missing"
    case plainHTTP = "plain-http"
    // A good client
    case pathCaptureMissing = "path-capture-missing"
    case pathCaptureRaw = "path-capture-raw"
    case notPlayable = "not-playable"
    case noAnswer = "no-answer"
    // The host
    case logHoldsToken = "log-holds-token"

    /// How bad it is.
    var severity: Severity {
        switch self {
        case .guardOff, .mobileUnguarded, .playUnguarded, .filesUnguarded, .keysUnguarded, .siteLocationWins,
            .refusalServesFile, .gateAnswerCached, .failOpen, .tokenUnverified, .otherLesson, .pathConfusion,
            .doubleSlash, .headerTrusted, .aliasClimb, .dataServed, .originalsServed, .storePublic, .apiOpen:
            .critical
        case .playlistsUnguarded, .tokenExpired, .dotFiles, .foreignHost, .internalReachable, .corsReflects, .corsAny,
            .tlsOld, .tlsCertificate, .plainHTTP, .pathCaptureMissing, .pathCaptureRaw, .notPlayable, .logHoldsToken:
            .high
        case .transportOpen, .referrerLoose, .referrerNotAsked, .directoryListing, .methodOpen, .mediaCacheable,
            .refusalHTML, .refusalCacheable, .hstsMissing, .noAnswer, .corsMissing:
            .medium
        case .metricsOpen, .headersMissing, .serverVersion, .refusalShape: .low
        }
    }
}
