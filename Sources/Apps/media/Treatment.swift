internal import AV
internal import Media

extension VideoFacts {
    /// What has to be done to its pictures before they are scaled; `nil` for most sources.
    ///
    /// - Parameter size: the largest that is wanted, upright; pictures that are converted anyway are made no larger.
    func treatment(for size: (width: Int, height: Int)?) -> PictureTreatment? {
        guard interlaced || colour.needsConversion else { return nil }
        guard colour.needsConversion else { return PictureTreatment(deinterlaces: true, colours: nil) }
        var target = (width: width, height: height)
        if let size {
            let coded = rotation % 180 == 0 ? size : (size.height, size.width)
            if coded.0 * coded.1 < width * height { target = coded }
        }
        return PictureTreatment(
            deinterlaces: interlaced,
            colours: ColourConversion(
                primaries: colour.primaries, transfer: colour.transfer, matrix: colour.matrix,
                isFullRange: colour.isFullRange, peak: colour.tonePeak, width: target.width, height: target.height))
    }
}

extension VideoFacts {
    /// What the colours of its encoded rungs mean, in all slices alike: what the source said when it was inspected, and
    /// where it said nothing what players guess for its size, because they would guess otherwise for a smaller picture.
    var encodedColours: ColourMeaning {
        if colour.needsConversion { return ColourMeaning(primaries: 1, transfer: 1, matrix: 1) }
        let known = colour.completed(width: width, height: height)
        let usual = width >= 1280 || height >= 720 ? 1 : 6
        return ColourMeaning(
            primaries: known.primaries, transfer: known.transfer, matrix: known.matrix == 0 ? usual : known.matrix)
    }
}

extension MediaJob {
    /// Whether pictures are decoded that need filters.
    var needsFilters: Bool {
        switch self {
        case .encode(let source, _, _, _, _), .probe(let source, _, _, _), .stills(let source, _, _):
            source.video?.treatment(for: nil) != nil
        default: false
        }
    }
}
