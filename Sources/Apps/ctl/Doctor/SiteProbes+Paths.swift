internal import Foundation

/// Spellings of paths: a good token for one lesson, and ways to write another's or the same one's files.
extension SiteProbes {
    mutating func paths() {
        guard let segment = lesson.files[.segment], let name = segment.split(separator: "/").last else { return }
        let rel = lesson.rel
        let foreign = other ?? lesson
        let aimed = "\(foreign.rel)/\(foreign.files[.segment] ?? segment)"
        let directory = segment.split(separator: "/").dropLast().joined(separator: "/")
        let escaped = aimed.replacingOccurrences(of: "/", with: "%2f")
        let up = "../../../.."
        var tricks: [(String, String)] = [
            ("dotdot", "\(rel)/\(up)/\(aimed)"),
            ("dotdot-deep", "\(rel)/\(directory)/../../\(up)/\(aimed)"),
            ("dot-escaped", "\(rel)/%2e%2e/%2e%2e/%2e%2e/%2e%2e/\(aimed)"),
            ("dot-escaped-upper", "\(rel)/%2E%2E/%2E%2E/%2E%2E/%2E%2E/\(aimed)"),
            ("dot-half-escaped", "\(rel)/.%2e/%2e./.%2e/%2e./\(aimed)"),
            ("slash-escaped", "\(rel)/..%2f..%2f..%2f..%2f\(aimed)"),
            ("slash-escaped-all", "\(rel)/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f\(escaped)"),
            ("slash-first", "\(rel)/%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f\(aimed)"),
            ("double-escaped", "\(rel)/%252e%252e/%252e%252e/%252e%252e/%252e%252e/\(aimed)"),
            ("double-escaped-slash", "\(rel)/..%252f..%252f..%252f..%252f\(aimed)"),
            ("backslash", "\(rel)/..\\..\\..\\..\\\(aimed)"),
            ("backslash-escaped", "\(rel)/..%5c..%5c..%5c..%5c\(aimed)"),
            ("semicolon", "\(rel)/..;/..;/..;/..;/\(aimed)"), ("parameter", "\(rel);x=1/\(segment)"),
            ("overlong-dot", "\(rel)/%c0%ae%c0%ae/%c0%ae%c0%ae/%c0%ae%c0%ae/%c0%ae%c0%ae/\(aimed)"),
            ("overlong-slash", "\(rel)/..%c0%af..%c0%af..%c0%af..%c0%af\(aimed)"),
            ("wide", "\(rel)/%u002e%u002e/\(segment)"),
            ("nul", "\(aimed)%00.m3u8"), ("nul-first", "\(rel)/%00/\(segment)"), ("newline", "\(aimed)%0a"),
            ("newline-inside", "\(rel)%0a/\(segment)"), ("return-newline", "\(aimed)%0d%0aX-Probe:%20y"),
            ("fragment", "\(aimed)#/../../../../\(rel)/"), ("slash-end", "\(rel)/\(segment)/"),
            ("dot-end", "\(rel)/\(segment)."), ("space-end", "\(rel)/\(segment)%20"), ("dot", "\(rel)/./\(segment)"),
            ("slash-twice", "\(rel)//\(segment)"),
            ("escaped-letter", "\(rel)/\(directory)/%\(Self.hex(name))\(name.dropFirst())"),
            ("star", "\(rel)/\(directory)/*.ts"), ("eight-bit", "\(rel)/\(directory)/\u{ff}.ts"),
            ("out-data", "\(rel)/\(up)/../originals/\(lesson.original ?? "\(rel)/x")"),
            ("out-passwd", "\(rel)/\(up)/../../../../../../etc/passwd"),
            ("out-passwd-escaped", "\(rel)/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd"),
            ("temporary", "\(rel)/\(segment).tmp"), ("pending", "\(rel)/.pending"), ("source", "\(rel)/source.mp4"),
            ("directory", "\(rel)/\(directory)/"), ("lesson-directory", "\(rel)/"),
            ("long", "\(rel)/" + String(repeating: "a/", count: 3000)),
        ]
        if other != nil { tricks.append(("query", "\(aimed)?/hls2/\(rel)/")) }
        if let key = foreign.files[.key] { tricks.append(("key-dotdot", "\(rel)/\(up)/\(foreign.rel)/\(key)")) }
        for transport in SiteTransport.allCases {
            guard let token = tokens.good(rel, transport) else { continue }
            for (name, path) in tricks {
                add(
                    "path.\(name).\(transport)", "a good token and a path with \(name), by \(transport)",
                    transport.request(path, token, site), expect: "403 path or 400, closed", .pathConfusion)
            }
        }
        beforeThePrefix(segment: "\(rel)/\(segment)", foreign: aimed)
    }

