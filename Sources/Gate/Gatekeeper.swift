public import Core
public import GeoIP
public import Tokens

/// Decides. Pure: bytes, settings and a time in, a verdict out; nothing is read, written or allocated.
public struct Gatekeeper: Sendable {
    private(set) var keys: KeyRing
    private let referrers: [Origin]
    private let mobile: MobileReferrers?
    private let countries: CountryDatabase?
    let longest: Int64

    /// - Parameters:
    ///   - keys: what tokens may be signed with.
    ///   - referrers: which sites may show a lesson.
    ///   - longest: seconds a token may hold.
    ///   - mobile: which sites may show a lesson to a mobile token; `nil`: that is not looked at.
    ///   - countries: tells the country of an address; without it rules on countries refuse.
    public init(
        keys: KeyRing, referrers: [Origin], longest: Int64, mobile: MobileReferrers? = nil,
        countries: CountryDatabase? = nil
    ) {
        self.keys = keys
        self.referrers = referrers
        self.mobile = mobile
        self.countries = countries
        self.longest = longest
    }

    /// From now on tokens are checked with other keys.
    mutating func use(_ keys: KeyRing) { self.keys = keys }

    /// Where the request goes: its path as nginx understood it, the target as the client wrote it, its method, and what
    /// the location asks.
    package func locate(
        question: Span<UInt8>, path: Span<UInt8>, raw: Span<UInt8>, method: Span<UInt8>
    ) -> Result<(Question, MediaPath), Refusal> {
        guard method.equals("GET") || method.equals("HEAD") else { return .failure(.method) }
        guard isCanonical(path, raw), let question = Question(question), let place = MediaPath(path)
        else {
            return .failure(.path)
        }
        switch (place.target, question) {
        case (.key, .key), (.fileKey, .key), (.playlist, .playlist), (.mediaPlaylist, .file),
            (.mediaPlaylist, .playlist), (.file, .file):
            return .success((question, place))
        default: return .failure(.path)
        }
    }

    /// Whether what was located may be fetched.
    ///
    /// - Parameters:
    ///   - authorization: the header's value, empty when absent; so are the others.
    ///   - cookie: the header's value.
    ///   - query: the query, empty where the transport has none.
    ///   - referrer: the header's value.
    ///   - agent: the header's value.
    ///   - client: the peer's address as nginx sees it.
    ///   - repeated: a header that decides stands twice.
    ///   - now: wall-clock seconds.
    package func admit(
        _ place: MediaPath, path: Span<UInt8>, authorization: Span<UInt8>, cookie: Span<UInt8>, query: Span<UInt8>,
        referrer: Span<UInt8>, agent: Span<UInt8>, client: Span<UInt8>, repeated: Bool, now: Int64
    ) -> Result<PlaybackClaims, Refusal> {
        if repeated { return .failure(.tokenMalformed) }
        let claims: PlaybackClaims
        func judge(_ term: TokenTerm, _ value: Span<UInt8>) -> Refusal? {
            term.objection(value, path: path, client: client, referrer: referrer, agent: agent) { address in
                countries?.country(of: address.bits, isIPv4: address.isIPv4)
            }
        }
        switch carried(place, path: path, authorization: authorization, cookie: cookie, query: query, now: now, judge) {
        case .success(let found): claims = found
        case .failure(let refusal): return .failure(refusal)
        }
        guard claims.isFor(path.extracting(place.rel)) else { return .failure(.rel) }
        switch place.transport {
        case .header: if claims.pathOnly { return .failure(.transport) }
        case .query:
            if claims.pathOnly { return .failure(.transport) }
            if claims.platform == .web { return .failure(.platform) }
        case .path: if claims.platform == .web && !claims.pathOnly { return .failure(.transport) }
        }
        // Native players inherit the token from the path and often send no referrer.
        if let refusal = disliked(referrer, for: claims, needed: place.transport != .path) { return .failure(refusal) }
        if let objection = claims.objection { return .failure(objection) }
        return .success(claims)
    }

    /// Why a token may not be used on the page that the referrer names.
    func disliked(_ referrer: Span<UInt8>, for claims: PlaybackClaims, needed: Bool) -> Refusal? {
        if claims.platform == .web {
            if referrer.isEmpty { return needed ? .referrerMissing : nil }
            return isListed(referrer, in: referrers) ? nil : .referrer
        }
        guard let mobile else { return nil }
        if referrer.isEmpty { return needed && !mobile.mayMiss ? .referrerMissing : nil }
        return isListed(referrer, in: mobile.origins) ? nil : .referrer
    }

