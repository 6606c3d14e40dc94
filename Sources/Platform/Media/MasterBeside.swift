extension MasterPlaylist {
    /// What stands beside picture and sound; each part is listed when it is there.
    public struct Beside: Equatable, Sendable {
        /// Pictures for winding, or sheets of small ones.
        public struct Pictures: Equatable, Sendable {
            /// The rendition's directory.
            public var name: String
            /// RFC 6381, or `jpeg`.
            public var codecs: String
            /// Of one picture.
            public var size: PictureSize
            /// What there is.
            public var segments: [SegmentFacts]

            /// - Parameters: as the properties.
            public init(name: String, codecs: String, size: PictureSize, segments: [SegmentFacts]) {
                self.name = name
                self.codecs = codecs
                self.size = size
                self.segments = segments
            }
        }

        /// Whole pictures for winding.
        public var frames: Pictures?
        /// Sheets of small pictures.
        public var images: Pictures?
        /// The directory of the picture that stands for the film.
        public var poster: String?
        /// The directory of the chapters.
        public var chapters: String?

        /// Nothing yet.
        public init() {}

        /// The lines of a master playlist (RFC 8216 §4.3.4.3 and §4.3.4.4; the image playlist as Roku and others have
        /// it). A page finds poster, small pictures and chapters as session data.
        ///
        /// - Parameter prefix: the publication's directory with a slash.
        public func text(prefix: String) -> String {
            var text = ""
            if let frames {
                text += "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=\(max(1, frames.segments.peakRate))"
                text += ",AVERAGE-BANDWIDTH=\(max(1, frames.segments.meanRate)),CODECS=\"\(frames.codecs)\""
                text += ",RESOLUTION=\(frames.size.width)x\(frames.size.height)"
                text += ",URI=\"\(prefix)\(frames.name)/index.m3u8\"\n"
            }
            if let images {
                text += "#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=\(max(1, images.segments.peakRate))"
                text += ",RESOLUTION=\(images.size.width)x\(images.size.height),CODECS=\"\(images.codecs)\""
                text += ",URI=\"\(prefix)\(images.name)/index.m3u8\"\n"
            }
            func data(_ name: String, _ file: String) -> String {
                "#EXT-X-SESSION-DATA:DATA-ID=\"org.reelgate.\(name)\",URI=\"\(prefix)\(file)\",FORMAT=RAW\n"
            }
            if let poster { text += data("poster", "\(poster)/0.jpg") }
            if let images { text += data("thumbnails", "\(images.name)/0.vtt") }
            if let chapters { text += data("chapters", "\(chapters)/0.vtt") }
            return text
        }
    }
}
