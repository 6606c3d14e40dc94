internal import POSIX

/// Rules of a whole host: what server.conf must be there for, who answers foreign names, logs, and other ways to the
/// files.
extension NginxLint {
    mutating func serverScope(_ server: NginxDirective) {
        func lacks(_ what: String) {
            wrong(server, "server.conf", "this host has our locations but lacks server.conf: \(what)")
        }
        if server.value("log_not_found", or: "on") != "off" {
            lacks("log_not_found off (a trick URL would put its token into the error log)")
        }
        var pages: [String: NginxDirective] = [:]
        for page in server.own("error_page") { for code in page.arguments.dropLast() { pages[code] = page } }
        for code in ["400", "414", "494"] {
            guard let page = pages[code] else {
                lacks("error_page \(code) (answered in HTML)")
                continue
            }
            if page.last.hasPrefix("/") {
                errorPage(server, page)
            } else {
                wrong(
                    page, "server.conf", "errors found before any location need a URI: a named location is a 500")
            }
        }
        let rewrites = [
            ("($rg_preflight)", "the preflight's rewrite"), ("($rg_stray)", "the stray paths' rewrite"),
        ]
        for (condition, what) in rewrites
        where !server.own("if").contains(where: { $0.arguments.joined() == condition }) {
            lacks(what)
        }
        for log in server.effective("access_log") { accessLog(log) }
        for location in server.all("location") { for log in location.own("access_log") { accessLog(log) } }
        if server.effective("access_log").isEmpty { lacks("access_log in our format (nginx's own holds URLs)") }
    }

    private mutating func accessLog(_ node: NginxDirective) {
        let name = node.arguments.dropFirst().first { !$0.contains("=") } ?? ""
        let known = ["combined", "main", ""].contains(name) ? "$request" : ""
        guard node.first != "off", Self.holdsURL(formats[name] ?? known),
            !node.arguments.contains("if=$rg_loggable")
        else { return }
        wrong(
            node, "E25",
            "log format \(name.isEmpty ? "combined" : name) holds URLs, and so tokens: use `reelgate` or "
                + "`if=$rg_loggable`")
    }

    /// Whether a log format writes a variable that may carry a token.
    static func holdsURL(_ format: String) -> Bool {
        let carriers: Set<String> = [
            "request", "request_uri", "uri", "document_uri", "args", "query_string", "http_referer",
            "http_authorization", "http_cookie",
        ]
        for piece in format.split(separator: "$", omittingEmptySubsequences: false).dropFirst() {
            let rest = piece.hasPrefix("{") ? piece.dropFirst() : piece
            let name = String(rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
            if carriers.contains(name) || name.hasPrefix("arg_") || name.hasPrefix("cookie_") { return true }
        }
        return false
    }

    mutating func defaultServer(_ server: NginxDirective) {
        let own = server.own("listen")
        for listen in own.isEmpty ? [NginxDirective(["listen", "80"], place: server.place, parent: server)] : own {
            let address = Self.address(listen)
            let same = servers.filter { $0.own("listen").contains { Self.address($0) == address } }
            let marked = same.filter { other in
                other.own("listen").contains {
                    Self.address($0) == address
                        && ($0.arguments.contains("default_server") || $0.arguments.contains("default"))
                }
            }
            guard let standing = marked.first ?? same.first ?? Optional(server) else { continue }
            let answers = standing.all("return").filter { $0.parent?.own("internal").isEmpty ?? true }
            let serving = standing.own("location").contains {
                $0.own("internal").isEmpty && $0.own("return").isEmpty
            }
            if answers.isEmpty || serving || answers.contains(where: { $0.first != "444" }) {
                wrong(
                    standing, "A70",
                    "the default server of \(listen.first) must answer other hosts with 444 alone")
            } else if !standing.own("error_page").contains(where: { $0.arguments.dropLast().contains("400") }) {
                wrong(standing, "A15", "the default server of \(listen.first) needs our error_page 400 … = /_bad")
            }
        }
    }

    /// Address and port of a `listen`, in one spelling.
    static func address(_ listen: NginxDirective) -> String {
        let word = listen.first
        if !word.isEmpty, word.utf8.allSatisfy({ (48...57).contains($0) }) { return "*:\(word)" }
        let behind = word.split(separator: "]", omittingEmptySubsequences: false).last ?? ""
        return behind.contains(":") ? word : word + ":80"
    }

    /// Files of lessons reached by another location, or by a link in another web root.
    mutating func otherWays(_ roots: Set<String>) {
        for node in root.all() where node.name == "root" || node.name == "alias" {
            if node.parent?.isOfGate ?? false { continue }
            let path = Self.plain(node.first.split(separator: "$", omittingEmptySubsequences: false).first ?? "")
            let links = ((try? Files.list(path)) ?? []).map { path == "/" ? "/\($0)" : "\(path)/\($0)" }
                .filter { Files.linkTarget($0) != nil }
            for media in roots.sorted() {
                if Self.isWithin(media, path) || Self.isWithin(path, media) {
                    wrong(node, "A54", "\(node.first) leads to \(media) without the gate")
                }
                for link in links {
                    guard let real = Files.resolved(link) else { continue }
                    if Self.isWithin(media, real) || Self.isWithin(real, media) {
                        wrong(node, "A54", "the link \(link) in this web root leads to \(media) without the gate")
                    }
                }
            }
        }
    }

    private static func isWithin(_ path: String, _ directory: String) -> Bool {
        (path + "/").hasPrefix(withoutSlash(directory) + "/")
    }

    /// A path without `.`, `..` and doubled slashes.
    static func plain(_ path: Substring) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return (path.hasPrefix("/") || path.isEmpty ? "/" : "") + parts.joined(separator: "/")
    }
}
