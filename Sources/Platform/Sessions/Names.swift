internal import Core
internal import Crypto
internal import Tokens

/// The numbers that stand for a token's texts in the tables.
struct Names {
    /// The user.
    let user: UInt64
    /// The session among the user's places.
    let place: UInt32
    /// The session's record.
    let session: UInt64
    /// The lesson.
    let rel: UInt64
    /// Whose way through the title this is: the user's where streams are limited (a new token is no new bucket), else
    /// the session's.
    let viewer: UInt64

    init(_ claims: PlaybackClaims, key: (UInt64, UInt64)) {
        let user = claims.user.withBytes { Self.user($0, key: key) }
        let place = claims.session.withBytes { Self.place(user, $0, key: key) }
        self.user = user
        self.place = place
        session = Self.session(user, place)
        var hash = SipHash(key: key)
        claims.withRel { hash.add($0) }
        rel = hash.finish()
        viewer = Self.mix(claims.streams > 0 ? user : session, rel)
    }

    /// The user.
    static func user(_ text: Span<UInt8>, key: (UInt64, UInt64)) -> UInt64 {
        var hash = SipHash(key: key)
        hash.add(text)
        return max(2, hash.finish())
    }

    /// The session among the user's places.
    static func place(_ user: UInt64, _ session: Span<UInt8>, key: (UInt64, UInt64)) -> UInt32 {
        var hash = SipHash(key: key)
        hash.add(user)
        hash.add(session)
        return max(1, UInt32(truncatingIfNeeded: hash.finish()))
    }

    /// The record of a session by its user and place.
    static func session(_ user: UInt64, _ place: UInt32) -> UInt64 { mix(user, UInt64(place) << 32 | UInt64(place)) }

    /// The device among the user's.
    func device(_ claims: PlaybackClaims, _ guessed: UInt64, key: (UInt64, UInt64)) -> UInt32 {
        var hash = SipHash(key: key)
        claims.user.withBytes { hash.add($0) }
        if claims.device.isEmpty {
            hash.add(UInt8(0))
            hash.add(guessed)
        } else {
            hash.add(UInt8(1))
            claims.device.withBytes { hash.add($0) }
        }
        return max(1, UInt32(truncatingIfNeeded: hash.finish()))
    }

    /// The user in a table with a key of its own.
    func owner(_ claims: PlaybackClaims, key: (UInt64, UInt64)) -> UInt64 {
        var hash = SipHash(key: key)
        claims.user.withBytes { hash.add($0) }
        return max(2, hash.finish())
    }

    /// Two numbers as one, spread evenly (the finalizer of MurmurHash3 over their combination).
    private static func mix(_ one: UInt64, _ other: UInt64) -> UInt64 {
        var value = one ^ (other &* 0x9E37_79B9_7F4A_7C15)
        value = (value ^ value >> 33) &* 0xff51_afd7_ed55_8ccd
        value = (value ^ value >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return max(2, value ^ value >> 33)
    }
}
