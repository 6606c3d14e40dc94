import Accounts
import Core
import Fetch
import Foundation
import TestKeys
import Testing
import Tokens

private let key = try? TestKey()
private let wall: Int64 = 1_800_000_000

/// A server of certificates that answers as a test wants.
private final class Server {
    var answer: Get.Answer?
    var fetches = 0

    func serve(_ kids: [String], cacheControl: String? = "max-age=1000") throws {
        let pem = try #require(key).certificate
        let body = JSON.object(kids.map { JSON.Member($0, .string(pem)) }).bytes
        answer = Get.Answer(status: 200, cacheControl: cacheControl, body: body)
    }

    struct Down: Error {}
}

/// A host: a directory its processes share.
private final class Host {
    let directory = FileManager.default.temporaryDirectory.appending(path: "firebase-\(Foundation.UUID().uuidString)")
    let server = Server()
    var notices: [CertificateNotice] = []

    init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: directory) }

    func process() throws -> FirebaseCertificates {
        FirebaseCertificates(
            directory.path() + "/set", refreshes: try FirebaseRefreshes(directory.path() + "/words"),
            fetch: { [server] in
                server.fetches += 1
                guard let answer = server.answer else { throw Server.Down() }
                return answer
            }, tell: { [weak self] in self?.notices.append($0) })
    }
}

extension FirebaseCertificates {
    /// What is found at a second after the beginning, both clocks running alike.
    fileprivate func find(_ kid: String, at second: Int64) -> String {
        switch find(kid, wall: wall + second, monotonic: 5000 + second) {
        case .certificate: "certificate"
        case .unknown: "unknown"
        case .unavailable(let wait): "wait \(wait)"
        }
    }
}

@Suite struct FirebaseCertificatesTests {
    @Test("F01 F05 F06 the first fetches for all, and no name brings more than one fetch a minute") func shared() throws
    {
        let host = try Host()
        try host.server.serve(["k1"])
        let (one, two) = (try host.process(), try host.process())
        #expect(one.find("k1", at: 0) == "certificate")
        #expect(two.find("k1", at: 0) == "certificate")
        #expect(host.server.fetches == 1)
        for index in 0..<10_000 {
            let found = (index % 2 == 0 ? one : two).find("random\(index)", at: Int64(index / 1000))
            if found != "unknown" { Issue.record("\(index): \(found)") }
        }
        #expect(host.server.fetches == 1)
        #expect(two.find("k2", at: 59) == "unknown" && host.server.fetches == 1)
        try host.server.serve(["k1", "k2"])
        #expect(two.find("k2", at: 60) == "certificate" && host.server.fetches == 2)
        #expect(one.find("k2", at: 61) == "certificate" && host.server.fetches == 2)
        #expect(host.notices == [.fetched(count: 1, lifetime: 1000), .fetched(count: 2, lifetime: 1000)])
    }

    @Test("F09 a certificate that was taken out is none after the refresh") func rotation() throws {
        let host = try Host()
        try host.server.serve(["old", "new"])
        let (one, two) = (try host.process(), try host.process())
        #expect(one.find("old", at: 0) == "certificate" && two.find("old", at: 0) == "certificate")
        try host.server.serve(["new"])
        #expect(one.find("old", at: 999) == "certificate")
        #expect(one.find("new", at: 1000) == "certificate" && host.server.fetches == 2)
        #expect(one.find("old", at: 1001) == "unknown" && two.find("old", at: 1001) == "unknown")
    }

    @Test("F07 the server is down: fresh, stale for a day, then nothing") func down() throws {
        let host = try Host()
        try host.server.serve(["k1"])
        let process = try host.process()
        #expect(process.find("k1", at: 0) == "certificate")
        host.server.answer = nil
        #expect(process.find("k2", at: 100) == "unknown")
        #expect(process.find("k1", at: 999) == "certificate")
        #expect(host.notices.last == .failed(reason: "Down()") && host.server.fetches == 2)
        // A name that a stale set lacks may be a new one's: nobody can tell.
        #expect(process.find("k1", at: 1000) == "certificate" && process.find("k2", at: 1001) == "wait 60")
        #expect(host.notices.last == .stale(reason: "Down()") && host.server.fetches == 3)
        #expect(process.find("k1", at: 1060) == "certificate" && host.server.fetches == 4)
        #expect(process.find("k1", at: 87_399) == "certificate" && process.find("k1", at: 87_400) == "wait 60")
        #expect(process.find("k1", at: 87_500) == "wait 60" && host.notices.last == .missing(reason: "Down()"))
        try host.server.serve(["k1"])
        #expect(process.find("k1", at: 87_600) == "certificate")
        #expect(try Host().process().find("k1", at: 0) == "wait 60")
    }

