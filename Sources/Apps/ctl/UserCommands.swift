internal import Accounts
internal import Composition
internal import Core
internal import Foundation
internal import POSIX
internal import Tokens
internal import Web

/// `reelgate users …`: people.
enum UserCommands {
    static func add(_ words: [String]) throws -> Int32 {
        let usage = """
            reelgate users add --email ADDRESS --name NAME --role viewer|instructor|admin [--level free|premium|family]
              [--password-file FILE] [--if-missing]
            Without --password-file the password is the first line of standard input.
            """
        let options = try Options(
            words, names: ["--email", "--name", "--role", "--level", "--password-file"], flags: ["--if-missing"],
            usage: usage)
        guard let email = options["--email"], let name = options["--name"], options.rest.isEmpty,
            let role = options["--role"].flatMap({ Role(rawValue: $0) })
        else { throw WrongWords(description: "an address, a name and a role are needed\nusage: \(usage)") }
        let level: SubscriptionLevel = try choice(options, "--level", usage) ?? .free
        let password = try password(options["--password-file"])
        let new = try AccountRules.newPerson(
            email: email, name: name, role: role, level: level, password: password)
        switch try store().add(new, mailing: false) {
        case .added(let person): print(person.id)
        case .taken:
            guard options.has("--if-missing") else { throw Failure("there is a person with this address already") }
            print("there is a person with this address already")
        }
        return 0
    }

    static func list(_ words: [String]) throws -> Int32 {
        let usage = "reelgate users list [--search TEXT] [--role ROLE] [--level LEVEL] [--disabled]"
        let options = try Options(
            words, names: ["--search", "--role", "--level"], flags: ["--disabled"], usage: usage)
        guard options.rest.isEmpty else { throw WrongWords(description: "usage: \(usage)") }
        var filter = PeopleFilter()
        filter.text = options["--search"]
        filter.role = try choice(options, "--role", usage)
        filter.level = try choice(options, "--level", usage)
        if options.has("--disabled") { filter.isDisabled = true }
        let store = try store()
        var page = Page(limit: 100)
        while true {
            let rows = try store.people(filter, page)
            for person in rows.prefix(page.limit) { print(line(person)) }
            guard rows.count > page.limit else { return 0 }
            let last = rows[page.limit - 1]
            page = Page(limit: 100, after: ["\(last.created.seconds)", "\(last.id)"])
        }
    }

    static func show(_ words: [String]) throws -> Int32 {
        let store = try store()
        let person = try one(words, store, usage: "reelgate users show ADDRESS|ID")
        print(line(person))
        print("address confirmed: \(person.emailVerified?.rfc3339 ?? "no")")
        print("second factor: \(person.hasSecondFactor ? "yes" : "no")")
        for signIn in try store.signIns(of: person.id, Page(limit: 100)).prefix(100) {
            print("signed in \(signIn.started.rfc3339), last used \(signIn.used.rfc3339)  \(signIn.agent)")
        }
        return 0
    }

    static func set(_ words: [String]) throws -> Int32 {
        let usage = "reelgate users set ADDRESS|ID [--name NAME] [--role ROLE] [--level LEVEL] [--no-totp]"
        let options = try Options(words, names: ["--name", "--role", "--level"], flags: ["--no-totp"], usage: usage)
        var change = PersonChange()
        change.name = options["--name"]
        if let name = change.name, !AccountRules.isShown(name) { throw AccountRules.Mistake.name }
        change.role = try choice(options, "--role", usage)
        change.level = try choice(options, "--level", usage)
        let store = try store()
        let person = try one(options, store, usage: usage)
        if options.has("--no-totp") { _ = try store.removeSecondFactor(person.id) }
        guard let changed = try store.change(person.id, change) else { throw Failure("the person is gone") }
        print(line(changed))
        return 0
    }

    static func password(_ words: [String]) throws -> Int32 {
        let usage = """
            reelgate users password ADDRESS|ID [--password-file FILE]
            Without --password-file the password is the first line of standard input. Every sign-in of the person ends.
            """
        let options = try Options(words, names: ["--password-file"], usage: usage)
        let store = try store()
        let person = try one(options, store, usage: usage)
        try store.setPassword(AccountRules.hash(password(options["--password-file"])), of: person.id)
        print("the password of \(person.id) was changed")
        return 0
    }

    static func disable(_ words: [String]) throws -> Int32 {
        try shutOut(words, true, usage: "reelgate users disable ADDRESS|ID")
    }

    static func enable(_ words: [String]) throws -> Int32 {
        try shutOut(words, false, usage: "reelgate users enable ADDRESS|ID")
    }

    static func remove(_ words: [String]) throws -> Int32 {
        let store = try store()
        let person = try one(words, store, usage: "reelgate users remove ADDRESS|ID")
        guard try store.remove(person.id) else { throw Failure("the person is gone") }
        print("removed \(person.id)")
        return 0
    }

    private static func shutOut(_ words: [String], _ isDisabled: Bool, usage: String) throws -> Int32 {
        let store = try store()
        var change = PersonChange()
        change.isDisabled = isDisabled
        guard let person = try store.change(try one(words, store, usage: usage).id, change) else {
            throw Failure("the person is gone")
        }
        print(line(person))
        return 0
    }

    private static func store() throws -> PostgresAccountStore { accountStore(try Surroundings.database()) }

    private static func one(_ words: [String], _ store: PostgresAccountStore, usage: String) throws -> Person {
        try one(try Options(words, usage: usage), store, usage: usage)
    }

    private static func one(_ options: Options, _ store: PostgresAccountStore, usage: String) throws -> Person {
        guard options.rest.count == 1, let name = options.rest.first else {
            throw WrongWords(description: "usage: \(usage)")
        }
        let found =
            if let id = ID<Person>(name) {
                try store.person(id)
            } else {
                try EmailAddress(name).flatMap { try store.person($0) }
            }
        guard let found else { throw Failure("there is no person \(name)") }
        return found
    }

    private static func choice<T: CaseIterable & RawRepresentable<String>>(
        _ options: Options, _ name: String, _ usage: String
    ) throws -> T? {
        guard let text = options[name] else { return nil }
        guard let value = T(rawValue: text) else {
            let words = T.allCases.map(\.rawValue).joined(separator: ", ")
            throw WrongWords(description: "\(name) is one of: \(words)\nusage: \(usage)")
        }
        return value
    }

    private static func line(_ person: Person) -> String {
        let state = person.disabled.map { "disabled \($0.rfc3339)" } ?? "good"
        let email = person.email?.description ?? "-"
        return
            "\(person.id)  \(person.created.rfc3339)  \(state)  \(person.role.rawValue)  \(person.level.rawValue)  \(email)  \(person.name)"
    }

    /// A file's or standard input's first line: never an argument, which everybody on the host can read.
    private static func password(_ path: String?) throws -> String {
        if let path {
            let bytes = try Descriptor(reading: path).readAll(limit: 4096)
            return String(decoding: bytes.prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
        }
        if isatty(0) == 1 { FileHandle.standardError.write(Data("password: ".utf8)) }
        guard let line = readLine(strippingNewline: true) else { throw Failure("no password came") }
        return line
    }
}
