import Core
import Sessions
import Testing
import Web

@testable import Watching

@Suite struct WatchingRulesTests {
    private func rival(_ session: String, _ host: String, _ started: Int64, _ limit: Int = 2, user: String = "u")
        -> Rival
    {
        Rival(user: user, session: session, host: host, started: started, limit: limit)
    }

    private func surplus(_ rivals: [Rival], newestWins: Bool = false) -> Set<String> {
        Set(WatchingRules.surplus(rivals, newestWins: newestWins).map { "\($0.session)@\($0.host)" })
    }

    @Test("J01 over several hosts the newest streams are too many, or the oldest where the newest wins")
    func overHosts() {
        let three = [rival("a", "h1", 10), rival("b", "h2", 20), rival("c", "h1", 30)]
        #expect(surplus(three) == ["c@h1"])
        #expect(surplus(three, newestWins: true) == ["a@h1"])
        #expect(surplus(Array(three.prefix(2))) == [])
        #expect(
            surplus([rival("a", "h1", 10), rival("b", "h2", 10), rival("c", "h3", 10)]) == ["c@h3"], "at once: by name")
        #expect(surplus(three + [rival("x", "h1", 1, user: "v")]) == ["c@h1"], "users do not disturb each other")
        // A session that moved is one stream; each token's own limit counts.
        #expect(surplus([rival("a", "h1", 10), rival("a", "h2", 15), rival("b", "h1", 20)]) == [])
        #expect(surplus([rival("a", "h1", 10, 5), rival("b", "h2", 20, 1), rival("c", "h2", 30, 5)]) == ["b@h2"])
    }

    @Test func aDownloadIsNearlyAllInOrderFastAndWithoutAPause() {
        func coverage(_ distinct: Int, _ inOrder: Int, _ seconds: Double, _ pause: Double = 3) -> PacingTable.Coverage {
            .init(
                distinct: distinct, inOrder: inOrder, media: Int64(distinct) * 6000, seconds: seconds,
                longestPause: pause)
        }
        let hour = 3600.0
        #expect(
            WatchingRules.isDownload(coverage(600, 599, 1200), duration: hour), "2.5 times real time after the burst")
        #expect(WatchingRules.isDownload(coverage(545, 540, 1300), duration: hour))
        for (what, seen) in [
            ("a viewer", coverage(600, 599, 3500)), ("a viewer at twice the speed", coverage(600, 599, 1770)),
            ("half of it", coverage(300, 299, 600)), ("in no order", coverage(600, 300, 1200)),
            ("with a pause", coverage(600, 599, 1400, 90)),
        ] { #expect(!WatchingRules.isDownload(seen, duration: hour), "\(what)") }
        #expect(!WatchingRules.isDownload(coverage(10, 10, 5), duration: 60), "short clips say nothing")
    }

    @Test func whatIsRevoked() throws {
        func read(_ body: JSON) -> Revocation? { try? WatchingRules.revocation(body, now: 7).revocation }
        #expect(read(["user_id": "u"]) == Revocation(kind: .user, value: "u", time: 7))
        #expect(read(["session_id": "s", "reason": "shared"])?.kind == .session)
        #expect(read(["jti": "j"])?.kind == .token)
        #expect(read(["rel": "t/c/m/l"])?.kind == .rel && read(["rel": "user/video"])?.kind == .rel)
        for body: JSON in [
            [:], ["user_id": "u", "rel": "t/c/m/l"], ["user_id": 5], ["user_id": ""], ["user_id": "a b"],
            ["rel": "t/c", "jti": "x"], ["rel": "t/c/m"], ["rel": "../x"], ["rel": "t/c/m/l/"],
            ["user_id": "u", "reason": .string(String(repeating: "x", count: 501))],
            ["user_id": "u", "reason": "a\nb"],
            ["user_id": .string(String(repeating: "x", count: 129))],
        ] { #expect(read(body) == nil, "\(body)") }
    }

    @Test func whichSessionsAreShown() throws {
        func filter(_ query: String) throws -> SessionFilter { try WatchingRules.filter(try Query(query.utf8)) }
        #expect(try filter("") == SessionFilter())
        let all = try filter("state=all&user_id=u&rel=t%2Fc%2Fm%2Fl&flagged=true")
        #expect(!all.live && all.flagged && all.user == "u" && all.rel == "t/c/m/l")
        for query in ["state=x", "flagged=1", "state=live&state=all"] {
            #expect(throws: Problem.self) { try filter(query) }
        }
    }
}
