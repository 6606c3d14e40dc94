internal import CFFmpeg

/// How a stream is coded, for a muxer.
@safe public final class Parameters {
    let pointer: UnsafeMutablePointer<AVCodecParameters>

    init() throws(AVFailure) {
        guard let made = unsafe avcodec_parameters_alloc() else {
            throw AVFailure("avcodec_parameters_alloc", shim_ENOMEM)
        }
        unsafe pointer = made
    }

    deinit {
        var gone: UnsafeMutablePointer<AVCodecParameters>? = unsafe pointer
        unsafe avcodec_parameters_free(&gone)
    }

    /// Those of a stream of an open file.
    public static func of(_ demuxer: Demuxer, stream: Int) throws(AVFailure) -> Parameters {
        let made = try Parameters()
        guard demuxer.streams.indices.contains(stream), let from = unsafe demuxer.parameters(stream) else {
            throw AVFailure("avcodec_parameters_copy", shim_EIO)
        }
        try check("avcodec_parameters_copy", unsafe avcodec_parameters_copy(made.pointer, from))
        // Some containers leave it open, and the muxer complains about each segment.
        if unsafe made.pointer.pointee.codec_id == AV_CODEC_ID_AAC, unsafe made.pointer.pointee.frame_size == 0 {
            unsafe made.pointer.pointee.frame_size = 1024
        }
        return made
    }

    /// The same with another configuration: parameter sets in start codes, or an AudioSpecificConfig.
    public func configured(_ extradata: [UInt8]) throws(AVFailure) -> Parameters {
        let made = try Parameters()
        try check("avcodec_parameters_copy", unsafe avcodec_parameters_copy(made.pointer, pointer))
        let data = unsafe av_mallocz(extradata.count + Int(AV_INPUT_BUFFER_PADDING_SIZE))
        guard let data = unsafe data?.assumingMemoryBound(to: UInt8.self) else {
            throw AVFailure("av_mallocz", shim_ENOMEM)
        }
        for index in extradata.indices { unsafe data[index] = extradata[index] }
        unsafe av_freep(&made.pointer.pointee.extradata)
        unsafe made.pointer.pointee.extradata = data
        unsafe made.pointer.pointee.extradata_size = Int32(extradata.count)
        return made
    }

    /// avcC, Annex B parameter sets, AudioSpecificConfig.
    public var extradata: [UInt8] {
        let count = Int(unsafe pointer.pointee.extradata_size)
        return unsafe pointer.pointee.extradata.map { unsafe Array(UnsafeBufferPointer(start: $0, count: count)) } ?? []
    }
}

/// Rewrites H.264 from the form of files (lengths) to that of transport streams (start codes, ISO 14496-10 Annex B), with
/// the parameter sets in front of each IDR frame.
@safe public final class AnnexBFilter {
    private let context: UnsafeMutablePointer<AVBSFContext>
    /// How the stream is coded afterwards.
    public let output: Parameters

    private init(owning context: UnsafeMutablePointer<AVBSFContext>, _ output: Parameters) {
        unsafe self.context = context
        self.output = output
    }

    deinit {
        var gone: UnsafeMutablePointer<AVBSFContext>? = unsafe context
        unsafe av_bsf_free(&gone)
    }

    /// Sets it up for a stream coded like `input`; what is in start codes already passes through.
    public static func make(_ input: Parameters, timeBase: TimeBase) throws(AVFailure) -> AnnexBFilter {
        var context: UnsafeMutablePointer<AVBSFContext>?
        try check("av_bsf_list_parse_str", unsafe av_bsf_list_parse_str("h264_mp4toannexb", &context))
        guard let owned = unsafe context else { throw AVFailure("av_bsf_list_parse_str", shim_ENOMEM) }
        let made = unsafe AnnexBFilter(owning: owned, try Parameters())
        unsafe owned.pointee.time_base_in = timeBase.rational
        try check("avcodec_parameters_copy", unsafe avcodec_parameters_copy(owned.pointee.par_in, input.pointer))
        try check("av_bsf_init", unsafe av_bsf_init(owned))
        try check("avcodec_parameters_copy", unsafe avcodec_parameters_copy(made.output.pointer, owned.pointee.par_out))
        return made
    }

    /// Rewrites a packet in place.
    public func rewrite(_ packet: borrowing Packet) throws(AVFailure) {
        try check("av_bsf_send_packet", unsafe av_bsf_send_packet(context, packet.pointer))
        try check("av_bsf_receive_packet", unsafe av_bsf_receive_packet(context, packet.pointer))
    }
}
