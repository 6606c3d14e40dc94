internal import COpenSSL

/// An operation of libcrypto that failed, or a key of the wrong length.
public struct CryptoFailure: Error, Equatable {
    /// The function that refused.
    public let call: String

    init(_ call: StaticString) { self.call = "\(call)" }
}

/// SHA-256 (FIPS 180-4).
public struct SHA256 {
    var context = SHA256_CTX()

    /// The state before the first byte.
    public init() { unsafe SHA256_Init(&context) }

    /// Takes in more bytes.
    public mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { b in _ = unsafe SHA256_Update(&context, b.baseAddress, b.count) }
    }

    /// The 32 bytes of the digest. The state is used up: copy it before to go on.
    public mutating func finish() -> Digest256 {
        var digest = Digest256()
        unsafe withUnsafeMutableBytes(of: &digest.words) { out in
            _ = unsafe SHA256_Final(out.bindMemory(to: UInt8.self).baseAddress, &context)
        }
        return digest
    }

    /// The digest of `bytes`.
    public static func digest(_ bytes: Span<UInt8>) -> Digest256 {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }
}

/// 32 bytes held in place, without an allocation.
public struct Digest256: Sendable {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// The bytes for the time of the call.
    public borrowing func withBytes<R>(_ body: (Span<UInt8>) -> R) -> R {
        var copy = words
        return unsafe withUnsafeMutableBytes(of: &copy) { bytes in
            body(unsafe UnsafeBufferPointer(bytes.bindMemory(to: UInt8.self)).span)
        }
    }

    /// The bytes as an array.
    public var bytes: [UInt8] {
        withBytes { span in
            var all: [UInt8] = []
            all.reserveCapacity(span.count)
            for index in span.indices { all.append(span[index]) }
            return all
        }
    }

    /// Compares with `other` in a time that depends on the lengths alone.
    public borrowing func equals(_ other: Span<UInt8>) -> Bool {
        withBytes { span in ConstantTime.equal(span, other) }
    }
}

/// Comparison that tells nothing about where two secrets differ.
public enum ConstantTime {
    /// Whether both hold the same bytes.
    public static func equal(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        return unsafe one.withUnsafeBytes { a in
            unsafe other.withUnsafeBytes { b in
                unsafe a.count == 0 || CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count) == 0
            }
        }
    }
}

/// HMAC-SHA-256 (RFC 2104) with both key states prepared once: a message costs no allocation.
public struct HMACSHA256: Sendable {
    private let inner: SHA256_CTX
    private let outer: SHA256_CTX

    /// Prepares `key` of any length.
    public init(key: Span<UInt8>) {
        var block = InlineArray<64, UInt8>(repeating: 0)
        if key.count > 64 {
            SHA256.digest(key).withBytes { digest in for index in 0..<32 { block[index] = digest[index] } }
        } else {
            for index in key.indices { block[index] = key[index] }
        }
        for index in 0..<64 { block[index] ^= 0x36 }
        var state = SHA256()
        state.update(block.span)
        inner = state.context
        for index in 0..<64 { block[index] ^= 0x36 ^ 0x5c }
        state = SHA256()
        state.update(block.span)
        outer = state.context
    }

    /// The 32 bytes that authenticate `message`.
    public func code(for message: Span<UInt8>) -> Digest256 {
        var state = SHA256()
        state.context = inner
        state.update(message)
        let middle = state.finish()
        state.context = outer
        middle.withBytes { state.update($0) }
        return state.finish()
    }
}

extension SHA256_CTX: @retroactive @unchecked Sendable {}

/// HKDF-SHA-256 (RFC 5869).
public enum HKDF {
    /// At most 32 bytes of key material.
    ///
    /// - Parameters:
    ///   - secret: the input keying material.
    ///   - info: what the key is for.
    ///   - count: how many bytes, 1…32 (one block of the expansion).
    public static func derive(secret: Span<UInt8>, info: Span<UInt8>, count: Int) -> [UInt8] {
        let zero = InlineArray<32, UInt8>(repeating: 0)
        let extracted = HMACSHA256(key: zero.span).code(for: secret)
        return expand(extracted, info: info, count: count)
    }

    /// The extraction with an empty salt, to be done once per secret.
    public static func extract(_ secret: Span<UInt8>) -> Digest256 {
        let zero = InlineArray<32, UInt8>(repeating: 0)
        return HMACSHA256(key: zero.span).code(for: secret)
    }

    /// The first block of the expansion.
    public static func expand(_ extracted: Digest256, info: Span<UInt8>, count: Int) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(info.count + 1)
        for index in info.indices { message.append(info[index]) }
        message.append(1)
        let block = extracted.withBytes { HMACSHA256(key: $0) }.code(for: message.span)
        return Array(block.bytes.prefix(max(0, min(32, count))))
    }
}
