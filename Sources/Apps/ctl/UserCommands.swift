internal import Accounts
internal import Foundation
internal import POSIX
internal import Tokens

/// `reelgate users …`: people.
enum UserCommands {
    static func add(_ words: [String]) throws -> Int32 {
        let usage = """
            reelgate users add --email ADDRESS --name NAME --role viewer|instructor|admin [--password-file FILE] [--if-missing]
            Without --password-file the password is the first line of standard input.
            """
        let options = try Options(
            words, names: ["--email", "--name", "--role", "--password-file"], flags: ["--if-missing"], usage: usage)
        guard let email = options["--email"], let name = options["--name"], options.rest.isEmpty,
            let role = options["--role"].flatMap({ Role(rawValue: $0) })
        else { throw WrongWords(description: "an address, a name and a role are needed\nusage: \(usage)") }
        let password = try password(options["--password-file"])
        let new = try AccountRules.newPerson(email: email, name: name, role: role, password: password)
        switch try PostgresAccountStore(Surroundings.database()).add(new, mailing: false) {
        case .added(let person): print(person.id)
        case .taken:
            guard options.has("--if-missing") else { throw Failure("there is a person with this address already") }
            print("there is a person with this address already")
        }
        return 0
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
