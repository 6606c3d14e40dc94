internal import Core
internal import Crypto
internal import POSIX

/// The Common Access Token (CTA-5007): a CBOR Web Token (RFC 8392) in a COSE_Mac0 (RFC 9052 §6.2), HS256 only, as
/// base64url. It holds what our JWT holds, so that an edge of a delivery network can check it too.
///
/// What a claim is called where (numbers below 256 from RFC 8392, 308…323 from IANA's registry of CWT claims as registered
/// for CTA-5007, those below -65,536 are free for private use by RFC 8392 §9.1):
///
///     JWT       CAT             JWT       CAT
///     user_id   2 (sub)         rel       -65537
///     exp       4               platform  -65538
///     nbf       5               sid       -65539
///     iat       6               lim       -65540
///     jti       7 (cti, bytes)  dev       -65541
///     ip        311 (catnip)    tr        -65542
///     devs      -65544          rules     -65543
///
/// `jti` is `cti` in hexadecimal digits. New ones also say 310 (catv) 1, 312 (catu) which paths, 313 (catm) GET and HEAD.
/// What restricts and can't be checked here is refused (`TokenTerm` has the list); claims of others are passed over
/// (RFC 8392 §3).
enum CommonAccessToken {
    private static let macTag: Int64 = 17
    private static let webTokenTag: Int64 = 61
    private static let hs256: Int64 = 5

    private static func name(of label: Int64) -> StaticString? {
        switch label {
        case 2: "user_id"
        case 4: "exp"
        case 5: "nbf"
        case 6: "iat"
        case 7: "jti"
        case -65537: "rel"
        case -65538: "platform"
        case -65539: "sid"
        case -65540: "lim"
        case -65541: "dev"
        case -65542: "tr"
        case -65543: "rules"
        case -65544: "devs"
        default: nil
        }
    }

    private static func label(of name: String) -> Int64? {
        for label: Int64 in [2, 4, 5, 6, 7, -65537, -65538, -65539, -65540, -65541, -65542, -65543, -65544]
        where Self.name(of: label).map({ "\($0)" }) == name {
            return label
        }
        return nil
    }

    /// Checks form, header and MAC of a token, and hands its claims to `read` as the JSON a JWT would have.
    ///
    /// Allocates nothing.
    ///
    /// - Parameters:
    ///   - token: the text form.
    ///   - key: the key of an id; of the absent id, too.
    ///   - judge: what speaks against a term that no JWT has.
    static func open(
        _ token: Span<UInt8>, key: (Span<UInt8>?) -> HMACSHA256?, judge: (TokenTerm, Span<UInt8>) -> Refusal?,
        _ read: (Span<UInt8>) -> Result<PlaybackClaims, Refusal>
    ) -> Result<PlaybackClaims, Refusal> {
        var buffer = InlineArray<1536, UInt8>(repeating: 0)
        var whole = buffer.mutableSpan
        guard token.count <= JWS.longest, let count = Base64URL.decode(token, into: &whole) else {
            return .failure(.tokenMalformed)
        }
        let bytes = buffer.span.extracting(0..<count)
        guard let parts = Parts(bytes) else { return .failure(.tokenMalformed) }
        let signer = if let kid = parts.kid { key(bytes.extracting(kid)) } else { key(nil) }
        guard let signer else { return .failure(.tokenKey) }
        guard
            authenticated(bytes.extracting(parts.header), bytes.extracting(parts.claims), signer)
                .equals(bytes.extracting(parts.tag))
        else { return .failure(.tokenSignature) }
        return transcribe(bytes.extracting(parts.claims), judge, read)
    }

    /// Where the parts of a COSE_Mac0 lie.
    private struct Parts {
        let header: Range<Int>
        let kid: Range<Int>?
        let claims: Range<Int>
        let tag: Range<Int>

        init?(_ bytes: Span<UInt8>) {
            var reader = CBOR()
            guard case .tag(var kind)? = reader.next(bytes) else { return nil }
            if kind == webTokenTag {
                guard case .tag(let inner)? = reader.next(bytes) else { return nil }
                kind = inner
            }
            guard kind == macTag, case .array(4)? = reader.next(bytes),
                case .bytes(let header)? = reader.next(bytes), let known = Self.parameters(bytes, header),
                known.algorithm == hs256, case .map(let count)? = reader.next(bytes),
                let open = Self.parameters(bytes, count, &reader), open.algorithm == nil,
                open.kid == nil || known.kid == nil, case .bytes(let claims)? = reader.next(bytes),
                case .bytes(let tag)? = reader.next(bytes), reader.at == bytes.count
            else { return nil }
            self.header = header
            kid = known.kid ?? open.kid
            self.claims = claims
            self.tag = tag
        }

