/// What kind of file something is, by its content.
enum Container {
    /// The extension that belongs to the content.
    ///
    /// - Parameters:
    ///   - format: libav's names of the demuxer.
    ///   - brand: the `major_brand` of an ISO file, or empty.
    ///   - codecs: libav's names of the codecs in it.
    static func canonicalExtension(format: String, brand: String, codecs: [String]) -> String? {
        let names = format.split(separator: ",")
        if names.contains("mp4") { return brand.hasPrefix("qt") ? "mov" : brand.hasPrefix("M4V") ? "m4v" : "mp4" }
        if names.contains("matroska") {
            let open = ["vp8", "vp9", "av1", "vorbis", "opus"]
            return codecs.allSatisfy { open.contains($0) } ? "webm" : "mkv"
        }
        switch format {
        case "avi": return "avi"
        case "asf": return "wmv"
        case "flv": return "flv"
        case "mpegts": return "ts"
        case "mpeg": return "mpg"
        default: return nil
        }
    }

    /// Whether a file may be called `name` when its content is `canonical`: the ISO files go by each other's names, as
    /// do the Matroska ones.
    static func agrees(name: String, canonical: String) -> Bool {
        let families = [["mp4", "mov", "m4v"], ["mkv", "webm"], ["mpg", "mpeg"], ["ts"], ["avi"], ["wmv"], ["flv"]]
        return families.contains { $0.contains(name) && $0.contains(canonical) }
    }
}
