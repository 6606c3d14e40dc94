public import Core

/// What the gate says. Closed: a new outcome makes every `switch` over it fail to compile.
public enum Verdict: Equatable, Sendable {
    /// The file may be sent.
    case allow
    /// It may not, and why.
    case refuse(Refusal)
}

/// What nginx asks for: the location decides, by its parameter `RG_KIND`.
public enum Question: Sendable, Equatable {
    /// May this static file be sent (`f`)?
    case file
    /// Answer this key (`k`).
    case key
    /// Answer this playlist (`l`).
    case playlist
    /// Make a cookie of the token (`c`).
    case cookie

    init?(_ bytes: Span<UInt8>) {
        guard bytes.count == 1 else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "f"): self = .file
        case UInt8(ascii: "k"): self = .key
        case UInt8(ascii: "l"): self = .playlist
        case UInt8(ascii: "c"): self = .cookie
        default: return nil
        }
    }
}
