/// Rules of the locations that hand out lessons, and of where their failures go.
extension NginxLint {
    /// What a location that answers a refusal may say.
    private static let textOnly: Set<String> = [
        "auth_request", "default_type", "types", "add_header", "return", "internal", "error_log", "error_page",
        "access_log",
    ]
    /// What can answer before, or instead of, the gate.
    private static let answering: Set<String> = [
        "return", "if", "try_files", "dav_methods", "mp4", "flv", "proxy_pass", "random_index",
    ]
    /// The one rewrite of ours: it takes the token off a path that the gate has seen before.
    private static let ownRewrite = ["^/play/[^/]+/(.+)\\z", "/$1", "break"]

    /// A location that the gate guards or answers in.
    mutating func media(_ location: NginxDirective, _ top: NginxDirective) {
        if top.kind != "^~" && top.kind != "=" {
            wrong(top, "A51", "a guarded location must be `^~`, or a regular expression of the site wins over it")
        }
        let sets = location.own("set")
        if !sets.contains(where: { $0.arguments == ["$rg_uri", "$uri"] }) {
            wrong(location, "A03", "each guarded location, nested ones too, says `set $rg_uri $uri` itself")
        }
        if !sets.contains(where: { $0.first == "$rg_args" }) {
            wrong(location, "A03", "each guarded location, nested ones too, sets $rg_args itself")
        }
        for node in location.block ?? [] {
            if Self.answering.contains(node.name) {
                wrong(node, "A53", "`\(node.name)` inside a guarded location can answer without the gate")
            }
            if node.name == "rewrite", node.arguments != Self.ownRewrite {
                wrong(
                    node, "A53",
                    "a rewrite inside a guarded location can answer with a file nobody asked the gate about")
            }
            if node.name == "fastcgi_pass", node.first != "rg_gate" {
                wrong(node, "A54", "inside a guarded location only the gate answers")
            }
        }
        for node in location.effective("error_page") { errorPage(location, node) }
        let level = location.effective("error_log").last?.last ?? ""
        if level != "emerg" && level != "alert" {
            wrong(
                location, "E25",
                "error_log in a guarded location must be at emerg: lower levels repeat the URL and its token")
        }
        if !location.isAnswered { files(location) }
    }

    /// A location whose files nginx itself sends.
    private mutating func files(_ location: NginxDirective) {
        if location.value("disable_symlinks", or: "off") != "on" {
            wrong(location, "A63", "a guarded location needs `disable_symlinks on from=$document_root`")
        }
        if location.value("max_ranges") != "1" {
            wrong(location, "A36", "a guarded location needs `max_ranges 1`")
        }
        if location.value("satisfy", or: "all") != "all" {
            wrong(location, "A55", "`satisfy any` lets an address in without a token")
        }
        if location.value("autoindex", or: "off") != "off" {
            wrong(location, "A64", "no directory listing of lessons")
        }
        if location.value("open_file_cache", or: "off") != "off" {
            wrong(location, "A61", "open_file_cache keeps a deleted lesson readable")
        }
    }

    /// No failure of a guarded location may end at a file.
    mutating func errorPage(_ location: NginxDirective, _ node: NginxDirective) {
        guard let server = location.enclosing("server") else { return }
        var targets = [node.last]
        if node.last.hasPrefix("$") {
            guard let map = maps[node.last] else { return wrong(node, "A47", "\(node.last) is no map of ours") }
            targets = (map.block ?? []).map { $0.first }
        }
        for name in targets {
            let places = server.own("location").filter { $0.last == name }
            if places.isEmpty {
                wrong(node, "A47", "error_page leads to \(name), which is no location of its own here")
            }
            for place in places {
                let extra = (place.block ?? []).contains { !Self.textOnly.contains($0.name) }
                if extra || !place.own("return").contains(where: { $0.arguments.count == 2 }) {
                    wrong(
                        place, "A47",
                        "\(name) answers refusals: one `return` with text, nothing that can serve a file")
                }
            }
        }
    }
}
