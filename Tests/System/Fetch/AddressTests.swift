import Fetch
import Testing

@Suite struct AddressTests {
    @Test(
        "addresses have one reading",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("::ffff:10.1.2.3", "10.1.2.3"), ("2001:DB8::1", "2001:db8::1"), ("::1", "::1"),
        ])
    func reads(text: String, normal: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == normal)
        #expect(IPAddress(address.bytes) == address)
    }

    @Test(
        "what is no address",
        arguments: ["", "127.1", "0x7f.1", "2130706433", "1.2.3.4.5", "fe80::1%eth0", "[::1]", "a\0"])
    func refuses(text: String) { #expect(IPAddress(text) == nil) }

    @Test("localhost resolves") func resolves() { #expect(!Resolver.addresses(of: "localhost").isEmpty) }
}
