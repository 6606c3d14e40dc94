internal import AV
internal import Media

/// What a full pass over the packets says about a sound track.
final class AudioScan {
    /// Samples a second that a track may have.
    static let rates = 1000...768_000

    let stream: StreamFacts
    private let decoder: Decoder

    private(set) var decodes = false
    private var bytes: Int64 = 0
    private var first: Ticks?
    private var end: Ticks = 0
    private var last: Ticks?
    private var largestHole: Ticks = 0
    private var timestampsSane = true
    private var tried = 0
    private var packets = 0

    init(_ stream: StreamFacts, _ decoder: Decoder) {
        self.stream = stream
        self.decoder = decoder
    }

    func add(_ packet: borrowing Packet) throws {
        try tryDecoding(packet)
        bytes += Int64(packet.size)
        packets += 1
        guard let time = (packet.presentation ?? packet.decoding).map({ stream.timeBase.convert($0, to: .ticks) })
        else {
            timestampsSane = false
            return
        }
        let length = packet.duration > 0 ? stream.timeBase.convert(packet.duration, to: .ticks) : 0
        // What an edit hides is the encoder's lead-in; it neither begins the track nor is it missed.
        if packet.isHidden {
            end = max(end, time + length)
            return
        }
        if let last {
            if time <= last { timestampsSane = false }
            largestHole = max(largestHole, time - end)
        }
        if first == nil { first = time }
        last = time
        end = max(end, time + length)
    }

    private func tryDecoding(_ packet: borrowing Packet) throws {
        guard !decodes, tried < 400 else { return }
        tried += 1
        let frame = try Frame()
        try decoder.send(packet)
        while try decoder.receive(into: frame) == .frame { if frame.samples > 0 { decodes = true } }
    }

    /// In the file's own clock.
    var range: Range<Ticks>? { first.flatMap { $0 < end ? $0..<end : nil } }

    func facts(origin: Ticks, duration: Ticks) -> AudioFacts {
        let start = (first ?? 0) - origin
        let traits = AudioTraits(
            codec: stream.codec,
            isPlainLC: AAC.isPlainLC(stream.extradata, profile: stream.profile, channels: stream.channels),
            channels: stream.channels, start: start, end: end - origin, largestHole: largestHole,
            timestampsSane: timestampsSane)
        return AudioFacts(
            stream: stream.index, codec: stream.codec, channels: min(stream.channels, 64),
            sampleRate: max(1, stream.sampleRate),
            language: stream.language == "und"
                ? "" : String(stream.language.unicodeScalars.prefix(8).map { Character($0) }),
            start: start, end: end - origin, bytes: bytes, copy: RemuxRule.audio(traits, duration: duration),
            title: PlaylistName.clean(stream.title) ?? "", isDescriptive: stream.isDescriptive)
    }
}
