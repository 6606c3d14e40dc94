import Core
import Testing

@testable import Tokens

@Suite struct FlatObjectTests {
    private static func reads(_ bytes: [UInt8]) -> Bool { FlatObject.scan(bytes.span) { _, _ in } }

    @Test(
        "E08 E22 never laxer than the general reader",
        arguments: [
            "{\"a\":2.5.3}", "{\"a\":1e}", "{\"a\":1.}", "{\"a\":1e+}", "{\"a\":1-2}", "{\"a\":-}", "{\"a\":01}",
            "{\"a\":1e999}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\\ud800\"}",
            "{\"a\":\"\\udc00\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":{\"b\":1,\"b\":2}}",
            "{\"a\":[{\"b\":1,\"c\":2,\"b\":3}]}", "{\"a\":[1,2.5.3]}", "{\"a\":[1,]}", "{\"a\":tru}", "{\"a\":1,}",
        ])
    func malformed(text: String) {
        #expect((try? JSON(parsing: text)) == nil)
        #expect(!Self.reads(Array(text.utf8)))
    }

    @Test(
        "E22 texts are UTF-8",
        arguments: [
            [0xff], [0xc3], [0xc0, 0xaf], [0xc1, 0xbf], [0xe0, 0x80, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82],
            [0xf0, 0x80, 0x80, 0xaf], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80], [0xe2, 0x28, 0xa1],
        ] as [[UInt8]])
    func notText(bytes: [UInt8]) {
        let document = Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8)
        #expect((try? JSON(parsing: document)) == nil)
        #expect(!Self.reads(document))
    }

    @Test(arguments: [
        "{}", " { } ", "{\"a\":2.5e+10}", "{\"a\":-0}", "{\"a\":1E-9}", "{\"a\":\"caf\u{e9} \u{20ac} \u{1f600}\"}",
        "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"}", "{\"a\":{\"b\":{\"b\":[1,{\"b\":2}]}}}",
        "{\"a\":[],\"b\":[{}],\"c\":null,\"d\":[true,false]}",
    ])
    func wellFormed(text: String) {
        #expect((try? JSON(parsing: text)) != nil)
        #expect(Self.reads(Array(text.utf8)))
    }
}
