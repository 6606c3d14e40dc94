internal import CFFmpeg
internal import Glibc

/// What a file says about one of its streams.
public struct StreamFacts: Sendable {
    /// What it carries.
    public enum Kind: Sendable { case video, audio, text, other }

    /// Its number.
    public let index: Int
    /// What it carries.
    public let kind: Kind
    /// libav's name of the codec.
    public let codec: String
    /// The unit of its times.
    public let timeBase: TimeBase
    /// Samples in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Sample shape as the container has it, 0 : 1 when unknown.
    public let containerAspect: (Int32, Int32)
    /// Sample shape as the stream has it, 0 : 1 when unknown.
    public let streamAspect: (Int32, Int32)
    /// Clockwise turn in degrees.
    public let rotation: Int
    /// Mean frame rate, 0 : 0 or 0 : 1 when unknown.
    public let frameRate: (Int32, Int32)
    /// profile_idc, or libav's profile number.
    public let profile: Int
    /// level_idc.
    public let level: Int
    /// 8 bits, 4:2:0.
    public let is8Bit420: Bool
    /// The container says there are fields.
    public let isInterlaced: Bool
    /// What container and stream headers say about colours.
    public let colours: ColourTags
    /// Channels.
    public let channels: Int
    /// Samples in a second.
    public let sampleRate: Int
    /// ISO 639 or empty.
    public let language: String
    /// What the file calls it, or empty; anything at all may stand there.
    public let title: String
    /// To be taken when nothing else is asked for.
    public let isDefault: Bool
    /// Made for those who do not see.
    public let isDescriptive: Bool
    /// Made for those who do not hear.
    public let describesSound: Bool
    /// A cover picture, no film.
    public let isCover: Bool
    /// Samples the container's table announces; 0 when it has none.
    public let announcedSamples: Int64
    /// Length the container announces, in `timeBase`; `nil` when unknown.
    public let announcedDuration: Int64?
    /// avcC, AudioSpecificConfig and the like.
    public let extradata: [UInt8]
}

/// An open file.
@safe public final class Demuxer {
    let context: UnsafeMutablePointer<AVFormatContext>
    private let descriptor: Int32
    /// The streams, by number.
    public private(set) var streams: [StreamFacts] = []

    private init(owning context: UnsafeMutablePointer<AVFormatContext>, _ descriptor: Int32) {
        unsafe self.context = context
        self.descriptor = descriptor
    }

    deinit {
        var io: UnsafeMutablePointer<AVIOContext>? = unsafe context.pointee.pb
        var gone: UnsafeMutablePointer<AVFormatContext>? = unsafe context
        unsafe avformat_close_input(&gone)
        unsafe Self.free(&io)
    }

    private static func free(_ io: inout UnsafeMutablePointer<AVIOContext>?) {
        unsafe shim_free_io(&io)
    }

    /// Opens the file behind a seekable descriptor, by content alone, with the lists of `Allowed`.
    ///
    /// - Throws: `AVFailure` when it is none of the formats or is damaged beyond opening; `.tooManyStreams`.
    public static func open(descriptor: Int32, maximalStreams: Int) throws(AVFailure) -> Demuxer {
        guard let fresh = unsafe avformat_alloc_context(), let buffer = unsafe av_malloc(65_536) else {
            throw AVFailure("avformat_alloc_context", shim_ENOMEM)
        }
        var context: UnsafeMutablePointer<AVFormatContext>? = unsafe fresh
        // 0 would be a null pointer.
        let opaque = unsafe UnsafeMutableRawPointer(bitPattern: Int(descriptor) + 1)
        var io = unsafe avio_alloc_context(
            buffer.assumingMemoryBound(to: UInt8.self), 65_536, 0, opaque,
            { opaque, bytes, count in unsafe readBytes(opaque, bytes, count) }, nil,
            { opaque, offset, whence in unsafe seekBytes(opaque, offset, whence) })
        unsafe fresh.pointee.pb = io
        unsafe fresh.pointee.flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_GENPTS
        var options: OpaquePointer?
        unsafe av_dict_set(&options, "protocol_whitelist", "", 0)
        unsafe av_dict_set(&options, "format_whitelist", Allowed.formats, 0)
        unsafe av_dict_set(&options, "codec_whitelist", Allowed.decoders, 0)
        unsafe av_dict_set(&options, "max_streams", "\(4 * maximalStreams)", 0)
        unsafe av_dict_set(&options, "enable_drefs", "0", 0)
        unsafe av_dict_set(&options, "probesize", "5000000", 0)
        unsafe av_dict_set(&options, "analyzeduration", "5000000", 0)
        defer { unsafe av_dict_free(&options) }
        let code = unsafe avformat_open_input(&context, "", nil, &options)
        guard code >= 0, let opened = unsafe context else {
            unsafe free(&io)
            throw AVFailure("avformat_open_input", code)
        }
        let made = unsafe Demuxer(owning: opened, descriptor)
        // Looking into the streams is what costs: 300 of them took 270 MB.
        if unsafe made.context.pointee.nb_streams > maximalStreams { throw AVFailure.tooManyStreams }
        try check("avformat_find_stream_info", unsafe avformat_find_stream_info(made.context, nil))
        if unsafe made.context.pointee.nb_streams > maximalStreams { throw AVFailure.tooManyStreams }
        for index in 0..<Int(unsafe made.context.pointee.nb_streams) {
            guard let stream = unsafe made.context.pointee.streams[index] else { continue }
            made.streams.append(unsafe facts(of: stream))
        }
        return made
    }

