internal import AV
internal import Media

/// One rendition on its way: collects packets into segments and hands each out when it is whole.
final class RenditionWriter {
    private let ordinal: UInt16
    private let isAudio: Bool
    private let plan: SegmentPlan
    private let output: SegmentOutput
    private var packager: (any Packager)?
    private var isOpen = false
    private var first: Ticks = 0
    /// The segment that is being written.
    private(set) var segment: Int
    /// When the rendition ends; for the last segment's length.
    private let end: Ticks

    init(ordinal: UInt16, isAudio: Bool, plan: SegmentPlan, from: Int, end: Ticks, _ output: SegmentOutput) {
        self.ordinal = ordinal
        self.isAudio = isAudio
        self.plan = plan
        self.end = end
        self.output = output
        segment = from
    }

    /// Adds a packet to segment `number`, which must be the present one or a later one.
    ///
    /// - Parameters:
    ///   - presentation: when it is shown.
    ///   - decoding: when it is decoded.
    func add(
        _ packet: borrowing Packet, to number: Int, presentation: Ticks, decoding: Ticks, _ parameters: Parameters
    ) throws {
        if number > segment { try finish(at: presentation, decoding: decoding) }
        if !isOpen {
            segment = max(segment, number)
            first = presentation
            isOpen = true
        }
        packet.presentation = presentation + Ticks.streamOffset
        packet.decoding = decoding + Ticks.streamOffset
        try packager(parameters, packet).write(packet)
    }

    /// Hands out the segment that was being written.
    ///
    /// - Parameters:
    ///   - time: where the sound goes on, or ends.
    ///   - decoding: when what follows is decoded; `nil` when nothing does.
    func finish(at time: Ticks? = nil, decoding: Ticks? = nil) throws {
        guard isOpen, let packager else { return }
        isOpen = false
        let bytes = try packager.finish(segment: segment, next: (decoding ?? time).map { $0 + Ticks.streamOffset })
        let planned = segment + 1 < plan.count ? plan.start(of: segment + 1) : end
        let start = isAudio ? first : plan.start(of: segment)
        let until = isAudio ? (time ?? end) : max(planned, start + 1)
        try output.emit(
            ordinal: ordinal, isAudio ? .sound : .picture, segment: segment, start: start,
            duration: max(1, until - start), bytes)
        segment += 1
    }

    private func packager(_ parameters: Parameters, _ first: borrowing Packet) throws -> any Packager {
        if let packager { return packager }
        let made: any Packager
        switch output.packaging {
        case .ts: made = StreamPackager(parameters)
        case .cmaf:
            let fragments = try FragmentPackager(parameters, first, isAudio: isAudio, segment: segment)
            try output.emit(
                ordinal: ordinal, .initialisation, segment: segment, start: plan.start(of: segment), duration: 1,
                fragments.initialization)
            made = fragments
        }
        packager = made
        return made
    }
}
