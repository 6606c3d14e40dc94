/// How segments are wrapped.
public enum Packaging: String, Sendable, CaseIterable {
    /// MPEG-2 transport streams (ISO 13818-1): what every player takes.
    case ts
    /// Fragmented MP4 (ISO 14496-12, CMAF ISO 23000-19).
    case cmaf

    /// Of a segment's file, without the dot.
    public var segmentExtension: String { self == .ts ? "ts" : "m4s" }
}

/// What a frame on the helper's descriptor 3 holds, and with it what its file is called.
public enum FrameKind: UInt16, Sendable, CaseIterable {
    /// A segment of picture, encrypted.
    case picture = 0
    /// A segment of sound, encrypted.
    case sound = 1
    /// What a player of `Packaging.cmaf` needs before the first segment; one a rendition.
    case initialisation = 2
    /// A single whole picture for moving through the film, encrypted.
    case wholePicture = 3
    /// A JPEG image as it is.
    case image = 4
    /// WebVTT as it is.
    case text = 5

    /// Whether it is encrypted: its length is a multiple of 16 then.
    public var isEncrypted: Bool { self != .image && self != .text }

    /// The file's name in its rendition's directory.
    public func fileName(_ number: Int, _ packaging: Packaging) -> String {
        switch self {
        case .picture, .sound: "\(number).\(packaging.segmentExtension)"
        case .initialisation: "init.mp4"
        case .wholePicture: "\(number).ts"
        case .image: "\(number).jpg"
        case .text: "\(number).vtt"
        }
    }
}