    private func carried(
        _ place: MediaPath, path: Span<UInt8>, authorization: Span<UInt8>, cookie: Span<UInt8>, query: Span<UInt8>,
        now: Int64, _ judge: (TokenTerm, Span<UInt8>) -> Refusal?
    ) -> Result<PlaybackClaims, Refusal> {
        func verify(_ token: Span<UInt8>) -> Result<PlaybackClaims, Refusal> {
            PlaybackToken.verify(token, keys: keys, now: now, longest: longest, judge: judge)
        }
        switch place.transport {
        case .path: return verify(path.extracting(place.token))
        case .header:
            guard let inCookie = Cookie.token(cookie) else { return .failure(.tokenMalformed) }
            return one(authorization, and: cookie.extracting(inCookie), verify)
        case .query:
            guard let inQuery = Query.token(query) else { return .failure(.tokenMalformed) }
            return one(authorization, and: query.extracting(inQuery), verify)
        }
    }

    /// The one token of a header and of a second place. A player that was given both sends both; two that differ are
    /// refused, as which one counts would be a guess.
    func one<Claims>(
        _ authorization: Span<UInt8>, and other: Span<UInt8>, _ verify: (Span<UInt8>) -> Result<Claims, Refusal>
    ) -> Result<Claims, Refusal> {
        if authorization.isEmpty { return verify(other) }
        return bearer(authorization).map(or: .tokenMalformed) { inHeader in
            let token = authorization.extracting(inHeader)
            return other.isEmpty || token.equals(other) ? verify(token) : .failure(.tokenMalformed)
        }
    }

    /// Where the credential lies behind `Bearer ` (RFC 6750 §2.1); empty without a header, `nil` for another scheme.
    func bearer(_ value: Span<UInt8>) -> Range<Int>? {
        if value.isEmpty { return 0..<0 }
        guard value.count > 7, value[6] == 32, value[7] != 32 else { return nil }
        var scheme = InlineArray<6, UInt8>(repeating: 0)
        for index in 0..<6 { scheme[index] = value[index] | 0x20 }
        return scheme.span.equals("bearer") ? 7..<value.count : nil
    }

    private func isListed(_ referrer: Span<UInt8>, in referrers: [Origin]) -> Bool {
        var normal = InlineArray<320, UInt8>(repeating: 0)
        var span = normal.mutableSpan
        guard let count = Origin.normalise(referrer, wholeOrigin: false, into: &span) else { return false }
        for origin in referrers where origin.matches(normal.span.extracting(0..<count)) { return true }
        return false
    }
}

/// Which sites may show a lesson to a mobile token.
public struct MobileReferrers: Sendable {
    let origins: [Origin]
    let mayMiss: Bool

    /// - Parameters:
    ///   - origins: the sites.
    ///   - mayMiss: whether a request without a referrer passes, as most apps send none.
    public init(origins: [Origin], mayMiss: Bool) {
        self.origins = origins
        self.mayMiss = mayMiss
    }
}

extension Optional where Wrapped == Range<Int> {
    fileprivate func map<T>(or refusal: Refusal, _ body: (Wrapped) -> Result<T, Refusal>) -> Result<T, Refusal> {
        switch self {
        case .some(let range): body(range)
        case .none: .failure(refusal)
        }
    }
}

/// The one query parameter the gate knows.
enum Query {
    /// Where the value of `token` lies; an empty range when there is none, `nil` when it stands twice, is spelt with
    /// escapes, or holds any.
    static func token(_ query: Span<UInt8>) -> Range<Int>? {
        var found: Range<Int>?
        var start = 0
        while start <= query.count {
            let end = query.firstIndex(of: UInt8(ascii: "&"), from: start) ?? query.count
            let equals = query.extracting(start..<end).firstIndex(of: UInt8(ascii: "=")).map { $0 + start } ?? end
            let name = query.extracting(start..<equals)
            if name.firstIndex(of: UInt8(ascii: "%")) != nil { return nil }
            if name.equals("token") {
                let value = min(equals + 1, end)..<end
                guard found == nil, query.extracting(value).firstIndex(of: UInt8(ascii: "%")) == nil else { return nil }
                found = value
            }
            start = end + 1
        }
        return found ?? 0..<0
    }
}
