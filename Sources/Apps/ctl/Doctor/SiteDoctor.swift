internal import Core
internal import Fetch
internal import Foundation
internal import POSIX
internal import Postgres

/// `reelgate doctor <base-url>`: probes a site from outside, as an attacker and as a good client would, and reads
/// nginx's configuration where it can.
struct SiteDoctor {
    static let usage = """
        reelgate doctor BASE-URL [--rel REL] [--other-rel REL] [--old-rel REL] [--token T] [--other-token T]
                        [--address IP] [--ca FILE] [--http-port N] [--timeout SECONDS] [--referrer URL] [--origin URL]
                        [--nginx-conf FILE | --no-nginx] [--gate-stopped] [--json]
        Tokens are made with SECRET_KEY of the settings, or given by hand. Lessons come from the database or DATA_DIR.
        --gate-stopped: the operator has stopped the pool's gates; whether anything comes out then is all that is tried.
        Ends with 0: no finding, 1: findings, 2: wrong words, 3: the site could not be probed.
        """

    /// Nothing can be tried; the text says why.
    struct Unprobed: Error, CustomStringConvertible {
        let description: String
    }

    private let options: Options
    private let settings: Settings?
    private var notes: [String] = []

    static func run(_ words: [String]) throws -> Int32 {
        let options = try Options(
            words,
            names: [
                "--rel", "--other-rel", "--old-rel", "--token", "--other-token", "--address", "--ca", "--http-port",
                "--timeout", "--referrer",
                "--origin", "--nginx-conf",
            ], flags: ["--no-nginx", "--gate-stopped", "--json"], usage: usage)
        guard options.rest.count == 1, !(options.has("--no-nginx") && options["--nginx-conf"] != nil) else {
            throw WrongWords(description: "one base URL\nusage: \(usage)")
        }
        var doctor = SiteDoctor(options: options, settings: try? Surroundings.settings())
        do {
            let report = try doctor.examine()
            print(options.has("--json") ? report.json.description : report.text)
            return report.findings.isEmpty ? 0 : 1
        } catch let reason as Unprobed {
            FileHandle.standardError.write(Data("reelgate doctor: \(reason)\n".utf8))
            return 3
        }
    }

    private init(options: Options, settings: Settings?) {
        self.options = options
        self.settings = settings
        if settings == nil { notes.append("the settings of this host can't be read: tokens by hand only") }
    }

    private mutating func examine() throws -> SiteReport {
        var site = try site()
        let trusted = try reach(&site)
        let given = [options["--token"], options["--other-token"]].compactMap { $0 }
        let secret = settings?.secretKey.reveal { $0 } ?? []
        let tokens = SiteTokens(secret: secret, given: given, now: Clocks.wallSeconds())
        var (lesson, other, old) = try lessons(given)
        if lesson.files[.segment] == nil { lesson = try walk(lesson, site, tokens) }
        if let found = other, found.files[.segment] == nil { other = try? walk(found, site, tokens) }
        if old?.files[.oldKey] == nil { old = nil }
        guard tokens.good(lesson.rel, .hls2) ?? tokens.good(lesson.rel, .play) != nil else {
            throw Unprobed(
                description: "no token can be made: SECRET_KEY is not in the settings, and no --token was given")
        }
        if other == nil { notes.append("there is no second lesson: whether one's token plays another was not tried") }

        let configuration = try configuration()
        let logs = configuration.map { SiteLogs($0) }
        var probes = SiteProbes(
            site: site, lesson: lesson, other: other, old: old, tokens: tokens,
            dataDirectory: settings?.dataDirectory ?? "/var/lib/reelgate")
        probes.plainPort = try number("--http-port", or: 80, 1...65_535)
        if options.has("--gate-stopped") {
            try mustBeStopped(site, lesson, tokens)
            probes.gateStopped()
        } else {
            probes.build()
            probes.store(Host.environment())
        }
        let control = site.fetch(site.request("/reelgate-doctor-\(Core.UUID())"))
        let findings = Findings(lessons: [lesson, other, old].compactMap { $0 }, control: control)
        let outcomes = probes.all.map { probe in
            let answer = site.fetch(probe.request, over: probe.wire)
            return Diagnosis.Outcome(probe: probe, answer: answer, complaints: probe.judge(answer, findings))
        }
        var report = SiteReport(base: site.base, outcomes: Diagnosis.refine(outcomes))
        if let trouble = trusted { report.add(.tlsCertificate, probe: "tls.certificate", evidence: trouble) }
        if let configuration { report.add(NginxLint.findings(in: configuration)) }
        for path in logs?.withTokens() ?? [] {
            report.add(.logHoldsToken, probe: "log.token", evidence: "\(path) holds tokens of these probes")
        }
        report.notes = notes
        if let logs { report.notes.append("\(logs.count) log files were read for tokens") }
        return report
    }

