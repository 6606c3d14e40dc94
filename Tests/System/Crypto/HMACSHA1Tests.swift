import Crypto
import Testing

@Suite("HMAC-SHA-1") struct HMACSHA1Tests {
    /// RFC 2202 §3, cases 1, 2, 6.
    @Test(arguments: [
        ([UInt8](repeating: 0x0b, count: 20), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
        (Array("Jefe".utf8), "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (
            [UInt8](repeating: 0xaa, count: 80), "Test Using Larger Than Block-Size Key - Hash Key First",
            "aa4ae5e15272d00e95705637ce8a3b55ed402112"
        ),
    ])
    func vectors(key: [UInt8], message: String, code: String) {
        let bytes = HMACSHA1.code(key: key.span, message: Array(message.utf8).span)
        let text = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(text == code)
    }
}
