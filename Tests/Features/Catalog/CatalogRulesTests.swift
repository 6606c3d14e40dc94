import Core
import Testing
import Tokens
import Web

@testable import Catalog

@Suite struct CatalogRulesTests {
    private func wish(_ query: String, _ caller: Caller = .user(id: "u", role: .viewer)) throws(Problem) -> TitleWish {
        try CatalogRules.wish(try Query(query.utf8), caller)
    }

    private func refusal(_ query: String, _ caller: Caller = .user(id: "u", role: .viewer)) -> Refusal? {
        do throws(Problem) {
            _ = try wish(query, caller)
            return nil
        } catch { return error.refusal }
    }

    @Test("J07 J11 filters, orders and cursors are of closed lists") func closedLists() throws {
        #expect(try wish("").order == .newest)
        #expect(try wish("search=am%C3%A9lie").order == .relevance)
        #expect(try wish("search=x&sort=year").order == .year)
        #expect(try wish("type=series&genre=Drama&language=EN-gb").language == "en-GB")
        #expect(try wish("year=1999").years == 1999...1999)
        #expect(try wish("year_from=1990").years == 1990...9999)
        for query in [
            "sort=created_at", "sort=title%20desc", "sort=relevance", "sort=", "type=film", "required_level=gold",
            "status=x", "genre=", "genre=%00", "series_id=1", "language=e", "year=2000&year_from=1990",
            "year_from=2000&year_to=1999", "sort=title&sort=year", "search=a&search=b",
        ] { #expect(refusal(query) == .badRequest, "\(query)") }
        let cursors: [(TitleOrder, [String], Bool)] = [
            (.newest, ["0", "1700000000000000", "0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60"], true),
            (.title, ["0", "the matrix", "0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60"], true),
            (.views, ["0", "the matrix", "0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60"], false),
            (.views, ["-1", "5", "0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60"], false),
            (.views, ["0", "5", "' or 1=1"], false),
            (.year, ["0", "9223372036854775807", "0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60"], false),
            (.rating, ["1e9", "1", "0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60"], false),
        ]
        for (order, after, isGood) in cursors {
            var passes = true
            do throws(Problem) { try CatalogRules.check(Page(after: after), order) } catch { passes = false }
            #expect(passes == isGood, "\(order) \(after)")
        }
    }

    @Test("D07 D08 numbers are digits in range") func numbers() {
        for year in ["0", "-1", "+5", "05", "0x7d0", "1e3", "10000", "9223372036854775808", "nan", "١٩٩٩"] {
            #expect(refusal("year=\(year)") == .badRequest, "\(year)")
        }
    }

    @Test("J09 a search has a length, no NUL, and may hold anything else") func searchText() throws {
        #expect(refusal("search=" + String(repeating: "a", count: 201)) == .badRequest)
        #expect(refusal("search=a%00b") == .badRequest)
        #expect(try wish("search=").search == nil)
        #expect(try wish("search=%09%0A").search == nil)
        #expect(try wish("search=a%09b").search == "a b")
        #expect(try wish("search=%25_%5C%27%22").search == "%_\\'\"")
    }

    @Test func onlyWhoKeepsTheCatalogueSeesDrafts() throws {
        for caller: Caller in [
            .user(id: "u", role: .viewer), .user(id: "u", role: .instructor), .key(id: "k", scopes: [.tokens]),
        ] {
            #expect(refusal("status=draft", caller) == .scope)
            #expect(refusal("status=published", caller) == nil)
        }
        #expect(try wish("status=all", .key(id: "k", scopes: [.catalog])).visibility == .all)
        #expect(try wish("status=draft", .user(id: "a", role: .admin)).visibility == .hidden)
    }

    // MARK: Watching

    private func title(_ level: SubscriptionLevel, playable: Bool = true) -> Title {
        var fields = TitleFields(kind: .movie)
        fields.level = level
        return Title(
            id: UUID(), fields: fields, views: 0, isOpen: true, isPlayable: playable, duration: 60, qualities: [],
            rel: RelPath("library/o/v/main"), created: UnixTime(0), updated: UnixTime(0))
    }

    @Test func aLevelIncludesThoseBelowIt() {
        let person = Caller.user(id: "u", role: .viewer)
        func outcome(_ level: SubscriptionLevel, _ viewer: Viewer?, _ caller: Caller, playable: Bool = true) -> String {
            do throws(Problem) {
                let (_, streams) = try CatalogRules.mayWatch(
                    title(level, playable: playable), viewer, caller,
                    streams: { $0 == .free ? 1 : $0 == .premium ? 2 : 5 })
                return "\(streams)"
            } catch { return error.refusal.code }
        }
        for (needed, owned, expected) in [
            (SubscriptionLevel.free, SubscriptionLevel.free, "1"), (.free, .family, "5"),
            (.premium, .free, "not_entitled"),
            (.premium, .premium, "2"), (.premium, .family, "5"), (.family, .premium, "not_entitled"),
            (.family, .family, "5"),
        ] {
            #expect(outcome(needed, Viewer(level: owned, isDisabled: false), person) == expected)
        }
        #expect(outcome(.free, nil, person) == "1", "a site's own user has the lowest level")
        #expect(outcome(.premium, nil, person) == "not_entitled")
        #expect(outcome(.premium, nil, .key(id: "k", scopes: [.tokens])) == "1", "a service has decided")
        #expect(outcome(.family, Viewer(level: .free, isDisabled: false), .user(id: "a", role: .admin)) == "1")
        #expect(outcome(.free, Viewer(level: .family, isDisabled: true), person) == "suspended")
        #expect(outcome(.free, nil, person, playable: false) == "not_ready")
    }

    @Test func somebodyWatchesForHimselfAndAServiceSaysForWhom() throws {
        func watcher(_ query: String, _ caller: Caller) -> String {
            do throws(Problem) {
                let (user, isMobile) = try CatalogRules.watcher(try Query(query.utf8), caller)
                return "\(user) \(isMobile)"
            } catch { return error.refusal.code }
        }
        let (person, service) = (Caller.user(id: "u", role: .viewer), Caller.key(id: "k", scopes: [.tokens]))
        #expect(watcher("", person) == "u false")
        #expect(watcher("platform=mobile&user_id=u", person) == "u true")
        #expect(watcher("user_id=v", person) == "not_entitled")
        #expect(watcher("user_id=v", service) == "v false")
        #expect(watcher("", service) == "field_missing")
        #expect(watcher("user_id=a%20b", service) == "bad_request")
        #expect(watcher("platform=tv", person) == "bad_request")
    }

    @Test func statusInOneWord() {
        func status(_ video: UUID?, _ playable: Bool, _ state: String?) -> String {
            CatalogRules.status(Processing(video: video, isPlayable: playable, task: nil), taskState: state)
        }
        #expect(status(nil, false, nil) == "none")
        #expect(status(UUID(), true, nil) == "ready")
        #expect(status(UUID(), false, "queued") == "queued")
        #expect(status(UUID(), true, "running") == "running")
        #expect(status(UUID(), true, "done") == "ready")
        #expect(status(UUID(), false, "failed") == "failed")
    }
}
