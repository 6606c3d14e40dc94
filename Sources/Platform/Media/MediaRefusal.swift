public import Core

extension MediaFailure {
    /// What a client is told of a file that was refused, as tasks and answers show it; `nil` where the failure says
    /// nothing of the file.
    public var refusal: Refusal? {
        switch self {
        case .unreadable: .notMedia
        case .extensionMismatch: .fileType
        case .nothingPlayable: .noStreams
        case .codec: .codec
        case .truncated: .truncated
        case .encrypted: .encrypted
        case .tooManyStreams: .streams
        case .tooManyPixels: .pixels
        case .tooLong: .duration
        case .tooManyFrames: .frames
        case .tooMuchOutput: .output
        case .badJob, .changed, .keyMissing, .jail, .memory, .output, .library: nil
        }
    }
}
