import Core
import Testing

@Suite("E-mail addresses") struct EmailAddressTests {
    @Test(
        "D02 D03 an address has one form: what Unicode calls equal is another address, or none",
        arguments: [
            ("ann@example.com", "ann@example.com"), ("Ann@EXAMPLE.com", "ann@example.com"),
            ("a.b+c@x-y.example", "a.b+c@x-y.example"), ("o'neil@example.com", "o'neil@example.com"),
            ("\u{212A}@example.com", nil), ("caf\u{e9}@example.com", nil), ("cafe\u{301}@example.com", nil),
            ("ann@ex\u{e4}mple.com", nil), ("ann\u{3b}@example.com", nil), ("", nil), ("@", nil), ("a@", nil),
            ("@b", nil), ("a@b@c", nil), ("a b@c", nil), ("a@b..c", nil), (".a@b", nil), ("a.@b", nil), ("a@.b", nil),
            ("a@b_c", nil), ("a@b\r\nBcc: c@d", nil), ("\"a\"@b", nil), ("<a@b>", nil), ("a@[127.0.0.1]", nil),
            ("a\u{0}@b", nil), (String(repeating: "a", count: 253) + "@b", nil),
            (String(repeating: "a", count: 252) + "@b", String(repeating: "a", count: 252) + "@b"),
        ] as [(String, String?)])
    func form(text: String, address: String?) { #expect(EmailAddress(text)?.description == address) }
}
