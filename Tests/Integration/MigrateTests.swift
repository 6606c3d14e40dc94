import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import ctl

@Suite("Migrations") struct MigrateTests {
    @Test("each file is applied once, however many programs start at once") func once() throws {
        let address = try PrivatePostgres.shared.database(migrated: false)
        let scripts = try Migrate.read(PrivatePostgres.migrations)
        let applied = Mutex(0)
        let failed = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            do {
                let count = try Migrate.apply(scripts, on: Connection(address, application: "tests")).count
                applied.withLock { $0 += count }
            } catch { failed.withLock { $0 += 1 } }
        }
        #expect(applied.withLock { $0 } == scripts.count)
        #expect(failed.withLock { $0 } == 0)
    }

    @Test("a file that changed, or that this program does not know, stops the rest") func changed() throws {
        let connection = Connection(try PrivatePostgres.shared.database(migrated: false), application: "tests")
        let first = Migrate.Script(name: "0001_a.sql", text: "create table a (id int)", digest: [1])
        let second = Migrate.Script(name: "0002_b.sql", text: "create table b (id int)", digest: [2])
        #expect(try Migrate.apply([first], on: connection) == ["0001_a.sql"])
        let edited = Migrate.Script(name: "0001_a.sql", text: "create table a (id bigint)", digest: [3])
        #expect(throws: Failure.self) { try Migrate.apply([edited, second], on: connection) }
        #expect(try Migrate.apply([first, second], on: connection) == ["0002_b.sql"])
        #expect(throws: Failure.self) { try Migrate.apply([first], on: connection) }
    }

    @Test("a file with a mistake leaves nothing behind") func broken() throws {
        let connection = Connection(try PrivatePostgres.shared.database(migrated: false), application: "tests")
        let bad = Migrate.Script(name: "0001_a.sql", text: "create table a (id int); create tabel b", digest: [1])
        #expect(throws: DatabaseError.self) { try Migrate.apply([bad], on: connection) }
        #expect(try connection.query("select to_regclass('a') is null as gone").first?.value("gone") == true)
    }
}
