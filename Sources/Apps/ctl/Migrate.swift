internal import Core
internal import Crypto
internal import Foundation
internal import POSIX
internal import Postgres

/// `reelgate migrate`: applies `NNNN_*.sql` forward only, each in one transaction. A file that was applied never changes:
/// its SHA-256 is kept and compared.
enum Migrate {
    private static let usage = "reelgate migrate [--migrations DIR]"

    static func run(_ words: [String]) throws -> Int32 {
        let options = try Options(words, names: ["--migrations"], usage: usage)
        guard options.rest.isEmpty else { throw WrongWords(description: "usage: \(usage)") }
        let directory = try options["--migrations"] ?? find()
        let applied = try apply(read(directory), on: Surroundings.database())
        for name in applied { print("applied \(name)") }
        if applied.isEmpty { print("up to date") }
        return 0
    }

    /// One file.
    struct Script: Equatable {
        /// `0001_create_accounts.sql`
        let name: String
        /// The statements.
        let text: String
        /// SHA-256 of the bytes.
        let digest: [UInt8]
    }

    /// The files of a directory in their order.
    static func read(_ directory: String) throws -> [Script] {
        let names = try Files.list(directory).filter { $0.hasSuffix(".sql") }
        guard !names.isEmpty else { throw Failure("there are no migrations in \(directory)") }
        return try names.enumerated().map { index, name in
            let digits = name.prefix(4)
            guard let number = Int(digits), digits.allSatisfy(\.isNumber), number == index + 1,
                name.dropFirst(4).first == "_"
            else { throw Failure("\(name) is not the migration number \(index + 1)") }
            let bytes = try Descriptor(reading: directory + "/" + name).readAll(limit: 1 << 20)
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure("\(name) is no text") }
            return Script(name: name, text: text, digest: SHA256.digest(bytes.span).bytes)
        }
    }

    /// Applies what is missing; only one process of all hosts at a time.
    ///
    /// - Returns: the names of what was applied.
    static func apply(_ scripts: [Script], on connection: Connection) throws -> [String] {
        try connection.query("set statement_timeout = 0")
        try connection.query("select pg_advisory_lock(7281906411)")
        defer { _ = try? connection.query("select pg_advisory_unlock(7281906411)") }
        try connection.query(
            """
            create table if not exists schema_migrations (
                name text primary key, sha256 bytea not null, applied_at timestamptz not null default now())
            """)
        let rows = try connection.query("select name, sha256 from schema_migrations order by name")
        let known = try rows.map { (row) throws(DatabaseError) in
            (name: try row.value("name", as: String.self), digest: try row.value("sha256", as: [UInt8].self))
        }
        for (index, one) in known.enumerated() {
            guard index < scripts.count, scripts[index].name == one.name else {
                throw Failure("the database has \(one.name), which this program does not know: it is newer")
            }
            guard scripts[index].digest == one.digest else {
                throw Failure("\(one.name) was changed after it was applied; write a new migration instead")
            }
        }
        for script in scripts.dropFirst(known.count) {
            try connection.transaction { () throws(DatabaseError) in
                try connection.run(script: script.text)
                try connection.query(
                    "insert into schema_migrations (name, sha256) values (\(script.name), \(script.digest))")
            }
        }
        return scripts.dropFirst(known.count).map(\.name)
    }

    /// Beside the program, above it in a checkout, or where the package puts them.
    static func find() throws -> String {
        var place = try Host.programDirectory()
        while place != "/" {
            if Files.isDirectory(place + "/migrations") { return place + "/migrations" }
            place = Files.parent(of: place)
        }
        let installed = "/usr/share/reelgate/migrations"
        guard Files.isDirectory(installed) else { throw Failure("the migrations are not found; say where: \(usage)") }
        return installed
    }
}
