internal import COpenSSL

/// AES-128-CBC with PKCS#7 padding (SP 800-38A, RFC 5652 §6.3), as HLS encrypts whole segments (RFC 8216 §5.2).
public enum AES128CBC {
    /// Encrypts `plain`.
    ///
    /// - Parameters:
    ///   - key: 16 bytes.
    ///   - iv: 16 bytes, never used twice with the same key.
    /// - Throws: `CryptoFailure` for another length of key or IV.
    public static func encrypt(_ plain: Span<UInt8>, key: Span<UInt8>, iv: Span<UInt8>) throws(CryptoFailure) -> [UInt8]
    {
        try run(plain, key: key, iv: iv, encrypting: true)
    }

    /// Decrypts `cipher`.
    ///
    /// - Throws: `CryptoFailure`, also when the padding is wrong.
    public static func decrypt(_ cipher: Span<UInt8>, key: Span<UInt8>, iv: Span<UInt8>) throws(CryptoFailure)
        -> [UInt8]
    {
        try run(cipher, key: key, iv: iv, encrypting: false)
    }

    private static func run(
        _ input: Span<UInt8>, key: Span<UInt8>, iv: Span<UInt8>, encrypting: Bool
    ) throws(CryptoFailure) -> [UInt8] {
        guard key.count == 16, iv.count == 16, input.count <= Int(Int32.max) - 32 else {
            throw CryptoFailure("EVP_CipherInit_ex")
        }
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw CryptoFailure("EVP_CIPHER_CTX_new") }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: input.count + 32)
        var count: Int32 = 0
        var tail: Int32 = 0
        let done = unsafe key.withUnsafeBufferPointer { key in
            unsafe iv.withUnsafeBufferPointer { iv in
                unsafe input.withUnsafeBufferPointer { input in
                    unsafe output.withUnsafeMutableBufferPointer { output in
                        guard let base = output.baseAddress,
                            unsafe EVP_CipherInit_ex(
                                context, EVP_aes_128_cbc(), nil, key.baseAddress, iv.baseAddress, encrypting ? 1 : 0)
                                == 1,
                            unsafe EVP_CipherUpdate(context, base, &count, input.baseAddress, Int32(input.count)) == 1
                        else { return false }
                        return unsafe EVP_CipherFinal_ex(context, base + Int(count), &tail) == 1
                    }
                }
            }
        }
        guard done else { throw CryptoFailure("EVP_CipherFinal_ex") }
        output.removeLast(output.count - Int(count) - Int(tail))
        return output
    }
}

/// Random bytes from libcrypto's generator, which the kernel seeds.
public enum Random {
    /// `count` random bytes.
    ///
    /// - Throws: when the generator can't be seeded; nothing weaker is used.
    public static func bytes(_ count: Int) throws(CryptoFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let done = unsafe bytes.withUnsafeMutableBufferPointer { unsafe RAND_bytes($0.baseAddress, Int32($0.count)) }
        guard done == 1 else { throw CryptoFailure("RAND_bytes") }
        return bytes
    }
}

/// Preparation for a process that will lose the file system: loads now what libcrypto would load at first use.
public enum CryptoLibrary {
    /// Initialises the library without reading a configuration file.
    public static func warmUp() { OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil) }
}
