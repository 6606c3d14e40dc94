import Postgres
import Testing

@Suite struct SQLTests {
    @Test("J06 values become numbered placeholders") func placeholders() {
        let name = "x'; drop table users; --", missing: String? = nil, count = 7
        let statement: SQL = "select 1 from users where name = \(name) and note = \(missing) limit \(count)"
        #expect(statement.text == "select 1 from users where name = $1 and note = $2 limit $3")
        #expect(statement.values == [.text("x'; drop table users; --"), .null, .text("7")])
    }

    @Test("J06 parts of a statement bring their values, numbered where they stand") func parts() {
        let name = "x'; drop table users; --"
        var condition: SQL = "name = \(name)"
        condition += " and age > \(7)"
        let rank: SQL = "case when \(condition) then \(1) end"
        let statement: SQL = "select \(rank) from users where \(condition) order by \(rank) limit \(3)"
        #expect(
            statement.text == """
                select case when name = $1 and age > $2 then $3 end from users where name = $4 and age > $5 \
                order by case when name = $6 and age > $7 then $8 end limit $9
                """)
        let values: [SQL.Value] = [.text(name), .text("7")]
        #expect(statement.values == values + [.text("1")] + values + values + [.text("1"), .text("3")])
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
