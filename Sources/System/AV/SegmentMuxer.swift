internal import CFFmpeg

/// Writes one segment of an MPEG transport stream (ISO 13818-1) with one elementary stream into memory.
public final class SegmentMuxer {
    private let output: MemoryOutput

    private init(_ output: MemoryOutput) { self.output = output }

    /// Begins a segment of a stream coded like `parameters`.
    ///
    /// - Parameter expected: bytes it will probably have, for reserving room.
    public static func begin(_ parameters: Parameters, expected: Int) throws(AVFailure) -> SegmentMuxer {
        let output = try MemoryOutput.open(format: "mpegts", parameters, expected: expected)
        // Our own times, unshifted; tables once.
        try output.begin([("mpegts_copyts", "1"), ("pat_period", "100000"), ("sdt_period", "100000")])
        return SegmentMuxer(output)
    }

    /// Adds a packet whose times are ticks, offset included; its bytes are gone afterwards.
    public func write(_ packet: borrowing Packet) throws(AVFailure) {
        unsafe packet.pointer.pointee.stream_index = 0
        unsafe packet.pointer.pointee.duration = 0
        try check("av_write_frame", unsafe av_write_frame(output.context, packet.pointer))
    }

    /// Ends the segment.
    ///
    /// - Returns: its packets of 188 bytes.
    public func finish() throws(AVFailure) -> [UInt8] {
        try check("av_write_trailer", unsafe av_write_trailer(output.context))
        return output.take()
    }
}
