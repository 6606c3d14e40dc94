public import Core
public import Postgres

/// Keeps captions with their videos.
public protocol CaptionStore: AnyObject {
    /// The video, unless there is none or it was deleted.
    func video(_ reference: VideoReference) throws(DatabaseError) -> CaptionedVideo?
    /// All captions that count now, uploaded ones first, by language; those found in a file only while no uploaded ones
    /// in their language exist.
    func list(_ video: UUID) throws(DatabaseError) -> [CaptionEntry]
    /// The captions in a language as WebVTT, or `nil`.
    func text(_ video: UUID, _ language: LanguageTag) throws(DatabaseError) -> String?
    /// Keeps new captions, in the place of uploaded ones in the same language, and has them published.
    ///
    /// - Returns: whether they took the place of others; `nil` when the lesson has `CaptionRules.most` already: then
    ///   nothing was changed.
    func put(_ captions: NewCaptions, _ video: CaptionedVideo) throws(DatabaseError) -> Bool?
    /// Removes what the lesson has in a language, uploaded and found in the file.
    ///
    /// - Returns: whether there was anything.
    func remove(_ language: LanguageTag, _ video: CaptionedVideo) throws(DatabaseError) -> Bool
}