    /// libav's names of the format, separated by commas.
    public var format: String { unsafe String(cString: context.pointee.iformat.pointee.name) }

    /// A text of the container, such as `major_brand`; empty when there is none.
    public func text(_ name: String) -> String {
        guard let entry = unsafe av_dict_get(context.pointee.metadata, name, nil, 0) else { return "" }
        return unsafe String(cString: entry.pointee.value)
    }

    /// The chapters the container names, in its order: when each begins, in ticks of the file's own clock, and its title.
    public func chapters(atMost most: Int) -> [(start: Int64, title: String)] {
        var all: [(start: Int64, title: String)] = []
        for index in 0..<min(most, Int(unsafe context.pointee.nb_chapters)) {
            guard let chapter = unsafe context.pointee.chapters[index] else { continue }
            let base = unsafe TimeBase(chapter.pointee.time_base)
            guard base.numerator > 0, base.denominator > 0, unsafe chapter.pointee.start != shim_NOPTS else { continue }
            let start = unsafe base.convert(chapter.pointee.start, to: .ticks)
            guard abs(start) < 1 << 45 else { continue }
            var title = ""
            if let entry = unsafe av_dict_get(chapter.pointee.metadata, "title", nil, 0) {
                // A title of megabytes is not copied whole.
                let length = unsafe strnlen(entry.pointee.value, 4096)
                title = unsafe String(
                    decoding: UnsafeRawBufferPointer(start: entry.pointee.value, count: length), as: UTF8.self)
            }
            all.append((start, title))
        }
        return all
    }

    /// The length the container announces, in ticks; `nil` when it announces none or it is a guess by size.
    public var announcedDuration: Int64? {
        let duration = unsafe context.pointee.duration
        let isGuess = unsafe context.pointee.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE
        return duration == shim_NOPTS || isGuess ? nil : av_rescale(duration, 90_000, 1_000_000)
    }

    /// Whether the sample table of any of these streams names bytes beyond the end of the file.
    public func isCutShort(_ numbers: [Int]) -> Bool {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        for number in numbers {
            if let stream = unsafe context.pointee.streams[number],
                unsafe shim_reaches_beyond(stream, Int64(status.st_size)) != 0
            {
                return true
            }
        }
        return false
    }

    /// Reads only these streams from now on.
    public func keep(_ numbers: [Int]) {
        for index in 0..<Int(unsafe context.pointee.nb_streams) {
            let discard = numbers.contains(index) ? AVDISCARD_DEFAULT : AVDISCARD_ALL
            unsafe context.pointee.streams[index]?.pointee.discard = discard
        }
    }

    /// Reads the next packet.
    ///
    /// - Returns: whether there was one; `false` at the end.
    public func read(into packet: borrowing Packet) throws(AVFailure) -> Bool {
        packet.clear()
        let code = unsafe av_read_frame(context, packet.pointer)
        if code == shim_EOF { return false }
        try check("av_read_frame", code)
        return true
    }

    /// Goes to the last place to start at that is not after `time` (in the stream's unit), as far as the format knows.
    public func seek(stream: Int, to time: Int64) throws(AVFailure) {
        try check("av_seek_frame", unsafe av_seek_frame(context, Int32(stream), time, AVSEEK_FLAG_BACKWARD))
    }

    /// Goes back to the beginning.
    public func rewind() throws(AVFailure) {
        if unsafe avformat_seek_file(context, -1, Int64.min, Int64.min + 1, Int64.min + 1, AVSEEK_FLAG_BACKWARD) >= 0 {
            return
        }
        try check("av_seek_frame", unsafe av_seek_frame(context, -1, 0, AVSEEK_FLAG_BYTE))
    }

