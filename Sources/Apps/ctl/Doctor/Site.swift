internal import Core
internal import Fetch

/// The site that is probed: where it is, how it is called, and how to reach it.
struct Site {
    /// `https://name[:port]`
    let base: String
    /// Its name.
    let host: String
    let port: Int
    let secure: Bool
    /// What a Host field says.
    let authority: String
    /// An origin that may read answers, and one that may show lessons.
    var origin: String
    var referrer: String
    /// The connection's address, trusted certificates and time.
    var wire: Wire

    /// `nil` unless the text is `http(s)://host[:port]`.
    init?(_ text: String, address: IPAddress?, certificates: String?, milliseconds: Int64) {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        guard let origin = Origin(text), !origin.isWildcard else { return nil }
        base = origin.description
        (host, port) = NginxRender.host(of: base)
        secure = base.hasPrefix("https:")
        authority = String(base.split(separator: "/").last ?? "")
        self.origin = base
        referrer = base + "/"
        wire = Wire(host: host, port: port, secure: secure, address: address)
        wire.certificates = certificates
        wire.milliseconds = milliseconds
    }

    /// A request as a page on the site's own origin sends it.
    func request(_ target: String, referrer: Bool = true, origin: Bool = true) -> SiteRequest {
        var request = SiteRequest(target, host: authority)
        request.fields = [("User-Agent", "reelgate-doctor/\(Product.version)"), ("Accept", "*/*")]
        if origin { request.fields.append(("Origin", self.origin)) }
        if referrer { request.fields.append(("Referer", self.referrer)) }
        return request
    }

    /// Sends a request over a connection of its own.
    func fetch(_ request: SiteRequest, over other: Wire? = nil) -> SiteAnswer {
        do throws(FetchFailure) {
            let wire = other ?? wire
            let came = try wire.exchange(request.bytes) { SiteAnswer($0).isWhole(toHead: request.method == "HEAD") }
            return SiteAnswer(came)
        } catch {
            return SiteAnswer(trouble: error.description)
        }
    }
}

/// How a token travels.
enum SiteTransport: String, CaseIterable {
    case hls2, mobile, play

    /// The request for a path below the prefix, with a token where this transport carries it.
    func request(_ path: String, _ token: String?, _ site: Site) -> SiteRequest {
        switch self {
        case .hls2:
            let request = site.request("/hls2/\(path)")
            return token.map { request.with("Authorization", "Bearer \($0)") } ?? request
        case .mobile:
            let mark = path.contains("?") ? "&" : "?"
            return site.request("/mobile/hls2/\(path)" + (token.map { "\(mark)token=\($0)" } ?? ""))
        case .play: return site.request("/play/\(token ?? "none")/\(path)")
        }
    }
}
