internal import AV
internal import Media

/// What a full pass over the packets says about the picture.
final class VideoScan {
    /// A frame's packet.
    struct Entry {
        var shown: Ticks
        var decoded: Ticks
        /// Decoding can start here: an IDR frame in H.264, what libav flags elsewhere.
        var isStart: Bool
        var length: Ticks
    }

    let stream: StreamFacts
    private let decoder: Decoder
    private let configuration: H264.Configuration
    private let isH264: Bool

    /// In the file's own clock; in order of presentation after `conclude`.
    private(set) var entries: [Entry] = []
    private(set) var bytes: Int64 = 0
    private(set) var decodes = false
    /// Container, parameter sets, picture headers or decoded pictures speak of fields.
    private(set) var interlaced: Bool
    /// What its colours mean, from the first decoded picture; where that is silent, from the container.
    private(set) var colour = ColourFacts()
    /// The largest decoded picture.
    private(set) var pixels: Int64 = 0
    /// The first decoded picture, for containers that don't say.
    private(set) var size = (width: 0, height: 0)
    /// Frames that come a second or more before one that was read already: two recordings in one file.
    private(set) var framesOfThePast = 0
    private var latest = Ticks.min
    private(set) var timestampsSane = true
    private(set) var parametersSteady = true
    private(set) var sequence: H264.SequenceParameters?
    private(set) var hasClosedCaptions = false
    private var firstSequence: [UInt8]?
    private var tried = 0
    /// Frames at the beginning without a decoding time.
    private var unstamped = 0
    private(set) var startsAreFar = false
    private var flaggedStarts: [(shown: Ticks, decoded: Ticks)] = []

    var frames: Int { entries.count }
    /// Samples in a row, as the container has it; where it is silent, as decoded.
    var width: Int { stream.width > 0 ? stream.width : size.width }
    /// Rows.
    var height: Int { stream.height > 0 ? stream.height : size.height }
    /// When the frames are shown that libav takes for places to start at, in the file's order and clock.
    var keyTimes: [Ticks] { flaggedStarts.map(\.shown) }

    init(_ stream: StreamFacts, _ decoder: Decoder) {
        self.stream = stream
        self.decoder = decoder
        interlaced = stream.isInterlaced
        isH264 = stream.codec == "h264"
        configuration = H264.Configuration(isH264 ? stream.extradata : [])
        firstSequence = configuration.sequences.first
        sequence = firstSequence.flatMap { H264.SequenceParameters($0) }
        if configuration.sequences.contains(where: { $0 != firstSequence }) { parametersSteady = false }
    }

    func add(_ packet: borrowing Packet) throws {
        try tryDecoding(packet)
        bytes += Int64(packet.size)
        // Frames before an edit are decoded and never shown; copying would show them.
        if packet.isHidden {
            timestampsSane = false
            return
        }
        let shown = (packet.presentation ?? packet.decoding).map { stream.timeBase.convert($0, to: .ticks) }
        let decoded = packet.decoding.map { stream.timeBase.convert($0, to: .ticks) }
        // Matroska has no decoding times; libav knows them only after as many frames as are reordered.
        if decoded == nil, entries.count == unstamped, unstamped < 16 {
            unstamped += 1
        } else if packet.presentation == nil || decoded == nil {
            timestampsSane = false
        }
        let last = entries.last
        if let decoded, let last, entries.count > unstamped, decoded <= last.decoded { timestampsSane = false }
        let time = shown ?? last.map { $0.shown + max($0.length, 1) } ?? 0
        if let decoded, decoded > time { timestampsSane = false }
        let moment = decoded ?? time
        if latest != .min, moment < latest - Ticks.perSecond { framesOfThePast += 1 }
        latest = max(latest, moment)
        var isStart = packet.isKey
        if isH264 { isStart = look(at: packet) }
        if !interlaced, stream.codec == "mpeg2video" { interlaced = packet.withBytes { MPEG2.hasFields($0) } }
        if packet.isKey { flaggedStarts.append((time, decoded ?? time)) }
        let length = packet.duration > 0 ? stream.timeBase.convert(packet.duration, to: .ticks) : 0
        entries.append(Entry(shown: time, decoded: decoded ?? time, isStart: isStart, length: length))
    }