    func parameters(_ number: Int) -> UnsafeMutablePointer<AVCodecParameters>? {
        unsafe context.pointee.streams[number]?.pointee.codecpar
    }

    private static func facts(of stream: UnsafeMutablePointer<AVStream>) -> StreamFacts {
        let p = unsafe stream.pointee.codecpar.pointee
        let kind: StreamFacts.Kind =
            switch unsafe p.codec_type {
            case AVMEDIA_TYPE_VIDEO: .video
            case AVMEDIA_TYPE_AUDIO: .audio
            case AVMEDIA_TYPE_SUBTITLE: .text
            default: .other
            }
        let format = unsafe av_pix_fmt_desc_get(AVPixelFormat(rawValue: p.format))
        var plain = false
        if kind == .video, let format = unsafe format {
            plain =
                unsafe format.pointee.nb_components == 3 && format.pointee.log2_chroma_w == 1
                && format.pointee.log2_chroma_h == 1 && format.pointee.comp.0.depth == 8
        }
        let language = unsafe av_dict_get(stream.pointee.metadata, "language", nil, 0)
        let title = unsafe av_dict_get(stream.pointee.metadata, "title", nil, 0)
        let size = unsafe Int(p.extradata_size)
        let extradata = unsafe p.extradata.map { unsafe Array(UnsafeBufferPointer(start: $0, count: size)) } ?? []
        let disposition = unsafe stream.pointee.disposition
        let duration = unsafe stream.pointee.duration
        return unsafe StreamFacts(
            index: Int(stream.pointee.index), kind: kind, codec: String(cString: avcodec_get_name(p.codec_id)),
            timeBase: TimeBase(stream.pointee.time_base), width: Int(p.width), height: Int(p.height),
            containerAspect: (stream.pointee.sample_aspect_ratio.num, stream.pointee.sample_aspect_ratio.den),
            streamAspect: (p.sample_aspect_ratio.num, p.sample_aspect_ratio.den),
            rotation: Int(shim_rotation(stream)),
            frameRate: (stream.pointee.avg_frame_rate.num, stream.pointee.avg_frame_rate.den),
            profile: Int(p.profile), level: Int(p.level), is8Bit420: plain,
            isInterlaced: p.field_order != AV_FIELD_PROGRESSIVE && p.field_order != AV_FIELD_UNKNOWN,
            colours: ColourTags(
                p.color_primaries, p.color_trc, p.color_space, p.color_range, format: p.format,
                peak: shim_stream_peak(stream)),
            channels: Int(p.ch_layout.nb_channels), sampleRate: Int(p.sample_rate),
            language: language.map { unsafe String(cString: $0.pointee.value) } ?? "",
            title: title.map { unsafe String(cString: $0.pointee.value) } ?? "",
            isDefault: disposition & AV_DISPOSITION_DEFAULT != 0,
            isDescriptive: disposition & (AV_DISPOSITION_VISUAL_IMPAIRED | AV_DISPOSITION_DESCRIPTIONS) != 0,
            describesSound: disposition & (AV_DISPOSITION_HEARING_IMPAIRED | AV_DISPOSITION_CAPTIONS) != 0,
            isCover: disposition & AV_DISPOSITION_ATTACHED_PIC != 0,
            announcedSamples: stream.pointee.nb_frames, announcedDuration: duration == shim_NOPTS ? nil : duration,
            extradata: extradata)
    }
}

private func readBytes(
    _ opaque: UnsafeMutableRawPointer?, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32
) -> Int32 {
    let descriptor = Int32(Int(bitPattern: opaque) - 1)
    while true {
        let got = unsafe Glibc.read(descriptor, bytes, Int(count))
        if got > 0 { return Int32(got) }
        if got == 0 { return shim_EOF }
        if errno != EINTR { return shim_EIO }
    }
}

private func seekBytes(_ opaque: UnsafeMutableRawPointer?, _ offset: Int64, _ whence: Int32) -> Int64 {
    let descriptor = Int32(Int(bitPattern: opaque) - 1)
    let whence = whence & ~AVSEEK_FORCE
    if whence == AVSEEK_SIZE {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? Int64(status.st_size) : Int64(shim_EIO)
    }
    let place = lseek(descriptor, off_t(offset), whence)
    return place < 0 ? Int64(shim_EIO) : Int64(place)
}
