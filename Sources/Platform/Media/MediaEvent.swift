public import Core

/// What the helper says on its descriptor 1: one JSON object a line.
public enum MediaEvent: MediaMessage {
    /// What was put in force before the first byte of the file was read.
    case jail(JailReport)
    /// The result of `inspect`.
    case facts(SourceFacts)
    /// The result of `probe`.
    case probed(ContentProbe)
    /// A rendition's constants, once a step and before its first segment.
    case rendition(RenditionFacts)
    /// The step has finished the segments of all its renditions before `segment`, and this many frames.
    case progress(segment: Int, frames: Int)
    /// The step is complete: segments written, and frames of picture (0 for sound).
    case done(segments: Int, frames: Int)
    /// The step failed; the detail is for the log.
    case failed(MediaFailure, detail: String)

    /// The event as JSON.
    public var json: JSON {
        switch self {
        case .jail(let report): ["event": "jail", "jail": report.json]
        case .facts(let facts): ["event": "facts", "source": facts.json]
        case .probed(let probe): ["event": "probed", "probe": probe.json]
        case .rendition(let facts): ["event": "rendition", "rendition": facts.json]
        case .progress(let segment, let frames):
            ["event": "progress", "segment": JSON(segment), "frames": JSON(frames)]
        case .done(let segments, let frames): ["event": "done", "segments": JSON(segments), "frames": JSON(frames)]
        case .failed(let code, let detail):
            ["event": "failed", "code": .string(code.rawValue), "detail": .string(detail)]
        }
    }

    /// Reads it back.
    public init(json: JSON) throws(MediaMessageError) {
        switch json["event"]?.string {
        case "jail": self = .jail(try json.message("jail"))
        case "facts": self = .facts(try json.message("source"))
        case "probed": self = .probed(try json.message("probe"))
        case "rendition": self = .rendition(try json.message("rendition"))
        case "progress": self = .progress(segment: try json.count("segment"), frames: try json.count("frames"))
        case "done": self = .done(segments: try json.count("segments"), frames: try json.count("frames"))
        case "failed":
            guard let code = MediaFailure(rawValue: try json.text("code")) else { throw MediaMessageError("code") }
            self = .failed(code, detail: try json.text("detail", upTo: 4096))
        default: throw MediaMessageError("event")
        }
    }
}

/// Why a step failed; the text is stable and goes into the task's answer.
public enum MediaFailure: String, Sendable, CaseIterable, Error {
    /// The job is not in the form agreed.
    case badJob = "bad_job"
    /// Not a kind of file we take, or damaged beyond opening.
    case unreadable = "media_unreadable"
    /// The content is another kind of file than its name says.
    case extensionMismatch = "extension_mismatch"
    /// Neither a picture nor sound that can be decoded.
    case nothingPlayable = "nothing_playable"
    /// A codec that is not on our list.
    case codec = "codec_unsupported"
    /// It ends before it should.
    case truncated
    /// Encrypted content.
    case encrypted = "content_encrypted"
    /// More streams than allowed.
    case tooManyStreams = "too_many_streams"
    /// Larger pictures than allowed.
    case tooManyPixels = "too_many_pixels"
    /// Longer than allowed.
    case tooLong = "too_long"
    /// More frames than allowed.
    case tooManyFrames = "too_many_frames"
    /// More output than allowed.
    case tooMuchOutput = "too_much_output"
    /// The file is not the one that was inspected.
    case changed = "source_changed"
    /// A key was not handed over.
    case keyMissing = "key_missing"
    /// The jail could not be put in force.
    case jail = "jail_failed"
    /// Memory ran out.
    case memory = "out_of_memory"
    /// The receiver of segments or events is gone.
    case output = "output_failed"
    /// A library failed where it should not.
    case library = "library_failed"

    /// Whether another attempt could end better; what is wrong with the file stays wrong.
    public var isTransient: Bool {
        switch self {
        case .output, .memory, .library, .keyMissing, .jail: true
        default: false
        }
    }
}

/// What each layer of the helper's jail did.
public struct JailReport: MediaMessage {
    /// Resource limits are set.
    public var limits: Bool
    /// No more rights by exec.
    public var noNewPrivileges: Bool
    /// Landlock's version in force; 0 where the kernel has none.
    public var landlock: Int
    /// System calls are filtered on all threads.
    public var seccomp: Bool
    /// bubblewrap stands round the helper. The helper can't know and says no; who started it says yes.
    public var bubblewrap: Bool

    /// - Parameters: as the properties.
    public init(limits: Bool, noNewPrivileges: Bool, landlock: Int, seccomp: Bool, bubblewrap: Bool = false) {
        self.bubblewrap = bubblewrap
        self.limits = limits
        self.noNewPrivileges = noNewPrivileges
        self.landlock = landlock
        self.seccomp = seccomp
    }

    /// The report as JSON.
    public var json: JSON {
        [
            "limits": .bool(limits), "no_new_privileges": .bool(noNewPrivileges), "landlock": JSON(landlock),
            "seccomp": .bool(seccomp), "bubblewrap": .bool(bubblewrap),
        ]
    }

    /// Reads it back.
    public init(json: JSON) throws(MediaMessageError) {
        limits = try json.flag("limits")
        noNewPrivileges = try json.flag("no_new_privileges")
        landlock = try json.count("landlock", upTo: 1000)
        seccomp = try json.flag("seccomp")
        bubblewrap = try json.flag("bubblewrap")
    }
}

/// A rendition's constants, as a master playlist needs them.
public struct RenditionFacts: MediaMessage {
    /// The rendition's ordinal.
    public var ordinal: UInt16
    /// RFC 6381: `avc1.64001F`, `mp4a.40.2`.
    public var codecs: String
    /// As shown, with square samples; 0 for sound.
    public var width: Int
    /// As shown; 0 for sound.
    public var height: Int

    /// - Parameters: as the properties.
    public init(ordinal: UInt16, codecs: String, width: Int, height: Int) {
        self.ordinal = ordinal
        self.codecs = codecs
        self.width = width
        self.height = height
    }

    /// The facts as JSON.
    public var json: JSON {
        [
            "ordinal": JSON(Int(ordinal)), "codecs": .string(codecs), "width": JSON(width), "height": JSON(height),
        ]
    }

    /// Reads them back.
    public init(json: JSON) throws(MediaMessageError) {
        guard let ordinal = try json.ordinal("ordinal") else { throw MediaMessageError("ordinal") }
        self.ordinal = ordinal
        codecs = try json.text("codecs", upTo: 32)
        guard
            codecs.utf8.allSatisfy({
                $0 == 46 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
            })
        else { throw MediaMessageError("codecs") }
        width = try json.count("width", upTo: 65_536)
        height = try json.count("height", upTo: 65_536)
    }
}
