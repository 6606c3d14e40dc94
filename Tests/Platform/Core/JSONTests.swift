import Core
import Testing

@Suite struct JSONTests {
    @Test(
        "D09 D10 D11 what is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\":1,}", "\u{feff}{}", "01", "+1", ".5", "1.", "1e", "-", "0x1", "nan", "1e999",
            "\"\\u0000\"", "\"a\u{1}\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\x\"", "{\"a\":1,\"a\":2}",
            "{\"sub\":1,\"\\u0073ub\":2}", "{} {}", "tru", "'a'", "{a:1}", "[1 2]",
            String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
        ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test(
        arguments: [
            ("null", JSON.null), (" true ", .bool(true)), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9223372036854775808)), ("1.5e2", .number(150)),
            ("\"\\u00e9\\ud83d\\ude00\\n\"", .string("é😀\n")),
            ("[1,[],{}]", [1, [], [:]]), ("{\"a\":{\"b\":null}}", ["a": ["b": nil]]),
        ] as [(String, JSON)])
    func accepted(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test func bytesThatAreNoUTF8AreRefused() {
        #expect(throws: JSONError.self) { try JSON(parsing: [34, 0xC0, 0xAE, 34]) }
    }

    @Test("J23 what is written can't leave its quotes or steer a terminal")
    func written() throws {
        let value: JSON = ["a\"": "\u{1b}[2J\r\n\u{2028}\\", "n": [1, true, nil]]
        let text = value.description
        #expect(text == "{\"a\\\"\":\"\\u001b[2J\\r\\n\\u2028\\\\\",\"n\":[1,true,null]}")
        #expect(try JSON(parsing: text) == value)
    }

    @Test("D02 names are compared by bytes") func namesByBytes() throws {
        let value = try JSON(parsing: "{\"caf\u{e9}\":1,\"cafe\u{301}\":2}")
        #expect(value["caf\u{e9}"] == 1)
        #expect(value["cafe\u{301}"] == 2)
    }
}
