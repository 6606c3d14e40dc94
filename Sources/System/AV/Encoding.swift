internal import CFFmpeg

/// What every encoder does.
enum Encoding {
    /// Hands over the packets that are ready.
    static func drain(
        _ context: UnsafeMutablePointer<AVCodecContext>, _ body: (borrowing Packet) throws -> Void
    ) throws {
        let packet = try Packet()
        while true {
            let code = unsafe avcodec_receive_packet(context, packet.pointer)
            if code == shim_EAGAIN || code == shim_EOF { return }
            try check("avcodec_receive_packet", code)
            try body(packet)
            packet.clear()
        }
    }

    /// How it codes.
    static func parameters(of context: UnsafeMutablePointer<AVCodecContext>) throws(AVFailure) -> Parameters {
        let made = try Parameters()
        try check("avcodec_parameters_from_context", unsafe avcodec_parameters_from_context(made.pointer, context))
        return made
    }
}
