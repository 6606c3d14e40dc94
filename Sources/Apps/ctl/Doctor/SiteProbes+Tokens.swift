/// Files without a token, with a good one, and with bad ones.
extension SiteProbes {
    mutating func unasked() {
        for transport in SiteTransport.allCases {
            for target in targets {
                add(
                    "token.none.\(transport).\(target.kind.rawValue)",
                    "\(target.kind.rawValue) by \(transport) without a token",
                    transport.request(target.path, nil, site), expect: "401, closed", .filesUnguarded,
                    aim: .init(transport: transport, kind: target.kind))
            }
        }
        guard let segment = lesson.path(.segment) else { return }
        let aim = Probe.Aim(transport: .hls2, kind: .segment)
        let without = site.request("/hls2/\(segment)")
        let ways: [(String, SiteRequest)] = [
            ("range", without.with("Range", "bytes=0-15")),
            ("range-odd", without.with("Range", "bytes=-18446744073709551615")),
            ("if-none-match", without.with("If-None-Match", "*")),
            ("if-modified-since", without.with("If-Modified-Since", "Fri, 31 Dec 2100 23:59:59 GMT")),
            ("if-range", without.with("If-Range", "\"x\"").with("Range", "bytes=0-15")), ("head", without.by("HEAD")),
            ("post", without.by("POST").with("Content-Length", "0")),
        ]
        for (name, request) in ways {
            add(
                "token.none-\(name).hls2.segment", "a segment without a token, \(name)", request,
                expect: "refused, no byte of it", .filesUnguarded, aim: aim)
        }
    }

    mutating func goodClient() {
        for transport in SiteTransport.allCases {
            for target in targets {
                guard let token = tokens.good(target.lesson.rel, transport) else { continue }
                add(
                    "good.\(transport).\(target.kind.rawValue)",
                    "\(target.kind.rawValue) by \(transport) with a good token",
                    transport.request(target.path, token, site), expect: "200, the file", .notPlayable,
                    judge: Judge.served(target.kind, of: target.lesson))
            }
            guard transport != .mobile, let path = lesson.path(.segment), let token = tokens.good(lesson.rel, transport)
            else { continue }
            // Players write CMCD into the query.
            add(
                "good.\(transport).segment-query", "a segment by \(transport) with a good token and a query",
                transport.request("\(path)?CMCD=bl%3D2100", token, site), expect: "200, the file", .notPlayable,
                judge: Judge.served(.segment, of: lesson))
        }
    }

    /// The same without a token once more: now a cache would hold a good answer.
    mutating func afterwards() {
        for transport in SiteTransport.allCases {
            for target in targets {
                add(
                    "token.none-after-good.\(transport).\(target.kind.rawValue)",
                    "\(target.kind.rawValue) by \(transport) without a token, after somebody with one",
                    transport.request(target.path, nil, site), expect: "401, closed", .filesUnguarded,
                    aim: .init(transport: transport, kind: target.kind))
            }
        }
    }

    mutating func badTokens() {
        for transport in SiteTransport.allCases {
            for target in targets {
                let aim = Probe.Aim(transport: transport, kind: target.kind)
                func ask(_ name: String, _ title: String, _ token: String, _ cause: Cause) {
                    add(
                        "token.\(name).\(transport).\(target.kind.rawValue)",
                        "\(target.kind.rawValue) by \(transport) with \(title)",
                        transport.request(target.path, token, site),
                        expect: "401 or 403, closed", cause, aim: aim)
                }
                ask("garbage", "garbage", "x.y.z", .tokenUnverified)
                if let other, let foreign = tokens.good(other.rel, transport) {
                    ask("other-lesson", "another lesson's token", foreign, .otherLesson)
                }
                guard [.segment, .key, .master].contains(target.kind) else { continue }
                for bad in tokens.bad(target.lesson.rel, transport) { ask(bad.name, bad.title, bad.token, bad.cause) }
            }
        }
        guard let path = lesson.path(.segment), let good = tokens.good(lesson.rel, .hls2) else { return }
        let aim = Probe.Aim(transport: .hls2, kind: .segment)
        let plain = site.request("/hls2/\(path)")
        let ways: [(String, String, SiteRequest)] = [
            (
                "twice", "two Authorization fields",
                plain.with("Authorization", "Bearer \(good)").with("Authorization", "Bearer x")
            ),
            ("scheme", "another scheme", plain.with("Authorization", "Basic \(good)")),
            ("bare", "no scheme", plain.with("Authorization", good)),
            ("query", "the token in a query that /hls2 does not read", site.request("/hls2/\(path)?token=\(good)")),
            ("x-field", "the token in a field of another name", plain.with("X-Token", good)),
            ("cookie-garbage", "garbage in the cookie", plain.with("Cookie", "reelgate_play=x.y.z")),
        ]
        for (name, title, request) in ways {
            add(
                "token.\(name).hls2.segment", "a segment with \(title)", request, expect: "401, closed",
                .tokenUnverified,
                aim: aim)
        }
    }
}
