/// How a request names a video: by its id or by its lesson's path.
public enum VideoReference: Sendable, Equatable {
    /// The video's id.
    case id(UUID)
    /// The lesson's path.
    case rel(RelPath)

    /// `nil` unless the text is one of both.
    public init?(_ text: String) {
        if let id = UUID(text) {
            self = .id(id)
        } else if let rel = RelPath(stored: text) {
            self = .rel(rel)
        } else {
            return nil
        }
    }
}