        /// The protected header: a map and nothing behind it.
        private static func parameters(
            _ bytes: Span<UInt8>, _ header: Range<Int>
        ) -> (algorithm: Int64?, kid: Range<Int>?)? {
            let inside = bytes.extracting(0..<header.upperBound)
            var reader = CBOR(at: header.lowerBound)
            guard case .map(let count)? = reader.next(inside), let found = parameters(inside, count, &reader),
                reader.at == header.upperBound
            else { return nil }
            return found
        }

        /// Algorithm and key id, and no other parameter: one we don't know could change what the MAC means (`crit`).
        private static func parameters(
            _ bytes: Span<UInt8>, _ count: Int, _ reader: inout CBOR
        ) -> (algorithm: Int64?, kid: Range<Int>?)? {
            var algorithm: Int64?
            var kid: Range<Int>?
            var known = true
            let whole = reader.pairs(count, bytes) { key, value in
                var label = CBOR(at: key.lowerBound)
                var item = CBOR(at: value.lowerBound)
                switch (label.next(bytes), item.next(bytes)) {
                case (.unsigned(1)?, .unsigned(let number)?): algorithm = number
                case (.unsigned(4)?, .bytes(let range)?): kid = range
                default: known = false
                }
            }
            return whole && known ? (algorithm, kid) : nil
        }
    }

    /// The MAC of `["MAC0", header, h'', claims]`.
    private static func authenticated(_ header: Span<UInt8>, _ claims: Span<UInt8>, _ key: HMACSHA256) -> Digest256 {
        var message = InlineArray<1600, UInt8>(repeating: 0)
        var count = 0
        func put(_ byte: UInt8) {
            if count < 1600 { message[count] = byte }
            count += 1
        }
        func put(bytes: Span<UInt8>) {
            // Both are shorter than the token, so that their length has at most three bytes.
            if bytes.count < 24 {
                put(0x40 | UInt8(bytes.count))
            } else if bytes.count < 256 {
                put(0x58)
                put(UInt8(bytes.count))
            } else {
                put(0x59)
                put(UInt8(bytes.count >> 8))
                put(UInt8(bytes.count & 255))
            }
            for index in bytes.indices { put(bytes[index]) }
        }
        put(0x84)
        put(0x64)
        StaticString("MAC0").withBytes { name in for index in name.indices { put(name[index]) } }
        put(bytes: header)
        put(0x40)
        put(bytes: claims)
        return key.code(for: message.span.extracting(0..<min(count, 1600)))
    }

    private static func transcribe(
        _ claims: Span<UInt8>, _ judge: (TokenTerm, Span<UInt8>) -> Refusal?,
        _ read: (Span<UInt8>) -> Result<PlaybackClaims, Refusal>
    ) -> Result<PlaybackClaims, Refusal> {
        var text = InlineText()
        var refusal: Refusal?
        var objection: Refusal?
        var reader = CBOR()
        guard case .map(let count)? = reader.next(claims) else { return .failure(.tokenMalformed) }
        text.put(UInt8(ascii: "{"))
        let whole = reader.pairs(count, claims) { key, value in
            var labelReader = CBOR(at: key.lowerBound)
            let label: Int64
            switch labelReader.next(claims) {
            case .unsigned(let number)?, .negative(let number)?: label = number
            default: return
            }
            if let name = name(of: label) {
                if !text.put(name, claims, value) { refusal = .tokenMalformed }
            } else {
                switch TokenTerm.of(label, claims, value) {
                case .passedOver: break
                case .unknown: if refusal == nil { refusal = .tokenType }
                case .malformed: refusal = .tokenMalformed
                case .term(let term): if objection == nil { objection = judge(term, claims.extracting(value)) }
                }
            }
        }
        guard whole, reader.at == claims.count, refusal != .tokenMalformed else { return .failure(.tokenMalformed) }
        if let refusal { return .failure(refusal) }
        text.end()
        guard let length = text.length else { return .failure(.tokenMalformed) }
        var result = read(text.bytes.span.extracting(0..<length))
        if let objection, case .success(var found) = result, found.objection == nil {
            found.objection = objection
            result = .success(found)
        }
        return result
    }

