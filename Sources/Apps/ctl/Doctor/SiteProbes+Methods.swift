internal import Fetch
internal import Foundation

/// Other methods. Those that would change something are sent at names that can't exist.
extension SiteProbes {
    mutating func methods() {
        guard let segment = lesson.path(.segment), let key = lesson.path(.key), let master = lesson.path(.master),
            let token = tokens.good(lesson.rel, .hls2)
        else { return }
        let nothing = "\(lesson.rel)/_000000000000-k1-d6000/720p/999999999.ts"
        func ask(_ method: String, _ path: String) -> SiteRequest {
            SiteTransport.hls2.request(path, token, site).by(method)
        }
        for (kind, path) in [("segment", segment), ("key", key), ("master", master)] {
            for method in ["POST", "PATCH", "PROPFIND", "OPTIONS", "FOO", "get", "TRACE"] {
                let request =
                    method == "POST" || method == "PATCH"
                    ? ask(method, path).with("Content-Length", "0") : ask(method, path)
                add(
                    "method.\(method == "get" ? "lower-get" : method.lowercased()).\(kind)",
                    "\(method) of a \(kind) with a good token", request,
                    expect: "405, or 400", .methodOpen)
            }
        }
        for method in ["PUT", "DELETE", "MKCOL", "MOVE", "COPY", "LOCK", "SEARCH"] {
            add(
                "method.\(method.lowercased()).segment", "\(method) of a file that can't be, with a good token",
                ask(method, nothing).with("Content-Length", "0"), expect: "405", .methodOpen,
                judge: Judge.refused(.methodOpen, codes: ["method", "bad_request"]))
        }
        add(
            "method.connect", "CONNECT", site.request("\(site.authority)").by("CONNECT"), expect: "400 or 405",
            .methodOpen,
            judge: Judge.noSuccess(.methodOpen))
        add(
            "method.head.segment", "HEAD of a segment with a good token", ask("HEAD", segment),
            expect: "200 without a body", .notPlayable,
            judge: Judge.served(.segment, of: lesson))
        add(
            "method.ranges.segment", "twenty ranges of a segment with a good token",
            ask("GET", segment).with("Range", "bytes=" + (0..<20).map { "\($0)-\($0)" }.joined(separator: ",")),
            expect: "the whole file, or one range",
            .methodOpen
        ) { answer, _ in
            (answer.field("content-type") ?? "").hasPrefix("multipart/byteranges")
                ? [Complaint(cause: .methodOpen, text: answer.summary)] : []
        }
        for name in ["_gate", "_preflight", "_bad", "_stray"] {
            let request = site.request("/\(name)").with("Authorization", "Bearer \(token)").with(
                "X-Original-URI", "/hls2/\(segment)")
            add(
                "internal.\(name.dropFirst())", "/\(name) from outside", request, expect: "404", .internalReachable
            ) { answer, _ in
                [0, 404].contains(answer.status) ? [] : [Complaint(cause: .internalReachable, text: answer.summary)]
            }
        }
        // From this host itself it is meant to be read.
        let peers = site.wire.address.map { [$0] } ?? Resolver.addresses(of: site.host)
        if !peers.contains(where: { $0.four?.first == 127 || $0.description == "::1" }) {
            add(
                "internal.metrics", "/metrics from outside", site.request("/metrics"), expect: "404", .metricsOpen
            ) { answer, _ in
                answer.status == 200 && !answer.isHTML ? [Complaint(cause: .metricsOpen, text: answer.summary)] : []
            }
        }
        api(token)
    }

    /// The API without a credential, and with one that is for media only.
    private mutating func api(_ token: String) {
        let routes: [(String, String)] = [
            (
                "token",
                "/api/get-video-token/v2?user_id=doctor&rel=\(lesson.rel.replacingOccurrences(of: "/", with: "%2F"))"
            ),
            ("task", "/api/tasks/00000000-0000-4000-8000-000000000000"), ("sessions", "/api/admin/sessions"),
            ("stats", "/api/admin/stats"), ("keys", "/api/keys"),
        ]
        for (name, target) in routes {
            add(
                "api.\(name)", "\(target.prefix { $0 != "?" }) without a credential", site.request(target),
                expect: "401 or 404", .apiOpen,
                judge: Judge.noSuccess(.apiOpen))
            add(
                "api.\(name)-viewer", "\(target.prefix { $0 != "?" }) with a playback token",
                site.request(target).with("Authorization", "Bearer \(token)"),
                expect: "401 or 404", .apiOpen, judge: Judge.noSuccess(.apiOpen))
        }
        add(
            "api.upload", "an upload without a credential",
            site.request("/upload/lesson").by("POST").with("Content-Length", "0"), expect: "401",
            .apiOpen, judge: Judge.noSuccess(.apiOpen))
    }
}
