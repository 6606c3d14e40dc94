internal import CFFmpeg

/// What is done to decoded pictures before anything else.
public struct PictureTreatment: Equatable, Sendable {
    /// Pictures that say they are made of fields become whole ones.
    public var deinterlaces: Bool
    /// Colours become those of ordinary screens.
    public var colours: ColourConversion?

    /// - Parameters: as the properties.
    public init(deinterlaces: Bool, colours: ColourConversion?) {
        self.deinterlaces = deinterlaces
        self.colours = colours
    }

    /// The filters in libavfilter's language.
    ///
    /// `bwdif` looks at one picture before and one after, and gives one for each.
    var chain: String {
        var filters: [String] = []
        if deinterlaces { filters.append("bwdif=mode=send_frame:parity=auto:deint=interlaced") }
        if let colours { filters += colours.filters }
        return filters.joined(separator: ",")
    }
}

/// From the colours of a source to BT.709 in 8 bits, limited range, 4:2:0.
public struct ColourConversion: Equatable, Sendable {
    /// Colour primaries of the source, as a code point of ITU-T H.273.
    public var primaries: Int
    /// Its transfer characteristics, likewise.
    public var transfer: Int
    /// Its matrix coefficients, likewise.
    public var matrix: Int
    /// 0…255 instead of 16…235.
    public var isFullRange: Bool
    /// Nits of the brightest pixel where the source has a high dynamic range; 0: it has not.
    public var peak: Int
    /// Samples in a row of the result.
    public var width: Int
    /// Rows of the result.
    public var height: Int

    /// - Parameters: as the properties.
    public init(
        primaries: Int, transfer: Int, matrix: Int, isFullRange: Bool, peak: Int, width: Int, height: Int
    ) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
        self.isFullRange = isFullRange
        self.peak = peak
        self.width = width
        self.height = height
    }

    /// Nits of paper white in high dynamic range (ITU-R BT.2408).
    static let white = 203

    /// Scaling comes first, where there is less to do afterwards.
    ///
    /// High dynamic range: light of 203 nits is 1. Up to half of that, where faces and rooms are, nothing changes, so
    /// that they look as a standard master of the same scene would; from there on the curve bends so that white
    /// stands at 89 % of the signal and the brightest pixel at 100 %.
    var filters: [String] {
        let input =
            "zscale=w=\(width):h=\(height):f=spline36:pin=\(primaries):tin=\(transfer):min=\(matrix)"
            + ":rin=\(isFullRange ? "full" : "limited")"
        let output = "p=709:t=709:m=709:r=limited:c=left"
        if peak <= 0 { return ["\(input):\(output)", "format=yuv420p"] }
        // In thousandths without a Double's text.
        let ratio = max(2 * Self.white, peak) * 1000 / Self.white
        let fraction = String(ratio % 1000 + 1000).dropFirst()
        return [
            "\(input):p=709:t=linear:npl=\(Self.white)", "format=gbrpf32le",
            "tonemap=tonemap=mobius:param=0.5:desat=0:peak=\(ratio / 1000).\(fraction)", "zscale=\(output)",
            "format=yuv420p",
        ]
    }
}

/// libavfilter, where it could be loaded.
@safe final class FilterCalls: @unchecked Sendable {
    let table: UnsafePointer<shim_filters>

    /// Loaded when first asked for, which has to be before a jail is closed.
    static let shared: FilterCalls? = unsafe shim_load_filters().map { unsafe FilterCalls(UnsafePointer($0)) }

    private init(_ table: UnsafePointer<shim_filters>) { unsafe self.table = table }
}

/// Applies a treatment to pictures that come one after the other; filters work in the caller's thread.
@safe public final class PictureFilter {
    private let calls: FilterCalls
    private let treatment: PictureTreatment
    private let input: Frame
    private let output: Frame
    private var graph: UnsafeMutablePointer<AVFilterGraph>?
    private var entry: UnsafeMutablePointer<AVFilterContext>?
    private var exit: UnsafeMutablePointer<AVFilterContext>?
    private var key: [Int32] = []

    /// Loads what filters need. Call before a jail is closed where a treatment will be wanted.
    ///
    /// - Returns: whether it is there.
    public static func prepare() -> Bool { FilterCalls.shared != nil }

    /// - Throws: `AVFailure` where the library was not loaded.
    public init(_ treatment: PictureTreatment) throws(AVFailure) {
        guard let calls = FilterCalls.shared else { throw AVFailure("libavfilter", shim_ENOMEM) }
        let input = try Frame()
        let output = try Frame()
        self.input = input
        self.output = output
        self.calls = calls
        self.treatment = treatment
    }

    deinit { close() }

    private func close() { unsafe shim_graph_free(calls.table, &graph) }

    /// Takes a picture shown at `time` (ticks).
    ///
    /// - Returns: what is ready by now, with its times; a picture may come out only when the next has gone in.
    public func filter(_ shared: SharedPicture, at time: Int64) throws(AVFailure) -> [(SharedPicture, Int64)] {
        // The reference is the filter's own; its time and what else stands on it may be changed.
        try input.hold(shared.frame)
        let picture = unsafe input.pointer
        let new = unsafe [picture.pointee.width, picture.pointee.height, picture.pointee.format]
        var ready: [(SharedPicture, Int64)] = []
        if new != key {
            ready = try finish()
            try open(new)
        }
        unsafe picture.pointee.pts = time
        try check("av_buffersrc_add_frame", unsafe shim_graph_push(calls.table, entry, picture))
        return try ready + drain()
    }

    /// Nothing more comes.
    ///
    /// - Returns: what was still inside.
    public func finish() throws(AVFailure) -> [(SharedPicture, Int64)] {
        guard unsafe graph != nil else { return [] }
        try check("av_buffersrc_add_frame", unsafe shim_graph_push(calls.table, entry, nil))
        let rest = try drain()
        close()
        key = []
        return rest
    }

    private func open(_ new: [Int32]) throws(AVFailure) {
        let source = "video_size=\(new[0])x\(new[1]):pix_fmt=\(new[2]):time_base=1/90000:pixel_aspect=1/1"
        try check(
            "avfilter_graph_config",
            unsafe shim_graph_open(calls.table, source, treatment.chain, &graph, &entry, &exit))
        key = new
    }

    private func drain() throws(AVFailure) -> [(SharedPicture, Int64)] {
        var ready: [(SharedPicture, Int64)] = []
        while true {
            output.clear()
            let code = unsafe shim_graph_pull(calls.table, exit, output.pointer)
            if code == shim_EAGAIN || code == shim_EOF { return ready }
            try check("av_buffersink_get_frame", code)
            let unit = TimeBase(unsafe shim_graph_time_base(calls.table, exit))
            ready.append((try SharedPicture(output), unit.convert(unsafe output.pointer.pointee.pts, to: .ticks)))
        }
    }
}
