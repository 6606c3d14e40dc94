/// One directive of nginx's configuration: its words, its block, where it stands, and the block it stands in.
final class NginxDirective {
    /// The first word.
    let name: String
    /// The words behind it.
    let arguments: [String]
    /// File and line.
    let place: String
    /// What is in its block; `nil` without one.
    var block: [NginxDirective]?
    /// The directive whose block it stands in; the root stands in none.
    private(set) weak var parent: NginxDirective?

    init(_ words: [String], place: String, parent: NginxDirective?) {
        name = words.first ?? ""
        arguments = Array(words.dropFirst())
        self.place = place
        self.parent = parent
    }

    /// The first argument; empty without one.
    var first: String { arguments.first ?? "" }
    /// The last argument; empty without one.
    var last: String { arguments.last ?? "" }

    /// Directives below, nested ones included; those of one name when it is given.
    func all(_ name: String? = nil) -> [NginxDirective] {
        var found: [NginxDirective] = []
        for child in block ?? [] {
            if name == nil || child.name == name { found.append(child) }
            found += child.all(name)
        }
        return found
    }

    /// Directives of that name that stand in the block itself.
    func own(_ name: String) -> [NginxDirective] { (block ?? []).filter { $0.name == name } }

    /// The directives of that name that hold here: those of the nearest block that has any.
    func effective(_ name: String) -> [NginxDirective] {
        var node: NginxDirective? = self
        while let here = node {
            let found = here.own(name)
            if !found.isEmpty { return found }
            node = here.parent
        }
        return []
    }

    /// The first argument of the directive that holds here.
    func value(_ name: String, or fallback: String = "") -> String {
        effective(name).last?.arguments.first ?? fallback
    }

    /// The nearest block of that name around this one, itself included.
    func enclosing(_ name: String) -> NginxDirective? {
        var node: NginxDirective? = self
        while let here = node, here.name != name { node = here.parent }
        return node
    }
}

extension NginxDirective {
    /// What a location compares with: `=`, `^~`, `~`, `~*`, `@` for a named one, empty for a plain prefix.
    var kind: String {
        if ["=", "^~", "~", "~*"].contains(first) { return first }
        return first.hasPrefix("@") ? "@" : ""
    }

    /// Whether the gate guards this location.
    var isGuarded: Bool { value("auth_request") == "/_gate" }
    /// Whether the gate itself answers in this location.
    var isAnswered: Bool { own("fastcgi_pass").contains { $0.first == "rg_gate" } && own("internal").isEmpty }
    /// Whether the gate decides here.
    var isOfGate: Bool { isGuarded || isAnswered }
}
