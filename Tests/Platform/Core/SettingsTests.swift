import Core
import Testing

@Suite struct SettingsTests {
    private let good = [
        "DATABASE_URL": "postgresql:///x", "PUBLIC_BASE_URL": "https://video.example/",
        "MEDIA_MASTER_KEY": "1:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "SECRET_KEY": "a-Fairly-Long-and-Random-0123-text-1", "JWT_SECRET": "another-Long-and-Random-9876-text-2",
    ]

    private func read(_ changes: [String: String?], need: Settings.Need = [.database, .media, .accounts, .web]) throws
        -> Settings
    {
        var environment = good
        for (name, value) in changes { environment[name] = value }
        return try Settings(environment, need: need) { path in
            path == "/run/credentials/key" ? "from-a-File-12345678901234567890-abc\n" : nil
        }
    }

    @Test func defaults() throws {
        let settings = try read([:])
        #expect(settings.publicBaseURL == "https://video.example")
        #expect(settings.allowedOrigins.map(\.description) == ["https://video.example"])
        #expect(settings.allowedReferrers == settings.allowedOrigins)
        #expect(settings.tokenExpiry == 3600)
        #expect(settings.legacyStatus == 401)
        #expect(!settings.cookieCrossSite && !settings.downloadTokenRequireFilename)
    }

    @Test("E30 every mistake at once, and none of the values") func mistakes() {
        do {
            _ = try read([
                "SECRET_KEY": "secret", "JWT_SECRET": nil, "MEDIA_MASTER_KEY": "1:abcd", "TOKEN_EXPIRY": "1e3",
                "DATA_DIR": "relative", "PUBLIC_BASE_URL": "ftp://x", "ALLOWED_ORIGINS": "https://*.a.example",
            ])
            Issue.record("accepted")
        } catch let error as SettingsError {
            #expect(error.mistakes.count == 7)
            for name in [
                "SECRET_KEY", "JWT_SECRET", "MEDIA_MASTER_KEY", "TOKEN_EXPIRY", "DATA_DIR", "PUBLIC_BASE_URL",
                "ALLOWED_ORIGINS",
            ] {
                #expect(error.description.contains(name))
            }
            #expect(!error.description.contains("abcd"))
        } catch { Issue.record("another error") }
    }

    @Test("accounts and mail: read, and refused when they make no sense") func accounts() throws {
        let read = try self.read([
            "REGISTRATION": "confirmed", "SMTP_URL": "smtps://mail.example:465", "MAIL_FROM": "No-Reply@video.example",
            "RATE_SIGN_INS": "7",
        ])
        #expect(
            read.accounts.registration == .confirmed && read.accounts.mailFrom?.description == "no-reply@video.example")
        #expect(read.accounts.smtpURL == "smtps://mail.example:465" && !read.accounts.smtpMayBePlain)
        #expect(read.rates.signIns == 7 && read.rates.failures == 10)
        #expect(try self.read([:]).accounts.registration == .open)
        for change: [String: String?] in [
            ["REGISTRATION": "anyhow"], ["REGISTRATION": "confirmed"], ["SMTP_URL": "smtp://mail.example"],
            ["SMTP_URL": "http://mail.example", "MAIL_FROM": "a@b"],
            ["SMTP_URL": "smtp://u:p@mail.example", "MAIL_FROM": "a@b"],
            ["SMTP_URL": "smtp://mail.example/x", "MAIL_FROM": "a@b"],
            ["SMTP_URL": "smtp://mail.example", "MAIL_FROM": "a@b\r\nBcc: c@d"],
            ["MAIL_FILE_DIR": "mail", "MAIL_FROM": "a@b"], ["SMTP_PLAINTEXT": "perhaps"],
        ] { #expect(throws: SettingsError.self) { try self.read(change) } }
    }

    @Test("what is made of an upload: read, and refused when it makes no sense")
    func encoding() throws {
        let read = try read([
            "PACKAGING": "cmaf", "LADDER": "2160:12000,720:2500", "PER_TITLE": "true", "LOUDNESS": "-16",
        ]).encoding
        #expect(read.packaging == "cmaf" && read.perTitle && read.loudness == -16 && !read.halvesFrameRate)
        #expect(read.ladder.map(\.short) == [2160, 720] && read.ladder.map(\.rate) == [12_000_000, 2_500_000])
        for (name, value) in [
            ("PACKAGING", "mkv"), ("LADDER", "720:2500,1080:5000"), ("LADDER", "720"), ("LADDER", "720:0"),
            ("LOUDNESS", "16"), ("LOUDNESS", "-90"), ("PER_TITLE", "maybe"),
        ] {
            #expect(throws: SettingsError.self, "\(name)=\(value)") { _ = try self.read([name: value]) }
        }
    }

