public import Media
public import POSIX

/// One step for the helper.
public struct HelperRequest: Sendable {
    /// The helper's program.
    public var program: String
    /// What to do.
    public var job: MediaJob
    /// The file to read.
    public var input: String
    /// 16 bytes for each of the order's key numbers.
    public var keys: [UInt32: [UInt8]]
    /// An empty or absent directory for each ordinal's segments.
    public var directories: [UInt16: String]
    /// How segments are wrapped; their files have the names that belong to it.
    public var packaging: Packaging
    /// Seconds the step may take.
    public var seconds: Int64
    /// Seconds it may be silent.
    public var silence: Int64
    /// How far its priority is lowered (0…19), so that what is urgent goes first.
    public var niceness: Int32
    /// Its turn at the disk.
    public var disk: DiskPriority
    /// What stands round it; `nil` is nothing.
    public var enclosure: Enclosure?

    /// What the helper is told.
    public var order: MediaOrder { MediaOrder(job, packaging: packaging) }

    /// - Parameters: as the properties.
    public init(
        program: String, job: MediaJob, input: String, keys: [UInt32: [UInt8]] = [:],
        directories: [UInt16: String] = [:], packaging: Packaging = .ts, seconds: Int64, silence: Int64 = 120,
        niceness: Int32 = 0, disk: DiskPriority = .unchanged, enclosure: Enclosure? = nil
    ) {
        self.program = program
        self.job = job
        self.input = input
        self.keys = keys
        self.directories = directories
        self.packaging = packaging
        self.seconds = seconds
        self.silence = silence
        self.niceness = niceness
        self.disk = disk
        self.enclosure = enclosure
    }
}

/// A segment, or another file of a rendition, that was written.
public struct MadeSegment: Equatable, Sendable {
    /// Of which rendition.
    public var ordinal: UInt16
    /// Its number in the plan.
    public var number: Int
    /// When it begins.
    public var start: Ticks
    /// How long it plays.
    public var duration: Ticks
    /// Bytes of its file.
    public var bytes: Int64
    /// What it holds.
    public var kind: FrameKind

    /// - Parameters: as the properties.
    public init(
        ordinal: UInt16, number: Int, start: Ticks, duration: Ticks, bytes: Int64, kind: FrameKind = .picture
    ) {
        self.ordinal = ordinal
        self.number = number
        self.start = start
        self.duration = duration
        self.bytes = bytes
        self.kind = kind
    }
}

/// What a step brought.
public struct HelperResult: Equatable, Sendable {
    /// What `inspect` found.
    public var facts: SourceFacts?
    /// What `probe` found.
    public var probe: ContentProbe?
    /// Constants of the renditions made.
    public var renditions: [RenditionFacts] = []
    /// The segments, in the order of their making.
    public var segments: [MadeSegment] = []
    /// Frames of picture that went through.
    public var frames = 0
    /// What the helper's jail did.
    public var jail: JailReport?
}

/// Why a step brought nothing.
public enum HelperFailure: Error, Equatable, CustomStringConvertible {
    /// The helper says why; the detail is for the log.
    case refused(MediaFailure, detail: String)
    /// It ended without a result; the text is the end of its log.
    case died(ChildEnd, log: String)
    /// It took too long, or was silent for too long.
    case timedOut
    /// It said or wrote what it must not.
    case broken(String)
    /// `watch` said so.
    case stopped
    /// The worker's own system call failed.
    case system(SystemError)

    /// For the log.
    public var description: String {
        switch self {
        case .refused(let code, let detail): "\(code.rawValue): \(detail)"
        case .died(let end, let log): "\(end): \(log)"
        case .timedOut: "timed out"
        case .broken(let what): "broke the agreement: \(what)"
        case .stopped: "stopped"
        case .system(let error): error.description
        }
    }
}
