internal import COpenSSL

/// HMAC-SHA-1 (RFC 2104), for one-time codes alone: authenticators know nothing else (RFC 6238 §1.2). The collisions of
/// SHA-1 do not touch it as a MAC.
public enum HMACSHA1 {
    /// The 20 bytes that authenticate `message`.
    ///
    /// - Parameter key: any length.
    public static func code(key: Span<UInt8>, message: Span<UInt8>) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 64)
        if key.count > 64 {
            for (index, byte) in digest(key.bytesCopied).enumerated() { block[index] = byte }
        } else {
            for index in key.indices { block[index] = key[index] }
        }
        let inner = digest(block.map { $0 ^ 0x36 } + message.bytesCopied)
        return digest(block.map { $0 ^ 0x5c } + inner)
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 20)
        _ = unsafe out.withUnsafeMutableBufferPointer { unsafe SHA1(bytes, bytes.count, $0.baseAddress) }
        return out
    }
}

extension Span<UInt8> {
    fileprivate var bytesCopied: [UInt8] {
        var all: [UInt8] = []
        all.reserveCapacity(count)
        for index in indices { all.append(self[index]) }
        return all
    }
}
