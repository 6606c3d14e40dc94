internal import Core
public import Tokens
public import Web

/// What is decided about tokens.
public enum PlaybackRules {
    /// Reads what is asked for.
    ///
    /// - Throws: 400 for a parameter that is missing, stands twice or has another form.
    ///
    /// - Parameter streams: streams a user may have where nothing is said; 0 without a limit.
    public static func wish(_ query: Query, _ caller: Caller, streams: Int = 0) throws(Problem) -> TokenWish {
        let user = try user(query, caller)
        guard let rel = RelPath(try query.required("rel")) else {
            throw Problem(.badRequest, detail: "rel must be trainer_id/course_id/module_id/lesson_id.")
        }
        guard let platform = Platform(rawValue: try query.one("platform") ?? "web") else {
            throw Problem(.badRequest, detail: "platform must be web or mobile.")
        }
        let session = try query.one("session_id")
        if let session, !PlaybackToken.isName(session) {
            throw Problem(.badRequest, detail: "session_id is not valid.")
        }
        let device = try query.one("dev")
        if let device, !PlaybackToken.isName(device) { throw Problem(.badRequest, detail: "dev is not valid.") }
        let limits = TokenLimits(
            streams: try count("lim", query, caller) ?? streams, devices: try count("devs", query, caller) ?? 0,
            device: device)
        return TokenWish(
            user: user, rel: rel, platform: platform, ttl: try seconds(try query.one("ttl")), session: session,
            limits: limits, network: try network(try query.one("address")), rules: try viewers(try query.one("rules")),
            format: try format(try query.one("format")))
    }

    private static func network(_ text: String?) throws(Problem) -> NetworkPrefix? {
        guard let text else { return nil }
        guard let address = NetworkAddress(text) else {
            throw Problem(.badRequest, detail: "address must be an IPv4 or IPv6 address.")
        }
        return NetworkPrefix(around: address)
    }

    private static func format(_ text: String?) throws(Problem) -> TokenFormat {
        guard let format = TokenFormat(rawValue: text ?? "jwt") else {
            throw Problem(.badRequest, detail: "format must be jwt or cat.")
        }
        return format
    }

    /// One list of rules on viewers.
    ///
    /// - Throws: 400 with what is wrong.
    static func viewers(_ text: String?) throws(Problem) -> String? {
        guard let text else { return nil }
        if let mistake = ViewerRules.mistake(in: text) { throw Problem(.badRequest, detail: mistake) }
        return text
    }

    /// A lesson's rules in front of a token's own: both must allow.
    static func joined(_ lesson: String?, _ own: String?) -> String? {
        let lists = [lesson, own].compactMap { $0 }
        return lists.isEmpty ? nil : lists.joined(separator: "|")
    }

    /// A limit that a service sets for its user; a person sets none for himself.
    private static func count(_ name: String, _ query: Query, _ caller: Caller) throws(Problem) -> Int? {
        guard let text = try query.one(name) else { return nil }
        guard case .key = caller else { throw Problem(.badRequest, detail: "\(name) is set by a service only.") }
        guard let value = Digits.parse(text), (1...15).contains(value) else {
            throw Problem(.badRequest, detail: "\(name) must be a whole number from 1 to 15.")
        }
        return Int(value)
    }

    /// Whom a token is for: `user_id`, or the person who asks.
    ///
    /// - Throws: 400.
    static func user(_ query: Query, _ caller: Caller) throws(Problem) -> String {
        var user = try query.one("user_id")
        if user == nil, case .user(let id, _) = caller { user = id }
        guard let user, !user.isEmpty else { throw Problem(.fieldMissing, detail: "user_id is required.") }
        guard PlaybackToken.isName(user) else { throw Problem(.badRequest, detail: "user_id is not valid.") }
        return user
    }

    /// A number of seconds written in its one way; one too large for us is the largest.
    static func seconds(_ text: String?) throws(Problem) -> Int64? {
        guard let text else { return nil }
        let digits = Array(text.utf8)
        guard !digits.isEmpty, digits.count <= 64, digits.allSatisfy({ $0 >= 48 && $0 <= 57 }),
            digits[0] != 48 || digits.count == 1
        else { throw Problem(.badRequest, detail: "ttl must be a whole number of seconds.") }
        return Digits.parse(text) ?? Int64.max
    }

    /// Whether the caller may have a token: a service has decided for its site; a person for himself if he is an admin or
    /// teaches the lesson.
    ///
    /// - Throws: 403.
    public static func mayWatch(_ wish: TokenWish, _ caller: Caller) throws(Problem) {
        switch caller {
        case .key, .user(_, role: .admin): return
        case .user(let id, role: .instructor)
        where id.utf8.elementsEqual(wish.rel.trainer.description.utf8) && id.utf8.elementsEqual(wish.user.utf8):
            return
        case .user, .anyone: throw Problem(.notEntitled)
        }
    }

    /// How long tokens hold.
    ///
    /// - Parameters:
    ///   - duration: seconds the lesson plays, if known.
    ///   - usual: seconds when nobody says otherwise.
    ///   - longest: seconds at most.
    public static func lifetimes(_ wish: TokenWish, duration: Double?, usual: Int64, longest: Int64) -> Lifetimes {
        Lifetimes(
            ttl: wish.ttl, duration: duration, platform: wish.platform,
            terms: Lifetimes.Terms(usual: usual, longest: longest))
    }
}