    @Test("F08 what is no set leaves the old one in use") func badAnswers() throws {
        let host = try Host()
        try host.server.serve(["k1"])
        let process = try host.process()
        #expect(process.find("k1", at: 0) == "certificate")
        let good = try #require(host.server.answer)
        var second: Int64 = 0
        for bad in [
            Get.Answer(status: 200, cacheControl: "max-age=9", body: Array("<html></html>".utf8)),
            Get.Answer(status: 200, cacheControl: nil, body: Array("{}".utf8)),
            Get.Answer(status: 302, cacheControl: "max-age=9", body: good.body),
            Get.Answer(status: 500, cacheControl: nil, body: good.body),
            Get.Answer(status: 204, cacheControl: nil, body: []),
        ] {
            second += 100
            host.server.answer = bad
            #expect(process.find("k2", at: second) == "unknown" && process.find("k1", at: second) == "certificate")
        }
        #expect(host.server.fetches == 6 && host.notices.count == 6)
        #expect(host.notices.dropFirst().allSatisfy { if case .failed = $0 { true } else { false } })
    }

    @Test("a shared file that is damaged, and one of a clock that ran ahead, count for nothing") func damaged() throws {
        let host = try Host()
        try host.server.serve(["k1"])
        let one = try host.process()
        #expect(one.find("k1", at: 0) == "certificate")
        try Data("{\"fetched\":".utf8).write(to: host.directory.appending(path: "set"))
        #expect(one.find("k1", at: 1) == "certificate")
        #expect(try host.process().find("k1", at: 2) == "wait 60")
        let ahead = try Host()
        try ahead.server.serve(["k1"])
        #expect(try ahead.process().find("k1", wall: wall + 7200, monotonic: 1).isFound)
        ahead.server.answer = nil
        #expect(try !ahead.process().find("k1", wall: wall, monotonic: 100).isFound)
    }
}

extension FirebaseCertificates.Finding {
    fileprivate var isFound: Bool { if case .certificate = self { true } else { false } }
}

@Suite struct FirebaseRefreshesTests {
    private func words() throws -> (URL, FirebaseRefreshes) {
        let file = FileManager.default.temporaryDirectory.appending(path: "words-\(Foundation.UUID().uuidString)")
        return (file, try FirebaseRefreshes(file.path()))
    }

    @Test("F05 one attempt a minute, and one that never ended is not waited for") func claims() throws {
        let (file, words) = try words()
        defer { try? FileManager.default.removeItem(at: file) }
        let other = try FirebaseRefreshes(file.path())
        #expect(words.claim(0) == .granted(1))
        #expect(other.claim(0) == .underway && other.claim(9) == .underway)
        #expect(other.claim(10) == .tooSoon && other.claim(59) == .tooSoon)
        #expect(other.claim(60) == .granted(61))
        other.end(61)
        #expect(words.claim(61) == .tooSoon && words.claim(119) == .tooSoon)
        // After the machine started anew, the clock begins anew.
        #expect(words.claim(7) == .granted(8))
    }

    @Test("F15 more than one in a hundred from the future is told once in ten minutes") func clocks() throws {
        let (file, words) = try words()
        defer { try? FileManager.default.removeItem(at: file) }
        var told = 0
        func count(_ total: Int, _ ahead: Int, at second: Int64) -> Int {
            told = 0
            for index in 0..<total where words.count(isAhead: index < ahead, second) != nil { told += 1 }
            return told
        }
        #expect(count(19, 19, at: 0) == 0)
        #expect(count(1, 0, at: 1) == 1)
        #expect(count(100, 100, at: 599) == 0)
        #expect(count(1000, 0, at: 600) == 0)
        #expect(count(9, 9, at: 700) == 0)
        #expect(count(100, 100, at: 800) == 1)
        #expect(count(19, 1, at: 1200) == 0 && count(1, 0, at: 1300) == 1)
    }
}
