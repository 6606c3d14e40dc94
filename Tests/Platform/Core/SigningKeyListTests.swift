import Core
import Testing

private let one = "nX4cV8bM2kL6jH0gF5dS9aP3oI7uY1tR"
private let two = "qZ9wE3rT7yU1iO5pA8sD2fG6hJ0kL4xC"

@Suite struct SigningKeyListTests {
    @Test func reads() throws {
        let list = try SigningKeyList(parsing: "# ours\n\nk1 \(one)\r\n\tk2\t\(two)  signs\n")
        #expect(list.ids == ["k1", "k2"] && list.signing == "k2")
        #expect(list.secrets.reveal { $0["k1"] } == Array(one.utf8))
        #expect(!"\(list)".contains(one))
        #expect(try SigningKeyList(parsing: "").ids.isEmpty)
    }

    @Test(
        "E30 E07 what is no list of keys",
        arguments: [
            "k1", "k1 \(one) x", "k1 \(one) signs x", "k1 \(one)\nk1 \(two)", "../k \(one)", "k1 short",
            "k1 \(two)\nk2 secret",
            "k1 changeme-changeme-changeme-changeme", "k1 \(one) signs\nk2 \(two) signs",
            "k1 own-Own-own-Own-own-Own-own-Own-1",
        ])
    func refuses(text: String) {
        #expect(throws: SettingsError.self) {
            _ = try SigningKeyList(parsing: text, unlike: [Array("own-Own-own-Own-own-Own-own-Own-1".utf8)])
        }
    }

    @Test func edits() throws {
        var text = SigningKeyList.adding("k1", secret: one, to: "# ours")
        text = SigningKeyList.adding("k2", secret: two, to: text)
        text = SigningKeyList.using("k2", in: text)
        #expect(text == "# ours\nk1 \(one)\nk2 \(two) signs\n")
        text = SigningKeyList.using("k1", in: text)
        #expect(text == "# ours\nk1 \(one) signs\nk2 \(two)\n")
        #expect(SigningKeyList.retiring("k2", in: text) == "# ours\nk1 \(one) signs\n")
        #expect(try SigningKeyList(parsing: SigningKeyList.using(nil, in: text)).signing == nil)
    }
}
