/// The rules of a configuration with our locations in it: what would let a byte of a lesson out unasked, a token into a
/// log, or a refusal out as HTML. A rule is named after the attack that it stops.
struct NginxLint {
    /// A rule that is broken.
    struct Finding: Equatable {
        /// File and line.
        let place: String
        /// The rule.
        let rule: String
        /// What is wrong and what to do.
        let sentence: String

        /// For people.
        var line: String { "\(place): \(sentence) [\(rule)]" }
    }

    let root: NginxDirective
    let servers: [NginxDirective]
    /// The servers that include our locations.
    let ours: [NginxDirective]
    let maps: [String: NginxDirective]
    let formats: [String: String]
    private(set) var found: [Finding] = []

    /// The findings in a configuration.
    static func findings(in root: NginxDirective) -> [Finding] {
        var lint = NginxLint(root)
        lint.run()
        return lint.found
    }

    private init(_ root: NginxDirective) {
        self.root = root
        maps = Dictionary(root.all("map").map { ($0.last, $0) }, uniquingKeysWith: { $1 })
        formats = Dictionary(
            root.all("log_format").map { ($0.first, $0.arguments.dropFirst().joined(separator: " ")) },
            uniquingKeysWith: { $1 })
        servers = root.all("server").filter { $0.block != nil && $0.parent?.name == "http" }
        ours = servers.filter { $0.all("location").contains { $0.isOfGate } }
    }

    mutating func wrong(_ node: NginxDirective, _ rule: String, _ sentence: String) {
        let finding = Finding(place: node.place, rule: rule, sentence: sentence)
        if !found.contains(finding) { found.append(finding) }
    }

    private mutating func run() {
        if ours.isEmpty {
            wrong(root, "A67", "no server includes locations.conf: nothing of ours is served here")
        }
        for server in ours { judge(server) }
        for server in servers { aliases(server) }
        for node in root.all("merge_slashes") where node.first != "on" {
            wrong(node, "A20", "merge_slashes must be on, or //path reaches files that no location guards")
        }
        for node in root.all("rewrite") where Self.repeatsUnnamedCapture(node) {
            wrong(node, "A57", "an unnamed capture with `?` in the replacement, used again: name the capture")
        }
    }

    private static func repeatsUnnamedCapture(_ node: NginxDirective) -> Bool {
        guard node.arguments.count > 1, node.arguments[1].contains("?") else { return false }
        let pattern = Array(node.first.utf8)
        let unnamed = pattern.indices.contains { index in
            pattern[index] == UInt8(ascii: "(")
                && (index + 1 == pattern.count || pattern[index + 1] != UInt8(ascii: "?"))
        }
        guard unnamed else { return false }
        return (node.parent?.all() ?? []).contains { user in
            guard user.name == "set" || user.name == "if" else { return false }
            let text = Array(user.arguments.joined(separator: " ").utf8)
            return text.indices.dropLast().contains {
                text[$0] == UInt8(ascii: "$") && (49...57).contains(text[$0 + 1])
            }
        }
    }

    private mutating func judge(_ server: NginxDirective) {
        serverScope(server)
        defaultServer(server)
        var roots: Set<String> = []
        let tops = server.own("location")
        for top in tops {
            let below = [top] + top.all("location")
            for location in below where location.isOfGate {
                media(location, top)
                // Presentations are public under their own paths; only as downloads are they guarded.
                for directory in location.own("alias") + location.own("root")
                where !directory.first.contains("/presentation_videos/") {
                    roots.insert(Self.withoutSlash(directory.first))
                }
            }
            if top.isOfGate {
                for location in below where !location.isOfGate {
                    wrong(
                        location, "A67", "a location inside a guarded one is neither guarded nor answered by the gate")
                }
            }
            let passes = below.flatMap { $0.own("fastcgi_pass") }
            if top.kind.isEmpty, passes.contains(where: { $0.first.hasPrefix("rg_") }) {
                wrong(top, "A51", "a location of ours must be `^~` or `=`, or a regular expression of the site wins")
            }
        }
        let guarded = tops.filter { $0.isOfGate }.map { $0.last }
        for top in tops where !top.isOfGate && ["", "^~", "="].contains(top.kind) {
            for prefix in guarded where top.last.hasPrefix(prefix) {
                wrong(top, "A54", "this location takes paths below \(prefix) away from the gate")
            }
        }
        for location in server.all("location")
        where location.own("fastcgi_pass").contains(where: { $0.first == "rg_gate" }) {
            question(location)
        }
        for node in server.all() + (server.parent?.block ?? []) { anywhere(node) }
        otherWays(roots)
    }

    /// A location in which the gate is asked.
    private mutating func question(_ gate: NginxDirective) {
        let told = gate.own("fastcgi_param")
        if told.contains(where: { $0.arguments.starts(with: ["RG_KIND", "f"]) }), gate.own("internal").isEmpty {
            wrong(gate, "A41", "the gate's location must be internal")
        }
        if gate.value("fastcgi_cache", or: "off") != "off" || gate.value("proxy_cache", or: "off") != "off" {
            wrong(gate, "A58", "no cache in front of the gate: one good token would open a file for everybody")
        }
        let needed = [
            ("RG_URI", "$rg_uri"), ("RG_RAW", "$request_uri"), ("RG_ARGS", "$rg_args"),
            ("RG_METHOD", "$request_method"),
        ]
        for (name, value) in needed {
            let values = gate.effective("fastcgi_param").filter { $0.first == name }
            if values.isEmpty || values.contains(where: { $0.last != value }) {
                wrong(values.first ?? gate, "A03", "the gate must be told \(name) as \(value), and nothing else")
            }
        }
    }

    /// What no block of a host with our locations may say.
    private mutating func anywhere(_ node: NginxDirective) {
        let subrequests = ["ssi", "add_before_body", "add_after_body", "mirror", "perl", "js_content", "slice"]
        let on = !node.arguments.isEmpty && node.first != "off"
        if subrequests.contains(node.name) && on || node.name.hasSuffix("_by_lua_block") {
            wrong(node, "A56", "`\(node.name)` makes subrequests, and those skip the gate")
        }
        if node.name == "satisfy", node.first == "any" {
            wrong(node, "A55", "`satisfy any` lets an address in without a token")
        }
        if node.name == "set", ["$rg_uri", "$rg_args"].contains(node.first), node.parent?.name != "location" {
            wrong(
                node, "A03", "\(node.first) is set in locations only: at server level the subrequest overwrites it")
        }
        if node.name == "add_header", node.first.lowercased() == "access-control-allow-origin",
            node.arguments.count > 1, node.arguments[1] == "*" || node.arguments[1].contains("$http_origin")
        {
            wrong(node, "B23", "origins are named one by one, never * and never reflected")
        }
        if node.name == "set_real_ip_from", node.first.hasSuffix("/0") {
            wrong(node, "B25", "trusting every address lets a client choose its own")
        }
        if node.name == "ssl_protocols",
            node.arguments.contains(where: { ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1"].contains($0) })
        {
            wrong(node, "K09", "TLS below 1.2 is broken: `ssl_protocols TLSv1.2 TLSv1.3`")
        }
    }

    private mutating func aliases(_ server: NginxDirective) {
        for location in server.all("location") where location.kind.isEmpty || location.kind == "^~" {
            for alias in location.own("alias") where location.last.hasSuffix("/") != alias.first.hasSuffix("/") {
                wrong(alias, "A52", "location and alias end in a slash both, or /name../x climbs out")
            }
        }
    }

    static func withoutSlash(_ path: String) -> String {
        var path = path
        while path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
