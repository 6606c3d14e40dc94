import Core
import Testing
import Tokens
import Web

@testable import Viewing

@Suite("Viewing rules") struct ViewingRulesTests {
    static let me = "0b1c7a36-52a6-4c1e-9d5e-0a3a4a1f7c11"

    static func video(
        _ rel: String = "t/c/m/l", owner: String = "t", isReady: Bool = true, duration: Double? = 600
    ) throws -> PlayableVideo {
        PlayableVideo(
            id: UUID(), rel: try #require(RelPath(stored: rel)), owner: owner, isReady: isReady, duration: duration,
            rules: nil)
    }

    static func title(
        _ level: SubscriptionLevel = .free, opens: Int64? = 100, closes: Int64? = nil, isSeries: Bool = false,
        video: PlayableVideo? = nil
    ) throws -> Playable {
        Playable(
            key: .content(UUID()), isSeries: isSeries, video: try video ?? Self.video(), level: level, opens: opens,
            closes: closes)
    }

    /// The refusal's code, or `ok`.
    static func ask(
        _ playable: Playable, _ level: SubscriptionLevel = .free, role: Role = .viewer, user: String = me,
        isDisabled: Bool = false, now: Int64 = 1000
    ) -> String {
        do throws(Problem) {
            _ = try ViewingRules.mayWatch(
                playable, user: user, role: role, Viewer(level: level, isDisabled: isDisabled), now: now)
            return "ok"
        } catch { return error.refusal.code }
    }

    @Test("each level plays what those before it play", arguments: SubscriptionLevel.allCases)
    func levels(needed: SubscriptionLevel) throws {
        let order: [SubscriptionLevel] = [.free, .premium, .family]
        for (index, own) in order.enumerated() {
            let isEnough = index >= (order.firstIndex(of: needed) ?? 9)
            #expect(Self.ask(try Self.title(needed), own) == (isEnough ? "ok" : "not_entitled"), "\(own) at \(needed)")
        }
    }

    @Test("J12 what is not published is not there, but for admins")
    func window() throws {
        for (opens, closes, now, wanted) in [
            (nil, nil, 1000, "not_found"), (1001, nil, 1000, "not_found"), (1000, nil, 1000, "ok"),
            (100, 1001, 1000, "ok"), (100, 1000, 1000, "not_found"), (nil, 2000, 1000, "not_found"),
        ] as [(Int64?, Int64?, Int64, String)] {
            let title = try Self.title(.family, opens: opens, closes: closes)
            #expect(Self.ask(title, .family, now: now) == wanted, "\(String(describing: opens))")
            #expect(Self.ask(title, .free, role: .admin, now: now) == "ok")
        }
    }

    @Test("J12 a lesson without a title is for admins and whoever uploaded it")
    func lessons() throws {
        func lesson(_ owner: String, _ rel: String = "t/c/m/l") throws -> Playable {
            Playable(key: .lesson(UUID()), video: try Self.video(rel, owner: owner))
        }
        #expect(Self.ask(try lesson("t"), .family) == "not_entitled")
        #expect(Self.ask(try lesson("t"), role: .admin) == "ok")
        #expect(Self.ask(try lesson("t"), role: .instructor) == "not_entitled")
        #expect(Self.ask(try lesson(Self.me), role: .instructor) == "ok")
        #expect(Self.ask(try lesson("key", "\(Self.me)/c/m/l"), role: .instructor) == "ok")
        #expect(Self.ask(try lesson(Self.me), role: .viewer) == "not_entitled", "a viewer uploads nothing")
    }

    @Test func whatDoesNotPlay() throws {
        #expect(Self.ask(try Self.title(isSeries: true)) == "bad_request")
        #expect(Self.ask(Playable(key: .content(UUID()), video: nil, opens: 1)) == "not_ready")
        #expect(Self.ask(try Self.title(video: Self.video(isReady: false))) == "not_ready")
        #expect(Self.ask(try Self.title(video: Self.video("user/video"))) == "not_found")
        #expect(Self.ask(try Self.title(), isDisabled: true) == "suspended")
        #expect(Self.ask(try Self.title(), role: .admin, isDisabled: true) == "suspended")
    }

