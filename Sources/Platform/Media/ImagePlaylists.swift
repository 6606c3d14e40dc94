/// The playlist of pictures for winding (RFC 8216 §4.3.3.6): each segment is one whole picture.
public enum IFramePlaylist {
    /// Writes it.
    ///
    /// - Parameters:
    ///   - segments: the pictures in order; each stands until the next.
    ///   - ordinal: the rendition's, for keys and vectors.
    public static func write(_ segments: [SegmentFacts], ordinal: UInt16) -> String {
        let longest = segments.reduce(Ticks.perSecond) { max($0, $1.duration) }
        var text = "#EXTM3U\n#EXT-X-VERSION:6\n"
        text += "#EXT-X-TARGETDURATION:\((longest + Ticks.perSecond / 2) / Ticks.perSecond)\n"
        text += "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-I-FRAMES-ONLY\n"
        for segment in segments {
            let number = UInt32(clamping: segment.number)
            text += KeyPlan.tag(ordinal: ordinal, segment: number)
            text += "#EXTINF:\(MediaPlaylist.seconds(segment.duration)),\n\(segment.number).ts\n"
        }
        return text + "#EXT-X-ENDLIST\n"
    }
}

/// The playlist of sheets of small pictures ("image media playlist" as Roku and others read it): players that do not
/// know it pass it over.
public enum ImagePlaylist {
    /// Writes it; the sheets are `0.jpg`, `1.jpg`… beside it.
    public static func write(_ layout: TileLayout) -> String {
        let times = (0..<layout.sheets).map { layout.time(of: $0) }
        let longest = times.reduce(Ticks.perSecond) { max($0, $1.upperBound - $1.lowerBound) }
        var text = "#EXTM3U\n#EXT-X-VERSION:7\n"
        text += "#EXT-X-TARGETDURATION:\((longest + Ticks.perSecond / 2) / Ticks.perSecond)\n"
        text += "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-IMAGES-ONLY\n"
        for (sheet, time) in times.enumerated() {
            let grid = layout.grid(of: sheet)
            text += "#EXTINF:\(MediaPlaylist.seconds(time.upperBound - time.lowerBound)),\n"
            text += "#EXT-X-TILES:RESOLUTION=\(layout.tile.width)x\(layout.tile.height)"
            text += ",LAYOUT=\(grid.columns)x\(grid.rows),DURATION=\(MediaPlaylist.seconds(layout.interval))\n"
            text += "\(sheet).jpg\n"
        }
        return text + "#EXT-X-ENDLIST\n"
    }
}

/// Small pictures as players on pages read them: a WebVTT cue each, whose text names a sheet and a rectangle on it
/// (Media Fragments URI 1.0 §4.2.2).
public enum ThumbnailCues {
    /// Writes them; the sheets are `0.jpg`, `1.jpg`… beside the file.
    ///
    /// - Parameter duration: when the lesson ends; the last cue reaches to it.
    public static func write(_ layout: TileLayout, duration: Ticks) -> String {
        var text = "WEBVTT\n"
        for tile in 0..<layout.count {
            let range = layout.range(of: tile)
            let end = tile + 1 == layout.count ? max(range.upperBound, duration) : range.upperBound
            let place = layout.place(of: tile)
            text += "\n\(WebVTTTime.text(range.lowerBound)) --> \(WebVTTTime.text(end))\n"
            text += "\(place.sheet).jpg#xywh=\(place.x),\(place.y),\(layout.tile.width),\(layout.tile.height)\n"
        }
        return text
    }
}

/// Chapters as WebVTT (§1.4 "chapters"): a cue each, whose text is the title.
public enum ChapterCues {
    /// Writes them; a chapter lasts until the next one begins, the last until the lesson ends.
    ///
    /// - Parameters:
    ///   - chapters: by time.
    ///   - duration: when the lesson ends.
    public static func write(_ chapters: [Chapter], duration: Ticks) -> String {
        var text = "WEBVTT\n"
        for (index, chapter) in chapters.enumerated() {
            let end = index + 1 < chapters.count ? chapters[index + 1].start : max(duration, chapter.start + 90)
            text += "\n\(WebVTTTime.text(chapter.start)) --> \(WebVTTTime.text(end))\n"
            text += escaped(chapter.title.isEmpty ? "\(index + 1)" : chapter.title) + "\n"
        }
        return text
    }

    /// Cue text without markup: nothing in it may open a tag, an entity or end the cue's timings.
    static func escaped(_ title: String) -> String {
        var text = ""
        for scalar in title.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

/// Times as WebVTT writes them.
enum WebVTTTime {
    /// `hh:mm:ss.ttt`, rounded to the nearest millisecond; never negative.
    static func text(_ time: Ticks) -> String {
        let milliseconds = (max(0, time) + 45) / 90
        func padded(_ value: Int64, _ digits: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        let seconds = milliseconds / 1000
        return padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":" + padded(seconds % 60, 2) + "."
            + padded(milliseconds % 1000, 3)
    }
}
