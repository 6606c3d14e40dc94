import Core
import Testing

private func prefix(_ text: String) -> NetworkPrefix? { NetworkPrefix(Array(text.utf8).span) }

@Suite struct NetworkAddressTests {
    @Test(
        "addresses and the bits they stand for",
        arguments: [
            ("203.0.113.7", "ffff:cb007107"), ("0.0.0.0", "ffff:00000000"), ("255.255.255.255", "ffff:ffffffff"),
            ("::ffff:203.0.113.7", "ffff:cb007107"), ("::FFFF:cb00:7107", "ffff:cb007107"), ("::", "0:00000000"),
            ("::1", "0:00000001"), ("1:2:3:4:5:6:7:8", "10002000300040005000:600070008"),
            ("2001:db8::", "20010db8000000000000:0000"), ("64:ff9b::192.0.2.33", "64ff9b:c0000221"),
            ("1:2:3:4:5:6:192.0.2.33", ""), ("::2:3:4:5:6:7:8", ""), ("1:2:3:4:5:6:7::", ""), ("fe80::1", ""),
        ] as [(String, String)])
    func reads(text: String, bits: String) throws {
        let address = try #require(NetworkAddress(text))
        if bits.hasPrefix("ffff:") {
            #expect(address.isIPv4)
            #expect(address == NetworkAddress(ipv4: try #require(UInt32(bits.dropFirst(5), radix: 16))))
        } else {
            #expect(!address.isIPv4)
        }
    }

    @Test func bitsOfIPv6() throws {
        #expect(try #require(NetworkAddress("1:2:3:4:5:6:7:8")).bits == 0x1_0002_0003_0004_0005_0006_0007_0008)
        #expect(try #require(NetworkAddress("2001:db8::5:8")).bits == 0x2001_0db8_0000_0000_0000_0000_0005_0008)
        #expect(try #require(NetworkAddress("::2:3:4:5:6:7:8")).bits == 0x2_0003_0004_0005_0006_0007_0008)
        #expect(
            try #require(NetworkAddress("1:2:3:4:5:6:192.0.2.33")).bits == 0x1_0002_0003_0004_0005_0006_c000_0221)
        #expect(NetworkAddress("1::8") == NetworkAddress("1:0:0:0:0:0:0:8"))
    }

    @Test(
        "no address",
        arguments: [
            "", ".", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "1..3.4",
            "1.2.3.",
            ".1.2.3", "0x1.2.3.4", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::",
            "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:", ":1", "1:2:3:4:5:6:7:", "fe80::1%eth0", "[::1]",
            "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "unix:", "1:2:3:4:5:6:7:1.2.3.4", "2001:db8::/32",
        ])
    func refuses(text: String) { #expect(NetworkAddress(text) == nil) }

    @Test(
        "networks hold what begins alike; a mapped address is IPv4",
        arguments: [
            ("203.0.113.0/24", "203.0.113.255", true), ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.0/24", "::ffff:203.0.113.9", true), ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true), ("::/0", "198.51.100.1", false),
            ("::/0", "::ffff:198.51.100.1", false), ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false), ("203.0.113.7/32", "203.0.113.7", true),
            ("2001:db8:0:100::/56", "2001:db8:0:1ff:ffff::1", true),
            ("2001:db8:0:100::/56", "2001:db8:0:200::1", false), ("2001:db8::1", "2001:db8::1", true),
            ("::ffff:203.0.113.0/24", "203.0.113.9", true),
        ] as [(String, String, Bool)])
    func holds(network: String, address: String, held: Bool) throws {
        let network = try #require(prefix(network))
        #expect(network.contains(try #require(NetworkAddress(address))) == held)
    }

    @Test(
        "no network",
        arguments: [
            "", "/", "/24", "203.0.113.0/", "203.0.113.0/33", "203.0.113.1/24", "203.0.113.0/024", "203.0.113.0/-1",
            "203.0.113.0/24/24", "2001:db8::/129", "2001:db8::1/64", "203.0.113.0/9999999999999999999", "*",
        ])
    func noNetwork(text: String) { #expect(prefix(text) == nil) }

    @Test(
        "B27 the network round an address: /24, in IPv6 /56",
        arguments: [
            ("203.0.113.77", "203.0.113.0/24"), ("::ffff:203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:0:1ab::7", "2001:db8:0:100::/56"), ("::1", "::/56"), ("2001:db8::1", "2001:db8::/56"),
        ])
    func around(address: String, network: String) throws {
        let found = NetworkPrefix(around: try #require(NetworkAddress(address)))
        #expect(found.description == network)
        #expect(prefix(found.description) == found)
        #expect(found.contains(try #require(NetworkAddress(address))))
    }
}