    @Test func streamsByLevel() throws {
        let settings = try Settings(["STREAM_LIMIT_PREMIUM": "3"], need: [], readFile: { _ in nil })
        #expect(SubscriptionLevel.allCases.map { settings.limits.levels[$0] } == [1, 3, 5])
    }

    // MARK: What clients say

    static let badWishes: [String] = [
        "{}", "[]", "7", #"{"content_id":7}"#, #"{"content_id":"x"}"#, #"{"content_id":null}"#,
        #"{"content_id":["0b1c7a36-52a6-4c1e-9d5e-0a3a4a1f7c11"]}"#, #"{"content_id":"' OR 1=1--"}"#,
        #"{"content_id":"0B1C7A36-52A6-4C1E-9D5E-0A3A4A1F7C11"}"#, #"{"video_id":"../x"}"#, #"{"video_id":{}}"#,
        #"{"video_id":"t/c/m/l/"}"#, #"{"content_id":"0b1c7a36-52a6-4c1e-9d5e-0a3a4a1f7c11","video_id":"t/c/m/l"}"#,
        #"{"video_id":"t/c/m/l","device":""}"#, #"{"video_id":"t/c/m/l","device":7}"#,
        #"{"video_id":"t/c/m/l","device":"a\nb"}"#, #"{"video_id":"t/c/m/l","platform":"tv"}"#,
        #"{"video_id":"t/c/m/l","platform":1}"#,
    ]

    @Test("J06 a start of another form is a 400", arguments: badWishes)
    func badWish(text: String) throws {
        let body = try JSON(parsing: text)
        #expect(throws: Problem.self) { try ViewingRules.wish(body) }
    }

    @Test("J13 what a client sets beside it counts for nothing") func wish() throws {
        let body = try JSON(
            parsing: #"{"video_id":"t/c/m/l","device":"TV","platform":"mobile","user_id":"x","lim":15,"position":9}"#)
        let wish = try ViewingRules.wish(body)
        #expect(wish.title == .video(.rel(try #require(RelPath("t/c/m/l")))))
        #expect(wish.device == "TV" && wish.platform == .mobile)
    }

    static let badReports: [String] = [
        "{}", "[]", "null", #"{"position":null}"#, #"{"position":"5"}"#, #"{"position":-1}"#,
        #"{"position":-0.0001}"#, #"{"position":604801}"#, #"{"position":1e300}"#, #"{"position":9223372036854775807}"#,
        #"{"position":-9223372036854775808}"#, #"{"position":[1]}"#, #"{"position":true}"#,
        #"{"position":5,"state":"ended"}"#, #"{"position":5,"state":7}"#, #"{"position":5,"state":""}"#,
    ]

    @Test("D07 D08 a report of a position or state that can't be is a 400", arguments: badReports)
    func badReport(text: String) throws {
        let body = try JSON(parsing: text)
        #expect(throws: Problem.self) { try ViewingRules.report(body) }
    }

    @Test("D07 D08 numbers that are none are no JSON", arguments: ["NaN", "Infinity", "1e400", "0x1p3", "+5", "05"])
    func noNumbers(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: "{\"position\":\(text)}") }
    }

    @Test("J27 positions are kept to the millisecond", arguments: [("5e-324", 0.0), ("1.23449", 1.234), ("7", 7)])
    func roundedPositions(text: String, expected: Double) throws {
        #expect(try ViewingRules.report(JSON(parsing: "{\"position\":\(text)}")).position == expected)
    }

    @Test func ends() throws {
        let end = try ViewingRules.end(nil)
        #expect(end == Report(position: nil, state: .ended))
        for text in [#"{"position":-1}"#, "[]", "7"] {
            let body = try JSON(parsing: text)
            #expect(throws: Problem.self, "\(text)") { try ViewingRules.end(body) }
        }
    }
}
