internal import Core
internal import POSIX
internal import Postgres
internal import Sessions
internal import Watching

/// One look at the sessions of this host after another: writes down who is watching, brings revocations to the gates, and
/// refuses what is too much over all hosts.
///
/// What can't be written because the database is away is not lost: the tables hold it, the next round writes it.
final class SessionRound {
    private let sessions: Sessions
    private let store: any WatchingStore
    private let host: String
    private let limits: Settings.Limits
    private let longest: Int64
    private let log: Log

    /// What stands in the database of each session.
    private var noted: [UInt64: SessionTable.Entry] = [:]
    /// What its owner should know.
    private var flags: [UInt64: Set<SessionFlag>] = [:]
    /// Milliseconds of media that were taken from the tables and are not written yet.
    private var pending: [UInt64: Int64] = [:]
    private var mark: String?
    private var looked: Int64 = 0
    private var forgot: Int64 = 0
    private var full: UInt64 = 0

    /// Seconds between two notes of a session that only goes on.
    static let interval: Int64 = 10
    /// Seconds between two looks at how titles are fetched.
    static let lookInterval: Int64 = 15

    /// - Parameters:
    ///   - sessions: this host's.
    ///   - store: where they are written down.
    ///   - host: this host's name.
    ///   - limits: what viewers are held to.
    ///   - longest: seconds a token holds at most.
    init(
        _ sessions: Sessions, store: any WatchingStore, host: String, limits: Settings.Limits, longest: Int64, log: Log
    ) {
        self.sessions = sessions
        self.store = store
        self.host = host
        self.limits = limits
        self.longest = longest
        self.log = log
    }

    /// One round.
    func run(now: Int64) throws(DatabaseError) {
        let entries = sessions.watch()
        try end(entries, now)
        try note(entries, now)
        try balance(entries)
        try publish(entries)
        if now - looked >= Self.lookInterval {
            looked = now
            try look(entries)
        }
        if now - forgot >= 3600 {
            forgot = now
            try store.forget(longest: longest)
            noted = noted.filter { now - $0.value.last < 86_400 }
            flags = flags.filter { noted[$0.key] != nil }
        }
        tellWhatIsFull()
    }

    /// Sessions that the gates ended are revoked for good, on every host.
    private func end(_ entries: [SessionTable.Entry], _ now: Int64) throws(DatabaseError) {
        for entry in entries where entry.flags.contains(.ended) && !entry.flags.contains(.endSeen) {
            try store.revoke(
                Revocation(kind: .session, value: entry.session, time: now),
                reason: "asked faster than it can be watched", author: "keeper")
            flags[entry.key, default: []].insert(.ripped)
            sessions.markEnded(entry)
            log.warning("session_ended", ["session_id": .string(entry.session), "rel": .string(entry.rel)])
        }
    }

    private func note(_ entries: [SessionTable.Entry], _ now: Int64) throws(DatabaseError) {
        var changed: [SessionTable.Entry] = []
        for entry in entries {
            let media = sessions.takeMedia(of: entry)
            if media > 0 { pending[entry.key, default: 0] += media }
            let old = noted[entry.key]
            let isNew = old == nil || old?.rel != entry.rel || old?.limit != entry.limit
            let isDue = max(entry.last, now) - (old?.last ?? 0) >= Self.interval
            // The first media makes it a stream, which other hosts must hear of at once.
            let becameStream = old?.lastMedia == 0 && entry.lastMedia != 0
            let isOther = entry.last != old?.last || entry.refusals != old?.refusals || entry.requests != old?.requests
            if isNew || becameStream || old?.flags != entry.flags || (isDue && isOther) { changed.append(entry) }
        }
        for start in stride(from: 0, to: changed.count, by: 500) {
            let part = changed[start..<min(start + 500, changed.count)]
            try store.note(
                part.map {
                    SessionNote(
                        entry: $0, mediaSeconds: Double(pending[$0.key] ?? 0) / 1000, flags: flags[$0.key] ?? [])
                }, host: host)
            for entry in part {
                pending[entry.key] = nil
                noted[entry.key] = entry
            }
        }
    }

    /// A user's streams on other hosts count, too.
    private func balance(_ entries: [SessionTable.Entry]) throws(DatabaseError) {
        let rivals = try store.rivals(window: limits.window)
        let refused = Set(
            WatchingRules.surplus(rivals, newestWins: limits.newestWins).filter { $0.host == host }
                .map { "\($0.user)\n\($0.session)" })
        var now: Set<UInt64> = []
        for entry in entries where refused.contains("\(entry.user)\n\(entry.session)") {
            now.insert(entry.key)
            if !entry.flags.contains(.surplus) { sessions.setSurplus(true, entry) }
        }
        for entry in entries where entry.flags.contains(.surplus) && !now.contains(entry.key) {
            sessions.setSurplus(false, entry)
        }
    }

    /// Writes the revocations where the gates read them, and gives ended sessions' places back.
    private func publish(_ entries: [SessionTable.Entry]) throws(DatabaseError) {
        let said = try store.mark()
        if said == mark { return }
        let all = try store.standing()
        do throws(SystemError) {
            try RevocationList.write(all, to: sessions.revocationPath)
        } catch {
            log.alert("revocations", ["reason": .string(error.description)])
            return
        }
        sessions.revocationsChanged()
        mark = said
        let ended = Set(all.filter { $0.kind == .session }.map(\.value))
        for entry in entries where ended.contains(entry.session) { sessions.release(entry) }
    }

    /// Looks at how titles are fetched, and tells the owner what looks like copying.
    private func look(_ entries: [SessionTable.Entry]) throws(DatabaseError) {
        let live = entries.filter { $0.lastMedia > 0 && noted[$0.key] != nil }
        if live.isEmpty { return }
        let durations = try store.durations(Set(live.map(\.rel)))
        let today = try store.today(Set(live.map(\.user)))
        for entry in live {
            var seen = flags[entry.key] ?? []
            if let coverage = sessions.coverage(of: entry), let duration = durations[entry.rel],
                WatchingRules.isDownload(coverage, duration: duration)
            {
                seen.insert(.downloadLike)
            }
            if WatchingRules.isMoreThanADay(today[entry.user] ?? 0) { seen.insert(.moreThanADay) }
            guard seen != flags[entry.key] ?? [] else { continue }
            try store.note([SessionNote(entry: entry, mediaSeconds: 0, flags: seen)], host: host)
            flags[entry.key] = seen
            log.warning(
                "session_flagged",
                [
                    "session_id": .string(entry.session), "rel": .string(entry.rel),
                    "flags": .array(seen.map { .string($0.rawValue) }),
                ])
        }
    }

    private func tellWhatIsFull() {
        let count = sessions.full.reduce(0) { $0 + $1.count }
        if count > full {
            log.alert(
                "sessions_full",
                ["tables": .string(sessions.full.map { "\($0.table) \($0.count)" }.joined(separator: ", "))])
        }
        full = count
    }
}
