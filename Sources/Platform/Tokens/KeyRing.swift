internal import Core
public import Crypto

/// The keys playback tokens are signed with: one without an id, others by `kid`.
public struct KeyRing: Sendable {
    private let unnamed: HMACSHA256
    private let named: [(id: [UInt8], key: HMACSHA256)]
    /// The key new tokens are signed with, and its id unless it is the one without.
    public let signer: (id: String?, key: HMACSHA256)

    /// - Parameters:
    ///   - secret: signs tokens without `kid`.
    ///   - others: secrets by key id.
    ///   - signing: the id of the key that signs; `nil`: `secret` does.
    public init(secret: [UInt8], others: [String: [UInt8]] = [:], signing: String? = nil) {
        unnamed = HMACSHA256(key: secret.span)
        named = others.sorted { $0.key < $1.key }.map { (Array($0.key.utf8), HMACSHA256(key: $0.value.span)) }
        if let signing, let chosen = others[signing] {
            signer = (signing, HMACSHA256(key: chosen.span))
        } else {
            signer = (nil, unnamed)
        }
    }

    /// The key for an id; `nil` when the id is unknown. An absent id (not an empty one) is the unnamed key.
    public func key(_ id: Span<UInt8>?) -> HMACSHA256? {
        guard let id else { return unnamed }
        for entry in named where id.equals(entry.id.span) { return entry.key }
        return nil
    }
}
