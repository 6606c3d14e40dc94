import Core
import Fetch
import Testing

@testable import Callbacks

@Suite struct AddressRuleTests {
    @Test(
        "G32 an address that is not public is refused",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1",
            "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
            "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1", "::ffff:127.0.0.1",
            "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1",
            "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:20::1", "2001:db8::1",
            "2002:7f00:1::1",
            "2002:a9fe:a9fe::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "5f00::1",
        ])
    func refused(text: String) throws { #expect(!AddressRule.isPublic(try #require(IPAddress(text)))) }

    @Test(
        "public addresses pass",
        arguments: [
            "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
            "128.0.0.1", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
            "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "2606:4700:4700::1111", "2a00:1450::1",
            "2003::1", "2400:cb00::1",
        ])
    func passes(text: String) throws { #expect(AddressRule.isPublic(try #require(IPAddress(text)))) }

    @Test("G32 one private address spoils a name; a setting opens it") func mixed() throws {
        let inside = try #require(IPAddress("10.0.0.1"))
        let outside = try #require(IPAddress("1.1.1.1"))
        #expect(AddressRule.choose([outside, inside], allowPrivate: false) == .failure(.callbackAddress))
        #expect(AddressRule.choose([outside], allowPrivate: false) == .success(outside))
        #expect(AddressRule.choose([inside], allowPrivate: true) == .success(inside))
        #expect(AddressRule.choose([], allowPrivate: true) == .failure(.callbackFailed))
    }
}

@Suite struct CallbackURLTests {
    @Test(
        "URLs that have one reading",
        arguments: [
            ("https://example.com/x?y=1", "example.com", 443), ("HTTPS://Example.COM", "example.com", 443),
            ("http://example.com:8080/", "example.com", 8080), ("https://1.2.3.4/", "1.2.3.4", 443),
            ("https://[2606:4700::1]:99/a", "2606:4700::1", 99), ("https://a-b.c-d.example?q", "a-b.c-d.example", 443),
        ])
    func reads(text: String, host: String, port: Int) throws {
        let url = try #require(CallbackURL(text))
        #expect(url.host == host && url.port == port)
    }

    @Test(
        "G32 URLs that could be read in two ways are refused",
        arguments: [
            "", "example.com", "ftp://example.com/", "file:///etc/passwd", "gopher://x/", "https://", "https:///x",
            "https://user@example.com/", "https://good.example@evil.example/", "https://good.example\\@evil.example/",
            "https://example.com:0/", "https://example.com:65536/", "https://example.com:+80/", "https://example.com:/",
            "https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://127.1/", "https://0177.0.0.1/",
            "https://1.2.3.4.5/", "https://256.1.1.1/", "https://exa mple.com/", "https://exämple.com/",
            "https://example.com/#x", "https://ex%61mple.com/", "https://example..com/", "https://.example.com/",
            "https://example.com./", "https://[::1/", "https://[::1]x/", "https://[fe80::1%25eth0]/",
            "https://a_b.example/",
            "https://example.com/a\r\nX: y", "https://①②⑦.⓪.⓪.①/",
        ])
    func refuses(text: String) { #expect(CallbackURL(text) == nil) }
}

@Suite struct DeliveryTests {
    @Test("the signature is HMAC-SHA-256 of time, dot, body") func signature() {
        let header = CallbackSignature.header(Array("{}".utf8), secret: Array("key".utf8), at: UnixTime(1))
        #expect(header == "t=1,v1=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224")
    }

    @Test("waits grow to an hour and fit a day into the attempts") func waits() {
        var sum = 0.0
        for failure in 1...DeliveryRule.attempts { sum += DeliveryRule.wait(failures: failure, chance: 0) }
        #expect(DeliveryRule.wait(failures: 1, chance: 0.5) == 5)
        #expect(DeliveryRule.wait(failures: 40, chance: 0.5) == 3600)
        #expect(sum > DeliveryRule.longest)
    }
}
