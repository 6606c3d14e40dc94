extension Settings {
    /// How people get accounts, and what sends them mail.
    public struct Accounts: Sendable {
        /// How somebody gets an account.
        public enum Registration: String, Sendable {
            /// By asking; he is signed in at once.
            case open
            /// By asking and opening a link in a mail; the answer is the same whether the address has an account or not.
            case confirmed
            /// From the operator alone.
            case closed
        }

        /// How somebody gets an account.
        public let registration: Registration
        /// The mail server: `smtp://host[:port]` or `smtps://host[:port]`.
        public let smtpURL: String?
        /// Who we are to it.
        public let smtpUser: String?
        /// And how we prove that.
        public let smtpPassword: Secret<String>?
        /// Certificates that are trusted instead of the system's.
        public let smtpCertificates: String?
        /// Whether mail may travel in the clear where the server offers no TLS.
        public let smtpMayBePlain: Bool
        /// The sender of our mail.
        public let mailFrom: EmailAddress?
        /// A directory that takes mail instead of a server.
        public let mailDirectory: String?
    }
}

extension SettingsReader {
    mutating func accounts() -> Settings.Accounts {
        let registration = choice("REGISTRATION", of: ["open", "confirmed", "closed"])
        let url = smtpURL("SMTP_URL")
        let directory = text("MAIL_FILE_DIR", needed: false) == nil ? nil : directory("MAIL_FILE_DIR", or: "/")
        var from: EmailAddress?
        if let text = text("MAIL_FROM", needed: url != nil || directory != nil) {
            from = EmailAddress(text)
            if from == nil { mistake("MAIL_FROM must be an e-mail address") }
        }
        if registration == "confirmed", url == nil, directory == nil {
            mistake("REGISTRATION=confirmed needs SMTP_URL or MAIL_FILE_DIR")
        }
        return Settings.Accounts(
            registration: Settings.Accounts.Registration(rawValue: registration) ?? .closed, smtpURL: url,
            smtpUser: text("SMTP_USER", needed: false),
            smtpPassword: text("SMTP_PASSWORD", needed: false).map { Secret($0) },
            smtpCertificates: path("SMTP_CA_FILE"), smtpMayBePlain: flag("SMTP_PLAINTEXT"), mailFrom: from,
            mailDirectory: directory)
    }

    private mutating func smtpURL(_ name: String) -> String? {
        guard let text = text(name, needed: false) else { return nil }
        let scheme = ["smtp://", "smtps://"].first { text.utf8.starts(with: $0.utf8) }
        if let scheme, Origin("http://" + text.dropFirst(scheme.utf8.count)).map({ !$0.isWildcard }) == true {
            return text
        }
        mistake("\(name) must be smtp://host[:port] or smtps://host[:port]")
        return nil
    }
}
