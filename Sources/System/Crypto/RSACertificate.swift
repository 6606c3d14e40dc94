internal import COpenSSL

/// An X.509 certificate (RFC 5280) that carries an RSA key: checks RSASSA-PKCS1-v1_5 signatures with SHA-256
/// (RFC 8017 §8.2), which JOSE calls RS256.
///
/// Nobody's signature under the certificate itself is looked at: whoever makes one of these knows where it came from.
@safe public final class RSACertificate: @unchecked Sendable {
    /// Bits of the shortest key that is taken.
    public static let fewestBits = 2048
    /// Bits of the longest: a longer one costs more than any signature is worth.
    public static let mostBits = 8192

    /// The modulus in bits.
    public let bits: Int
    /// The first second at which it holds, since 1970.
    public let notBefore: Int64
    /// The last.
    public let notAfter: Int64
    private let key: OpaquePointer

    /// Reads one certificate from its PEM text (RFC 7468 §5): a label in front, one behind, and nothing else but line ends.
    ///
    /// - Throws: `CryptoFailure` for anything else, for a key that is not plain RSA, and for one of fewer than 2,048 or
    ///   more than 8,192 bits.
    public init(pem: Span<UInt8>) throws(CryptoFailure) {
        defer { ERR_clear_error() }
        guard Self.isSingle(pem) else { throw CryptoFailure("PEM_read_bio_X509") }
        // An encrypted block asks for a pass phrase; with one given, libcrypto never turns to the terminal.
        var phrase: UInt8 = 0
        let read = unsafe pem.withUnsafeBytes { bytes -> OpaquePointer? in
            guard let bio = unsafe BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { return nil }
            defer { unsafe BIO_free(bio) }
            return unsafe PEM_read_bio_X509(bio, nil, nil, &phrase)
        }
        guard let certificate = unsafe read else { throw CryptoFailure("PEM_read_bio_X509") }
        defer { unsafe X509_free(certificate) }
        var times: (Int64, Int64) = (0, 0)
        guard unsafe shim_unix_time(X509_get0_notBefore(certificate), &times.0) == 1,
            unsafe shim_unix_time(X509_get0_notAfter(certificate), &times.1) == 1
        else { throw CryptoFailure("ASN1_TIME_to_tm") }
        guard let key = unsafe X509_get_pubkey(certificate) else { throw CryptoFailure("X509_get_pubkey") }
        let bits = Int(unsafe EVP_PKEY_get_bits(key))
        guard unsafe EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA, bits >= Self.fewestBits, bits <= Self.mostBits else {
            unsafe EVP_PKEY_free(key)
            throw CryptoFailure("EVP_PKEY_get_base_id")
        }
        unsafe self.key = key
        self.bits = bits
        (notBefore, notAfter) = times
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Whether `signature` is this key's over `message`.
    public func verifies(_ signature: Span<UInt8>, of message: Span<UInt8>) -> Bool {
        defer { ERR_clear_error() }
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer { unsafe EVP_MD_CTX_free(context) }
        var parameters: OpaquePointer?
        guard unsafe EVP_DigestVerifyInit(context, &parameters, EVP_sha256(), nil, key) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING) == 1
        else { return false }
        return unsafe signature.withUnsafeBufferPointer { signature in
            unsafe message.withUnsafeBufferPointer { message in
                // 0 is a signature that doesn't fit, below 0 one that can't be looked at.
                unsafe EVP_DigestVerify(
                    context, signature.baseAddress, signature.count, message.baseAddress, message.count) == 1
            }
        }
    }

    /// Whether the text begins with the one label there is in it.
    private static func isSingle(_ pem: Span<UInt8>) -> Bool {
        let label = Array("-----BEGIN CERTIFICATE-----".utf8)
        guard pem.count > label.count, pem.count <= 16_384 else { return false }
        for index in label.indices where pem[index] != label[index] { return false }
        var dashes = 0
        var groups = 0
        for index in pem.indices {
            guard pem[index] == 10 || pem[index] == 13 || (pem[index] >= 32 && pem[index] < 127) else { return false }
            dashes = pem[index] == UInt8(ascii: "-") ? dashes + 1 : 0
            if dashes == 5 { groups += 1 }
        }
        return groups == 4
    }
}
