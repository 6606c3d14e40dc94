internal import CFFmpeg
internal import Glibc

/// A libav call that failed.
public struct AVFailure: Error, Equatable, CustomStringConvertible {
    /// The call's name.
    public let call: String
    /// libav's error code.
    public let code: Int32

    init(_ call: String, _ code: Int32) {
        self.call = call
        self.code = code
    }

    /// The call and libav's sentence.
    public var description: String {
        var text = [CChar](repeating: 0, count: 128)
        _ = unsafe shim_error_text(code, &text, text.count)
        return "\(call): " + String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The file has more streams than were allowed.
    public static let tooManyStreams = AVFailure("max_streams", shim_EIO)

    /// Memory ran out.
    public var isMemory: Bool { code == shim_ENOMEM }
}

@discardableResult
func check(_ call: String, _ code: Int32) throws(AVFailure) -> Int32 {
    if code < 0 { throw AVFailure(call, code) }
    return code
}

/// The libraries as a whole.
public enum AVLibrary {
    /// Makes them ready for a jail: loads now what would be opened at first use, and sends errors to descriptor 2,
    /// unbuffered and without control characters.
    public static func prepare() {
        // The first conversion of a time would open /etc/localtime.
        tzset()
        shim_log_to_stderr()
    }
}

/// What the helper opens, whatever a file claims to be.
public enum Allowed {
    /// Demuxers, by libav's names.
    public static let formats = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,mpegts,mpeg"
    /// Decoders of pictures, by libav's names.
    public static let video = [
        "h264", "hevc", "vp8", "vp9", "libdav1d", "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4v1", "msmpeg4v2",
        "msmpeg4", "wmv1", "wmv2", "wmv3", "vc1", "flv", "mjpeg", "prores",
    ]
    /// Decoders of sound, by libav's names.
    public static let audio = [
        "aac", "mp3float", "mp3", "mp2float", "mp2", "ac3", "eac3", "opus", "vorbis", "flac", "alac", "wmav1", "wmav2",
        "wmapro",
        "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be",
        "pcm_u8", "pcm_alaw", "pcm_mulaw",
    ]
    static var decoders: String { (video + audio).joined(separator: ",") }
}

/// The unit a stream counts time in, as a fraction of a second.
public struct TimeBase: Equatable, Sendable {
    /// Above the line.
    public let numerator: Int32
    /// Below the line.
    public let denominator: Int32

    /// Ticks of 1/90000 s.
    public static let ticks = TimeBase(numerator: 1, denominator: 90_000)

    /// A fraction of a second.
    public init(numerator: Int32, denominator: Int32) {
        self.numerator = numerator
        self.denominator = denominator
    }

    init(_ rational: AVRational) {
        self.init(numerator: rational.num, denominator: rational.den)
    }

    var rational: AVRational { AVRational(num: numerator, den: denominator) }

    /// `value` of this unit in another, rounded to nearest.
    public func convert(_ value: Int64, to other: TimeBase) -> Int64 { av_rescale_q(value, rational, other.rational) }
}
