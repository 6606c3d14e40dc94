internal import CFFmpeg

/// What the colours of an encoded stream mean, in code points of ITU-T H.273.
public struct ColourMeaning: Equatable, Sendable {
    let primaries: AVColorPrimaries
    let transfer: AVColorTransferCharacteristic
    let matrix: AVColorSpace

    /// - Parameters: code points.
    public init(primaries: Int, transfer: Int, matrix: Int) {
        self.primaries = AVColorPrimaries(rawValue: UInt32(clamping: primaries))
        self.transfer = AVColorTransferCharacteristic(rawValue: UInt32(clamping: transfer))
        self.matrix = AVColorSpace(rawValue: UInt32(clamping: matrix))
    }
}

/// Scales pictures to one size as 8-bit 4:2:0 in limited range, turned upright, with square samples, colours with one
/// meaning from the first to the last: what says it stands once in front of a stream.
@safe public final class Scaler {
    private var context: OpaquePointer?
    private var key: [Int32] = []
    private let width: Int
    private let height: Int
    private let rotation: Int
    private let colours: ColourMeaning
    private let scaled: Frame
    private let turned: Frame

    /// - Parameters:
    ///   - width: of the upright result; even.
    ///   - height: of the upright result; even.
    ///   - rotation: clockwise turn in degrees: 0, 90, 180 or 270.
    ///   - colours: what those of the result mean; pictures with another matrix are converted.
    public init(width: Int, height: Int, rotation: Int, colours: ColourMeaning) throws(AVFailure) {
        let scaled = try Frame()
        let turned = try Frame()
        self.scaled = scaled
        self.turned = turned
        self.width = width
        self.height = height
        self.rotation = rotation
        self.colours = colours
    }

    deinit { unsafe sws_freeContext(context) }

    /// Makes the picture and hands it to `body`, which must not keep it.
    public func scale<R>(
        _ frame: borrowing Frame, _ body: (borrowing Frame) throws -> R
    ) throws -> R {
        let source = unsafe frame.pointer
        let onSide = rotation % 180 != 0
        let to = (width: Int32(onSide ? height : width), height: Int32(onSide ? width : height))
        if unsafe isAsWanted(source) {
            unsafe av_frame_unref(scaled.pointer)
            try check("av_frame_ref", unsafe av_frame_ref(scaled.pointer, source))
            // What else it carries, such as captions, is no part of the picture.
            while unsafe scaled.pointer.pointee.nb_side_data > 0,
                let first = unsafe scaled.pointer.pointee.side_data[0]
            {
                unsafe av_frame_remove_side_data(scaled.pointer, first.pointee.type)
            }
            unsafe describe(scaled.pointer)
            return try body(scaled)
        }
        try unsafe prepare(source, to.width, to.height)
        try unsafe Self.allocate(scaled.pointer, to.width, to.height)
        try check("sws_scale", unsafe shim_scale(context, source, scaled.pointer))
        if rotation == 0 {
            unsafe describe(scaled.pointer)
            return try body(scaled)
        }
        try unsafe Self.allocate(turned.pointer, Int32(width), Int32(height))
        for plane in 0..<Int32(3) {
            let shift: Int32 = plane == 0 ? 0 : 1
            unsafe shim_turn_plane(
                shim_plane(turned.pointer, plane), shim_linesize(turned.pointer, plane),
                shim_plane(scaled.pointer, plane),
                shim_linesize(scaled.pointer, plane), to.width >> shift, to.height >> shift, Int32(rotation))
        }
        unsafe describe(turned.pointer)
        return try body(turned)
    }

    /// Whether nothing has to be changed: such a picture is not copied.
    private func isAsWanted(_ source: UnsafeMutablePointer<AVFrame>) -> Bool {
        unsafe rotation == 0 && Int(source.pointee.width) == width && Int(source.pointee.height) == height
            && source.pointee.format == AV_PIX_FMT_YUV420P.rawValue && source.pointee.color_range != AVCOL_RANGE_JPEG
            && Self.matrix(of: source) == colours.matrix
    }

