internal import CFFmpeg

/// A muxer's context whose output is collected in memory.
@safe final class MemoryOutput {
    private final class Sink {
        var bytes: [UInt8] = []
    }

    let context: UnsafeMutablePointer<AVFormatContext>
    private let sink = Sink()

    private init(owning context: UnsafeMutablePointer<AVFormatContext>) { unsafe self.context = context }

    deinit {
        var io: UnsafeMutablePointer<AVIOContext>? = unsafe context.pointee.pb
        unsafe shim_free_io(&io)
        unsafe avformat_free_context(context)
    }

    /// Makes one with a single stream coded like `parameters`; no header is written yet.
    ///
    /// - Parameter expected: bytes that will probably come, for reserving room.
    static func open(format: String, _ parameters: Parameters, expected: Int) throws(AVFailure) -> MemoryOutput {
        var context: UnsafeMutablePointer<AVFormatContext>?
        try check(
            "avformat_alloc_output_context2", unsafe avformat_alloc_output_context2(&context, nil, format, nil))
        guard let owned = unsafe context else { throw AVFailure("avformat_alloc_output_context2", shim_ENOMEM) }
        let made = unsafe MemoryOutput(owning: owned)
        made.sink.bytes.reserveCapacity(expected)
        guard let stream = unsafe avformat_new_stream(owned, nil), let buffer = unsafe av_malloc(65_536) else {
            throw AVFailure("avformat_new_stream", shim_ENOMEM)
        }
        try check(
            "avcodec_parameters_copy", unsafe avcodec_parameters_copy(stream.pointee.codecpar, parameters.pointer))
        unsafe stream.pointee.codecpar.pointee.codec_tag = 0
        unsafe stream.pointee.time_base = TimeBase.ticks.rational
        unsafe owned.pointee.avoid_negative_ts = 0
        unsafe owned.pointee.max_delay = 0
        unsafe owned.pointee.flags |= AVFMT_FLAG_BITEXACT
        // Otherwise the muxer flushes after every packet.
        unsafe owned.pointee.flush_packets = 0
        unsafe owned.pointee.pb = avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), 65_536, 1, Unmanaged.passUnretained(made.sink).toOpaque(), nil,
            { opaque, bytes, count in
                guard let opaque = unsafe opaque, let bytes = unsafe bytes else { return shim_EIO }
                let sink = unsafe Unmanaged<Sink>.fromOpaque(opaque).takeUnretainedValue()
                unsafe sink.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: Int(count)))
                return count
            }, nil)
        guard unsafe owned.pointee.pb != nil else { throw AVFailure("avio_alloc_context", shim_ENOMEM) }
        return made
    }

    /// Writes the header, with options for the muxer.
    func begin(_ options: [(String, String)]) throws(AVFailure) {
        var all: OpaquePointer?
        for option in options { unsafe av_dict_set(&all, option.0, option.1, 0) }
        defer { unsafe av_dict_free(&all) }
        try check("avformat_write_header", unsafe avformat_write_header(context, &all))
    }

    /// What was written since the last time.
    func take(expected: Int = 0) -> [UInt8] {
        unsafe avio_flush(context.pointee.pb)
        let bytes = sink.bytes
        sink.bytes = []
        sink.bytes.reserveCapacity(expected)
        return bytes
    }
}
