internal import AV
internal import Media

/// Takes pictures out of a film in one pass: pictures for winding, small ones on sheets, and the one that stands for
/// the film.
final class Stills {
    private let source: SourceFacts
    private let plan: StillsPlan
    private let wanted: StillsJob
    private let output: SegmentOutput
    private let pictures: StillSource
    private let scaler: Scaler
    private let posterScaler: Scaler
    private let encoder: IntraEncoder
    private var parameters: Parameters?
    /// The sheet that is being filled.
    private var sheet = 0
    private var canvas: Canvas
    /// Pictures for winding that were made.
    private var frames = 0
    private var candidates: [Candidate] = []

    /// A picture that may become the poster.
    private struct Candidate {
        var picture: StillsPlan.Picture
        var traits: PictureTraits
    }

    /// Candidates that are looked at a second time.
    private static let finalists = 4
    /// A picture that is another one so much later is in a fade, or just before a cut.
    private static let moment: Ticks = Ticks.perSecond * 2 / 5

    init(
        _ demuxer: Demuxer, _ source: SourceFacts, _ wanted: StillsJob, _ limits: MediaLimits, _ output: SegmentOutput
    ) throws {
        guard let plan = StillsPlan(source), let video = source.video else { throw StepFailure(.badJob, "stills") }
        self.source = source
        self.plan = plan
        self.wanted = wanted
        self.output = output
        pictures = try StillSource(demuxer, source, limits, largest: plan.posterSize)
        scaler = try Scaler(
            width: plan.frameSize.width, height: plan.frameSize.height, rotation: video.rotation,
            colours: video.encodedColours)
        posterScaler = try Scaler(
            width: plan.posterSize.width, height: plan.posterSize.height, rotation: video.rotation,
            colours: video.encodedColours)
        encoder = try IntraEncoder.make(width: plan.frameSize.width, height: plan.frameSize.height)
        let size = plan.tiles.size(of: 0)
        canvas = try Canvas(width: size.width, height: size.height)
    }

    func run() throws {
        Helper.say(.rendition(RenditionFacts(wanted.images, "jpeg", plan.tiles.tile)))
        Helper.say(.rendition(RenditionFacts(wanted.poster, "jpeg", plan.posterSize)))
        // What damage took is shown as what was there before it, or after it at the beginning.
        var missing: [StillsPlan.Picture] = []
        var hasPicture = false
        for picture in plan.pictures {
            if try pictures.find(picture.time, from: picture.from) {
                hasPicture = true
                try scaled { scaled in
                    for earlier in missing { try self.use(scaled, for: earlier) }
                    try self.use(scaled, for: picture)
                    try self.consider(scaled, picture)
                }
                missing = []
            } else if hasPicture {
                try scaled { try self.use($0, for: picture) }
            } else {
                missing.append(picture)
            }
        }
        guard hasPicture else { throw StepFailure(.changed, "no picture decodes") }
        try makePoster()
        Helper.say(.done(segments: output.count, frames: pictures.decoded))
    }

    /// Hands the picture found last to `body` at the size of pictures for winding.
    private func scaled<R>(_ body: (borrowing Frame) throws -> R) throws -> R {
        try pictures.withPicture { try self.scaler.scale($0, body) }
    }

    private func use(_ scaled: borrowing Frame, for picture: StillsPlan.Picture) throws {
        if let number = picture.frame { try encode(scaled, number, at: picture.time) }
        for tile in picture.tiles {
            let place = plan.tiles.place(of: tile)
            try canvas.put(
                scaled, x: place.x, y: place.y, width: plan.tiles.tile.width, height: plan.tiles.tile.height)
            if tile + 1 == plan.tiles.tiles(of: sheet).upperBound { try finishSheet() }
        }
    }

    private func encode(_ scaled: borrowing Frame, _ number: Int, at time: Ticks) throws {
        try encoder.encode(scaled, at: time + Ticks.streamOffset) { packet in
            let parameters = try self.announce(packet)
            // Transport streams whatever the packaging: each stands alone without an initialization section.
            let packager = StreamPackager(parameters)
            packet.presentation = time + Ticks.streamOffset
            packet.decoding = time + Ticks.streamOffset
            try packager.write(packet)
            try self.output.emit(
                ordinal: self.wanted.frames, .wholePicture, segment: number, start: time,
                duration: self.plan.duration(ofFrame: number), try packager.finish(segment: number, next: nil))
            self.frames += 1
            Helper.say(.progress(segment: self.source.plan.segment(at: time), frames: self.pictures.decoded))
        }
        guard frames == number + 1 else { throw StepFailure(.library, "x264 holds a picture back") }
    }

