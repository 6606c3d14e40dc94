public import Core
internal import Crypto

/// The keys segments are encrypted with: derived, never stored, so that a stolen disk or dump decrypts nothing.
///
/// Key n of a publication is HKDF-SHA-256 (RFC 5869) of the master secret of the version in the publication's name,
/// with an empty salt and info = u16be length ‖ rel ‖ u16be length ‖ publication ‖ u32be n. Bound to the rel, a token
/// for one lesson never fetches another's key by asking under its own path.
public struct MediaKeys: Sendable {
    private let extracted: [Int64: Digest256]
    /// The newest version: what new publications are made with.
    public let newest: Int64

    /// - Parameter masters: 32 bytes each, by version; at least one.
    public init(masters: [Int64: [UInt8]]) {
        extracted = masters.mapValues { HKDF.extract($0.span) }
        newest = masters.keys.max() ?? 0
    }

    /// The 16 bytes of key `number`, or `nil` when the publication's version is unknown.
    ///
    /// - Parameter rel: the lesson's path as in its URL; for a lesson of the older two-part kind, that.
    public func key(rel: String, publication: PublicationName, number: UInt32) -> [UInt8]? {
        guard let master = extracted[publication.keyVersion] else { return nil }
        let rel = Array(rel.utf8)
        let name = Array(publication.description.utf8)
        guard rel.count <= 65_535 else { return nil }
        var info: [UInt8] = []
        info.reserveCapacity(rel.count + name.count + 8)
        info.append(UInt8(rel.count >> 8))
        info.append(UInt8(rel.count & 255))
        info.append(contentsOf: rel)
        info.append(UInt8(name.count >> 8))
        info.append(UInt8(name.count & 255))
        info.append(contentsOf: name)
        for shift in [24, 16, 8, 0] as [UInt32] { info.append(UInt8(truncatingIfNeeded: number >> shift)) }
        return HKDF.expand(master, info: info.span, count: 16)
    }
}
