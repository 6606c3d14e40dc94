import Postgres
import TestSupport
import Testing

@Suite("A connection") struct ConnectionTests {
    let address: String
    let connection: Connection
    let other: Connection

    init() throws {
        address = try PrivatePostgres.shared.database()
        connection = Connection(address, application: "victim")
        other = Connection(address, application: "other")
    }

    private func end() throws {
        let ended = try other.query(
            "select pg_terminate_backend(pid, 5000) as ended from pg_stat_activity where application_name = 'victim' and datname = current_database()"
        )
        #expect(try ended.first?.value("ended", as: Bool.self) == true)
    }

    @Test("that the server ended while idle is replaced, and no request notices") func idle() throws {
        try connection.query("select 1")
        try end()
        #expect(try connection.query("select 2 as n").first?.value("n", as: Int.self) == 2)
        try connection.listen(to: "somewhere")
        try end()
        try other.query("select 1")
        try connection.query("select 1")
        try other.query("select pg_notify('somewhere', 'x')")
        try connection.query("select 1")
        #expect(try connection.notifications().map(\.payload) == ["x"])
    }

    @Test("that ends within a transaction fails it: nothing goes on outside") func inTransaction() throws {
        #expect(throws: DatabaseError.self) {
            try connection.transaction { () throws(DatabaseError) in
                try connection.query("insert into videos (rel, owner) values ('a/b/c/d', 'a')")
                do { try end() } catch { throw DatabaseError.conflict }
                try connection.query("insert into videos (rel, owner) values ('a/b/c/e', 'a')")
            }
        }
        #expect(try other.query("select count(*) as n from videos").first?.value("n", as: Int.self) == 0)
    }

    @Test("keeps a prepared statement over a changed table, a discarded statement and a new connection")
    func prepared() throws {
        func all() throws(DatabaseError) -> Rows {
            try connection.query(prepared: "select * from lasting where a = \(1)::integer")
        }
        try other.query("create table lasting (a integer)")
        try other.query("insert into lasting values (1)")
        for _ in 0..<8 { #expect(try all().first?.value("a", as: Int.self) == 1) }
        // A kept plan must not change its columns: PostgreSQL refuses it, and it is read anew.
        try other.query("alter table lasting add b text not null default 'more'")
        #expect(try all().first?.value("b", as: String.self) == "more")
        try connection.query("discard all")
        #expect(try all().first?.value("b", as: String.self) == "more")
        try end()
        #expect(try all().first?.value("b", as: String.self) == "more")
        // Within a transaction it fails as any statement does, and after that it is read anew.
        try other.query("alter table lasting drop b")
        #expect(throws: DatabaseError.self) { try connection.transaction { () throws(DatabaseError) in _ = try all() } }
        #expect(try all().first?.value("a", as: Int.self) == 1)
    }

    @Test("takes values of every kind in a prepared statement, and refuses NUL") func preparedValues() throws {
        for bytes in [[UInt8](), [0, 1, 255]] {
            let row = try connection.query(
                prepared: "select \(bytes)::bytea as bytes, \(String?.none)::text as nothing, \("é")::text as text"
            ).first
            #expect(try row?.value("bytes", as: [UInt8].self) == bytes)
            #expect(try row?.optional("nothing", as: String.self) == nil)
            #expect(try row?.value("text", as: String.self) == "é")
        }
        do throws(DatabaseError) {
            try connection.query(prepared: "select \("a\0b")::text as text")
            Issue.record("a NUL was sent")
        } catch {
            guard case .unrepresentable = error else { throw error }
        }
    }
}