    private func announce(_ packet: borrowing Packet) throws -> Parameters {
        if let parameters { return parameters }
        let made = try encoder.parameters()
        parameters = made
        let set = packet.withBytes { H264.inspect($0, lengthSize: 0).sequenceParameters }
        guard let sequence = set.flatMap({ H264.SequenceParameters($0) }) else {
            throw StepFailure(.library, "no parameter set")
        }
        Helper.say(.rendition(RenditionFacts(wanted.frames, sequence.codecs, plan.frameSize)))
        return made
    }

    private func finishSheet() throws {
        let time = plan.tiles.time(of: sheet)
        try output.emit(
            image: try canvas.jpeg(quality: 5), ordinal: wanted.images, number: sheet, start: time.lowerBound,
            duration: time.upperBound - time.lowerBound)
        sheet += 1
        guard sheet < plan.tiles.sheets else { return }
        let size = plan.tiles.size(of: sheet)
        canvas = try Canvas(width: size.width, height: size.height)
    }

    // MARK: The poster

    private func consider(_ scaled: borrowing Frame, _ picture: StillsPlan.Picture) throws {
        let traits = scaled.withPlanes { luma, stride, u, v, chroma in
            PictureTraits(
                luma: luma, stride: stride, width: self.plan.frameSize.width, height: self.plan.frameSize.height, u: u,
                v: v, chromaStride: chroma)
        }
        if let traits { candidates.append(Candidate(picture: picture, traits: traits)) }
    }

    private func score(_ candidate: Candidate, movement: Int? = nil) -> Int {
        PosterScore.score(
            candidate.traits, position: Int(candidate.picture.time * 1000 / max(1, plan.end)), movement: movement)
    }

    private func makePoster() throws {
        let order = PosterScore.best(candidates.map { score($0) }, Self.finalists)
        var chosen: (score: Int, picture: StillsPlan.Picture)?
        for index in order {
            let candidate = candidates[index]
            let made = score(candidate, movement: try movement(candidate.picture))
            if chosen.map({ made > $0.score }) ?? true { chosen = (made, candidate.picture) }
        }
        guard let picture = chosen?.picture, try pictures.find(picture.time, from: picture.from) else {
            throw StepFailure(.changed, "poster")
        }
        let size = plan.posterSize
        let poster = try Canvas(width: size.width, height: size.height)
        try pictures.withPicture { found in
            try self.posterScaler.scale(found) { scaled in
                try poster.put(scaled, x: 0, y: 0, width: size.width, height: size.height)
            }
        }
        try output.emit(
            image: try poster.jpeg(quality: 4), ordinal: wanted.poster, number: 0, start: 0, duration: plan.end)
    }

    /// How much the picture changes within a moment, as the mean difference of brightness.
    private func movement(_ picture: StillsPlan.Picture) throws -> Int? {
        let later = picture.time + Self.moment
        guard later < plan.end, try pictures.find(picture.time, from: picture.from) else { return nil }
        let before = try brightness()
        guard try pictures.find(later, from: picture.from) else { return nil }
        let after = try brightness()
        guard before.count == after.count, !before.isEmpty else { return nil }
        var sum = 0
        for index in before.indices { sum += abs(Int(before[index]) - Int(after[index])) }
        return sum / before.count
    }

    /// The brightness of each eighth sample of each eighth row of the picture found last.
    private func brightness() throws -> [UInt8] {
        let size = plan.frameSize
        return try scaled { scaled in
            scaled.withPlanes { luma, stride, _, _, _ in
                var all: [UInt8] = []
                for y in Swift.stride(from: 0, to: size.height, by: 8) {
                    for x in Swift.stride(from: 0, to: size.width, by: 8) { all.append(luma[y * stride + x]) }
                }
                return all
            } ?? []
        }
    }
}

extension RenditionFacts {
    fileprivate init(_ ordinal: UInt16, _ codecs: String, _ size: PictureSize) {
        self.init(ordinal: ordinal, codecs: codecs, width: size.width, height: size.height)
    }
}