    @Test("what encoding may use: read, and refused when it makes no sense")
    func resources() throws {
        let usual = try read([:]).resources
        #expect(usual.threads == 0 && usual.niceness == 10 && usual.diskLevel == 7 && usual.memory == 4 << 30)
        let read = try read([
            "ENCODER_THREADS": "3", "ENCODER_NICE": "19", "ENCODER_IO_CLASS": "idle", "HELPER_MEMORY": "6G",
            "DISK_RESERVE": "1073741824",
        ]).resources
        #expect(read.threads == 3 && read.niceness == 19 && read.diskLevel == 8 && read.memory == 6 << 30)
        #expect(read.reserve == 1 << 30)
        #expect(try self.read(["ENCODER_IO_CLASS": "best-effort:2"]).resources.diskLevel == 2)
        #expect(try self.read(["ENCODER_IO_CLASS": "none", "HELPER_MEMORY": "0"]).resources.diskLevel == nil)
        for (name, value) in [
            ("ENCODER_THREADS", "-1"), ("ENCODER_NICE", "20"), ("ENCODER_IO_CLASS", "best-effort:8"),
            ("ENCODER_IO_CLASS", "realtime"), ("HELPER_MEMORY", "1"), ("HELPER_MEMORY", "4GB"),
            ("HELPER_MEMORY", "99999999999999T"), ("DISK_RESERVE", "0"), ("DISK_RESERVE", "1.5G"),
            ("WORKER_PROCESSES", "many"),
        ] {
            #expect(throws: SettingsError.self, "\(name)=\(value)") { _ = try self.read([name: value]) }
        }
    }

    @Test("B12 whose referrers are looked at") func mobileReferrers() throws {
        let usual = try read([:])
        #expect(usual.mobileReferrers == nil && usual.mobileReferrerMayMiss && usual.geoIPFile == nil)
        let some = try read(["MOBILE_REFERRERS": "none, https://app.example", "GEOIP_FILE": "/x.mmdb"])
        #expect(some.mobileReferrers?.map(\.description) == ["https://app.example"] && some.mobileReferrerMayMiss)
        #expect(some.geoIPFile == "/x.mmdb")
        #expect(try !read(["MOBILE_REFERRERS": "https://*.app.example"]).mobileReferrerMayMiss)
        #expect(throws: SettingsError.self) { _ = try self.read(["MOBILE_REFERRERS": "app.example"]) }
    }

    @Test("F01 F04 whose ID tokens are taken, and where their certificates come from") func firebase() throws {
        #expect(try self.read([:]).firebase == nil)
        let usual = try read(["FIREBASE_PROJECT_ID": "demo-proj"])
        #expect(usual.firebase?.project == "demo-proj" && usual.firebase?.isSecure == true)
        #expect(usual.firebase?.certificates == Settings.Firebase.google)
        for (address, isSecure) in [
            ("https://mirror.example/certs?x=1", true), ("http://127.0.0.1:18403/x", false),
            ("http://localhost/", false),
            ("http://localhost:80", false),
        ] {
            let some = try read(["FIREBASE_PROJECT_ID": "demo-proj", "FIREBASE_CERTS_URL": address])
            #expect(some.firebase?.isSecure == isSecure && some.firebase?.certificates == address)
        }
        for (name, value) in [
            ("FIREBASE_PROJECT_ID", "short"), ("FIREBASE_PROJECT_ID", "Demo-proj"), ("FIREBASE_PROJECT_ID", "demo-"),
            ("FIREBASE_PROJECT_ID", "1demo-proj"), ("FIREBASE_PROJECT_ID", "demo proj"),
            ("FIREBASE_PROJECT_ID", "demo/proj"),
            ("FIREBASE_PROJECT_ID", String(repeating: "a", count: 31)),
            ("FIREBASE_CERTS_URL", "http://mirror.example/certs"), ("FIREBASE_CERTS_URL", "mirror.example"),
            ("FIREBASE_CERTS_URL", "file:///etc/certs"), ("FIREBASE_CERTS_URL", "http://127.0.0.1.evil.example/"),
            ("FIREBASE_CERTS_URL", "http://localhost@evil.example/"), ("FIREBASE_CERTS_URL", "https://a.example/\nb"),
            ("FIREBASE_CERTS_URL", "http://127.0.0.10/"), ("FIREBASE_CERTS_URL", "https:///certs"),
        ] {
            #expect(throws: SettingsError.self, "\(name)=\(value)") {
                _ = try self.read(["FIREBASE_PROJECT_ID": "demo-proj"].merging([name: value]) { $1 })
            }
        }
        #expect(throws: SettingsError.self) { _ = try self.read(["FIREBASE_CERTS_URL": "https://a.example/"]) }
    }

    @Test(
        "E30 weak secrets",
        arguments: [
            "secret", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "changeme-changeme-changeme-changeme",
            "0123456789abcdef0123456789abcdef",
        ])
    func weak(secret: String) { #expect(throws: SettingsError.self) { _ = try read(["SECRET_KEY": secret]) } }

    @Test func equalSecretsAreRefused() {
        #expect(throws: SettingsError.self) { _ = try read(["JWT_SECRET": good["SECRET_KEY"]]) }
    }

    @Test func filesAndAliases() throws {
        let settings = try read([
            "SECRET_KEY": nil, "SECRET_KEY_FILE": "/run/credentials/key",
            "FOCUST_ALLOWED_ORIGINS": "https://learn.example, http://127.0.0.1:3000",
        ])
        #expect(settings.secretKey.reveal { $0 } == Array("from-a-File-12345678901234567890-abc".utf8))
        #expect(settings.allowedOrigins.count == 3)
    }
}