    /// Whether it is an IDR picture; and whether parameter sets stay what they were.
    private func look(at packet: borrowing Packet) -> Bool {
        if packet.changesParameters { parametersSteady = false }
        // Damage can be decoded, but not copied.
        if !packet.withBytes({ H264.isWhole($0, lengthSize: configuration.lengthSize) }) { parametersSteady = false }
        let picture = packet.withBytes { H264.inspect($0, lengthSize: configuration.lengthSize) }
        if !hasClosedCaptions {
            hasClosedCaptions = packet.withBytes {
                H264.hasClosedCaptions($0, lengthSize: configuration.lengthSize)
            }
        }
        if let set = picture.sequenceParameters {
            if firstSequence == nil {
                firstSequence = set
                sequence = H264.SequenceParameters(set)
            } else if set != firstSequence {
                parametersSteady = false
            }
        }
        // In start codes each IDR picture brings its own parameter sets; a container has them apart.
        if picture.isIDR, configuration.lengthSize == 0,
            picture.sequenceParameters == nil || !picture.hasPictureParameters
        {
            parametersSteady = false
        }
        return picture.isIDR
    }

    private func tryDecoding(_ packet: borrowing Packet) throws {
        guard !decodes, tried < 400 else { return }
        tried += 1
        let frame = try Frame()
        try decoder.send(packet)
        try take(frame)
    }

    private func take(_ frame: borrowing Frame) throws {
        while try decoder.receive(into: frame) == .frame {
            if !decodes {
                readColours(frame.colours)
                size = (frame.width, frame.height)
            }
            decodes = true
            pixels = max(pixels, Int64(frame.width) * Int64(frame.height))
            if frame.isInterlaced { interlaced = true }
        }
    }

    private func readColours(_ own: ColourTags) {
        let tags = own.completed(by: stream.colours)
        colour = ColourFacts(
            primaries: tags.primaries, transfer: tags.transfer, matrix: tags.matrix,
            isFullRange: tags.isFullRange ?? false, peak: tags.peak
        ).completed(width: stream.width, height: stream.height)
    }

    /// Ends the pass: sorts, and settles what is open.
    func conclude() throws {
        if !decodes {
            decoder.finish()
            try take(try Frame())
        }
        if sequence?.framesOnly == false { interlaced = true }
        stampBeginning()
        // A broadcast in H.264 may have recovery points only; decoding can start there, copying can't.
        if isH264 {
            let starts = entries.lazy.filter(\.isStart).map(\.shown)
            var widest: Ticks = 0
            var last = entries.first?.shown ?? 0
            for time in starts {
                widest = max(widest, time - last)
                last = time
            }
            widest = max(widest, (entries.last?.shown ?? 0) - last)
            if widest > 2 * RemuxRule.longestIDRGap {
                startsAreFar = true
                let flagged = Set(flaggedStarts.map(\.decoded))
                for index in entries.indices where flagged.contains(entries[index].decoded) {
                    entries[index].isStart = true
                }
            }
        }
        entries.sort { $0.shown < $1.shown }
        var kept: [Entry] = []
        kept.reserveCapacity(entries.count)
        for entry in entries {
            if let last = kept.last, last.shown == entry.shown {
                timestampsSane = false
            } else {
                kept.append(entry)
            }
        }
        entries = kept
    }

    private func stampBeginning() {
        guard unstamped > 0, entries.count > unstamped else {
            if unstamped > 1 { timestampsSane = false }
            return
        }
        let known = entries[unstamped].decoded
        for index in 0..<unstamped {
            entries[index].decoded = known - Ticks(unstamped - index) * stream.nominalLength
            if entries[index].decoded > entries[index].shown { timestampsSane = false }
        }
    }

    /// When the first frame comes and the last one goes, in the file's own clock.
    var range: Range<Ticks>? {
        guard let first = entries.min(by: { $0.shown < $1.shown }), let last = entries.max(by: { $0.shown < $1.shown })
        else { return nil }
        return first.shown..<last.shown + lastLength
    }

    /// How long the last frame stands: as the file says, or as frames do on average.
    private var lastLength: Ticks {
        let last = entries.max { $0.shown < $1.shown }
        if let last, last.length > 0, last.length <= 60 * Ticks.perSecond { return last.length }
        return stream.nominalLength
    }

    /// Frames a second: as the container has it where the count of frames agrees, else by counting.
    func frameRate(over duration: Ticks) -> Ratio {
        let (top, bottom) = stream.frameRate
        let counted = Double(entries.count) * Double(Ticks.perSecond) / Double(max(1, duration))
        if let said = Ratio(Int64(top), Int64(bottom)) {
            let value = Double(said.numerator) / Double(said.denominator)
            if entries.count < 3 || abs(value - counted) <= 0.05 * counted { return said }
        }
        return Ratio(max(1, Int64(counted * 1000)), 1000) ?? .one
    }
}

extension StreamFacts {
    /// How long a frame lasts at the rate the container announces; 40 ms where it announces none.
    var nominalLength: Ticks {
        let (top, bottom) = frameRate
        guard top > 0, bottom > 0 else { return Ticks.perSecond / 25 }
        return max(1, min(60 * Ticks.perSecond, Ticks.perSecond * Int64(bottom) / Int64(top)))
    }
}
