import Core
import Foundation
import POSIX
import Postgres
import Storage
import Synchronization
import TestSupport
import Testing
import Uploads

@testable import Composition

@Suite("An upload's transaction") struct UploadTransactionTests {
    struct Full: Error {}

    let address: String
    let connection: Connection
    let store: PostgresUploadStore

    init() throws {
        address = try PrivatePostgres.shared.database()
        connection = Connection(address, application: "tests")
        store = PostgresUploadStore(connection, maker: LessonIntake(connection))
    }

    static func upload(_ title: String = "") throws -> AcceptedUpload {
        AcceptedUpload(
            task: Core.UUID(), rel: try #require(RelPath("t1/c1/m1/l1")), title: title, kind: .mp4,
            originalName: "a.mp4",
            size: 5, facts: nil, callbacks: Callbacks(success: nil, error: nil, refused: .callbackUrl))
    }

    func count(_ statement: SQL) throws -> Int { try #require(try connection.query(statement).first).value("n") }

    @Test("row, task and job are there, or none of them") func whole() throws {
        let first = try Self.upload("Title")
        var placed = false
        let failure: Full? = try store.accept(first) { () throws(Full) in placed = true }
        #expect(failure == nil && placed)
        #expect(try count("select count(*) as n from videos where title = 'Title' and owner = 't1'") == 1)
        #expect(
            try count("select count(*) as n from tasks where id = \(first.task.description)::uuid and state = 'queued'")
                == 1)
        #expect(try count("select count(*) as n from jobs where state = 'queued' and kind = 'prepare'") == 1)
        #expect(
            try count(
                "select count(*) as n from tasks where callback_state = 'refused' and callback_code = 'callback_url'")
                == 1)
    }

    @Test("G25 what can't be put in its place leaves no row") func rolledBack() throws {
        let failure = try store.accept(try Self.upload()) { () throws(Full) in throw Full() }
        #expect(failure != nil)
        for table: SQL in [
            "select count(*) as n from videos", "select count(*) as n from tasks", "select count(*) as n from jobs",
        ] {
            #expect(try count(table) == 0)
        }
    }

    @Test("G31 a connection that ends before the commit leaves no row") func terminated() throws {
        let other = Connection(address, application: "other")
        #expect(throws: DatabaseError.self) {
            let _: Full? = try store.accept(try Self.upload()) { () throws(Full) in
                _ = try? other.query(
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tests' and datname = current_database() and state like 'idle in%'"
                )
            }
        }
        #expect(try count("select count(*) as n from videos") == 0)
        #expect(try count("select count(*) as n from tasks") == 0)
        let failure: Full? = try store.accept(try Self.upload()) { () throws(Full) in }
        #expect(failure == nil)
        #expect(try count("select count(*) as n from tasks") == 1)
    }

    @Test("G31 of uploads to one lesson at once the last to commit counts, the others are superseded") func parallel()
        throws
    {
        let failures = Mutex(0)
        let address = address
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            let connection = Connection(address, application: "tests")
            let store = PostgresUploadStore(connection, maker: LessonIntake(connection))
            for _ in 0..<5 {
                guard let upload = try? Self.upload(),
                    let failure = try? store.accept(upload, place: { () throws(Full) in }) as Full??,
                    failure == nil
                else {
                    failures.withLock { $0 += 1 }
                    continue
                }
            }
        }
        #expect(failures.withLock { $0 } == 0)
        #expect(try count("select count(*) as n from videos") == 1)
        #expect(try count("select count(*) as n from tasks") == 40)
        #expect(
            try count("select count(*) as n from tasks where state = 'cancelled' and error_code = 'superseded'") == 39)
        #expect(
            try count("select count(*) as n from tasks t join videos v on v.task_id = t.id where t.state = 'queued'")
                == 1)
        #expect(try count("select count(*) as n from jobs where kind = 'prepare' and state = 'queued'") == 1)
    }

    @Test("J12 a course's trainers are those who have lessons in it") func trainers() throws {
        let _: Full? = try store.accept(try Self.upload()) { () throws(Full) in }
        #expect(try store.trainers(ofCourse: try #require(Slug("c1"))) == ["t1"])
        #expect(try store.trainers(ofCourse: try #require(Slug("c"))) == [])
    }
}
