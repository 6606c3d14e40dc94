internal import Tokens

/// Who may show a lesson, and which token goes where.
extension SiteProbes {
    mutating func referrersAndTransports() {
        guard let path = lesson.path(.segment), let key = lesson.path(.key) else { return }
        let host = site.referrer.split(separator: "/").dropFirst().first.map { String($0) } ?? site.authority
        let scheme = site.referrer.hasPrefix("https:") ? "https" : "http"
        let foreign: [(String, String?)] = [
            ("absent", nil), ("empty", ""), ("evil", "https://evil.example/"),
            ("evil-test", "https://evil.invalid/page?x=1"),
            ("suffix", "\(scheme)://\(host).evil.example/"), ("prefix", "\(scheme)://evil\(host)/"),
            ("user", "\(scheme)://\(host)@evil.example/"),
            ("path", "https://evil.example/\(scheme)://\(host)/"),
            ("query", "https://evil.example/?\(scheme)://\(host)/"),
            ("fragment", "https://evil.example/#\(host)"), ("backslash", "https://evil.example\\@\(host)/"),
            ("no-scheme", "//\(host)/"),
            ("bare-host", host), ("null", "null"), ("other-scheme", "ftp://\(host)/"),
            ("other-port", "\(scheme)://\(host.split(separator: ":").first ?? "x"):1/"),
            ("dot", "\(scheme)://\(host)./"), ("file", "file:///\(host)"),
        ]
        let aim = Probe.Aim(transport: .hls2, kind: .segment)
        if let token = tokens.mint(lesson.rel, .web) {
            for (name, value) in foreign {
                let cause: Cause = value == nil || value == "" ? .referrerNotAsked : .referrerLoose
                for (kind, file) in [(SiteLesson.Kind.segment, path), (.key, key)] {
                    var request = site.request("/hls2/\(file)", referrer: false).with(
                        "Authorization", "Bearer \(token)")
                    if let value { request = request.with("Referer", value) }
                    add(
                        "referrer.\(name).\(kind.rawValue)", "a web token with referrer \(name)", request,
                        expect: "403 referrer or referrer_missing", cause, aim: .init(transport: .hls2, kind: kind))
                }
            }
            for (name, values) in [
                ("good-evil", [site.referrer, "https://evil.example/"]),
                ("evil-good", ["https://evil.example/", site.referrer]),
            ] {
                var request = site.request("/hls2/\(path)", referrer: false).with("Authorization", "Bearer \(token)")
                for value in values { request = request.with("Referer", value) }
                add(
                    "referrer.twice-\(name).segment", "a web token with two referrers, \(name)", request,
                    expect: "refused", .referrerLoose, aim: aim)
            }
            let web: [(String, SiteRequest)] = [
                ("web-in-query", SiteTransport.mobile.request(path, token, site)),
                ("web-in-path", SiteTransport.play.request(path, token, site)),
                ("web-in-mobile-header", site.request("/mobile/hls2/\(path)").with("Authorization", "Bearer \(token)")),
            ]
            for (name, request) in web {
                add(
                    "transport.\(name)", "a web token, \(name)", request, expect: "403 platform or transport",
                    .transportOpen,
                    aim: .init(transport: name == "web-in-path" ? .play : .mobile, kind: .segment))
            }
        }
        if let token = tokens.mint(lesson.rel, .web, pathOnly: true) {
            add(
                "transport.path-token-in-header", "a path token in a header",
                SiteTransport.hls2.request(path, token, site),
                expect: "403 transport", .transportOpen, aim: aim)
            add(
                "transport.path-token-in-query", "a path token in a query",
                SiteTransport.mobile.request(path, token, site),
                expect: "403 transport", .transportOpen, aim: .init(transport: .mobile, kind: .segment))
            add(
                "transport.path-token-in-path", "a path token in the path",
                SiteTransport.play.request(path, token, site),
                expect: "200, the file", .notPlayable, judge: Judge.served(.segment, of: lesson))
        }
        if let token = tokens.mint(lesson.rel, .mobile) {
            let aim = Probe.Aim(transport: .mobile, kind: .segment)
            let odd: [(String, String)] = [
                ("twice", "token=\(token)&token=x"), ("other-name", "Token=\(token)"),
                ("escaped-name", "tok%65n=\(token)"),
                ("array", "token[]=\(token)"), ("semicolon", "x=1;token=\(token)"),
                ("escaped-value", "token=%65\(token.dropFirst())"),
            ]
            for (name, query) in odd {
                add(
                    "transport.query-\(name)", "a token in a query, \(name)",
                    site.request("/mobile/hls2/\(path)?\(query)"), expect: "401, closed",
                    .transportOpen, aim: aim)
            }
            add(
                "transport.query-and-header", "a token in the query and another in a header",
                SiteTransport.mobile.request(path, token, site).with("Authorization", "Bearer x.y.z"),
                expect: "401, closed", .transportOpen, aim: aim)
        }
    }
}
