import Core
import Testing
import Tokens
import Web

@testable import Viewing

@Suite("History rules") struct HistoryRulesTests {
    @Test("J12 history is one's own, or an admin's to see") func whose() throws {
        let me = try #require(UUID("0b1c7a36-52a6-4c1e-9d5e-0a3a4a1f7c11"))
        func ask(_ caller: Caller) -> Int {
            do throws(Problem) { try HistoryRules.mustBe(me, caller) } catch { return error.refusal.status }
            return 200
        }
        for role in Role.allCases {
            #expect(ask(.user(id: "\(me)", role: role)) == 200)
            #expect(ask(.user(id: "\(UUID())", role: role)) == (role == .admin ? 200 : 404), "\(role)")
        }
        #expect(ask(.key(id: "k", scopes: [.admin])) == 200 && ask(.anyone) == 404)
    }

    static func cursor(_ text: String) -> String { "cursor=" + Base64URL.encode(Array(text.utf8).span) }

    @Test(
        "J07 J11 limits and cursors that were edited are a 400",
        arguments: [
            "limit=0", "limit=101", "limit=-1", "limit=1e1", "limit=", "limit=5&limit=6", "limit=1%3B--", "cursor=",
            "cursor=x", "cursor=e30", cursor("1\n"), cursor("1000000000000"), cursor("-1\n" + "\(UUID())"),
            cursor("253402300799000001\n\(UUID())"), cursor("9223372036854775807\n\(UUID())"),
            cursor("1e9\n\(UUID())"), cursor("5\n' OR 1=1--"), cursor("5\n\(UUID())\n"), cursor("05\n\(UUID())"),
        ])
    func pages(text: String) throws {
        let query = try Query(text.utf8)
        #expect(throws: Problem.self) { try HistoryRules.page(query) }
    }

    @Test func goodPages() throws {
        let id = UUID()
        let page = try HistoryRules.page(try Query("limit=100&\(Self.cursor("1700000000123456\n\(id)"))".utf8))
        #expect(page == Page(limit: 100, after: ["1700000000123456", "\(id)"]))
        #expect(try HistoryRules.completed(try Query("completed=false".utf8)) == false)
        let odd = try Query("completed=1".utf8)
        #expect(throws: Problem.self) { try HistoryRules.completed(odd) }
    }

    @Test("J06 J13", arguments: ["{}", "[]", #"{"content_id":1}"#, #"{"content_id":"a' or '1'='1"}"#])
    func favorites(text: String) throws {
        let body = try JSON(parsing: text)
        #expect(throws: Problem.self) { try HistoryRules.favorite(body) }
    }
}