    /// Signs the claims of a JWT in this form.
    ///
    /// - Parameters:
    ///   - claims: as a JWT has them; `jti` is an even number of hexadecimal digits.
    ///   - path: what requests' paths must begin with, or hold.
    ///   - network: where the viewer is, if that binds.
    ///   - signer: the key and its id.
    static func sign(
        _ claims: [JSON.Member], path: (match: PathMatch, text: String), network: NetworkPrefix?,
        signer: (id: String?, key: HMACSHA256)
    ) -> String {
        var pairs: [(key: [UInt8], value: [UInt8])] = [
            (CBORWriter.number(310), CBORWriter.number(1)),
            (
                CBORWriter.number(312),
                CBORWriter.map([
                    (
                        CBORWriter.number(3),
                        CBORWriter.map([(CBORWriter.number(path.match.rawValue), CBORWriter.text(path.text))])
                    )
                ])
            ),
            (CBORWriter.number(313), CBORWriter.array([CBORWriter.text("GET"), CBORWriter.text("HEAD")])),
        ]
        if let network {
            let (bits, bytes) = network.parts
            let used = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
            let prefix = CBORWriter.array([
                CBORWriter.number(Int64(bits)), CBORWriter.bytes(Array(bytes.prefix(used))),
            ])
            pairs.append(
                (CBORWriter.number(311), CBORWriter.array([CBORWriter.tag(bytes.count == 4 ? 52 : 54, prefix)])))
        }
        for claim in claims {
            guard let label = label(of: claim.name) else { continue }
            if let number = claim.value.integer {
                pairs.append((CBORWriter.number(label), CBORWriter.number(number)))
            } else if let text = claim.value.string {
                let item = label == 7 ? CBORWriter.bytes(Hex.decode(text) ?? Array(text.utf8)) : CBORWriter.text(text)
                pairs.append((CBORWriter.number(label), item))
            }
        }
        let header = CBORWriter.map([(CBORWriter.number(1), CBORWriter.number(hs256))])
        let payload = CBORWriter.map(pairs)
        let open = signer.id.map { [(key: CBORWriter.number(4), value: CBORWriter.bytes(Array($0.utf8)))] } ?? []
        let tag = authenticated(header.span, payload.span, signer.key).bytes
        let message = CBORWriter.array([
            CBORWriter.bytes(header), CBORWriter.map(open), CBORWriter.bytes(payload), CBORWriter.bytes(tag),
        ])
        return Base64URL.encode(CBORWriter.tag(UInt64(webTokenTag), CBORWriter.tag(UInt64(macTag), message)).span)
    }
}

/// JSON written in place.
private struct InlineText {
    var bytes = InlineArray<2560, UInt8>(repeating: 0)
    private var count = 0
    private var isFirst = true

    /// How long the text is; `nil` when it did not fit.
    var length: Int? { count <= 2560 ? count : nil }

    mutating func put(_ byte: UInt8) {
        if count < 2560 { bytes[count] = byte }
        count += 1
    }

    mutating func end() { put(UInt8(ascii: "}")) }

    /// A claim whose value is a number or printable text; bytes become hexadecimal digits.
    ///
    /// - Returns: whether it is one of these.
    mutating func put(_ name: StaticString, _ claims: Span<UInt8>, _ value: Range<Int>) -> Bool {
        if !isFirst { put(UInt8(ascii: ",")) }
        isFirst = false
        put(UInt8(ascii: "\""))
        for index in 0..<name.utf8CodeUnitCount { put(name.withBytes { $0[index] }) }
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
        var reader = CBOR(at: value.lowerBound)
        let isID = name.withBytes { $0.equals("jti") }
        switch reader.next(claims) {
        case .unsigned(let number)?:
            guard !isID else { return false }
            put(decimal: number)
        case .text(let range)?:
            guard !isID else { return false }
            put(UInt8(ascii: "\""))
            for index in range {
                let byte = claims[index]
                guard byte >= 32, byte < 127, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else {
                    return false
                }
                put(byte)
            }
            put(UInt8(ascii: "\""))
        case .bytes(let range)?:
            guard isID else { return false }
            put(UInt8(ascii: "\""))
            for index in range {
                put(Hex.digit(claims[index] >> 4))
                put(Hex.digit(claims[index] & 15))
            }
            put(UInt8(ascii: "\""))
        default: return false
        }
        return true
    }

    private mutating func put(decimal number: Int64) {
        var scale: Int64 = 1
        while number / scale >= 10 { scale *= 10 }
        while scale > 0 {
            put(48 + UInt8(number / scale % 10))
            scale /= 10
        }
    }
}
