/// What has to be read in MPEG-2 pictures (ITU-T H.262).
public enum MPEG2 {
    /// Whether a picture says that it is made of two fields: `progressive_frame` off, or `picture_structure` a field
    /// (picture coding extension, 6.2.3.1).
    ///
    /// - Complexity: O(n) in the bytes before the extension, which comes first.
    public static func hasFields(_ bytes: Span<UInt8>) -> Bool {
        let end = min(bytes.count, 4096) - 8
        var at = 0
        while at < end {
            if bytes[at] == 0, bytes[at + 1] == 0, bytes[at + 2] == 1, bytes[at + 3] == 0xB5, bytes[at + 4] >> 4 == 8 {
                return bytes[at + 8] & 0x80 == 0 || bytes[at + 6] & 3 != 3
            }
            at += 1
        }
        return false
    }
}
