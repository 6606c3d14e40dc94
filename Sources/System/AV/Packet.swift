internal import CFFmpeg

/// A piece of a stream as it stands in a file.
@safe public struct Packet: ~Copyable {
    let pointer: UnsafeMutablePointer<AVPacket>

    private init(owning pointer: UnsafeMutablePointer<AVPacket>) { unsafe self.pointer = pointer }

    /// An empty one.
    public init() throws(AVFailure) { self = try Self.make() }

    private static func make() throws(AVFailure) -> Self {
        guard let made = unsafe av_packet_alloc() else { throw AVFailure("av_packet_alloc", shim_ENOMEM) }
        return unsafe Self(owning: made)
    }

    deinit {
        var gone: UnsafeMutablePointer<AVPacket>? = unsafe pointer
        unsafe av_packet_free(&gone)
    }

    /// The stream's number.
    public var stream: Int { Int(unsafe pointer.pointee.stream_index) }
    /// When it is shown, in the stream's unit; `nil` when unknown.
    public var presentation: Int64? {
        get { known(unsafe pointer.pointee.pts) }
        nonmutating set { unsafe pointer.pointee.pts = newValue ?? shim_NOPTS }
    }
    /// When it is decoded, in the stream's unit; `nil` when unknown.
    public var decoding: Int64? {
        get { known(unsafe pointer.pointee.dts) }
        nonmutating set { unsafe pointer.pointee.dts = newValue ?? shim_NOPTS }
    }
    /// How long it lasts, in the stream's unit; 0 when unknown.
    public var duration: Int64 { unsafe pointer.pointee.duration }
    /// Bytes.
    public var size: Int { Int(unsafe pointer.pointee.size) }
    /// libav takes it for a place to start at; for H.264 that need not be an IDR frame.
    public var isKey: Bool {
        get { unsafe pointer.pointee.flags & AV_PKT_FLAG_KEY != 0 }
        nonmutating set {
            let others = unsafe pointer.pointee.flags & ~AV_PKT_FLAG_KEY
            unsafe pointer.pointee.flags = newValue ? others | AV_PKT_FLAG_KEY : others
        }
    }
    /// It could not be read whole.
    public var isCorrupt: Bool { unsafe pointer.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 }
    /// To be decoded but not shown (it lies before an edit).
    public var isHidden: Bool { unsafe shim_is_discard(pointer) != 0 }
    /// New parameter sets come with it.
    public var changesParameters: Bool { unsafe shim_has_new_extradata(pointer) != 0 }
    /// Its bytes are encrypted (CENC).
    public var isEncrypted: Bool { unsafe shim_is_encrypted(pointer) != 0 }

    /// Hands its bytes to `body`.
    public borrowing func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        let bytes = unsafe UnsafeBufferPointer(start: pointer.pointee.data, count: Int(pointer.pointee.size))
        return try body(unsafe bytes.span)
    }

    /// Puts other bytes in the place of its own; times and flags stay.
    public borrowing func replaceBytes(with bytes: [UInt8]) throws(AVFailure) {
        let data = unsafe av_mallocz(bytes.count + Int(AV_INPUT_BUFFER_PADDING_SIZE))
        guard let data = unsafe data?.assumingMemoryBound(to: UInt8.self) else {
            throw AVFailure("av_mallocz", shim_ENOMEM)
        }
        for index in bytes.indices { unsafe data[index] = bytes[index] }
        unsafe av_buffer_unref(&pointer.pointee.buf)
        let made = unsafe av_buffer_create(
            data, bytes.count + Int(AV_INPUT_BUFFER_PADDING_SIZE), av_buffer_default_free, nil, 0)
        guard let made = unsafe made else {
            unsafe av_free(data)
            throw AVFailure("av_buffer_create", shim_ENOMEM)
        }
        unsafe pointer.pointee.buf = made
        unsafe pointer.pointee.data = data
        unsafe pointer.pointee.size = Int32(bytes.count)
    }

    /// Lets go of its bytes.
    public borrowing func clear() { unsafe av_packet_unref(pointer) }

    private func known(_ time: Int64) -> Int64? { time == shim_NOPTS ? nil : time }
}

/// A decoded picture or piece of sound.
@safe public struct Frame: ~Copyable {
    let pointer: UnsafeMutablePointer<AVFrame>

    private init(owning pointer: UnsafeMutablePointer<AVFrame>) { unsafe self.pointer = pointer }

    /// An empty one.
    public init() throws(AVFailure) { self = try Self.make() }

    private static func make() throws(AVFailure) -> Self {
        guard let made = unsafe av_frame_alloc() else { throw AVFailure("av_frame_alloc", shim_ENOMEM) }
        return unsafe Self(owning: made)
    }

    deinit {
        var gone: UnsafeMutablePointer<AVFrame>? = unsafe pointer
        unsafe av_frame_free(&gone)
    }

    /// When it is shown, in the stream's unit.
    public var presentation: Int64? {
        let own = unsafe pointer.pointee.pts
        let guess = unsafe pointer.pointee.best_effort_timestamp
        return own != shim_NOPTS ? own : guess != shim_NOPTS ? guess : nil
    }
    /// Samples in a row.
    public var width: Int { Int(unsafe pointer.pointee.width) }
    /// Rows.
    public var height: Int { Int(unsafe pointer.pointee.height) }
    /// Made of two fields.
    public var isInterlaced: Bool { unsafe pointer.pointee.interlaced_frame != 0 }
    /// Samples of sound in each channel.
    public var samples: Int { Int(unsafe pointer.pointee.nb_samples) }
    /// Samples in a second.
    public var sampleRate: Int { Int(unsafe pointer.pointee.sample_rate) }

    /// Lets go of its content.
    public borrowing func clear() { unsafe av_frame_unref(pointer) }

    /// Holds what `other` holds, without copying it.
    public borrowing func hold(_ other: borrowing Frame) throws(AVFailure) {
        unsafe av_frame_unref(pointer)
        try check("av_frame_ref", unsafe av_frame_ref(pointer, other.pointer))
    }
}
