internal import CFFmpeg

/// Brings sound to 48 kHz stereo in 32-bit floating point, one plane a channel; more channels than two are mixed as
/// `Mixdown` says, and may go beyond 1.
@safe public final class Resampler {
    /// Samples a second of what comes out.
    public static let rate = 48_000

    private var context: OpaquePointer?
    private var key: [Int32] = []
    private let output: Frame

    /// Opens nothing yet: what comes in decides.
    public init() throws(AVFailure) { output = try Frame() }

    deinit { unsafe swr_free(&context) }

    /// Converts a frame; the result joins the one before.
    ///
    /// - Parameter body: gets the left and right samples.
    public func convert(_ frame: borrowing Frame, _ body: ([Float], [Float]) -> Void) throws(AVFailure) {
        let source = unsafe frame.pointer
        let layout = unsafe source.pointee.ch_layout
        let new = unsafe [
            source.pointee.sample_rate, source.pointee.format, layout.nb_channels, Int32(layout.order.rawValue),
            Int32(truncatingIfNeeded: layout.u.mask), Int32(truncatingIfNeeded: layout.u.mask >> 32),
        ]
        if new != key {
            try drain(body)
            try unsafe open(source)
            key = new
        }
        let room = unsafe swr_get_out_samples(context, source.pointee.nb_samples)
        try unsafe convert(room: room, source, body)
    }

    /// Hands over what is still inside and forgets what it knew.
    public func drain(_ body: ([Float], [Float]) -> Void) throws(AVFailure) {
        guard unsafe context != nil else { return }
        try unsafe convert(room: swr_get_out_samples(context, 0) + 256, nil, body)
        unsafe swr_free(&context)
        key = []
    }

    private func open(_ source: UnsafeMutablePointer<AVFrame>) throws(AVFailure) {
        var stereo = unsafe AVChannelLayout()
        unsafe av_channel_layout_default(&stereo, 2)
        var input = unsafe AVChannelLayout()
        if unsafe source.pointee.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC {
            unsafe av_channel_layout_default(&input, source.pointee.ch_layout.nb_channels)
        } else {
            unsafe av_channel_layout_copy(&input, &source.pointee.ch_layout)
        }
        let factors = unsafe Mixdown.factors(&input)
        if factors != nil {
            // Which channel is which is said by the factors; the resampler refuses some layouts.
            unsafe av_channel_layout_uninit(&input)
            unsafe input.order = AV_CHANNEL_ORDER_UNSPEC
            unsafe input.nb_channels = source.pointee.ch_layout.nb_channels
        }
        defer { unsafe av_channel_layout_uninit(&input) }
        let format = unsafe AVSampleFormat(rawValue: source.pointee.format)
        try check(
            "swr_alloc_set_opts2",
            unsafe swr_alloc_set_opts2(
                &context, &stereo, AV_SAMPLE_FMT_FLTP, Int32(Self.rate), &input, format, source.pointee.sample_rate, 0,
                nil))
        if let factors {
            try check("swr_set_matrix", unsafe swr_set_matrix(context, factors, Int32(factors.count / 2)))
        }
        try check("swr_init", unsafe swr_init(context))
    }

    private func convert(
        room: Int32, _ source: UnsafeMutablePointer<AVFrame>?, _ body: ([Float], [Float]) -> Void
    ) throws(AVFailure) {
        guard room > 0 else { return }
        let target = unsafe output.pointer
        unsafe av_frame_unref(target)
        unsafe target.pointee.nb_samples = room
        unsafe target.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
        unsafe av_channel_layout_default(&target.pointee.ch_layout, 2)
        try check("av_frame_get_buffer", unsafe av_frame_get_buffer(target, 0))
        let made = Int(try check("swr_convert", unsafe shim_convert_audio(context, target, room, source)))
        if made == 0 { return }
        let left = unsafe Array(UnsafeBufferPointer(start: shim_floats(target, 0), count: made))
        let right = unsafe Array(UnsafeBufferPointer(start: shim_floats(target, 1), count: made))
        body(left, right)
    }
}

/// AAC-LC, 48 kHz stereo, in blocks of 1024 samples.
@safe public final class AudioEncoder {
    /// Samples in a block.
    public static let block = 1024

    private let context: UnsafeMutablePointer<AVCodecContext>
    private let frame: Frame
    private var position: Int64 = 0

    private init(owning context: UnsafeMutablePointer<AVCodecContext>, _ frame: consuming Frame) {
        unsafe self.context = context
        self.frame = frame
    }

    deinit {
        var gone: UnsafeMutablePointer<AVCodecContext>? = unsafe context
        unsafe avcodec_free_context(&gone)
    }

    /// Opens it.
    ///
    /// - Parameter rate: bits a second.
    public static func open(rate: Int64) throws(AVFailure) -> AudioEncoder {
        guard let codec = unsafe avcodec_find_encoder_by_name("aac"), let context = unsafe avcodec_alloc_context3(codec)
        else { throw AVFailure("avcodec_find_encoder_by_name", shim_ENOMEM) }
        let made = unsafe AudioEncoder(owning: context, try Frame())
        unsafe context.pointee.sample_fmt = AV_SAMPLE_FMT_FLTP
        unsafe context.pointee.sample_rate = Int32(Resampler.rate)
        unsafe av_channel_layout_default(&context.pointee.ch_layout, 2)
        unsafe context.pointee.bit_rate = rate
        unsafe context.pointee.time_base = AVRational(num: 1, den: Int32(Resampler.rate))
        unsafe context.pointee.thread_count = 1
        // Keeps AudioSpecificConfig apart, from which the muxer makes ADTS headers.
        unsafe context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        try check("avcodec_open2", unsafe avcodec_open2(context, codec, nil))
        return made
    }

    /// Encodes a block of 1024 samples of both channels. The packets that come are one block behind: the first holds
    /// what was before the first block.
    public func encode(
        _ left: Span<Float>, _ right: Span<Float>, _ body: (borrowing Packet) throws -> Void
    ) throws {
        unsafe av_frame_unref(frame.pointer)
        unsafe frame.pointer.pointee.nb_samples = Int32(Self.block)
        unsafe frame.pointer.pointee.format = AV_SAMPLE_FMT_FLTP.rawValue
        unsafe frame.pointer.pointee.sample_rate = Int32(Resampler.rate)
        unsafe av_channel_layout_default(&frame.pointer.pointee.ch_layout, 2)
        try check("av_frame_get_buffer", unsafe av_frame_get_buffer(frame.pointer, 0))
        for (channel, samples) in [Int32(0), 1].enumerated() {
            guard let target = unsafe shim_floats(frame.pointer, samples) else { continue }
            for index in 0..<Self.block { unsafe target[index] = channel == 0 ? left[index] : right[index] }
        }
        unsafe frame.pointer.pointee.pts = position
        position += Int64(Self.block)
        try check("avcodec_send_frame", unsafe avcodec_send_frame(context, frame.pointer))
        try unsafe Encoding.drain(context, body)
    }

    /// Hands over the rest.
    public func finish(_ body: (borrowing Packet) throws -> Void) throws {
        try check("avcodec_send_frame", unsafe avcodec_send_frame(context, nil))
        try unsafe Encoding.drain(context, body)
    }

    /// How it codes.
    public func parameters() throws(AVFailure) -> Parameters { try unsafe Encoding.parameters(of: context) }
}
