internal import CFFmpeg

/// How channels become two.
///
/// After ITU-R BS.775 annex 4: the centre and what stands behind go into both or one side at 0.707, the effects channel
/// (LFE) is left out, and nothing is attenuated as a whole: a loud place is the limiter's business, and speech stays as
/// loud as it was.
enum Mixdown {
    private static let half = 0.707_106_781_186_547_6

    /// Factors for the left result, then for the right one, a factor for each channel; `nil` when there are two
    /// channels, left and right, already.
    static func factors(_ layout: inout AVChannelLayout) -> [Double]? {
        let count = Int(unsafe layout.nb_channels)
        let channels = (0..<count).map { unsafe av_channel_layout_channel_from_index(&layout, UInt32($0)) }
        if count == 1 { return [1, 1] }
        if unsafe layout.order == AV_CHANNEL_ORDER_AMBISONIC { return spheric(count) }
        let unknown = channels.allSatisfy { $0 == AV_CHAN_NONE || $0 == AV_CHAN_UNKNOWN }
        // Tracks of a recorder, or a layout nobody named: the first two are the mix by custom.
        if unsafe layout.order == AV_CHANNEL_ORDER_UNSPEC || unknown {
            return count == 2 ? nil : sides(count) { $0 == 0 ? (1, 0) : $0 == 1 ? (0, 1) : (0, 0) }
        }
        if channels == [AV_CHAN_FRONT_LEFT, AV_CHAN_FRONT_RIGHT] { return nil }
        let hasSides = channels.contains { side in
            let (left, right) = place(side)
            return left != right
        }
        let hasMore = channels.contains { !isEffects($0) }
        return sides(count) { index in
            if isEffects(channels[index]) { return hasMore ? (0, 0) : (1, 1) }
            let found = place(channels[index])
            // Without left and right the middle is all there is, as in mono.
            return hasSides || channels[index] != AV_CHAN_FRONT_CENTER ? found : (1, 1)
        }
    }

    /// W and Y of ambisonics (ACN order, SN3D): two cardioid microphones to the left and right.
    private static func spheric(_ count: Int) -> [Double] {
        sides(count) { $0 == 0 ? (half, half) : $0 == 1 ? (half, -half) : (0, 0) }
    }

    private static func sides(_ count: Int, _ factors: (Int) -> (Double, Double)) -> [Double] {
        (0..<count).map { factors($0).0 } + (0..<count).map { factors($0).1 }
    }

    private static func isEffects(_ channel: AVChannel) -> Bool {
        channel == AV_CHAN_LOW_FREQUENCY || channel == AV_CHAN_LOW_FREQUENCY_2
    }

    private static func place(_ channel: AVChannel) -> (Double, Double) {
        switch channel {
        case AV_CHAN_FRONT_LEFT, AV_CHAN_FRONT_LEFT_OF_CENTER, AV_CHAN_STEREO_LEFT, AV_CHAN_WIDE_LEFT: (1, 0)
        case AV_CHAN_FRONT_RIGHT, AV_CHAN_FRONT_RIGHT_OF_CENTER, AV_CHAN_STEREO_RIGHT, AV_CHAN_WIDE_RIGHT: (0, 1)
        case AV_CHAN_FRONT_CENTER, AV_CHAN_TOP_FRONT_CENTER, AV_CHAN_BOTTOM_FRONT_CENTER: (half, half)
        case AV_CHAN_BACK_LEFT, AV_CHAN_SIDE_LEFT, AV_CHAN_SURROUND_DIRECT_LEFT, AV_CHAN_TOP_FRONT_LEFT,
            AV_CHAN_TOP_SIDE_LEFT, AV_CHAN_TOP_BACK_LEFT, AV_CHAN_BOTTOM_FRONT_LEFT:
            (half, 0)
        case AV_CHAN_BACK_RIGHT, AV_CHAN_SIDE_RIGHT, AV_CHAN_SURROUND_DIRECT_RIGHT, AV_CHAN_TOP_FRONT_RIGHT,
            AV_CHAN_TOP_SIDE_RIGHT, AV_CHAN_TOP_BACK_RIGHT, AV_CHAN_BOTTOM_FRONT_RIGHT:
            (0, half)
        case AV_CHAN_LOW_FREQUENCY, AV_CHAN_LOW_FREQUENCY_2: (0, 0)
        // Back and top in the middle.
        default: (0.5, 0.5)
        }
    }
}
