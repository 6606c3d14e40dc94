/// What has to be read of a JPEG picture (ISO 10918-1) to know that it is one.
public enum JPEG {
    /// Width and height of a baseline picture in 8 bits; `nil` where the bytes are anything else, or are not the whole
    /// of one.
    ///
    /// - Complexity: O(segments in front of the picture).
    public static func size(of bytes: Span<UInt8>) -> PictureSize? {
        let count = bytes.count
        guard count >= 4, bytes[0] == 0xFF, bytes[1] == 0xD8, bytes[count - 2] == 0xFF, bytes[count - 1] == 0xD9 else {
            return nil
        }
        var at = 2
        var size: PictureSize?
        while at + 4 <= count {
            guard bytes[at] == 0xFF else { return nil }
            let marker = bytes[at + 1]
            let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
            guard length >= 2, at + 2 + length <= count else { return nil }
            switch marker {
            case 0xC0:
                guard size == nil, length >= 8, bytes[at + 4] == 8 else { return nil }
                size = PictureSize(
                    width: Int(bytes[at + 7]) << 8 | Int(bytes[at + 8]),
                    height: Int(bytes[at + 5]) << 8 | Int(bytes[at + 6]))
            case 0xDA: return size
            // Tables, restart intervals, the JFIF mark, a comment: what our encoder writes.
            case 0xC4, 0xDB, 0xDD, 0xE0, 0xFE: break
            default: return nil
            }
            at += 2 + length
        }
        return nil
    }
}
