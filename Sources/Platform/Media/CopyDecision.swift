internal import Core

/// Whether a track can be copied into the segments as it is.
public enum CopyDecision: Equatable, Sendable {
    /// It can.
    case copy
    /// It has to be encoded, for this reason.
    case encode(CopyObstacle)

    /// Whether it can.
    public var isCopy: Bool { self == .copy }

    var json: JSON {
        switch self {
        case .copy: .null
        case .encode(let why): .string(why.rawValue)
        }
    }

    init(json: JSON?) throws(MediaMessageError) {
        switch json {
        case .null?: self = .copy
        case .string(let text)?:
            guard let why = CopyObstacle(rawValue: text) else { throw MediaMessageError("obstacle") }
            self = .encode(why)
        default: throw MediaMessageError("obstacle")
        }
    }
}

/// Why a track can't be copied.
public enum CopyObstacle: String, Sendable, CaseIterable {
    /// Not H.264, not AAC.
    case codec
    /// A profile beyond High, or not AAC-LC.
    case profile
    /// A level beyond 4.2.
    case level
    /// More than 8 bits, or not 4:2:0.
    case format
    /// Fields instead of frames.
    case interlaced
    /// High dynamic range or wide colours, which ordinary screens show wrongly.
    case colour
    /// The picture is to be turned when shown, and transport streams can't say so.
    case rotation
    /// The container says another sample shape than the stream.
    case aspect
    /// Whole pictures (IDR) too far apart to cut at.
    case keyframes
    /// Time stamps missing, running backwards, or with holes.
    case timestamps
    /// A whole picture without its parameter sets, or parameters that change on the way.
    case parameters
    /// More than two channels.
    case channels
    /// It is brought to another loudness.
    case loudness
    /// It does not begin and end with the picture.
    case coverage
    /// Copying was tried, and failed.
    case tried
    /// Far more bits than a picture of its size needs.
    case bitRate = "bit_rate"
}