    /// Tricks before our prefix; where they end in the site's own locations, all that counts is that no byte comes.
    private mutating func beforeThePrefix(segment: String, foreign: String) {
        guard let token = tokens.good(lesson.rel, .hls2) else { return }
        let targets: [(String, String, Cause, Bool)] = [
            ("absolute", "\(site.base)/hls2/\(lesson.rel)/../../../../\(foreign)", .pathConfusion, true),
            ("absolute-scheme", "ftp://\(site.authority)/hls2/\(foreign)", .pathConfusion, false),
            ("climb-in", "/x/../hls2/\(foreign)", .pathConfusion, true),
            ("climb-in-escaped", "/x/..%2fhls2/\(foreign)", .pathConfusion, true),
            ("slashes-first", "//hls2/\(segment)", .doubleSlash, true),
            ("slashes-foreign", "//hls2/\(foreign)", .doubleSlash, true),
            ("slashes-three", "///hls2///\(foreign)", .doubleSlash, true),
            ("slashes-mobile", "/mobile//hls2/\(foreign)", .doubleSlash, true),
            ("dot-first", "/./hls2/\(segment)", .pathConfusion, true),
            ("letter-escaped", "/%68ls2/\(segment)", .pathConfusion, true),
            ("prefix-slash-escaped", "/hls2%2f\(segment)", .pathConfusion, true),
            ("upper", "/HLS2/\(segment)", .pathConfusion, false),
            ("upper-rel", "/hls2/\(Self.swapped(segment))", .otherLesson, true),
            ("no-slash", "hls2/\(segment)", .pathConfusion, false),
            ("star", "*", .pathConfusion, false), ("prefix-dots", "/hls2../\(segment)", .aliasClimb, false),
            ("prefix-dots-data", "/hls2../originals/\(lesson.original ?? "x")", .aliasClimb, false),
            ("space", "/hls2/\(foreign) /../\(segment)", .pathConfusion, false),
            ("control", "/hls2/\(lesson.rel)/\u{1}.ts", .pathConfusion, true),
            ("percent", "/hls2/\(lesson.rel)/%zz.ts", .pathConfusion, true),
            ("percent-end", "/hls2/\(lesson.rel)/x%", .pathConfusion, true),
            ("nul", "/%00", .pathConfusion, true),
            ("too-long", "/" + String(repeating: "a", count: 9000), .pathConfusion, true),
            ("above-root", "/hls2/../../../../../../x", .pathConfusion, true),
        ]
        for (name, target, cause, ours) in targets {
            let request = site.request(target).with("Authorization", "Bearer \(token)")
            add(
                "path.\(name).raw", "a good token and a target with \(name)", request,
                expect: ours ? "403 path or 400, closed" : "no byte of a lesson", cause,
                judge: ours ? Judge.refused(cause) : Judge.noLesson(cause))
        }
        add(
            "path.slashes-unasked.raw", "//hls2/ without a token", site.request("//hls2/\(segment)"),
            expect: "no byte of a lesson",
            .doubleSlash, judge: Judge.noLesson(.doubleSlash))
        for (name, line) in [
            ("http09", ""), ("http10", "HTTP/1.0"), ("http12", "HTTP/1.2"), ("http20", "HTTP/2.0"),
            ("http-odd", "HTTX/1.1"),
        ] {
            var request = site.request("/hls2/\(segment)")
            request.version = line
            add(
                "path.\(name).raw", "a segment without a token, version \(line.isEmpty ? "none" : line)", request,
                expect: "no byte of a lesson", .filesUnguarded, aim: .init(transport: .hls2, kind: .segment),
                judge: Judge.noLesson(.filesUnguarded))
        }
    }

    private static func hex(_ name: Substring) -> String {
        let digits = String(name.utf8.first ?? 48, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }

    /// The other case of the first letter.
    static func swapped(_ text: String) -> String {
        guard let first = text.first else { return text }
        let other = first.isUppercase ? first.lowercased() : first.uppercased()
        return other + text.dropFirst()
    }
}
