/// What browsers on other origins may read.
extension SiteProbes {
    mutating func origins() {
        guard let segment = lesson.path(.segment), let key = lesson.path(.key) else { return }
        let name = site.origin.split(separator: "/").last.map { String($0) } ?? site.host
        let scheme = site.origin.hasPrefix("https:") ? "https" : "http"
        let foreign: [(String, String)] = [
            ("evil", "https://evil.example"), ("null", "null"), ("suffix", "\(scheme)://\(name).evil.example"),
            ("prefix", "\(scheme)://evil\(name)"),
            ("letter", "\(scheme)://\(name)x"), ("other-scheme", "ftp://\(name)"),
            ("other-port", "\(scheme)://\(name.split(separator: ":").first ?? "x"):1"),
            ("user", "\(scheme)://\(name)@evil.example"), ("two", "\(site.origin) https://evil.example"),
            ("below", "\(scheme)://a.\(name)"),
        ]
        for (label, origin) in foreign {
            var asked: [(String, SiteRequest)] = []
            if let token = tokens.good(lesson.rel, .hls2) {
                let fetched = site.request("/hls2/\(segment)", origin: false).with("Authorization", "Bearer \(token)")
                let keyed = site.request("/hls2/\(key)", origin: false).with("Authorization", "Bearer \(token)")
                asked = [("segment", fetched), ("key", keyed)]
            }
            asked.append(("refusal", site.request("/hls2/\(segment)", origin: false)))
            var preflight = site.request("/hls2/\(segment)", origin: false).by("OPTIONS")
            preflight = preflight.with("Access-Control-Request-Method", "GET").with(
                "Access-Control-Request-Headers", "authorization")
            asked.append(("preflight", preflight))
            for (what, request) in asked {
                add(
                    "origin.\(label).\(what)", "\(what) for origin \(label)", request.with("Origin", origin),
                    expect: "no Access-Control-Allow-Origin",
                    .corsReflects
                ) { answer, _ in Self.foreign(answer, origin) }
            }
        }
        var api = site.request("/api/videos", origin: false).by("OPTIONS").with("Origin", "https://evil.example")
        api = api.with("Access-Control-Request-Method", "POST")
        add(
            "origin.evil.api-preflight", "a preflight of the API for a foreign origin", api,
            expect: "no Access-Control-Allow-Origin", .corsReflects
        ) { answer, _ in Self.foreign(answer, "https://evil.example") }
        own(segment)
    }

    private static func foreign(_ answer: SiteAnswer, _ origin: String) -> [Complaint] {
        var found: [Complaint] = []
        for value in answer.fields("access-control-allow-origin") where !value.isEmpty {
            let text = "\(answer.status), Access-Control-Allow-Origin: \(value)"
            if value == "*" {
                found.append(Complaint(cause: .corsAny, text: text))
            } else if value == origin {
                found.append(Complaint(cause: .corsReflects, text: text))
            }
        }
        return found
    }

    /// A page on an origin that may: answers and refusals are readable, and a preflight needs no token.
    private mutating func own(_ segment: String) {
        let origin = site.origin
        func readable(_ answer: SiteAnswer, _ findings: Findings) -> [Complaint] {
            let vary = answer.fields("vary").joined(separator: ",").lowercased()
            let fine = answer.fields("access-control-allow-origin") == [origin] && vary.contains("origin")
            return fine || answer.status <= 0 ? [] : [Complaint(cause: .corsMissing, text: answer.summary)]
        }
        if let token = tokens.good(lesson.rel, .hls2) {
            add(
                "origin.own.segment", "a segment for the site's own origin",
                SiteTransport.hls2.request(segment, token, site),
                expect: "Access-Control-Allow-Origin of exactly this origin, Vary: Origin", .corsMissing,
                judge: readable)
        }
        add(
            "origin.own.refusal", "a refusal for the site's own origin", site.request("/hls2/\(segment)"),
            expect: "Access-Control-Allow-Origin of exactly this origin, Vary: Origin", .corsMissing, judge: readable)
        let preflight = site.request("/hls2/\(segment)").by("OPTIONS").with("Access-Control-Request-Method", "GET")
            .with("Access-Control-Request-Headers", "authorization")
        add(
            "origin.own.preflight", "a preflight for the site's own origin", preflight, expect: "204 and the methods",
            .corsMissing
        ) { answer, findings in
            answer.status == 204 && answer.field("access-control-allow-methods") != nil
                ? readable(answer, findings) : [Complaint(cause: .corsMissing, text: answer.summary)]
        }
    }
}
