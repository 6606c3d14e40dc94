internal import CFFmpeg

/// Turns packets of one stream into frames.
@safe public final class Decoder {
    /// What `receive` found.
    public enum Outcome: Sendable {
        /// A frame.
        case frame
        /// It needs another packet first.
        case hungry
        /// Nothing will come any more.
        case end
    }

    private let context: UnsafeMutablePointer<AVCodecContext>
    /// The unit of the frames' times.
    public let timeBase: TimeBase

    private init(owning context: UnsafeMutablePointer<AVCodecContext>, _ timeBase: TimeBase) {
        unsafe self.context = context
        self.timeBase = timeBase
    }

    deinit {
        var gone: UnsafeMutablePointer<AVCodecContext>? = unsafe context
        unsafe avcodec_free_context(&gone)
    }

    /// Opens the decoder for a stream.
    ///
    /// - Returns: `nil` when its decoder is not in `Allowed`.
    /// - Throws: `AVFailure` when the decoder refuses the stream, for one because its pictures are too large.
    public static func open(
        _ demuxer: Demuxer, stream: Int, maximalPixels: Int64, threads: Int = 1
    ) throws(AVFailure) -> Decoder? {
        guard demuxer.streams.indices.contains(stream), let parameters = unsafe demuxer.parameters(stream),
            let codec = unsafe avcodec_find_decoder(parameters.pointee.codec_id)
        else { return nil }
        let name = unsafe String(cString: codec.pointee.name)
        guard Allowed.video.contains(name) || Allowed.audio.contains(name) else { return nil }
        guard let context = unsafe avcodec_alloc_context3(codec) else {
            throw AVFailure("avcodec_alloc_context3", shim_ENOMEM)
        }
        let made = unsafe Decoder(owning: context, demuxer.streams[stream].timeBase)
        try check("avcodec_parameters_to_context", unsafe avcodec_parameters_to_context(context, parameters))
        unsafe context.pointee.pkt_timebase = made.timeBase.rational
        unsafe context.pointee.max_pixels = maximalPixels
        unsafe context.pointee.thread_count = Int32(threads)
        unsafe context.pointee.thread_type = FF_THREAD_SLICE | FF_THREAD_FRAME
        try check("avcodec_open2", unsafe avcodec_open2(context, codec, nil))
        return made
    }

    /// Hands over a packet; `nil` says that no more will come.
    ///
    /// - Returns: `false` when the packet is damaged and was passed over.
    @discardableResult
    public func send(_ packet: borrowing Packet) throws(AVFailure) -> Bool {
        let code = unsafe avcodec_send_packet(context, packet.pointer)
        if code == shim_ENOMEM { throw AVFailure("avcodec_send_packet", code) }
        return code >= 0
    }

    /// Says that no more packets will come.
    public func finish() { unsafe avcodec_send_packet(context, nil) }

    /// The next frame, if there is one.
    public func receive(into frame: borrowing Frame) throws(AVFailure) -> Outcome {
        frame.clear()
        for _ in 0..<1000 {
            let code = unsafe avcodec_receive_frame(context, frame.pointer)
            if code == shim_EAGAIN { return .hungry }
            if code == shim_EOF { return .end }
            if code == shim_ENOMEM { throw AVFailure("avcodec_receive_frame", code) }
            // Damage in a packet shows here for decoders with a delay; the next call goes on.
            if code >= 0 { return .frame }
        }
        return .hungry
    }

    /// Whether frames that no other leans on are passed over from now on.
    public func skipUnreferenced(_ skips: Bool) {
        unsafe context.pointee.skip_frame = skips ? AVDISCARD_NONREF : AVDISCARD_DEFAULT
    }

    /// Forgets what it holds, before decoding goes on elsewhere in the file.
    public func reset() { unsafe avcodec_flush_buffers(context) }
}
