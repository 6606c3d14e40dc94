internal import CFFmpeg

/// What a stream or picture says about its colours; 2 stands for "not said" in code points of ITU-T H.273.
public struct ColourTags: Equatable, Sendable {
    /// Colour primaries.
    public var primaries: Int
    /// Transfer characteristics.
    public var transfer: Int
    /// Matrix coefficients.
    public var matrix: Int
    /// Full range; `nil` when not said.
    public var isFullRange: Bool?
    /// Nits of the brightest pixel, as the content or its mastering display has it; 0 when not said.
    public var peak: Int

    init(
        _ primaries: AVColorPrimaries, _ transfer: AVColorTransferCharacteristic, _ matrix: AVColorSpace,
        _ range: AVColorRange, format: Int32, peak: Int32
    ) {
        self.primaries = Int(primaries.rawValue)
        self.transfer = Int(transfer.rawValue)
        self.matrix = shim_is_rgb(format) != 0 ? 0 : Int(matrix.rawValue)
        let full = Scaler.isFullRange(AVPixelFormat(rawValue: format))
        isFullRange = full || range == AVCOL_RANGE_JPEG ? true : range == AVCOL_RANGE_MPEG ? false : nil
        self.peak = Int(peak)
    }

    /// What is said here, and where nothing is, what `other` says.
    public func completed(by other: ColourTags) -> ColourTags {
        var made = self
        // 0 is reserved but for matrices, where it is RGB.
        if primaries == 2 || primaries == 0 { made.primaries = other.primaries }
        if transfer == 2 || transfer == 0 { made.transfer = other.transfer }
        if matrix == 2 { made.matrix = other.matrix }
        made.isFullRange = isFullRange ?? other.isFullRange
        made.peak = peak > 0 ? peak : other.peak
        return made
    }
}

extension Frame {
    /// What the picture says about its colours.
    public var colours: ColourTags {
        unsafe ColourTags(
            pointer.pointee.color_primaries, pointer.pointee.color_trc, pointer.pointee.colorspace,
            pointer.pointee.color_range, format: pointer.pointee.format, peak: shim_frame_peak(pointer))
    }
}
