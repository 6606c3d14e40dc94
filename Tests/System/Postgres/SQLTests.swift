import Postgres
import Testing

@Suite struct SQLTests {
    @Test("J06 values become numbered placeholders") func placeholders() {
        let name = "x'; drop table users; --", missing: String? = nil, count = 7
        let statement: SQL = "select 1 from users where name = \(name) and note = \(missing) limit \(count)"
        #expect(statement.text == "select 1 from users where name = $1 and note = $2 limit $3")
        #expect(statement.values == [.text("x'; drop table users; --"), .null, .text("7")])
    }

    @Test func arrays() {
        let tags = ["a", "b,c", "\"q\\"]
        #expect(tags.sqlValue == .text("{\"a\",\"b,c\",\"\\\"q\\\\\"}"))
        #expect([String](sqlText: "{a,\"b,c\",\"\\\"q\\\\\"}") == tags)
        #expect([String](sqlText: "{}") == [])
        #expect([UInt8](sqlText: "\\x00ff") == [0, 255])
        #expect([UInt8](sqlText: "00ff") == nil)
    }

    @Test("R04 no server is an error that says so") func unavailable() {
        let connection = Connection("host=/nonexistent dbname=x", application: "test")
        do throws(DatabaseError) {
            try connection.query("select 1")
            Issue.record("connected")
        } catch {
            if case .unavailable = error { return }
            Issue.record("\(error)")
        }
    }
}
