import Crypto
import Testing

private func hex(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8).map { $0 < 58 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

@Suite struct CryptoTests {
    @Test(
        "RFC 4231",
        arguments: [
            (
                [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xaa, count: 131),
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ])
    func hmac(key: [UInt8], message: [UInt8], code: String) {
        let made = HMACSHA256(key: key.span).code(for: message.span)
        #expect(made.bytes == hex(code))
        let right = made.equals(hex(code).span)
        #expect(right)
        let short = made.equals(Array(hex(code).dropLast()).span)
        #expect(!short)
    }

    @Test("RFC 5869, case 3: no salt, no info") func hkdf() {
        let secret = [UInt8](repeating: 0x0b, count: 22)
        let none: [UInt8] = []
        #expect(
            HKDF.derive(secret: secret.span, info: none.span, count: 32)
                == hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"))
    }

    @Test("SP 800-38A F.2.1, first block") func aes() throws {
        let key = hex("2b7e151628aed2a6abf7158809cf4f3c"), iv = hex("000102030405060708090a0b0c0d0e0f")
        let plain = hex("6bc1bee22e409f96e93d7e117393172a")
        let cipher = try AES128CBC.encrypt(plain.span, key: key.span, iv: iv.span)
        #expect(Array(cipher.prefix(16)) == hex("7649abac8119b246cee98e9b12e9197d"))
        #expect(cipher.count == 32)
        #expect(try AES128CBC.decrypt(cipher.span, key: key.span, iv: iv.span) == plain)
        #expect(throws: CryptoFailure.self) {
            try AES128CBC.encrypt(plain.span, key: plain.span.extracting(0..<15), iv: iv.span)
        }
    }

    @Test func randomBytesDiffer() throws { #expect(try Random.bytes(32) != Random.bytes(32)) }

    @Test("SipHash-2-4 as in its paper's appendix and reference vectors")
    func sipHash() {
        let vectors: [(count: UInt8, expected: UInt64)] = [
            (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (7, 0xab02_00f5_8b01_d137),
            (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5),
        ]
        for vector in vectors {
            var hash = SipHash(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
            let message = [UInt8](0..<vector.count)
            hash.add(message.span)
            let value = hash.finish()
            #expect(value == vector.expected)
        }
    }
}