    // MARK: The site

    private func site() throws -> Site {
        var address: IPAddress?
        if let text = options["--address"] {
            guard let read = IPAddress(text) else {
                throw WrongWords(description: "--address must be an IP address\nusage: \(Self.usage)")
            }
            address = read
        }
        let seconds = try number("--timeout", or: 10, 1...120)
        guard
            var site = Site(
                options.rest.first ?? "", address: address, certificates: options["--ca"],
                milliseconds: Int64(seconds) * 1000)
        else { throw WrongWords(description: "the base URL must be http(s)://host[:port]\nusage: \(Self.usage)") }
        let asked = settings?.allowedOrigins.map { $0.description } ?? []
        site.origin = options["--origin"] ?? (asked.contains(site.base) ? site.base : asked.first ?? site.base)
        let shown = settings?.allowedReferrers.filter { !$0.isWildcard }.map { $0.description } ?? []
        site.referrer =
            options["--referrer"] ?? (shown.contains(site.base) ? site.base : shown.first ?? site.base) + "/"
        return site
    }

    private func number(_ name: String, or fallback: Int, _ range: ClosedRange<Int64>) throws -> Int {
        guard let text = options[name] else { return fallback }
        guard let value = Digits.parse(text), range.contains(value) else {
            throw WrongWords(
                description: "\(name) is a number of \(range.lowerBound) to \(range.upperBound)\nusage: \(Self.usage)")
        }
        return Int(value)
    }

    /// Whether it can be reached at all; a certificate that does not hold is a finding, the rest goes on without it.
    ///
    /// - Returns: what is wrong with the certificate.
    private func reach(_ site: inout Site) throws -> String? {
        let first = site.fetch(site.request("/hls2/x"))
        if first.status >= 0 { return nil }
        guard site.secure else { throw Unprobed(description: "\(site.base): \(first.trouble)") }
        site.wire.verifies = false
        let second = site.fetch(site.request("/hls2/x"))
        guard second.status >= 0 else { throw Unprobed(description: "\(site.base): \(second.trouble)") }
        return first.trouble
    }

    /// A key is answered by a gate and by nothing else: with one running, there is nothing to find out.
    private func mustBeStopped(_ site: Site, _ lesson: SiteLesson, _ tokens: SiteTokens) throws {
        for transport in SiteTransport.allCases {
            guard let key = lesson.path(.key), let token = tokens.good(lesson.rel, transport) else { continue }
            let answer = site.fetch(transport.request(key, token, site))
            guard answer.status != 200, answer.status != 401, answer.status != 403 else {
                throw Unprobed(
                    description:
                        "the gate still answers (\(answer.summary)): stop the pool first"
                )
            }
        }
    }

    // MARK: nginx

    private mutating func configuration() throws -> NginxDirective? {
        if options.has("--no-nginx") { return nil }
        let named = options["--nginx-conf"]
        do {
            let tree = NginxReader.tree(of: try NginxProgram.dump(named.map { URL(fileURLWithPath: $0).path }))
            let ours = tree.all("location").contains { $0.isOfGate }
            if ours || named != nil { return tree }
            notes.append("this host's nginx serves nothing of ours: its configuration was not judged")
        } catch {
            let reason = "nginx's configuration can't be read: \("\(error)".prefix(200))"
            if named != nil { throw Unprobed(description: reason) }
            notes.append(reason)
        }
        return nil
    }

