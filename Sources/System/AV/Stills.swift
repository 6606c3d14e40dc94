internal import CFFmpeg

/// A large picture that small ones are put onto, in full range as JPEG has it (BT.601, ITU-T T.871).
@safe public final class Canvas {
    let frame: Frame
    private var context: OpaquePointer?
    private var key: [Int32] = []
    private let small: Frame
    /// Samples in a row.
    public let width: Int
    /// Rows.
    public let height: Int

    /// A black one.
    ///
    /// - Parameters:
    ///   - width: even.
    ///   - height: even.
    public init(width: Int, height: Int) throws(AVFailure) {
        let frame = try Frame()
        let small = try Frame()
        try unsafe Self.allocate(frame.pointer, Int32(width), Int32(height))
        unsafe shim_fill_black(frame.pointer)
        self.frame = frame
        self.small = small
        self.width = width
        self.height = height
    }

    deinit { unsafe sws_freeContext(context) }

    /// Scales an upright picture to a rectangle and puts it there.
    ///
    /// - Parameters:
    ///   - picture: 4:2:0, its colours described, as `Scaler` makes it.
    ///   - x: left edge; even.
    ///   - y: upper edge; even.
    ///   - width: even.
    ///   - height: even.
    public func put(
        _ picture: borrowing Frame, x: Int, y: Int, width: Int, height: Int
    ) throws(AVFailure) {
        guard x >= 0, y >= 0, x % 2 == 0, y % 2 == 0, x + width <= self.width, y + height <= self.height else {
            throw AVFailure("canvas", shim_EIO)
        }
        let source = unsafe picture.pointer
        try unsafe prepare(source, Int32(width), Int32(height))
        unsafe av_frame_unref(small.pointer)
        try unsafe Self.allocate(small.pointer, Int32(width), Int32(height))
        try check("sws_scale", unsafe shim_scale(context, source, small.pointer))
        unsafe shim_put(frame.pointer, small.pointer, Int32(x), Int32(y))
    }

    private func prepare(_ source: UnsafeMutablePointer<AVFrame>, _ width: Int32, _ height: Int32) throws(AVFailure) {
        let matrix = unsafe Int32(Scaler.matrix(of: source).rawValue)
        let new = unsafe [source.pointee.width, source.pointee.height, source.pointee.format, matrix, width, height]
        if new == key { return }
        unsafe sws_freeContext(context)
        unsafe context = sws_getContext(
            source.pointee.width, source.pointee.height, AVPixelFormat(rawValue: source.pointee.format), width, height,
            AV_PIX_FMT_YUVJ420P, SWS_BICUBIC | SWS_ACCURATE_RND, nil, nil, nil)
        guard unsafe context != nil else { throw AVFailure("sws_getContext", shim_ENOMEM) }
        unsafe sws_setColorspaceDetails(
            context, sws_getCoefficients(matrix), 0, sws_getCoefficients(Int32(AVCOL_SPC_SMPTE170M.rawValue)), 1, 0,
            1 << 16, 1 << 16)
        key = new
    }

    private static func allocate(_ frame: UnsafeMutablePointer<AVFrame>, _ width: Int32, _ height: Int32)
        throws(AVFailure)
    {
        unsafe frame.pointee.width = width
        unsafe frame.pointee.height = height
        unsafe frame.pointee.format = AV_PIX_FMT_YUVJ420P.rawValue
        unsafe frame.pointee.color_range = AVCOL_RANGE_JPEG
        unsafe frame.pointee.colorspace = AVCOL_SPC_SMPTE170M
        try check("av_frame_get_buffer", unsafe av_frame_get_buffer(frame, 0))
    }

    /// The picture as a baseline JPEG file.
    ///
    /// - Parameter quality: the quantiser, 2 (best) … 31.
    public func jpeg(quality: Int) throws -> [UInt8] {
        guard let codec = unsafe avcodec_find_encoder(AV_CODEC_ID_MJPEG),
            let context = unsafe avcodec_alloc_context3(codec)
        else { throw AVFailure("avcodec_find_encoder", shim_ENOMEM) }
        defer {
            var gone: UnsafeMutablePointer<AVCodecContext>? = unsafe context
            unsafe avcodec_free_context(&gone)
        }
        unsafe context.pointee.width = Int32(width)
        unsafe context.pointee.height = Int32(height)
        unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        unsafe context.pointee.color_range = AVCOL_RANGE_JPEG
        unsafe context.pointee.time_base = AVRational(num: 1, den: 1)
        unsafe context.pointee.thread_count = 1
        unsafe context.pointee.flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT
        unsafe context.pointee.global_quality = Int32(quality) * FF_QP2LAMBDA
        try check("avcodec_open2", unsafe avcodec_open2(context, codec, nil))
        unsafe frame.pointer.pointee.quality = Int32(quality) * FF_QP2LAMBDA
        unsafe frame.pointer.pointee.pts = 0
        try check("avcodec_send_frame", unsafe avcodec_send_frame(context, frame.pointer))
        try check("avcodec_send_frame", unsafe avcodec_send_frame(context, nil))
        var bytes: [UInt8] = []
        try unsafe Encoding.drain(context) { packet in
            packet.withBytes { (span) in for index in span.indices { bytes.append(span[index]) } }
        }
        return bytes
    }
}

