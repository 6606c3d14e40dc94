import Core
import Testing

@testable import Accounts

@Suite("Mail") struct LetterTests {
    static let ann = AccountRulesTests.person()

    @Test("J26 a link begins with the site's own base, and its secret is in the fragment") func links() throws {
        let link = try MailLink()
        let url = link.url(.reset, base: "https://video.example.org")
        #expect(url.hasPrefix("https://video.example.org/account.html#reset="))
        let again = try #require(MailLink(String(url.suffix(43))))
        #expect(again.hash == link.hash)
        for text in ["", "x", String(repeating: "A", count: 42), String(url.suffix(42)) + "="] {
            #expect(MailLink(text) == nil)
        }
    }

    @Test("a message holds fields of ours, one line each, and a coded body") func message() throws {
        let letter = try #require(
            Letter(.reset, person: Self.ann, link: "https://v.example/account.html#reset=x", site: "https://v.example"))
        let from = try #require(EmailAddress("no-reply@v.example"))
        let text = String(decoding: letter.message(from: from, id: UUID(), now: 1_767_225_599), as: UTF8.self)
        let lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
        #expect(lines.dropLast().allSatisfy { $0.last == 13 && $0.count <= 120 && $0.allSatisfy { $0 < 128 } })
        let head = text.components("\r\n\r\n")[0].components("\r\n")
        #expect(
            head.map { $0.components(": ")[0] } == [
                "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
                "Content-Transfer-Encoding", "Auto-Submitted",
            ])
        #expect(head.contains("To: <ann@example.com>") && head.contains("Date: Wed, 31 Dec 2025 23:59:59 +0000"))
        #expect(letter.text.contains("https://v.example/account.html#reset=x"))
    }

    @Test(
        "dates as RFC 5322 has them",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (1_800_000_000, "Fri, 15 Jan 2027 08:00:00 +0000"),
        ] as [(Int64, String)])
    func dates(now: Int64, text: String) { #expect(Letter.date(now) == text) }

    @Test("who confirmed the address before is told that there is an account, without a link") func known() throws {
        let letter = try #require(Letter(.verify, person: Self.ann, link: nil, site: "https://v.example"))
        #expect(letter.subject == "You have an account already" && !letter.text.contains("#"))
        #expect(Letter(.verify, person: AccountRulesTests.person(nil), link: nil, site: "") == nil)
    }
}

extension String {
    fileprivate func components(_ mark: String) -> [String] {
        var parts: [String] = []
        var rest = Array(utf8)[...]
        let sought = Array(mark.utf8)
        var part: [UInt8] = []
        while !rest.isEmpty {
            if rest.starts(with: sought) {
                parts.append(String(decoding: part, as: UTF8.self))
                part = []
                rest = rest.dropFirst(sought.count)
            } else {
                part.append(rest.removeFirst())
            }
        }
        return parts + [String(decoding: part, as: UTF8.self)]
    }
}
