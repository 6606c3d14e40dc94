/// What the command line asks for.
struct Options: Equatable, Sendable {
    /// The roles to run, in the order of `Role`.
    var roles: [Role]

    static let usage = """
        usage: reelgate-pool [--role gate|api|upload|worker|keeper]…

        Starts the other programs and keeps them alive; without --role all of them. Settings come from the environment.
        SIGHUP replaces every child by a new one, SIGTERM ends.
        """

    /// A command line that says nothing we know.
    struct Mistake: Error, Equatable { let sentence: String }

    /// - Parameter arguments: without the program's name.
    init(_ arguments: [String]) throws(Mistake) {
        var asked: [Role] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            guard word == "--role" else { throw Mistake(sentence: "unknown argument: \(word)") }
            guard let name = rest.popFirst() else { throw Mistake(sentence: "--role needs a role") }
            guard let role = Role(rawValue: name) else { throw Mistake(sentence: "unknown role: \(name)") }
            asked.append(role)
        }
        roles = asked.isEmpty ? Role.allCases : Role.allCases.filter { asked.contains($0) }
    }

    /// What a file of this pool is called: `pool.pid` with every role, `pool-gate.pid` with one.
    func fileName(_ base: String, _ suffix: String) -> String {
        roles == Role.allCases ? base + suffix : base + "-" + roles.map(\.rawValue).joined(separator: "-") + suffix
    }
}
