internal import Core

// Schemas of the names that several features take, as Core and Tokens read them.
extension Schema {
    private static let part = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"

    /// One part of a lesson's path, or a site's own id; see `Slug`.
    public static let slug = text(1...64, pattern: "^\(part)$", example: "ada")
    /// A lesson's path of four parts; see `RelPath`.
    public static let rel = text(7...259, pattern: "^\(part)(/\(part)){3}$", example: "ada/engines/basics/first")
    /// A lesson's path of four parts, or of two for a video that came by an older route.
    public static let storedRel = text(
        3...259, pattern: "^\(part)/\(part)(/\(part)/\(part))?$", example: "ada/engines/basics/first")
    /// A video's id, or its lesson's path, written with `%2F` in a path; see `VideoReference`.
    public static let video = any(storedRel, uuid)
    /// Whom or what a token names: 1 to 128 visible characters of ASCII, neither quote nor backslash.
    public static let tokenName = text(1...128, pattern: "^[!#-\\[\\]-~]+$", example: "ada")
    /// The name of a language (BCP 47); see `LanguageTag`.
    public static let language = text(format: "language-tag", 2...35, example: "pt-BR")
    /// The name of a stored file; see `FileName`.
    public static let fileName = text(
        3...128, pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*\\.[A-Za-z0-9_-]+$", example: "first_lesson.mp4")
    /// A token, in the form of a JWT or of a CAT.
    public static let token = text(
        1...2048, pattern: "^[A-Za-z0-9._-]+$", example: "eyJhbGciOiJIUzI1NiJ9.eyJyZWwiOiJhIn0.c2lnbmF0dXJl")
    /// Who may watch: rules in order, the last one for everybody; see `ViewerRules`.
    public static let viewerRules = text(
        format: "viewer-rules", 1...256, example: "allow cc:DE;allow net:203.0.113.0/24;deny *")
}
