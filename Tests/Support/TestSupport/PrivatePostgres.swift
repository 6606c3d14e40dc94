internal import Foundation
internal import Postgres

/// A PostgreSQL server of the tests' own, in a directory of its own, on a unix socket. It ends with the test process,
/// however that ends: a shell beside it waits for the process's end of a pipe to close.
public final class PrivatePostgres: @unchecked Sendable {
    /// The one of this process; started when first asked for.
    public static let shared = PrivatePostgres()

    private let directory: String
    private let guardian = Process()
    private let lifeline = Pipe()
    private let lock = NSLock()
    private var count = 0
    private var trouble: String?

    private init() {
        directory = "/tmp/rgpg-\(ProcessInfo.processInfo.processIdentifier)"
        do { try start() } catch { trouble = "\(error)" }
    }

    private struct Trouble: Error, CustomStringConvertible { let description: String }

    private func start() throws {
        let bin = try binaries()
        let asUser = getuid() == 0 ? "runuser -u postgres --" : ""
        guardian.executableURL = URL(fileURLWithPath: "/bin/sh")
        guardian.arguments = [
            "-c",
            """
            trap '' TERM INT HUP; set -e; d=\(directory); rm -rf $d; mkdir -m 755 $d; [ "$(id -u)" != 0 ] || chown postgres $d
            \(asUser) \(bin)/initdb -D $d/data -U reelgate --auth=trust --no-sync -E UTF8 --locale=C.UTF-8 >$d.log 2>&1
            \(asUser) \(bin)/postgres -D $d/data -c listen_addresses= -c unix_socket_directories=$d -c fsync=off \
                -c max_connections=200 >>$d.log 2>&1 &
            server=$!
            cat >/dev/null || true
            kill -QUIT $(head -n 1 $d/data/postmaster.pid) || true
            wait $server || true
            rm -rf $d $d.log
            """,
        ]
        guardian.standardInput = lifeline
        guardian.standardOutput = FileHandle.nullDevice
        try guardian.run()
        let connection = Connection(address("postgres"), application: "tests")
        for _ in 0..<300 {
            if (try? connection.query("select 1")) != nil {
                try connection.run(script: "create database template_reelgate")
                return try migrate("template_reelgate")
            }
            usleep(100_000)
        }
        throw Trouble(description: "no server after 30 s; see \(directory).log")
    }

    private func binaries() throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = try FileManager.default.contentsOfDirectory(atPath: root).sorted {
            $0.localizedStandardCompare($1) == .orderedDescending
        }
        for version in versions where FileManager.default.isExecutableFile(atPath: "\(root)/\(version)/bin/initdb") {
            return "\(root)/\(version)/bin"
        }
        throw Trouble(description: "there is no PostgreSQL server here")
    }

    private func address(_ database: String) -> String { "host=\(directory) user=reelgate dbname=\(database)" }

    /// The directory of the migrations.
    public static var migrations: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("migrations").path
    }

    private func migrate(_ database: String) throws {
        let connection = Connection(address(database), application: "tests")
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.migrations).filter { $0.hasSuffix(".sql") }
        for name in names.sorted() {
            try connection.run(script: String(contentsOfFile: "\(Self.migrations)/\(name)", encoding: .utf8))
        }
        connection.close()
    }

    /// The address of a new database.
    ///
    /// - Parameter migrated: with the product's schema; else empty.
    public func database(migrated: Bool = true) throws -> String {
        if let trouble { throw Trouble(description: trouble) }
        lock.lock()
        defer { lock.unlock() }
        count += 1
        let connection = Connection(address("postgres"), application: "tests")
        let template = migrated ? "template_reelgate" : "template0"
        try connection.run(script: "create database t\(count) template \(template)")
        return address("t\(count)")
    }
}
