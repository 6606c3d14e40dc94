internal import Fetch

/// TLS, plain http, and what every answer says of the server.
extension SiteProbes {
    mutating func connection() {
        guard let segment = lesson.path(.segment) else { return }
        let plain = site.request("/hls2/\(segment)")
        add(
            "server.version", "the Server field", plain, expect: "no version", .serverVersion
        ) { answer, _ in
            let server = answer.field("server") ?? ""
            return server.contains(where: { $0.isNumber })
                ? [Complaint(cause: .serverVersion, text: "Server: \(server.prefix(60))")] : []
        }
        for (name, target) in [("unknown", "/hls2/x"), ("unasked", "/hls2/\(segment)"), ("bad", "/%00")] {
            add(
                "refusal.\(name)", "the form of a refusal, \(name)", site.request(target),
                expect: "a problem body, no-store", .refusalShape)
        }
        guard site.secure else { return }
        add(
            "tls.hsts", "Strict-Transport-Security", plain, expect: "at least half a year", .hstsMissing
        ) { answer, _ in
            let value = answer.field("strict-transport-security") ?? ""
            let digits = value.drop { !$0.isNumber }.prefix { $0.isNumber }
            return (Int(digits) ?? 0) >= 15_552_000
                ? [] : [Complaint(cause: .hstsMissing, text: value.isEmpty ? "there is none" : value)]
        }
        var old = site.wire
        old.onlyOldTLS = true
        old.verifies = false
        add(
            "tls.old", "a client that speaks TLS 1.0 and 1.1 alone", plain, expect: "no connection", .tlsOld, over: old
        ) { answer, _ in answer.status == -1 ? [] : [Complaint(cause: .tlsOld, text: answer.summary)] }
        add("tls.certificate", "the certificate", plain, expect: "it holds for this name", .tlsCertificate) { _, _ in []
        }
        guard let token = tokens.good(lesson.rel, .hls2) else { return }
        var open = site.wire
        open.secure = false
        open.port = plainPort
        for (kind, path) in [
            ("segment", segment), ("key", lesson.path(.key) ?? segment), ("master", lesson.path(.master) ?? segment),
        ] {
            add(
                "tls.plain.\(kind)", "a \(kind) with a good token over plain http",
                SiteTransport.hls2.request(path, token, site),
                expect: "a redirect or nothing", .plainHTTP, over: open
            ) { answer, findings in
                answer.isServed || findings.leaks(answer) || answer.status == 401 || answer.status == 403
                    ? [Complaint(cause: .plainHTTP, text: answer.summary)] : []
            }
        }
        add(
            "tls.plain-on-tls", "plain http on the TLS port", plain, expect: "400 or nothing", .plainHTTP,
            over: Wire(host: site.host, port: site.port, secure: false, address: site.wire.address)
        ) { answer, findings in
            if answer.isHTML { return [Complaint(cause: .refusalHTML, text: answer.summary)] }
            return answer.isServed || findings.leaks(answer) ? [Complaint(cause: .plainHTTP, text: answer.summary)] : []
        }
    }

    /// With the pool's gates stopped: nothing at all, whoever asks.
    mutating func gateStopped() {
        for transport in SiteTransport.allCases {
            for target in targets {
                let aim = Probe.Aim(transport: transport, kind: target.kind)
                let asks = [
                    ("none", String?.none), ("good", tokens.good(target.lesson.rel, transport)), ("garbage", "x.y.z"),
                ]
                for (name, token) in asks where token != nil || name == "none" {
                    add(
                        "stopped.\(name).\(transport).\(target.kind.rawValue)",
                        "\(target.kind.rawValue) by \(transport), token \(name), with the gate down",
                        transport.request(target.path, token, site), expect: "503 gate_unavailable", .failOpen,
                        aim: aim,
                        judge: Judge.refused(.failOpen, codes: ["gate_unavailable", "path"]))
                }
            }
        }
        guard let segment = lesson.path(.segment) else { return }
        let tricks: [(String, SiteRequest)] = [
            ("range", site.request("/hls2/\(segment)").with("Range", "bytes=0-15")),
            ("head", site.request("/hls2/\(segment)").by("HEAD")),
            ("post", site.request("/hls2/\(segment)").by("POST").with("Content-Length", "0")),
            ("if-none-match", site.request("/hls2/\(segment)").with("If-None-Match", "*")),
        ]
        for (name, request) in tricks {
            add(
                "stopped.\(name).hls2.segment", "a segment, \(name), with the gate down", request,
                expect: "503 gate_unavailable", .failOpen,
                judge: Judge.refused(.failOpen))
        }
    }
}
