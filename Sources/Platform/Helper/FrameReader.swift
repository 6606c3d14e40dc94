internal import Media
internal import POSIX

/// Takes the helper's segments in, checks them against what was asked, and writes them.
struct FrameReader {
    let directories: [UInt16: String]
    let packaging: Packaging
    let bounds: FrameBounds
    let most: Int64

    private(set) var segments: [MadeSegment] = []
    private var seen: Set<UInt64> = []
    private var head: [UInt8] = []
    private var header: FrameHeader?
    private var body: [UInt8] = []
    private var total: Int64 = 0

    init(directories: [UInt16: String], packaging: Packaging, bounds: FrameBounds, most: Int64) {
        self.directories = directories
        self.packaging = packaging
        self.bounds = bounds
        self.most = most
    }

    /// Whether the stream may end here.
    var isBetweenFrames: Bool { header == nil && head.isEmpty }

    /// Takes in bytes as they come; a segment is on the device when this returns with its last byte.
    mutating func take(_ bytes: ArraySlice<UInt8>) throws(HelperFailure) {
        total += Int64(bytes.count)
        if total > most { throw .broken("more output than allowed") }
        var rest = bytes
        while !rest.isEmpty {
            guard let header else {
                let part = rest.prefix(FrameHeader.size - head.count)
                head.append(contentsOf: part)
                rest = rest.dropFirst(part.count)
                if head.count == FrameHeader.size { try begin() }
                continue
            }
            let part = rest.prefix(Int(header.length) - body.count)
            body.append(contentsOf: part)
            rest = rest.dropFirst(part.count)
            if body.count == Int(header.length) { try finish(header) }
        }
    }

    private mutating func begin() throws(HelperFailure) {
        guard let frame = FrameHeader(head) else { throw .broken("a segment's header") }
        head = []
        guard directories[frame.ordinal] != nil else { throw .broken("a rendition that was not asked for") }
        if let objection = bounds.objection(to: frame, packaging) { throw .broken(objection) }
        // A rendition has one initialization section, whatever number it comes with.
        let isFirst = frame.kind == .initialisation
        let mark = UInt64(frame.ordinal) << 32 | (isFirst ? 1 << 48 : UInt64(frame.segment))
        guard seen.insert(mark).inserted else { throw .broken("a segment twice") }
        header = frame
        body.reserveCapacity(Int(frame.length))
    }

    private mutating func finish(_ frame: FrameHeader) throws(HelperFailure) {
        guard let directory = directories[frame.ordinal] else { throw .broken("a rendition that was not asked for") }
        if let objection = bounds.objection(to: frame, body.span) { throw .broken(objection) }
        do throws(SystemError) {
            let file = try Descriptor(creating: "\(directory)/\(frame.kind.fileName(Int(frame.segment), packaging))")
            try file.write(body.span)
            try file.sync()
        } catch { throw .system(error) }
        segments.append(
            MadeSegment(
                ordinal: frame.ordinal, number: Int(frame.segment), start: frame.start,
                duration: Ticks(frame.duration), bytes: Int64(frame.length), kind: frame.kind))
        header = nil
        body.removeAll(keepingCapacity: true)
    }
}