    private func prepare(_ source: UnsafeMutablePointer<AVFrame>, _ width: Int32, _ height: Int32) throws(AVFailure) {
        let range: Int32 = unsafe source.pointee.color_range == AVCOL_RANGE_JPEG ? 1 : 0
        let matrix = unsafe Int32(Self.matrix(of: source).rawValue)
        let new = unsafe [source.pointee.width, source.pointee.height, source.pointee.format, range, matrix]
        if new == key { return }
        unsafe sws_freeContext(context)
        let format = unsafe AVPixelFormat(rawValue: source.pointee.format)
        unsafe context = sws_getContext(
            source.pointee.width, source.pointee.height, format, width, height, AV_PIX_FMT_YUV420P,
            SWS_BICUBIC, nil, nil, nil)
        guard unsafe context != nil else { throw AVFailure("sws_getContext", shim_ENOMEM) }
        // The "J" formats say by themselves that they use the full range.
        let full: Int32 = range == 1 || Self.isFullRange(format) ? 1 : 0
        let table = unsafe sws_getCoefficients(matrix)
        let target = unsafe sws_getCoefficients(Int32(colours.matrix.rawValue))
        unsafe sws_setColorspaceDetails(context, table, full, target, 0, 0, 1 << 16, 1 << 16)
        key = new
    }

    static func isFullRange(_ format: AVPixelFormat) -> Bool {
        format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUVJ444P
    }

    /// Makes room for a picture; that of the last one is taken again when nobody looks at it any more.
    private static func allocate(_ frame: UnsafeMutablePointer<AVFrame>, _ width: Int32, _ height: Int32)
        throws(AVFailure)
    {
        let fits = unsafe frame.pointee.width == width && frame.pointee.height == height
        if unsafe fits && av_frame_is_writable(frame) > 0 { return }
        unsafe av_frame_unref(frame)
        unsafe frame.pointee.width = width
        unsafe frame.pointee.height = height
        unsafe frame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        try check("av_frame_get_buffer", unsafe av_frame_get_buffer(frame, 0))
    }

    private func describe(_ frame: UnsafeMutablePointer<AVFrame>) {
        unsafe frame.pointee.colorspace = colours.matrix
        unsafe frame.pointee.color_range = AVCOL_RANGE_MPEG
        unsafe frame.pointee.color_primaries = colours.primaries
        unsafe frame.pointee.color_trc = colours.transfer
        unsafe frame.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        unsafe frame.pointee.chroma_location = AVCHROMA_LOC_LEFT
    }

    static func matrix(of frame: UnsafeMutablePointer<AVFrame>) -> AVColorSpace {
        let said = unsafe frame.pointee.colorspace
        if said != AVCOL_SPC_UNSPECIFIED, said != AVCOL_SPC_RGB, said != AVCOL_SPC_RESERVED { return said }
        let large = unsafe frame.pointee.width >= 1280 || frame.pointee.height >= 720
        return large ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M
    }
}

/// A decoded picture that several threads may look at; nobody writes to it.
public final class SharedPicture: @unchecked Sendable {
    /// The picture.
    public let frame: Frame

    /// Holds what `other` holds, without copying it.
    public init(_ other: borrowing Frame) throws(AVFailure) {
        let frame = try Frame()
        try frame.hold(other)
        self.frame = frame
    }
}

/// x264 for one rung and one slice.
@safe public final class VideoEncoder {
    /// How it is to encode.
    public struct Settings: Sendable {
        /// Width in samples, even.
        public let width: Int
        /// Height in samples, even.
        public let height: Int
        /// Frames a second, numerator and denominator.
        public let frameRate: (Int32, Int32)
        /// Most bits a second, over a buffer of 1.5 s.
        public let cap: Int64
        /// Tenths of the constant rate factor; where a mean is to be reached, the quality that is never exceeded.
        public let rateFactorTenths: Int
        /// Bits a second to reach on average; `nil`: the rate factor decides, up to the cap.
        public let mean: Int64?
        /// x264's preset.
        public let preset: String
        /// What differs from the preset, in x264's own words.
        public let parameters: String
        /// Threads that may encode.
        public let threads: Int

        /// - Parameters: as the properties.
        public init(
            width: Int, height: Int, frameRate: (Int32, Int32), cap: Int64, rateFactorTenths: Int,
            mean: Int64? = nil, preset: String, parameters: String, threads: Int
        ) {
            self.width = width
            self.height = height
            self.frameRate = frameRate
            self.cap = cap
            self.rateFactorTenths = rateFactorTenths
            self.mean = mean
            self.preset = preset
            self.parameters = parameters
            self.threads = threads
        }
    }

