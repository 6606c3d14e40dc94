/// Foreign names, and fields with which a client would like to tell the gate another path.
extension SiteProbes {
    mutating func hostsAndHeaders() {
        guard let path = lesson.path(.segment), let token = tokens.good(lesson.rel, .hls2) else { return }
        let good = site.request("/hls2/\(path)").with("Authorization", "Bearer \(token)")
        let hosts: [(String, String?)] = [
            ("evil", "evil.example"), ("evil-port", "evil.example:\(site.port)"),
            ("suffix", "\(site.host).evil.example"), ("underscore", "_"),
            ("empty", ""), ("user", "evil.example@\(site.host).evil.example"),
        ]
        for (name, host) in hosts {
            var request = good
            request.host = host
            add(
                "host.\(name)", "a good token and Host \(name)", request, expect: "no answer of this site",
                .foreignHost,
                judge: Self.stranger)
            var bare = site.request("/hls2/\(path)")
            bare.host = host
            add(
                "host.\(name)-unasked", "no token and Host \(name)", bare, expect: "no answer of this site",
                .foreignHost,
                judge: Self.stranger)
        }
        var old = good
        old.version = "HTTP/1.0"
        old.host = nil
        add(
            "host.none-http10", "a good token and no Host, HTTP/1.0", old, expect: "no answer of this site",
            .foreignHost,
            judge: Self.stranger)
        add(
            "host.twice", "two Host fields", good.with("Host", "evil.example"), expect: "400", .foreignHost,
            judge: Self.stranger)
        var absolute = good
        absolute.target = "http://evil.example/hls2/\(path)"
        add(
            "host.absolute-evil", "an absolute target with a foreign name", absolute, expect: "no answer of this site",
            .foreignHost,
            judge: Self.stranger)
        smuggled(path)
    }

    /// Whether this site answered, though it was not meant.
    private static func stranger(_ answer: SiteAnswer, _ findings: Findings) -> [Complaint] {
        let ours = !answer.reason.isEmpty && answer.reason != "bad_request"
        if findings.leaks(answer) || ours || answer.status == 200 && answer.isOurs {
            return [Complaint(cause: .foreignHost, text: answer.summary)]
        }
        if answer.status == 400, answer.isHTML { return [Complaint(cause: .refusalHTML, text: answer.summary)] }
        return []
    }

    /// Fields that decide in other products, or look like what nginx tells the gate.
    private mutating func smuggled(_ path: String) {
        guard let foreign = other?.path(.segment), let token = tokens.good(lesson.rel, .hls2) else { return }
        let fields = [
            "X-Original-URI", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "RG_URI", "RG-URI", "RG_RAW",
            "RG-RAW", "RG_ARGS",
            "X-Accel-Redirect", "X-Sendfile", "Proxy", "X-Auth-Request-Redirect",
        ]
        for name in fields {
            add(
                "field.\(name.lowercased())", "another lesson's file with \(name) naming one's own",
                site.request("/hls2/\(foreign)").with("Authorization", "Bearer \(token)").with(name, "/hls2/\(path)"),
                expect: "403 rel",
                .headerTrusted, aim: .init(transport: .hls2, kind: .segment))
        }
        let decisive: [(String, String)] = [
            ("RG_KIND", "l"), ("RG_METHOD", "GET"), ("RG_CLIENT", "127.0.0.1"), ("X-Forwarded-For", "127.0.0.1"),
            ("X-Real-IP", "127.0.0.1"),
            ("X-HTTP-Method-Override", "OPTIONS"), ("X-Reelgate-Reason", "ok"), ("Status", "204"),
        ]
        for (name, value) in decisive {
            add(
                "field.\(name.lowercased())", "no token, but \(name): \(value)",
                site.request("/hls2/\(path)").with(name, value),
                expect: "401, closed", .headerTrusted, aim: .init(transport: .hls2, kind: .segment))
        }
        let broken: [(String, SiteRequest)] = [
            (
                "field.length-twice",
                site.request("/hls2/\(path)").with("Content-Length", "0").with("Content-Length", "5")
            ),
            ("field.length-negative", site.request("/hls2/\(path)").with("Content-Length", "-5")),
            (
                "field.length-and-chunked",
                site.request("/hls2/\(path)").with("Content-Length", "5").with("Transfer-Encoding", "chunked")
            ),
            ("field.folded", site.request("/hls2/\(path)").with("X-A", "b\r\n folded")),
            ("field.nul", site.request("/hls2/\(path)").with("X-A", "\u{0}")),
            ("field.huge", site.request("/hls2/\(path)").with("X-A", String(repeating: "a", count: 40_000))),
        ]
        for (id, request) in broken {
            add(id, "a malformed request without a token", request, expect: "400 or 401, closed", .filesUnguarded)
        }
    }
}
