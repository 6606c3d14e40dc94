public import Core
public import Sessions
internal import Tokens
public import Web

/// What is decided about sessions.
public enum WatchingRules {
    /// The share of a title that is nearly all of it, of segments that followed each other, and how fast a copier is: a
    /// little above what twice the speed takes, and below what pacing allows.
    static let nearlyAll = 0.9
    static let copierRate = 2.2
    /// Seconds without anything new that no copier takes.
    static let pause = 60.0
    /// Seconds of media in a day.
    static let day = 86_400.0

    /// Which streams are too many, when a user has some on several hosts: of those that began later (or, where the newest
    /// wins, earlier) than as many others as its own token allows.
    ///
    /// - Parameter rivals: all streams that count, of all hosts.
    public static func surplus(_ rivals: [Rival], newestWins: Bool) -> [Rival] {
        var byUser: [String: [Rival]] = [:]
        for rival in rivals { byUser[rival.user, default: []].append(rival) }
        return byUser.values.flatMap { all in
            let order = all.sorted {
                $0.started == $1.started
                    ? $0.session.utf8.lexicographicallyPrecedes($1.session.utf8)
                    : ($0.started < $1.started) != newestWins
            }
            var before: Set<String> = []
            return order.filter { rival in
                // A session that moved from one host to another is one stream.
                let isTooMany = !before.contains(rival.session) && before.count >= rival.limit
                if !isTooMany { before.insert(rival.session) }
                return isTooMany
            }
        }
    }

    /// Whether a viewer's way through a title is that of a download.
    ///
    /// - Parameter duration: seconds the title plays.
    public static func isDownload(_ coverage: PacingTable.Coverage, duration: Double) -> Bool {
        guard duration >= 120, coverage.distinct >= 20 else { return false }
        let media = Double(coverage.media) / 1000
        return media >= nearlyAll * duration && Double(coverage.inOrder) >= nearlyAll * Double(coverage.distinct)
            && coverage.longestPause <= pause && media >= copierRate * coverage.seconds
    }

    /// Whether nobody can have watched so much in a day.
    public static func isMoreThanADay(_ seconds: Double) -> Bool { seconds > day }

    /// Reads what is to be revoked.
    ///
    /// - Throws: 400 unless exactly one of `jti`, `session_id`, `user_id`, `rel` is there, as tokens carry them.
    public static func revocation(_ body: JSON, now: Int64) throws(Problem) -> (revocation: Revocation, reason: String)
    {
        let names: [(String, RevocationKind)] = [
            ("jti", .token), ("session_id", .session), ("user_id", .user), ("rel", .rel),
        ]
        let given = names.filter { body[$0.0] != nil }
        guard given.count == 1, let (name, kind) = given.first, let value = body[name]?.string else {
            throw Problem(
                .badRequest, detail: "Exactly one of jti, session_id, user_id and rel must be given, as text.")
        }
        guard kind == .rel ? RelPath(stored: value) != nil : PlaybackToken.isName(value) else {
            throw Problem(.badRequest, detail: "\(name) is not valid.")
        }
        let reason = body["reason"]?.string ?? ""
        guard reason.utf8.count <= 500, !reason.unicodeScalars.contains(where: { $0.value < 32 }) else {
            throw Problem(.badRequest, detail: "reason has at most 500 bytes, without control characters.")
        }
        return (Revocation(kind: kind, value: value, time: now), reason)
    }

    /// Reads which sessions somebody wants to see.
    public static func filter(_ query: Query) throws(Problem) -> SessionFilter {
        var filter = SessionFilter()
        filter.user = try query.one("user_id")
        filter.rel = try query.one("rel")
        switch try query.one("state") ?? "live" {
        case "live": filter.live = true
        case "all": filter.live = false
        default: throw Problem(.badRequest, detail: "state must be live or all.")
        }
        switch try query.one("flagged") ?? "false" {
        case "true": filter.flagged = true
        case "false": filter.flagged = false
        default: throw Problem(.badRequest, detail: "flagged must be true or false.")
        }
        return filter
    }
}