    private let context: UnsafeMutablePointer<AVCodecContext>
    private var isOpen = false
    private let settings: Settings

    private init(owning context: UnsafeMutablePointer<AVCodecContext>, _ settings: Settings) {
        unsafe self.context = context
        self.settings = settings
    }

    deinit {
        var gone: UnsafeMutablePointer<AVCodecContext>? = unsafe context
        unsafe avcodec_free_context(&gone)
    }

    /// Prepares it; it opens with the first frame, whose colours it takes over.
    public static func make(_ settings: Settings) throws(AVFailure) -> VideoEncoder {
        guard let codec = unsafe avcodec_find_encoder_by_name("libx264"),
            let context = unsafe avcodec_alloc_context3(codec)
        else { throw AVFailure("avcodec_find_encoder_by_name", shim_ENOMEM) }
        return unsafe VideoEncoder(owning: context, settings)
    }

    private func open(like frame: UnsafeMutablePointer<AVFrame>) throws(AVFailure) {
        unsafe context.pointee.width = Int32(settings.width)
        unsafe context.pointee.height = Int32(settings.height)
        unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        unsafe context.pointee.time_base = TimeBase.ticks.rational
        unsafe context.pointee.framerate = AVRational(num: settings.frameRate.0, den: settings.frameRate.1)
        unsafe context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        unsafe context.pointee.color_range = AVCOL_RANGE_MPEG
        unsafe context.pointee.colorspace = frame.pointee.colorspace
        unsafe context.pointee.color_primaries = frame.pointee.color_primaries
        unsafe context.pointee.color_trc = frame.pointee.color_trc
        unsafe context.pointee.chroma_sample_location = AVCHROMA_LOC_LEFT
        unsafe context.pointee.profile = FF_PROFILE_H264_HIGH
        unsafe context.pointee.thread_count = Int32(clamping: settings.threads)
        unsafe context.pointee.max_b_frames = 3
        // Whole pictures come where the plan cuts and where x264 sees a new scene; the rest is not its business.
        unsafe context.pointee.gop_size = 100_000
        unsafe context.pointee.rc_max_rate = settings.cap
        unsafe context.pointee.rc_buffer_size = Int32(clamping: settings.cap * 3 / 2)
        var options: OpaquePointer?
        unsafe av_dict_set(&options, "preset", settings.preset, 0)
        if let mean = settings.mean {
            unsafe context.pointee.bit_rate = mean
            unsafe context.pointee.qmin = Int32(clamping: max(0, settings.rateFactorTenths / 10 - 2))
        } else {
            let tenths = max(0, settings.rateFactorTenths)
            unsafe av_dict_set(&options, "crf", "\(tenths / 10).\(tenths % 10)", 0)
        }
        unsafe av_dict_set(&options, "forced-idr", "1", 0)
        unsafe av_dict_set(&options, "x264-params", settings.parameters, 0)
        defer { unsafe av_dict_free(&options) }
        try check("avcodec_open2", unsafe avcodec_open2(context, context.pointee.codec, &options))
        isOpen = true
    }

    /// Encodes a frame shown at `time` (ticks).
    ///
    /// - Parameters:
    ///   - isCut: begins with a whole picture that nothing before is needed for.
    ///   - body: gets each packet that is ready, in decoding order.
    public func encode(
        _ frame: borrowing Frame, at time: Int64, isCut: Bool, _ body: (borrowing Packet) throws -> Void
    ) throws {
        if !isOpen { try unsafe open(like: frame.pointer) }
        unsafe frame.pointer.pointee.pts = time
        unsafe frame.pointer.pointee.pict_type = isCut ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
        try check("avcodec_send_frame", unsafe avcodec_send_frame(context, frame.pointer))
        try unsafe Encoding.drain(context, body)
    }

    /// Hands over the rest.
    public func finish(_ body: (borrowing Packet) throws -> Void) throws {
        guard isOpen else { return }
        try check("avcodec_send_frame", unsafe avcodec_send_frame(context, nil))
        try unsafe Encoding.drain(context, body)
    }

    /// How it codes, once a frame was encoded.
    public func parameters() throws(AVFailure) -> Parameters { try unsafe Encoding.parameters(of: context) }
}
