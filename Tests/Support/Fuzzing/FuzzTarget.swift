internal import Core

/// Something that reads bytes of strangers. Each target takes any bytes, and says what is wrong with what came of them:
/// a crash is not the only fault, so is an answer that contradicts another reader of the same bytes.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// Playback, download and access tokens: the compact form as it came, and a header and claims (two lines) under a valid MAC.
    case token
    /// Common Access Tokens: the bytes as they came, and the same as claims under a valid MAC.
    case cat
    /// Firebase ID tokens, and the certificates they are checked with.
    case idtoken
    /// A form: its content type in the first line, the body behind; read whole and in small pieces.
    case multipart
    /// What stands in a request's line and headers: path, query, media type, origin, language, numbers.
    case target
    /// The gate's ten parameters, a line each; bytes 1…6 stand for valid tokens.
    case gate
    /// A JSON document.
    case json

    /// Feeds one input.
    ///
    /// - Returns: `nil`, or what is wrong.
    public func run(_ input: Span<UInt8>) -> String? {
        switch self {
        case .token: TokenFuzz.run(input)
        case .cat: CATFuzz.run(input)
        case .idtoken: IDTokenFuzz.run(input)
        case .multipart: FormFuzz.run(input)
        case .target: RequestFuzz.run(input)
        case .gate: GateFuzz.run(input)
        case .json: Self.json(input)
        }
    }

    /// What is read must be read again from what is written of it.
    private static func json(_ input: Span<UInt8>) -> String? {
        guard let value = try? JSON(parsing: input) else { return nil }
        guard let again = try? JSON(parsing: value.bytes) else { return "what was written is not read" }
        return again == value ? nil : "what was written is read as something else"
    }
}

extension Span<UInt8> {
    /// The bytes in front of the first line feed, and those behind it.
    var firstLine: (line: [UInt8], rest: [UInt8]) {
        let end = firstIndex(of: 10) ?? count
        return (extracting(0..<end).copied, extracting(Swift.min(end + 1, count)..<count).copied)
    }
}
