public import Core

/// What a mail of ours is for.
public enum MailPurpose: String, Sendable, CaseIterable {
    /// Choosing a new password.
    case reset
    /// Confirming an address.
    case verify

    /// Seconds its link holds.
    public var lifetime: Int64 { self == .reset ? 3600 : 7 * 86_400 }
}

/// A mail of ours.
public struct Letter: Sendable, Equatable {
    /// Who gets it.
    public let to: EmailAddress
    /// ASCII, one line, always one of ours.
    public let subject: String
    /// What it says.
    public let text: String

    /// The mail for a purpose.
    ///
    /// - Parameters:
    ///   - person: who gets it; nothing he wrote himself goes in.
    ///   - link: what the mail asks to open; `nil` where the address was confirmed before.
    ///   - site: the site's base URL, from the settings.
    public init?(_ purpose: MailPurpose, person: Person, link: String?, site: String) {
        guard let to = person.email else { return nil }
        self.to = to
        switch (purpose, link) {
        case (.reset, let link?):
            subject = "Choose a new password"
            text = """
                Somebody, you we hope, asked for a new password for your account at
                \(site).

                Open this link within an hour to choose one:

                \(link)

                If it was not you, do nothing: your password stays as it is.
                """
        case (.verify, let link?):
            subject = "Confirm your e-mail address"
            text = """
                Your address was given for an account at
                \(site).

                Open this link within a week to confirm that it is yours:

                \(link)

                If you know nothing of it, do nothing.
                """
        case (_, nil):
            subject = "You have an account already"
            text = """
                Somebody, you perhaps, asked for an account with your address at
                \(site).

                There is one already, and nothing has changed. Sign in there; if you do not
                know your password any more, ask for a new one on the same page.
                """
        }
    }

    /// The message as it travels (RFC 5322): seven-bit, lines of at most 76 characters, ending in CRLF.
    ///
    /// Nothing from outside reaches a field but addresses, which hold no blank, no control character and no bracket.
    ///
    /// - Parameters:
    ///   - from: the sender.
    ///   - id: makes the message's own id.
    ///   - now: wall-clock seconds.
    public func message(from: EmailAddress, id: UUID, now: Int64) -> [UInt8] {
        let domain = String(from.description.drop { $0 != "@" }.dropFirst())
        var lines = [
            "From: <\(from)>", "To: <\(to)>", "Subject: \(subject)", "Date: \(Self.date(now))",
            "Message-ID: <\(id)@\(domain)>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64", "Auto-Submitted: auto-generated", "",
        ]
        var body: [UInt8] = []
        for line in text.utf8.split(separator: 10, omittingEmptySubsequences: false) { body += Array(line) + [13, 10] }
        let coded = Array(Base64Lines.encode(body).utf8)
        for start in stride(from: 0, to: coded.count, by: 76) {
            lines.append(String(decoding: coded[start..<min(coded.count, start + 76)], as: UTF8.self))
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    /// As in RFC 5322 §3.3: `Sat, 31 Jan 2026 23:59:59 +0000`.
    static func date(_ now: Int64) -> String {
        let text = Array(UnixTime(now).rfc3339.utf8)
        func part(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let month = Int(part(5..<7)) ?? 1
        let day = days[Int((max(0, now) / 86_400) % 7)]
        return "\(day), \(part(8..<10)) \(months[month - 1]) \(part(0..<4)) \(part(11..<19)) +0000"
    }
}

/// Base 64 with padding (RFC 4648 §4), as MIME has it.
enum Base64Lines {
    static func encode(_ bytes: [UInt8]) -> String {
        let coded = Base64URL.encode(bytes.span).utf8.map { byte -> UInt8 in
            byte == UInt8(ascii: "-") ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
        }
        let padding = [UInt8](repeating: UInt8(ascii: "="), count: (4 - coded.count % 4) % 4)
        return String(decoding: coded + padding, as: UTF8.self)
    }
}
