internal import Foundation

/// Other ways to files: the data directory, originals, hidden files, listings.
extension SiteProbes {
    mutating func otherWays() {
        guard let segment = lesson.path(.segment), let master = lesson.path(.master) else { return }
        let last = dataDirectory.split(separator: "/").last.map { String($0) } ?? "reelgate"
        let own = lesson.rel.split(separator: "/").last ?? "x"
        let original = lesson.original ?? "\(lesson.rel)/\(own)_lesson.mp4"
        // Ids are the same on every host, whatever its data directory is called.
        let roots = [
            ("root", ""), ("data", "/data"), ("media", "/media"), ("static", "/static"), ("videos", "/videos"),
            ("files", "/files"), ("public", "/public"), ("data-name", "/\(last)"), ("data-path", dataDirectory),
        ]
        for (name, root) in roots {
            for (kind, path) in [("segment", segment), ("master", master)] {
                add(
                    "file.\(name).\(kind)", "\(root)/hls/… as a file", site.request("\(root)/hls/\(path)"),
                    expect: "no byte of a lesson", .dataServed,
                    judge: Judge.noLesson(.dataServed))
            }
            add(
                "file.\(name).original", "\(root)/originals/… as a file",
                site.request("\(root)/originals/\(original)"),
                expect: "no file", .originalsServed, judge: Judge.noFile(.originalsServed))
        }
        older(segment: segment, original: original)
        for (name, path) in [
            ("uploads", "/uploads/\(lesson.rel)/"), ("incoming", "/uploads/.incoming/"), ("work", "/work/"),
            ("originals", "/originals/"),
        ] {
            add(
                "file.\(name).directory", "\(path) as a file", site.request(path), expect: "no file", .dataServed,
                judge: Judge.noFile(.dataServed))
        }
        for prefix in [
            "static", "assets", "media", "files", "img", "images", "css", "js", "uploads", "public", "download",
            "presentation_videos", "videos",
        ] {
            for (name, tail) in [("segment", "hls/\(segment)"), ("up-segment", "\(last)/hls/\(segment)")] {
                add(
                    "alias.\(prefix).\(name)", "/\(prefix)../\(name)", site.request("/\(prefix)../\(tail)"),
                    expect: "no byte of a lesson", .aliasClimb,
                    judge: Judge.noLesson(.aliasClimb))
            }
        }
        let hidden = [
            ".env", ".env.local", ".env.production", ".git/config", ".git/HEAD", ".svn/entries", ".htpasswd",
            ".htaccess", ".DS_Store", ".npmrc",
            ".ssh/id_rsa", "config.json~", "config.php.bak", "index.html.bak", "nginx.conf", "backup.sql", "dump.sql",
            "db.sql.gz", "backup.tar.gz",
            "backup.zip", "reelgate.env", "docker-compose.yml", "id_rsa", "keys",
        ]
        for name in hidden {
            add(
                "hidden.\(name.replacingOccurrences(of: "/", with: "-"))", "/\(name)", site.request("/\(name)"),
                expect: "no file", .dotFiles,
                judge: Judge.noFile(.dotFiles))
        }
        let listed = [
            "/", "/hls/", "/hls2/", "/hls2/\(lesson.rel)/", "/originals/", "/uploads/", "/presentation_videos/",
            "/presentation_videos/courses/",
            "/media/", "/static/", "/videos/", "/files/", "/data/", "/backup/", "/play/", "/mobile/hls2/",
        ]
        for path in listed {
            let name = path.split(separator: "/").first.map { String($0) } ?? "root"
            add(
                "listing.\(name)\(path.split(separator: "/").count > 1 ? "-below" : "")",
                "the directory \(path.prefix(40))", site.request(path),
                expect: "no listing", .directoryListing
            ) { answer, _ in
                let text = String(decoding: answer.body.prefix(4096), as: UTF8.self)
                return text.contains("Index of /") || text.contains("<a href=\"../\">")
                    ? [Complaint(cause: .directoryListing, text: answer.summary)] : []
            }
        }
    }

    /// Routes of older servers and downloads: without a token, and with one that is for watching.
    private mutating func older(segment: String, original: String) {
        let file = original.split(separator: "/").last ?? "x.mp4"
        let routes = [
            ("hls", "/hls/\(segment)"), ("mobile-hls", "/mobile/hls/\(segment)"),
            ("download2", "/download2/\(lesson.rel)/\(file)"),
            ("download", "/api/download/\(lesson.rel.prefix { $0 != "/" })/\(file)"),
            ("videos-user", "/videos-user/\(lesson.rel.prefix { $0 != "/" })/\(file)"),
        ]
        for (name, target) in routes {
            let cause: Cause = name.hasSuffix("hls") ? .dataServed : .originalsServed
            add(
                "older.\(name)", "\(name) without a token", site.request(target), expect: "refused", cause
            ) { answer, findings in
                findings.isUsual(answer) ? [] : Judge.noSuccess(cause)(answer, findings)
            }
            guard !name.hasSuffix("hls"), let token = tokens.good(lesson.rel, .hls2) else { continue }
            add(
                "older.\(name)-viewer", "\(name) with a playback token",
                site.request(target).with("Authorization", "Bearer \(token)"), expect: "refused", cause
            ) { answer, findings in findings.isUsual(answer) ? [] : Judge.noSuccess(cause)(answer, findings) }
        }
    }
}
