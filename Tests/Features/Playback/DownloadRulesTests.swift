import Core
import Testing
import Tokens
import Web

@testable import Playback

@Suite("Download tokens") struct DownloadRulesTests {
    static let service = Caller.key(id: "k", scopes: [.tokens])

    static func wish(_ query: String, needsName: Bool = false) -> Result<DownloadWish, Problem> {
        do throws(Problem) {
            return .success(try DownloadRules.wish(Query(query.utf8), service, needsName: needsName))
        } catch {
            return .failure(error)
        }
    }

    @Test(
        "what is asked for has one directory",
        arguments: [
            ("user_id=u&rel=t/c/m/l", "/download2/t/c/m/l/"),
            ("user_id=u&type=lesson&rel=t/c/m/l", "/download2/t/c/m/l/"),
            ("user_id=u&type=course&course_id=c", "/download2/course/c/"),
            ("user_id=u&type=module&course_id=c&module_id=m", "/download2/module/c/m/"),
        ])
    func subjects(query: String, directory: String) throws {
        #expect(try Self.wish(query).get().subject.directory == directory)
        let named = try Self.wish(query + "&filename=a.mp4&ttl=9", needsName: true).get()
        #expect(named.filename?.description == "a.mp4")
        #expect(named.ttl == 9)
    }

    @Test(
        "D07 D08 D14 a parameter of another form is a 400",
        arguments: [
            "", "rel=t/c/m/l", "user_id=u", "user_id=u&rel=t/c/m", "user_id=u&rel=u/film",
            "user_id=u&type=film&rel=t/c/m/l",
            "user_id=u&type=course", "user_id=u&type=course&course_id=a/b", "user_id=u&type=module&course_id=c",
            "user_id=u&type=course&course_id=c&course_id=c", "user_id=u&rel=t/c/m/l&filename=../x.mp4",
            "user_id=u&rel=t/c/m/l&filename=", "user_id=u&rel=t/c/m/l&filename=.env", "user_id=u&rel=t/c/m/l&ttl=-1",
        ])
    func refuses(query: String) {
        switch Self.wish(query) {
        case .success(let wish): Issue.record("\(wish)")
        case .failure(let problem): #expect(problem.refusal.status == 400)
        }
    }

    @Test("DOWNLOAD_TOKEN_REQUIRE_FILENAME: every token names its file") func needsName() {
        switch Self.wish("user_id=u&rel=t/c/m/l", needsName: true) {
        case .success(let wish): Issue.record("\(wish)")
        case .failure(let problem): #expect(problem.refusal == .fieldMissing)
        }
    }

    @Test(
        "J12 who may download",
        arguments: [
            (service, true, true), (.user(id: "a", role: .admin), true, true),
            (.user(id: "t", role: .instructor), true, true), (.user(id: "x", role: .instructor), false, false),
            (.user(id: "t", role: .viewer), false, true), (.anyone, false, false),
        ] as [(Caller, Bool, Bool)])
    func entitlement(caller: Caller, original: Bool, presentation: Bool) throws {
        let rel = try #require(RelPath("t/c/m/l"))
        let own = try #require(Slug("t"))
        for (subject, allowed) in [
            (DownloadSubject.lesson(rel), original), (.older(user: own), original), (.course(own), presentation),
            (.module(course: own, module: own), presentation),
        ] {
            let wish = DownloadWish(user: "t", subject: subject, filename: nil, ttl: nil)
            do throws(Problem) {
                try DownloadRules.mayDownload(wish, caller)
                #expect(allowed)
            } catch {
                #expect(!allowed && error.refusal == .notEntitled)
            }
        }
    }

    @Test("a title is cut between characters, never inside an escape") func escaped() {
        #expect(DownloadRules.escaped("L'\u{e9}t\u{e9} \"1\";.mp4") == "L%27%C3%A9t%C3%A9%20%221%22%3B.mp4")
        let long = DownloadRules.escaped(String(repeating: "\u{e9}", count: 100))
        #expect(long.utf8.count == 384)
        #expect(DownloadRules.escaped("") == "")
    }
}
