internal import AV
internal import Media

/// Makes segments of one rendition's packets, one after the other.
protocol Packager: AnyObject {
    /// Adds a packet whose times are ticks, offset included; its bytes are gone afterwards.
    func write(_ packet: borrowing Packet) throws

    /// Ends a segment.
    ///
    /// - Parameters:
    ///   - segment: its number in the plan.
    ///   - decoding: when what follows is decoded, offset included; `nil` when nothing does.
    /// - Returns: its bytes.
    func finish(segment: Int, next decoding: Ticks?) throws -> [UInt8]
}

/// Transport streams.
final class StreamPackager: Packager {
    private let parameters: Parameters
    private var muxer: SegmentMuxer?
    private var expected = 1 << 18

    init(_ parameters: Parameters) { self.parameters = parameters }

    func write(_ packet: borrowing Packet) throws {
        let muxer = try self.muxer ?? SegmentMuxer.begin(parameters, expected: expected)
        self.muxer = muxer
        try muxer.write(packet)
    }

    func finish(segment: Int, next decoding: Ticks?) throws -> [UInt8] {
        guard let muxer = muxer.take() else { return [] }
        let bytes = try muxer.finish()
        expected = bytes.count + bytes.count / 4
        do {
            return try TransportStream.normalise(bytes, segment: segment)
        } catch {
            throw StepFailure(.library, "transport stream: \(error)")
        }
    }
}

/// Fragmented MP4. How the stream is coded stands once in front of all segments, and nowhere else.
final class FragmentPackager: Packager {
    private let muxer: FragmentMuxer
    private let isAudio: Bool
    /// What the initialization section holds; taken out of pictures.
    private let parameterSets: [UInt8]
    /// `ftyp` and `moov`.
    var initialization: [UInt8] { muxer.initialization }

    /// - Parameters:
    ///   - parameters: how the stream is coded; what they say is the same for all slices of a rendition.
    ///   - first: the first packet, which is asked where they say nothing.
    ///   - segment: the number of the first segment.
    init(_ parameters: Parameters, _ first: borrowing Packet, isAudio: Bool, segment: Int) throws {
        self.isAudio = isAudio
        let said = first.withBytes { isAudio ? AAC.header($0)?.config ?? [] : H264.parameterSets($0) }
        let known = parameters.extradata.isEmpty ? said : parameters.extradata
        if known.isEmpty { throw StepFailure(.library, "nothing says how the stream is coded") }
        parameterSets = isAudio ? [] : known
        muxer = try FragmentMuxer.begin(try parameters.configured(known), number: segment + 1)
    }

    func write(_ packet: borrowing Packet) throws {
        // Players begin at every sample that is flagged, so only what needs nothing before it is.
        if !isAudio { packet.isKey = packet.withBytes { H264.inspect($0, lengthSize: 0).isIDR } }
        let plain = packet.withBytes { (bytes) -> [UInt8]? in
            guard isAudio else { return H264.without(parameterSets, bytes) }
            return AAC.header(bytes).map { header in (header.size..<bytes.count).map { bytes[$0] } }
        }
        if let plain { try packet.replaceBytes(with: plain) }
        try muxer.write(packet)
    }

    func finish(segment: Int, next decoding: Ticks?) throws -> [UInt8] { try muxer.finish(at: decoding) }
}
