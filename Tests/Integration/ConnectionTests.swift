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
}
