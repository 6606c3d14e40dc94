import Core
import Testing
import Tokens
import Web

@testable import Analytics

@Suite("Figures") struct AnalyticsRulesTests {
    static let me = "0b1c7a36-52a6-4c1e-9d5e-0a3a4a1f7c11"

    static func ask(_ query: String, _ caller: Caller) -> Result<FigureScope, Problem> {
        do throws(Problem) { return .success(try AnalyticsRules.scope(Query(query.utf8), caller)) } catch {
            return .failure(error)
        }
    }

    @Test("J12 everybody sees his own, admins and services all") func whose() throws {
        let own = UUID(Self.me)
        for role in Role.allCases {
            let scope = try Self.ask("", .user(id: Self.me, role: role)).get()
            #expect(scope == FigureScope(user: role == .admin ? nil : own, days: 30), "\(role)")
        }
        let service = try Self.ask("days=7", .key(id: "k", scopes: [.catalog])).get()
        #expect(service == FigureScope(user: nil, days: 7))
        // A name of a site's own is no account; it must not turn into everybody's.
        guard case .failure(let problem) = Self.ask("", .user(id: "student-7", role: .viewer)) else {
            Issue.record("a stranger saw figures")
            return
        }
        #expect(problem.refusal == .notFound)
    }

    @Test("D07 D08 J07", arguments: ["0", "366", "-1", "05", "1e2", "", "7&days=8", "9223372036854775808", "%00"])
    func days(text: String) {
        guard case .failure(let problem) = Self.ask("days=\(text)", .user(id: Self.me, role: .viewer)) else {
            Issue.record("\(text) was accepted")
            return
        }
        #expect(problem.refusal.status == 400)
    }
}
