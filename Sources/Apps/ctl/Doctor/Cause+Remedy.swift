extension Cause {
    /// What it means and how to mend it, in a sentence or two.
    var remedy: String {
        switch self {
        case .guardOff:
            "Nothing asks the gate: `auth_request /_gate` and `satisfy all` must hold in all media locations."
        case .mobileUnguarded:
            "/mobile/hls2/ hands out files unasked: its location must include parts/media.conf and undo nothing of it."
        case .playUnguarded:
            "/play/ hands out files unasked: its location must include parts/media.conf and undo nothing of it."
        case .filesUnguarded:
            "Some files are handed out unasked: a nested location says `auth_request off` or answers by itself."
        case .keysUnguarded:
            "Keys come out without a token: their locations must include parts/answer.conf and serve no file."
        case .playlistsUnguarded:
            "Playlists come out without a token: their locations must include parts/answer.conf and end at the gate."
        case .siteLocationWins:
            "A location of the site answers for our paths: ours must be `^~`, and no web root link to DATA_DIR."
        case .refusalServesFile:
            "A refusal ends at a file: error_page of media must lead to locations with one `return` and text."
        case .gateAnswerCached:
            "A good answer of the gate is used again for others: no cache in `location = /_gate`."
        case .failOpen:
            "With the gate down files come out: `error_page 500 502 503 504` of media must lead to @rg_gate_down alone."
        case .tokenUnverified:
            "Tokens that nobody signed are accepted: the gate must be reelgate-gate with a SECRET_KEY of its own."
        case .tokenExpired: "Expired tokens play: something caches the gate's answers, or the host's clock is wrong."
        case .otherLesson:
            "A token for one lesson plays another: the gate must be told RG_URI as $rg_uri, taken from $uri."
        case .pathConfusion:
            "A spelling reaches a file the gate took for another: tell it RG_URI $rg_uri and RG_RAW $request_uri."
        case .doubleSlash:
            "//hls2/… goes round our locations: `merge_slashes on`, and server.conf in every host with our locations."
        case .headerTrusted:
            "A client's header decides which path is checked: use parts/gate-params.conf as it is, no HTTP_ names."
        case .transportOpen:
            "A token plays in a transport it is not for: the gate is not told the path it was asked for."
        case .referrerLoose: "Foreign pages can play web tokens: name your sites in ALLOWED_REFERRERS, no wide `*.`."
        case .referrerNotAsked:
            "Web tokens play without a referrer: the gate must see HTTP_REFERER as the client sent it."
        case .aliasClimb: "`location /x { alias …/; }` lets /x../ climb out: end both in a slash."
        case .dataServed: "DATA_DIR lies below a root or alias of the site: move it out of every web root."
        case .originalsServed:
            "Uploaded originals are served as files: remove the location; downloads go through the API."
        case .directoryListing: "A directory is listed: `autoindex off`."
        case .dotFiles: "Hidden files or backups lie in a web root: remove them, and `location ~ /\\. { return 404; }`."
        case .storePublic: "The object store answers anybody: make the bucket private and block public access."
        case .foreignHost:
            "Requests for other names reach this site: each listen needs vhosts/default-server.conf as default."
        case .internalReachable: "/_gate and its like can be asked from outside: they must be `internal`."
        case .apiOpen: "The API answers without a credential: nothing but reelgate-api may answer below /api/."
        case .metricsOpen: "/metrics answers other hosts: `allow 127.0.0.0/8; allow ::1; deny all`."
        case .corsReflects:
            "Foreign origins may read answers: the allowed one must be $rg_origin, never $http_origin."
        case .corsAny: "Every origin may read answers: no `Access-Control-Allow-Origin *`."
        case .corsMissing:
            "Pages on the site's own origins can't read answers: include parts/headers-cors.conf and server.conf."
        case .methodOpen:
            "Media answer other methods than GET and HEAD: the gate must be told RG_METHOD $request_method."
        case .headersMissing:
            "Answers lack X-Content-Type-Options, Referrer-Policy or X-Frame-Options: include parts/headers-cors.conf."
        case .mediaCacheable:
            "Playlists or keys may be kept, or segments by shared caches: Cache-Control as in parts/media.conf."
        case .serverVersion: "Server tells its version: `server_tokens off`."
        case .refusalHTML:
            "Refusals are HTML: include server.conf in the host and vhosts/default-server.conf in the default one."
        case .refusalCacheable: "Refusals may be cached: they need `Cache-Control: no-store` (parts/problem.conf)."
        case .refusalShape: "A refusal is no problem body with a code: refusals must come from locations/refusals.conf."
        case .tlsOld: "TLS 1.0 or 1.1 is spoken: `ssl_protocols TLSv1.2 TLSv1.3`."
        case .tlsCertificate: "The certificate does not hold for this name: renew it, chain included."
        case .hstsMissing:
            "No Strict-Transport-Security: browsers may be led to http; include parts/headers-cors.conf where TLS ends."
        case .plainHTTP: "Lessons are served over plain http: answer port 80 with a redirect alone."
        case .pathCaptureMissing:
            "The gate does not see the path: `set $rg_uri $uri;` must stand in each media location, nested ones too."
        case .pathCaptureRaw: "The gate is told the raw target: `set $rg_uri $uri;`, never $request_uri."
        case .notPlayable: "A good client is refused: see the evidence for the reason."
        case .noAnswer: "A request got no answer in time, or a broken one."
        case .logHoldsToken:
            "A log holds tokens: access_log in the format `reelgate`, error_log at emerg in media locations."
        }
    }
}