    // MARK: Lessons

    private mutating func lessons(_ given: [String]) throws -> (SiteLesson, SiteLesson?, SiteLesson?) {
        let claimed = given.map { SiteTokens.claims(of: $0)?["rel"]?.string }
        var rels = [
            options["--rel"] ?? (claimed.first ?? nil),
            options["--other-rel"] ?? (claimed.count > 1 ? claimed[1] : nil),
        ]
        let data = settings?.dataDirectory
        if rels.contains(nil) {
            let known = published() ?? data.map { SiteLesson.search(data: $0).lessons } ?? []
            var left = known.filter { !rels.contains($0) }
            for index in rels.indices where rels[index] == nil && !left.isEmpty { rels[index] = left.removeFirst() }
        }
        for rel in rels.compactMap({ $0 }) where RelPath(rel) == nil {
            throw WrongWords(description: "\(rel) is no lesson's path\nusage: \(Self.usage)")
        }
        guard let first = rels[0] else {
            throw Unprobed(description: "no lesson was found: say --rel TRAINER/COURSE/MODULE/LESSON")
        }
        func read(_ rel: String) -> SiteLesson { data.flatMap { SiteLesson.onDisk(rel, data: $0) } ?? SiteLesson(rel) }
        var old: SiteLesson?
        if let data, let rel = options["--old-rel"] ?? SiteLesson.search(data: data).old {
            var tree = SiteLesson(rel)
            tree.readOldTree(data: data)
            old = tree
        }
        return (read(first), rels[1].map { read($0) }, old)
    }

    /// The newest two lessons of the database; `nil` when it can't be asked.
    private func published() -> [String]? {
        guard let settings, settings.databaseURL.reveal({ !$0.isEmpty }) else { return nil }
        let connection = settings.databaseURL.reveal { Connection($0, application: "reelgate-doctor") }
        guard
            let rows = try? connection.query(
                """
                select rel from videos where publication is not null and deleted_at is null
                order by updated_at desc limit 2
                """)
        else { return nil }
        let rels: [String] = (try? rows.map { (row) throws(DatabaseError) in try row.value("rel") }) ?? []
        return rels.isEmpty ? nil : rels
    }

    /// A lesson's files as its playlists name them, fetched with a good token.
    private func walk(_ lesson: SiteLesson, _ site: Site, _ tokens: SiteTokens) throws -> SiteLesson {
        var lesson = lesson
        let transports = SiteTransport.allCases.filter { tokens.good(lesson.rel, $0) != nil }
        func text(_ path: String) throws -> String {
            var last = "no token"
            for transport in transports where transport != .mobile || transports.count == 1 {
                let answer = site.fetch(
                    transport.request("\(lesson.rel)/\(path)", tokens.good(lesson.rel, transport), site))
                if answer.status == 200 { return String(decoding: answer.body, as: UTF8.self) }
                last = answer.summary
            }
            throw Unprobed(description: "\(lesson.rel)/\(path) can't be fetched with a good token: \(last)")
        }
        let master = try text("output.m3u8")
        lesson.files[.master] = "output.m3u8"
        for line in master.split(whereSeparator: { $0.isNewline }) {
            if line.hasPrefix("#EXT-X-MEDIA:"), line.contains("TYPE=SUBTITLES"), lesson.files[.captions] == nil,
                let uri = SiteLesson.attribute("URI", of: line), let path = SiteLesson.resolve(uri, at: "")
            {
                var captions = SiteLesson(lesson.rel)
                captions.read(playlist: try text(path), at: path)
                lesson.files[.captions] = captions.files[.segment]
            } else if !line.hasPrefix("#"), lesson.files[.playlist] == nil,
                let path = SiteLesson.resolve(String(line), at: "")
            {
                lesson.files[.playlist] = path
                lesson.read(playlist: try text(path), at: path)
            }
        }
        guard lesson.files[.segment] != nil else { throw Unprobed(description: "\(lesson.rel) has no segment") }
        return lesson
    }
}
