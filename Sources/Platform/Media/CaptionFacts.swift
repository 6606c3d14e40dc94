public import Core

/// Captions that a source holds as text, in a track of their own.
public struct CaptionFacts: MediaMessage {
    /// Tracks that are looked at.
    public static let most = 32

    /// The stream's number in the file.
    public var stream: Int
    /// libav's name: mov_text, subrip, webvtt, ass…
    public var codec: String
    /// As the file has it: ISO 639, BCP 47, or empty.
    public var language: String
    /// What the file calls it, or empty.
    public var title: String
    /// For those who do not hear.
    public var describesSound: Bool

    /// - Parameters: as the properties.
    public init(
        stream: Int, codec: String, language: String = "", title: String = "", describesSound: Bool = false
    ) {
        self.stream = stream
        self.codec = codec
        self.language = language
        self.title = title
        self.describesSound = describesSound
    }

    /// The facts as JSON.
    public var json: JSON {
        [
            "stream": JSON(stream), "codec": .string(codec), "language": .string(language), "title": .string(title),
            "describes_sound": .bool(describesSound),
        ]
    }

    /// Reads them back.
    public init(json: JSON) throws(MediaMessageError) {
        stream = try json.count("stream", upTo: 1000)
        codec = try json.text("codec", upTo: 32)
        language = try json.text("language", upTo: LanguageTag.longest)
        title = try json.text("title", upTo: PlaylistName.longest)
        describesSound = try json.flag("describes_sound")
    }
}
