import Crypto
import TestKeys
import Testing

private func read(_ pem: String) throws -> RSACertificate {
    let bytes = Array(pem.utf8)
    return try RSACertificate(pem: bytes.span)
}

@Suite struct RSACertificateTests {
    @Test("E28 a signature is its key's over its message, or none") func signatures() throws {
        let (one, two) = (try TestKey(), try TestKey("rsa:3072", days: 2))
        let certificate = try read(one.certificate)
        func holds(_ signature: [UInt8], _ message: String) -> Bool {
            certificate.verifies(signature.span, of: Array(message.utf8).span)
        }
        let signature = try one.sign("message")
        #expect(holds(signature, "message"))
        #expect(!holds(signature, "Message") && !holds(signature, "") && !holds([], "message"))
        let foreign = try two.sign("message")
        #expect(!holds(foreign, "message") && !holds([UInt8](repeating: 255, count: 256), "message"))
        for bit in stride(from: 0, to: 2048, by: 97) {
            var changed = signature
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!holds(changed, "message"))
        }
        let other = try read(two.certificate)
        #expect(other.bits == 3072 && other.notAfter - other.notBefore == 2 * 86_400)
        let nothing = try two.sign("")
        let verified = other.verifies(nothing.span, of: [UInt8]().span)
        #expect(verified)
    }

    @Test("F04 what is no certificate of a long enough RSA key is not taken") func refused() throws {
        let pem = try TestKey().certificate
        let lines = pem.split(separator: "\n").map(String.init)
        let body: [String] = lines.dropFirst().dropLast()
        let (first, last) = (lines[0] + "\n", lines[lines.count - 1] + "\n")
        var wrong: [String] = ["", "\n" + pem, pem + pem, pem + "\0", String(pem.dropLast(2)), first + last]
        wrong.append(pem.replacing("CERTIFICATE", with: "PUBLIC KEY"))
        wrong.append(body.joined(separator: "\n"))
        wrong.append(pem.replacing(body[3] + "\n", with: ""))
        wrong.append(first + "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n" + body[1] + "\n" + last)
        wrong.append(try TestKey("rsa:1024").certificate)
        wrong.append(try TestKey("rsa:2040").certificate)
        wrong.append(try TestKey("ec", options: ["-pkeyopt", "ec_paramgen_curve:prime256v1"]).certificate)
        wrong.append(try TestKey("ed25519").certificate)
        wrong.append(try TestKey("rsa-pss").certificate)
        for text in wrong {
            #expect(throws: CryptoFailure.self, "\(text)") { _ = try read(text) }
        }
        #expect(throws: Never.self) { _ = try read(pem) }
        #expect(throws: Never.self) {
            _ = try read(pem.replacing("\n", with: "\r\n"))
        }
    }
}
