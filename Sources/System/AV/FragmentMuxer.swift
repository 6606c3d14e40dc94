internal import CFFmpeg

/// Writes one elementary stream as fragments of an ISO base media file (ISO 14496-12, MPEG-4 part 12) into memory, from
/// any place of the lesson on.
///
/// Each fragment says when it is decoded (`tfdt`) in our own times, unshifted; there are no edit lists. What comes before
/// the first fragment depends on how the stream is coded alone, so that independent muxers of one rendition agree on it
/// to the byte.
public final class FragmentMuxer {
    /// `ftyp` and `moov`.
    public let initialization: [UInt8]
    private let output: MemoryOutput
    private let timeBase: TimeBase
    /// A packet waits until it is known how long it lasts.
    private let held: Packet
    private var holds = false
    private let isSound: Bool
    /// When the packet after `held` is expected, in units of `timeBase`; for sound, whose packets are equally long.
    private var next: Int64?
    /// How long the last packet lasted.
    private var length: Int64 = 1

    private init(_ output: MemoryOutput, _ initialization: [UInt8], isSound: Bool) throws(AVFailure) {
        let held = try Packet()
        self.held = held
        self.output = output
        self.initialization = initialization
        self.isSound = isSound
        timeBase = unsafe TimeBase(
            output.context.pointee.streams[0]?.pointee.time_base ?? AVRational(num: 1, den: 90_000))
    }

    /// Begins a stream coded like `parameters`, which must hold its configuration (parameter sets,
    /// AudioSpecificConfig).
    ///
    /// - Parameter number: the number of the first fragment, at least 1; those after it count on.
    public static func begin(_ parameters: Parameters, number: Int) throws(AVFailure) -> FragmentMuxer {
        let output = try MemoryOutput.open(format: "mp4", parameters, expected: 1 << 18)
        // The rate an encoder aims at differs from slice to slice and would stand in the initialization section.
        unsafe output.context.pointee.streams[0]?.pointee.codecpar.pointee.bit_rate = 0
        try output.begin([
            ("movflags", "+frag_custom+empty_moov+default_base_moof+frag_discont+skip_trailer"),
            ("use_editlist", "0"), ("fragment_index", "\(number)"), ("write_tmcd", "0"),
        ])
        let isSound = unsafe parameters.pointer.pointee.codec_type == AVMEDIA_TYPE_AUDIO
        return try FragmentMuxer(output, output.take(expected: 1 << 18), isSound: isSound)
    }

    /// Adds a packet whose times are ticks, offset included; its bytes are gone afterwards.
    public func write(_ packet: borrowing Packet) throws(AVFailure) {
        unsafe av_packet_rescale_ts(packet.pointer, TimeBase.ticks.rational, timeBase.rational)
        if isSound, let next, abs(unsafe packet.pointer.pointee.dts - next) <= 2 {
            // Ticks round what sampling rates do not divide.
            unsafe packet.pointer.pointee.dts = next
            unsafe packet.pointer.pointee.pts = next
        }
        try flush(until: unsafe packet.pointer.pointee.dts)
        unsafe av_packet_move_ref(held.pointer, packet.pointer)
        holds = true
        if isSound { next = unsafe held.pointer.pointee.dts + 1024 }
    }

    /// Ends the fragment.
    ///
    /// - Parameter decoding: when the first packet of the next fragment is decoded, in ticks with the offset; `nil` when
    ///   none comes.
    /// - Returns: `moof` and `mdat`.
    public func finish(at decoding: Int64?) throws(AVFailure) -> [UInt8] {
        var end = decoding.map { TimeBase.ticks.convert($0, to: timeBase) }
        if let next, abs((end ?? next) - next) <= 2 { end = next }
        try flush(until: end)
        try check("av_write_frame", unsafe av_write_frame(output.context, nil))
        return output.take(expected: 1 << 18)
    }

    private func flush(until decoding: Int64?) throws(AVFailure) {
        guard holds else { return }
        holds = false
        if let decoding { length = max(1, decoding - (unsafe held.pointer.pointee.dts)) }
        unsafe held.pointer.pointee.stream_index = 0
        unsafe held.pointer.pointee.duration = length
        try check("av_write_frame", unsafe av_write_frame(output.context, held.pointer))
        held.clear()
    }
}
