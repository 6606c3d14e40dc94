import Core
import Testing
import Tokens
import Web

@testable import Playback

@Suite("Playback tokens") struct PlaybackTests {
    static let service = Caller.key(id: "k", scopes: [.tokens])

    static func wish(_ query: String, _ caller: Caller = service) -> Result<TokenWish, Problem> {
        do throws(Problem) { return .success(try PlaybackRules.wish(Query(query.utf8), caller)) } catch {
            return .failure(error)
        }
    }

    static let bad: [String] = [
        "", "rel=t/c/m/l", "user_id=u", "user_id=&rel=t/c/m/l", "user_id=u&rel=t/c/m", "user_id=u&rel=t/c/m/../l",
        "user_id=u&rel=t/c/m/l/", "user_id=u&rel=t//m/l", "user_id=u&rel=t/c/m/%D0%B0",
        "user_id=u&user_id=v&rel=t/c/m/l",
        "user_id=u&rel=t/c/m/l&rel=t/c/m/l", "user_id=u&rel=t/c/m/l&platform=tv", "user_id=u&rel=t/c/m/l&ttl=-5",
        "user_id=u&rel=t/c/m/l&ttl=05", "user_id=u&rel=t/c/m/l&ttl=abc", "user_id=u&rel=t/c/m/l&ttl=",
        "user_id=u&rel=t/c/m/l&ttl=1e3", "user_id=u&rel=t/c/m/l&ttl=%2B5", "user_id=u&rel=t/c/m/l&ttl=1.0",
        "user_id=u&rel=t/c/m/l&session_id=", "user_id=u&rel=t/c/m/l&session_id=a%22b", "user_id=a%0Ab&rel=t/c/m/l",
        "user_id=\u{e9}&rel=t/c/m/l", "user_id=u&rel=t/c/m/l&address=1.2.3", "user_id=u&rel=t/c/m/l&address=",
        "user_id=u&rel=t/c/m/l&rules=deny%20cc:RU", "user_id=u&rel=t/c/m/l&rules=", "user_id=u&rel=t/c/m/l&format=",
        "user_id=u&rel=t/c/m/l&format=CAT",
    ]

    @Test("D07 D08 D14 J06 a parameter of another form is a 400", arguments: bad)
    func refuses(query: String) {
        switch Self.wish(query) {
        case .success(let wish): Issue.record("\(wish)")
        case .failure(let problem): #expect(problem.refusal.status == 400)
        }
    }

    @Test(
        "time to live: an explicit one holds, clamped; else the setting, or length and two hours",
        arguments: [
            ("&ttl=0", 1, 1), ("&ttl=900", 900, 900), ("&ttl=99999999", 86_400, 86_400),
            ("&ttl=99999999999999999999999", 86_400, 86_400), ("", 3600, 7200 + 601), ("&platform=mobile", 7801, 7801),
            ("&platform=mobile&ttl=60", 60, 60),
        ] as [(String, Int64, Int64)])
    func lifetimes(extra: String, header: Int64, path: Int64) throws {
        let wish = try Self.wish("user_id=u&rel=t/c/m/l" + extra).get()
        let held = PlaybackRules.lifetimes(wish, duration: 600.2, usual: 3600, longest: 86_400)
        #expect(held == Lifetimes(header: header, path: path))
        for odd in [Double.nan, .infinity, -5, 1e300] {
            let odd = PlaybackRules.lifetimes(wish, duration: odd, usual: 3600, longest: 86_400)
            #expect((1...86_400).contains(odd.header) && (1...86_400).contains(odd.path))
        }
    }

    @Test(
        "J12 who may have a token",
        arguments: [
            (service, true), (.user(id: "a", role: .admin), true), (.user(id: "t", role: .instructor), true),
            (.user(id: "x", role: .instructor), false), (.user(id: "t", role: .viewer), false), (.anyone, false),
        ] as [(Caller, Bool)])
    func entitlement(caller: Caller, allowed: Bool) throws {
        let wish = TokenWish(
            user: "t", rel: try #require(RelPath("t/c/m/l")), platform: .web, ttl: nil, session: nil)
        do throws(Problem) {
            try PlaybackRules.mayWatch(wish, caller)
            #expect(allowed)
        } catch {
            #expect(!allowed && error.refusal == .notEntitled)
        }
    }

    @Test("J12 who may manage a lesson's rules; what is somebody else's is not there")
    func management() throws {
        let rel = try #require(RelPath("t/c/m/l"))
        for (caller, allowed) in [
            (Self.service, true), (.user(id: "a", role: .admin), true), (.user(id: "t", role: .instructor), true),
            (.user(id: "x", role: .instructor), false), (.user(id: "t", role: .viewer), false), (.anyone, false),
        ] as [(Caller, Bool)] {
            do throws(Problem) {
                try caller.mustManage(rel.trainer)
                #expect(allowed)
            } catch {
                #expect(!allowed && error.refusal == .notFound)
            }
        }
    }

    @Test(
        "an address becomes its network; rules and format are taken as written",
        arguments: [
            ("address=203.0.113.7", "203.0.113.0/24"), ("address=%3A%3Affff:203.0.113.7", "203.0.113.0/24"),
            ("address=2001:db8:0:1ff::7", "2001:db8:0:100::/56"),
        ])
    func networks(query: String, network: String) throws {
        let wish = try Self.wish("user_id=u&rel=t/c/m/l&format=cat&rules=deny%20cc:FR;allow%20*&" + query).get()
        #expect(wish.network?.description == network && wish.format == .cat && wish.rules == "deny cc:FR;allow *")
    }

    @Test func aLessonsRulesStandBeforeTheTokensOwn() {
        #expect(PlaybackRules.joined("deny *", "allow *") == "deny *|allow *")
        #expect(PlaybackRules.joined(nil, "allow *") == "allow *" && PlaybackRules.joined(nil, nil) == nil)
    }
}