/// x264 for pictures that each stand alone.
@safe public final class IntraEncoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private var isOpen = false
    private let width: Int
    private let height: Int

    private init(owning context: UnsafeMutablePointer<AVCodecContext>, _ width: Int, _ height: Int) {
        unsafe self.context = context
        self.width = width
        self.height = height
    }

    deinit {
        var gone: UnsafeMutablePointer<AVCodecContext>? = unsafe context
        unsafe avcodec_free_context(&gone)
    }

    /// Prepares it; it opens with the first picture, whose colours it takes over.
    public static func make(width: Int, height: Int) throws(AVFailure) -> IntraEncoder {
        guard let codec = unsafe avcodec_find_encoder_by_name("libx264"),
            let context = unsafe avcodec_alloc_context3(codec)
        else { throw AVFailure("avcodec_find_encoder_by_name", shim_ENOMEM) }
        return unsafe IntraEncoder(owning: context, width, height)
    }

    private func open(like frame: UnsafeMutablePointer<AVFrame>) throws(AVFailure) {
        unsafe context.pointee.width = Int32(width)
        unsafe context.pointee.height = Int32(height)
        unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        unsafe context.pointee.time_base = TimeBase.ticks.rational
        unsafe context.pointee.framerate = AVRational(num: 1, den: 2)
        unsafe context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        unsafe context.pointee.color_range = AVCOL_RANGE_MPEG
        unsafe context.pointee.colorspace = frame.pointee.colorspace
        unsafe context.pointee.color_primaries = frame.pointee.color_primaries
        unsafe context.pointee.color_trc = frame.pointee.color_trc
        unsafe context.pointee.chroma_sample_location = AVCHROMA_LOC_LEFT
        unsafe context.pointee.profile = FF_PROFILE_H264_HIGH
        unsafe context.pointee.thread_count = 1
        unsafe context.pointee.max_b_frames = 0
        unsafe context.pointee.gop_size = 1
        var options: OpaquePointer?
        unsafe av_dict_set(&options, "preset", "faster", 0)
        // A picture goes out as soon as it came in.
        unsafe av_dict_set(&options, "tune", "zerolatency", 0)
        unsafe av_dict_set(&options, "crf", "26", 0)
        unsafe av_dict_set(&options, "forced-idr", "1", 0)
        unsafe av_dict_set(&options, "x264-params", "aq-mode=2:scenecut=0:sliced-threads=0", 0)
        defer { unsafe av_dict_free(&options) }
        try check("avcodec_open2", unsafe avcodec_open2(context, context.pointee.codec, &options))
        isOpen = true
    }

    /// Encodes a picture shown at `time` (ticks), later than the one before, and hands over its packet.
    public func encode(_ frame: borrowing Frame, at time: Int64, _ body: (borrowing Packet) throws -> Void) throws {
        if !isOpen { try unsafe open(like: frame.pointer) }
        unsafe frame.pointer.pointee.pts = time
        unsafe frame.pointer.pointee.pict_type = AV_PICTURE_TYPE_I
        try check("avcodec_send_frame", unsafe avcodec_send_frame(context, frame.pointer))
        try unsafe Encoding.drain(context, body)
    }

    /// How it codes, once a picture was encoded.
    public func parameters() throws(AVFailure) -> Parameters { try unsafe Encoding.parameters(of: context) }
}

extension Frame {
    /// Hands the planes of an 8-bit 4:2:0 picture to `body`: brightness with its bytes from row to row, both colour
    /// differences with theirs; `nil` for pictures of another kind.
    public borrowing func withPlanes<R>(
        _ body: (Span<UInt8>, Int, Span<UInt8>, Span<UInt8>, Int) throws -> R
    ) rethrows -> R? {
        let format = unsafe AVPixelFormat(rawValue: pointer.pointee.format)
        guard format == AV_PIX_FMT_YUV420P || format == AV_PIX_FMT_YUVJ420P, width > 0, height > 0,
            let luma = unsafe shim_plane(pointer, 0), let u = unsafe shim_plane(pointer, 1),
            let v = unsafe shim_plane(pointer, 2)
        else { return nil }
        let stride = Int(unsafe shim_linesize(pointer, 0))
        let chroma = Int(unsafe shim_linesize(pointer, 1))
        guard stride >= width, chroma >= width / 2, chroma == Int(unsafe shim_linesize(pointer, 2)) else { return nil }
        return try unsafe body(
            UnsafeBufferPointer(start: luma, count: stride * (height - 1) + width).span, stride,
            UnsafeBufferPointer(start: u, count: chroma * (height / 2 - 1) + width / 2).span,
            UnsafeBufferPointer(start: v, count: chroma * (height / 2 - 1) + width / 2).span, chroma)
    }
}
