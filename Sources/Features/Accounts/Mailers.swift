public import Core
internal import Fetch
internal import POSIX

/// Why a mail was not sent.
public enum MailFailure: Error, Equatable, Sendable {
    /// It may work later.
    case later(String)
    /// It never will: the server knows no such recipient, or refuses us.
    case never(String)
}

/// Sends mail.
public protocol Mailer {
    /// Hands a mail over.
    func send(_ letter: Letter) -> Result<Void, MailFailure>
}

/// Sends mail through a server.
public struct ServerMailer: Mailer {
    private let settings: Settings.Accounts
    private let server: String
    private let from: EmailAddress
    private let now: () -> Int64

    /// - Parameters:
    ///   - settings: the server; `nil` without one.
    ///   - now: wall-clock seconds.
    public init?(_ settings: Settings.Accounts, now: @escaping () -> Int64) {
        guard let server = settings.smtpURL, let from = settings.mailFrom else { return nil }
        self.settings = settings
        self.server = server
        self.from = from
        self.now = now
    }

    /// See `Mailer`.
    public func send(_ letter: Letter) -> Result<Void, MailFailure> {
        var mail = Mail(
            server: server, from: from.description, to: letter.to.description,
            message: letter.message(from: from, id: UUID(), now: now()))
        mail.user = settings.smtpUser
        mail.password = settings.smtpPassword?.reveal { $0 }
        mail.certificates = settings.smtpCertificates
        mail.mayBePlain = settings.smtpMayBePlain
        do throws(FetchFailure) {
            let reply = try mail.send()
            if reply == 250 { return .success(()) }
            return .failure(reply >= 500 ? .never("the server said \(reply)") : .later("the server said \(reply)"))
        } catch { return .failure(.later(error.description)) }
    }
}

/// Puts mail into a directory, a file each: for a demo, and for servers that read one.
public struct FileMailer: Mailer {
    private let directory: String
    private let from: EmailAddress
    private let now: () -> Int64

    /// - Parameters:
    ///   - settings: the directory; `nil` without one.
    ///   - now: wall-clock seconds.
    public init?(_ settings: Settings.Accounts, now: @escaping () -> Int64) {
        guard let directory = settings.mailDirectory, let from = settings.mailFrom else { return nil }
        self.directory = directory
        self.from = from
        self.now = now
    }

    /// See `Mailer`.
    public func send(_ letter: Letter) -> Result<Void, MailFailure> {
        let id = UUID()
        let bytes = letter.message(from: from, id: id, now: now())
        do throws(SystemError) {
            try Files.makeDirectories(directory)
            let path = "\(directory)/\(now())-\(id).eml"
            let file = try Descriptor(creating: path + ".new", mode: 0o600)
            try file.write(bytes.span)
            try file.sync()
            try Files.rename(path + ".new", to: path)
            return .success(())
        } catch { return .failure(.later("\(error)")) }
    }
}
