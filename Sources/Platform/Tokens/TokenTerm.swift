public import Core
internal import POSIX

/// How a text is compared (CTA-5007's match types); those it has besides (regular expressions, hashes) are not ours.
enum PathMatch: Int64 {
    case exact = 0
    case prefix = 1
    case suffix = 2
    case contains = 3

    func fits(_ text: Span<UInt8>, _ wanted: Span<UInt8>) -> Bool {
        guard text.count >= wanted.count else { return false }
        switch self {
        case .exact: return text.equals(wanted)
        case .prefix: return text.extracting(0..<wanted.count).equals(wanted)
        case .suffix: return text.extracting((text.count - wanted.count)..<text.count).equals(wanted)
        case .contains:
            for start in 0...(text.count - wanted.count)
            where text.extracting(start..<(start + wanted.count)).equals(wanted) {
                return true
            }
            return false
        }
    }
}

/// Something a token demands of the request that brings it.
public enum TokenTerm: Sendable {
    /// `rules` (see `ViewerRules`).
    case rules
    /// `ip`: the network the viewer is in.
    case network
    /// CAT's 311, `catnip`: networks and addresses (RFC 9164), one of which must hold the viewer's. One that names an
    /// autonomous system holds nobody here.
    case addresses
    /// CAT's 312, `catu`: the path, its directory, file name, stem and extension.
    case uri
    /// CAT's 313, `catm`: methods; GET must be among them, and whoever may GET may HEAD.
    case methods
    /// CAT's 315, `cath`: `Referer` and `User-Agent`.
    case headers
    /// CAT's 316, `catgeoiso3166`: countries, one of which must be the viewer's.
    case countries

    enum Kind {
        case term(TokenTerm)
        /// Restricts nothing, or is nobody's of ours.
        case passedOver
        /// Restricts, and can't be checked here.
        case unknown
        case malformed
    }

    /// What a claim of a CAT is, other than those it shares with our JWT.
    static func of(_ label: Int64, _ claims: Span<UInt8>, _ value: Range<Int>) -> Kind {
        var reader = CBOR(at: value.lowerBound)
        let item = reader.next(claims)
        switch label {
        // iss; catifdata (means something beside catif only); catr: how to renew, which we don't.
        case 1, 320, 323: return .passedOver
        // catreplay: 0 allows it. catv: there is version 1.
        case 308:
            guard case .unsigned(let kind)? = item else { return .malformed }
            return kind == 0 ? .passedOver : .unknown
        case 310:
            guard case .unsigned(let version)? = item else { return .malformed }
            return version == 1 ? .passedOver : .unknown
        case 311: return .term(.addresses)
        case 312: return .term(.uri)
        case 313: return .term(.methods)
        case 315: return .term(.headers)
        case 316: return .term(.countries)
        // aud: for others. cnf: proof of a key. geohash. And what CTA-5007 has or may come to have around these numbers:
        // catpor, catalpn, catgeocoord, catgeoalt, cattpk, catdpop, catif, …
        case 3, 8, 282, 309...335: return .unknown
        default: return .passedOver
        }
    }

    /// What speaks against a request; allocates nothing.
    ///
    /// - Parameters:
    ///   - value: the claim's value, as text or CBOR.
    ///   - path: what is asked for.
    ///   - client: the viewer's address, as text.
    ///   - referrer: the header's value; so is `agent`.
    ///   - country: two letters as a number for an address, where that is known.
    public func objection(
        _ value: Span<UInt8>, path: Span<UInt8>, client: Span<UInt8>, referrer: Span<UInt8>, agent: Span<UInt8>,
        country: (NetworkAddress) -> UInt16?
    ) -> Refusal? {
        let address = NetworkAddress(client)
        switch self {
        case .rules: return ViewerRules.objection(value, client: address, agent: agent, country: country)
        case .network:
            guard let network = NetworkPrefix(value) else { return .tokenMalformed }
            return address.map { network.contains($0) } == true ? nil : .address
        case .addresses:
            return Self.oneOf(value, or: .address) { Self.holds($0, address, &$1) }
        case .methods:
            return Self.oneOf(value, or: .method) { source, reader in
                guard case .text(let range)? = reader.next(source) else { return nil }
                return source.extracting(range).equals("GET")
            }
        case .countries:
            let place = address.flatMap(country)
            return Self.oneOf(value, or: .country) { source, reader in
                guard case .text(let range)? = reader.next(source) else { return nil }
                return place != nil && ViewerRules.country(source.extracting(range)) == place
            }
        case .uri: return Self.uri(value, path)
        case .headers: return Self.headers(value, referrer: referrer, agent: agent)
        }
    }

    /// `nil` when `fits` holds for an item of an array; it answers `nil` itself for an item it can't read.
    private static func oneOf(
        _ value: Span<UInt8>, or refusal: Refusal, _ fits: (Span<UInt8>, inout CBOR) -> Bool?
    ) -> Refusal? {
        var reader = CBOR()
        guard case .array(let count)? = reader.next(value) else { return .tokenMalformed }
        var found = false
        for _ in 0..<count {
            guard let fits = fits(value, &reader) else { return .tokenMalformed }
            if fits { found = true }
        }
        return found ? nil : refusal
    }

