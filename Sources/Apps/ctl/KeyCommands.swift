internal import Accounts
internal import Core
internal import Foundation
internal import Tokens

/// `reelgate keys …`: API keys of services.
enum KeyCommands {
    static func add(_ words: [String]) throws -> Int32 {
        let usage = "reelgate keys add --name NAME --scopes upload,tokens,catalog,admin"
        let options = try Options(words, names: ["--name", "--scopes"], usage: usage)
        guard let name = options["--name"], AccountRules.isShown(name), let list = options["--scopes"],
            options.rest.isEmpty
        else { throw WrongWords(description: "a name and scopes are needed\nusage: \(usage)") }
        var scopes: [APIKey.Scope] = []
        for word in list.split(separator: ",") {
            guard let scope = APIKey.Scope(rawValue: String(word)), !scopes.contains(scope) else {
                throw WrongWords(description: "\(word) is no scope, or stands twice\nusage: \(usage)")
            }
            scopes.append(scope)
        }
        guard !scopes.isEmpty else { throw WrongWords(description: "usage: \(usage)") }
        let key = try APIKey.generate()
        try PostgresAccountStore(Surroundings.database()).add(key, name: name, scopes: scopes)
        print(key.revealed())
        FileHandle.standardError.write(Data("Keep it now: only its hash is stored, it is not shown again.\n".utf8))
        return 0
    }

    static func list(_ words: [String]) throws -> Int32 {
        _ = try Options(words, usage: "reelgate keys list")
        for key in try PostgresAccountStore(Surroundings.database()).keys() {
            let state = key.revoked.map { "revoked \($0.rfc3339)" } ?? "good"
            let scopes = key.scopes.map(\.rawValue).joined(separator: ",")
            print("\(key.id)  \(key.created.rfc3339)  \(state)  \(scopes)  \(key.name)")
        }
        return 0
    }

    static func revoke(_ words: [String]) throws -> Int32 {
        let usage = "reelgate keys revoke ID"
        let options = try Options(words, usage: usage)
        guard options.rest.count == 1, let id = options.rest.first else {
            throw WrongWords(description: "usage: \(usage)")
        }
        guard try PostgresAccountStore(Surroundings.database()).revoke(id) else {
            throw Failure("there is no good key \(id)")
        }
        print("revoked \(id)")
        return 0
    }
}
