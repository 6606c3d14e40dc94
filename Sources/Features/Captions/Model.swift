public import Core
public import Media

/// A lesson as far as captions are concerned.
public struct CaptionedVideo: Sendable {
    /// Its id.
    public let id: UUID
    /// Where it lives.
    public let rel: RelPath

    /// - Parameters: as the properties.
    public init(id: UUID, rel: RelPath) {
        self.id = id
        self.rel = rel
    }
}

/// What captions are for.
public enum CaptionPurpose: String, Sendable, CaseIterable {
    /// For those who do not understand the language: what is said.
    case subtitles
    /// For those who do not hear: sounds too.
    case captions
}

/// Captions that were accepted.
public struct NewCaptions: Sendable {
    /// The language.
    public let language: LanguageTag
    /// What they are for.
    public let purpose: CaptionPurpose
    /// What a person reads in a menu.
    public let label: String
    /// Shown unless a viewer chooses otherwise.
    public let isDefault: Bool
    /// The cues, in order.
    public let cues: [Cue]

    /// - Parameters: as the properties.
    public init(language: LanguageTag, purpose: CaptionPurpose, label: String, isDefault: Bool, cues: [Cue]) {
        self.language = language
        self.purpose = purpose
        self.label = label
        self.isDefault = isDefault
        self.cues = cues
    }
}

/// Captions of a lesson as its owner sees them.
public struct CaptionEntry: Sendable, Equatable {
    /// BCP 47; `und` where the file does not say.
    public var language: String
    /// What they are for.
    public var purpose: String
    /// What a person reads in a menu.
    public var label: String
    /// Shown unless a viewer chooses otherwise.
    public var isDefault: Bool
    /// How many.
    public var cues: Int
    /// Sent by somebody; else they were found in the video's file.
    public var isUploaded: Bool
    /// Whether players are offered them now.
    public var isPublished: Bool
    /// When they came.
    public var created: UnixTime

    /// - Parameters: as the properties.
    public init(
        language: String, purpose: String, label: String, isDefault: Bool, cues: Int, isUploaded: Bool,
        isPublished: Bool, created: UnixTime
    ) {
        self.language = language
        self.purpose = purpose
        self.label = label
        self.isDefault = isDefault
        self.cues = cues
        self.isUploaded = isUploaded
        self.isPublished = isPublished
        self.created = created
    }
}