    /// Whether an address, or a prefix `[bits, bytes]` without the zeros at its end, holds the viewer's.
    private static func holds(_ source: Span<UInt8>, _ client: NetworkAddress?, _ reader: inout CBOR) -> Bool? {
        switch reader.next(source) {
        case .unsigned?: return false
        case .tag(let tag)?:
            let size = tag == 52 ? 4 : 16
            var bits = size * 8
            let range: Range<Int>
            switch reader.next(source) {
            case .bytes(let whole)?:
                guard whole.count == size else { return nil }
                range = whole
            case .array(2)?:
                guard case .unsigned(let count)? = reader.next(source), count <= bits,
                    case .bytes(let some)? = reader.next(source), some.count <= size
                else { return nil }
                bits = Int(count)
                range = some
            default: return nil
            }
            var value: UInt128 = 0
            for index in 0..<size {
                value = value << 8 | UInt128(index < range.count ? source[range.lowerBound + index] : 0)
            }
            let first = size == 4 ? NetworkAddress(ipv4: UInt32(value)) : NetworkAddress(bits: value)
            // An IPv4 address mapped into IPv6 has its prefix counted there.
            let counted = size == 16 && first.isIPv4 ? bits - 96 : bits
            guard let network = NetworkPrefix(first, bits: counted) else { return nil }
            return client.map { network.contains($0) } ?? false
        default: return nil
        }
    }

    private static func uri(_ value: Span<UInt8>, _ path: Span<UInt8>) -> Refusal? {
        var reader = CBOR()
        guard case .map(let count)? = reader.next(value) else { return .tokenMalformed }
        var refusal: Refusal?
        var slash = 0
        for index in path.indices where path[index] == UInt8(ascii: "/") { slash = index }
        let name = path.extracting(min(slash + 1, path.count)..<path.count)
        let dot = name.firstIndex(of: UInt8(ascii: ".")) ?? name.count
        let whole = reader.pairs(count, value) { key, match in
            var label = CBOR(at: key.lowerBound)
            guard case .unsigned(let part)? = label.next(value) else {
                refusal = .tokenMalformed
                return
            }
            let found: Refusal?
            switch part {
            case 3: found = matches(value, match, path, or: .rel)
            case 5: found = matches(value, match, path.extracting(0..<slash), or: .rel)
            case 6: found = matches(value, match, name, or: .rel)
            case 7: found = matches(value, match, name.extracting(0..<dot), or: .rel)
            case 8: found = matches(value, match, name.extracting(dot..<name.count), or: .rel)
            // Scheme, host, port and query are not the gate's: a proxy may stand before it.
            default: found = .tokenType
            }
            if refusal == nil { refusal = found }
        }
        return whole ? refusal : .tokenMalformed
    }

    private static func headers(_ value: Span<UInt8>, referrer: Span<UInt8>, agent: Span<UInt8>) -> Refusal? {
        var reader = CBOR()
        guard case .map(let count)? = reader.next(value) else { return .tokenMalformed }
        var refusal: Refusal?
        let whole = reader.pairs(count, value) { key, match in
            var label = CBOR(at: key.lowerBound)
            guard case .text(let range)? = label.next(value) else {
                refusal = .tokenMalformed
                return
            }
            let found: Refusal?
            if isHeader(value.extracting(range), "referer") {
                found = matches(value, match, referrer, or: referrer.isEmpty ? .referrerMissing : .referrer)
            } else if isHeader(value.extracting(range), "user-agent") {
                found = matches(value, match, agent, or: .agent)
            } else {
                found = .tokenType
            }
            if refusal == nil { refusal = found }
        }
        return whole ? refusal : .tokenMalformed
    }

    private static func isHeader(_ name: Span<UInt8>, _ lower: StaticString) -> Bool {
        guard name.count == lower.utf8CodeUnitCount else { return false }
        return lower.withBytes { bytes in
            for index in bytes.indices where name[index] | 0x20 != bytes[index] | 0x20 { return false }
            return true
        }
    }

    /// Whether a text is as a map of match types demands, each of them.
    private static func matches(
        _ source: Span<UInt8>, _ value: Range<Int>, _ text: Span<UInt8>, or refusal: Refusal
    ) -> Refusal? {
        var reader = CBOR(at: value.lowerBound)
        guard case .map(let count)? = reader.next(source) else { return .tokenMalformed }
        var found: Refusal?
        let whole = reader.pairs(count, source) { key, wanted in
            var label = CBOR(at: key.lowerBound)
            var item = CBOR(at: wanted.lowerBound)
            guard case .unsigned(let number)? = label.next(source), let match = PathMatch(rawValue: number) else {
                found = .tokenType
                return
            }
            guard case .text(let range)? = item.next(source) else {
                found = .tokenMalformed
                return
            }
            if !match.fits(text, source.extracting(range)), found == nil { found = refusal }
        }
        return whole ? found : .tokenMalformed
    }
}
