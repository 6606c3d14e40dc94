public import Core

/// What the numbers of a picture's samples mean: code points of ITU-T H.273.
public struct ColourFacts: MediaMessage {
    /// Colour primaries: 1 is BT.709, 9 BT.2020.
    public var primaries: Int
    /// Transfer characteristics: 1 is BT.709, 16 PQ, 18 HLG.
    public var transfer: Int
    /// Matrix coefficients: 1 is BT.709, 6 BT.601, 9 BT.2020.
    public var matrix: Int
    /// Black at 0 and white at 255 instead of 16 and 235, in 8 bits.
    public var isFullRange: Bool
    /// Nits of the brightest pixel, as the source says; 0 when it does not.
    public var peak: Int

    /// - Parameters: as the properties.
    public init(primaries: Int = 1, transfer: Int = 1, matrix: Int = 1, isFullRange: Bool = false, peak: Int = 0) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
        self.isFullRange = isFullRange
        self.peak = peak
    }

    /// What is left open (2, or reserved) is what it usually is beside the rest: BT.2020 with the transfer that goes with
    /// wide colours, else as players guess for the picture's size.
    public func completed(width: Int, height: Int) -> ColourFacts {
        var made = self
        let isWide = primaries == 9 || matrix == 9 || matrix == 10 || transfer == 16 || transfer == 18
        let usual = isWide ? 9 : width >= 1280 || height >= 720 ? 1 : 6
        if ![1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22].contains(primaries) { made.primaries = usual }
        if ![1, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 18].contains(transfer) { made.transfer = usual == 6 ? 6 : 1 }
        if ![0, 1, 4, 5, 6, 7, 8, 9, 10].contains(matrix) { made.matrix = usual }
        return made
    }

    /// High dynamic range: PQ or HLG.
    public var isHDR: Bool { transfer == 16 || transfer == 18 }

    /// Ordinary screens and players would show it wrongly: it has to be converted to BT.709, and can't be copied.
    public var needsConversion: Bool {
        isHDR || [8, 9, 10, 11, 12].contains(primaries) || [8, 9, 10].contains(matrix) || [8, 9, 10].contains(transfer)
    }

    /// The brightest pixel in nits that a tone curve has to reach; 0 without high dynamic range. Masters of 1000 nits
    /// are usual, and HLG is shown at 1000.
    public var tonePeak: Int {
        guard isHDR else { return 0 }
        return transfer == 18 || peak == 0 ? 1000 : min(4000, max(400, peak))
    }

    /// The facts as JSON.
    public var json: JSON {
        [
            "primaries": JSON(primaries), "transfer": JSON(transfer), "matrix": JSON(matrix),
            "full_range": .bool(isFullRange), "peak": JSON(peak),
        ]
    }

    /// Reads them back.
    public init(json: JSON) throws(MediaMessageError) {
        primaries = try json.count("primaries", upTo: 255)
        transfer = try json.count("transfer", upTo: 255)
        matrix = try json.count("matrix", upTo: 255)
        isFullRange = try json.flag("full_range")
        peak = try json.count("peak", upTo: 10_000)
    }
}
