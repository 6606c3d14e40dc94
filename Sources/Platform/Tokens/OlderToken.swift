public import Core

/// Playback tokens as the older routes hand them out: `user_id` and `video_id` together are the path of two parts they
/// are for, `filename` is what the site knows the video by and decides nothing. `PlaybackToken` checks them with the others.
public enum OlderToken {
    /// Makes one.
    ///
    /// - Parameters:
    ///   - rel: the path of two parts.
    ///   - filename: the file's name as the site asked for it, where a token can carry it.
    ///   - platform: the kind of player.
    ///   - session: the playback session it belongs to.
    ///   - pathOnly: good in a path, and nowhere else.
    ///   - issued: wall-clock seconds.
    ///   - lifetime: seconds.
    ///   - keys: the ring whose signer signs.
    ///   - rules: see `ViewerRules`.
    public static func mint(
        _ rel: RelPath, filename: FileName?, platform: Platform, session: String, pathOnly: Bool, issued: Int64,
        lifetime: Int64, keys: KeyRing, rules: String? = nil
    ) -> String {
        var claims: [JSON.Member] = [
            .init("user_id", .string(rel.trainer.description)), .init("video_id", .string(rel.lesson.description)),
            .init("platform", .string(platform.rawValue)), .init("iat", .integer(issued)),
            .init("exp", .integer(issued + lifetime)), .init("jti", .string(UUID().description)),
            .init("sid", .string(session)),
        ]
        if let filename { claims.append(.init("filename", .string(filename.description))) }
        if pathOnly { claims.append(.init("tr", "path")) }
        if let rules { claims.append(.init("rules", .string(rules))) }
        return JWS.sign(.object(claims), key: keys.signer.key, kid: keys.signer.id)
    }
}
