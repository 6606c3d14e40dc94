internal import Core
internal import Media

/// Takes the helper's lines apart and keeps what they say.
struct EventReader {
    /// Bytes of a line.
    static let longestLine = 1 << 20
    /// Bytes of all lines.
    static let most = 1 << 26

    var facts: SourceFacts?
    var probe: ContentProbe?
    var renditions: [RenditionFacts] = []
    var jail: JailReport?
    var progress: (segment: Int, frames: Int) = (0, 0)
    var done: (segments: Int, frames: Int)?
    var failure: (code: MediaFailure, detail: String)?
    private var line: [UInt8] = []
    private var total = 0

    /// Takes in bytes as they come.
    ///
    /// - Throws: `.broken` for a line too long or not in the form agreed.
    mutating func take(_ bytes: ArraySlice<UInt8>) throws(HelperFailure) {
        total += bytes.count
        if total > Self.most { throw .broken("too many events") }
        var rest = bytes
        while let end = rest.firstIndex(of: 10) {
            line.append(contentsOf: rest[rest.startIndex..<end])
            rest = rest[(end + 1)...]
            if line.count > Self.longestLine { throw .broken("an event too long") }
            let whole = line
            line = []
            if !whole.isEmpty { try event(whole) }
        }
        line.append(contentsOf: rest)
        if line.count > Self.longestLine { throw .broken("an event too long") }
    }

    private mutating func event(_ bytes: [UInt8]) throws(HelperFailure) {
        let event: MediaEvent
        do throws(MediaMessageError) { event = try MediaEvent(parsing: bytes) } catch {
            throw .broken("an event's \(error.field)")
        }
        switch event {
        case .jail(let report): jail = report
        case .facts(let facts): self.facts = facts
        case .probed(let probe): self.probe = probe
        case .rendition(let facts):
            if renditions.count >= 32 || renditions.contains(where: { $0.ordinal == facts.ordinal }) {
                throw .broken("a rendition told twice")
            }
            renditions.append(facts)
        case .progress(let segment, let frames): progress = (segment, frames)
        case .done(let segments, let frames): done = (segments, frames)
        case .failed(let code, let detail): if failure == nil { failure = (code, detail) }
        }
    }
}
