internal import Media

/// What a step may write, so that a helper in foreign hands can publish nothing but what it was asked for.
enum FrameBounds {
    /// Segments of some renditions.
    case slice(SegmentPlan, Range<Int>)
    /// Pictures taken out of a film.
    case stills(StillsPlan, StillsJob)

    /// Bytes of one segment: 12 s at the highest rate that level 4.2 allows, and some.
    static let largest: UInt64 = 160 << 20
    /// Bytes of a picture for winding.
    static let largestPicture: UInt64 = 8 << 20
    /// Bytes of a sheet or a poster.
    static let largestImage: UInt64 = 8 << 20
    /// A segment's time may reach this far beyond the plan's.
    static let tolerance: Ticks = 3 * Ticks.perSecond

    /// For what a job asks; `nil` where it asks for no files.
    init?(_ job: MediaJob) {
        switch job {
        case .inspect, .loudness, .probe: return nil
        case .remux(let source, let from, let to, _, _, _), .encode(let source, let from, let to, _, _),
            .audio(let source, let from, let to, _, _):
            self = .slice(source.plan, from..<max(from, to))
        case .captions(let source, _, _): self = .slice(source.plan, 0..<1)
        case .stills(let source, let wanted, _):
            guard let plan = StillsPlan(source) else { return nil }
            self = .stills(plan, wanted)
        }
    }

    /// Why a file must not be written, by what stands before it; `nil` when it may.
    func objection(to frame: FrameHeader, _ packaging: Packaging) -> String? {
        guard frame.length > 0, !frame.kind.isEncrypted || frame.length % 16 == 0 else { return "a segment's length" }
        let number = Int(frame.segment)
        switch self {
        case .slice(let plan, let range):
            guard frame.kind != .wholePicture, frame.kind != .image else { return "a kind that was not asked for" }
            if frame.kind == .initialisation, packaging != .cmaf {
                return "an initialization section nobody asked for"
            }
            guard range.contains(number), number < plan.count else { return "a segment that was not asked for" }
            guard frame.length <= Self.largest else { return "a segment's length" }
            let planned = plan.start(of: number + 1) - plan.start(of: number)
            guard frame.duration > 0, Ticks(frame.duration) <= planned + 2 * Self.tolerance,
                frame.start >= plan.start(of: number) - Self.tolerance,
                frame.start <= plan.start(of: number + 1) + Self.tolerance
            else { return "a segment's time" }
        case .stills(let plan, let wanted): return objection(to: frame, plan, wanted)
        }
        return nil
    }

    private func objection(to frame: FrameHeader, _ plan: StillsPlan, _ wanted: StillsJob) -> String? {
        let number = Int(frame.segment)
        let kind: FrameKind
        let time: Range<Ticks>
        switch frame.ordinal {
        case wanted.frames where plan.frames.indices.contains(number):
            kind = .wholePicture
            time = plan.frames[number]..<plan.frames[number] + plan.duration(ofFrame: number)
        case wanted.images where number < plan.tiles.sheets:
            kind = .image
            time = plan.tiles.time(of: number)
        case wanted.poster where number == 0:
            kind = .image
            time = 0..<plan.end
        default: return "a picture that was not asked for"
        }
        guard frame.kind == kind else { return "a kind that was not asked for" }
        guard frame.length <= (kind == .image ? Self.largestImage : Self.largestPicture) else {
            return "a picture's length"
        }
        guard frame.start == time.lowerBound, Ticks(frame.duration) == time.upperBound - time.lowerBound else {
            return "a picture's time"
        }
        return nil
    }

    /// Why a file must not be written, by what it holds; `nil` when it may.
    func objection(to frame: FrameHeader, _ bytes: Span<UInt8>) -> String? {
        guard frame.kind == .image else { return nil }
        guard case .stills(let plan, let wanted) = self else { return "an image that was not asked for" }
        let size = frame.ordinal == wanted.poster ? plan.posterSize : plan.tiles.size(of: Int(frame.segment))
        return JPEG.size(of: bytes) == size ? nil : "an image that is none, or of another size"
    }

    /// Why this is not all; `nil` when it is, or when the caller counts himself.
    func omission(in made: [MadeSegment]) -> String? {
        guard case .stills(let plan, _) = self else { return nil }
        return made.count == plan.frames.count + plan.tiles.sheets + 1 ? nil : "pictures are missing"
    }
}
