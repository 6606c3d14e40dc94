internal import AV
internal import Media

/// How hard a slice is, as the source's own encoder saw it.
///
/// A rung that aims at a mean would otherwise give an easy half minute what a hard one lacks, as each slice is encoded
/// by itself.
enum SliceWeight {
    /// The source's rate in the slice in percent of its mean, between 60 and 150; 100 where nothing is known.
    static func percent(
        _ demuxer: Demuxer, _ source: SourceFacts, _ facts: VideoFacts, _ slice: Range<Int>
    ) throws -> Int64 {
        guard demuxer.streams.indices.contains(facts.stream), facts.meanBitRate > 0 else { return 100 }
        let timeBase = demuxer.streams[facts.stream].timeBase
        let start = source.plan.start(of: slice.lowerBound)
        let end = min(source.plan.start(of: slice.upperBound), facts.end)
        let from = TimeBase.ticks.convert(source.plan.decodeFrom[slice.lowerBound] + source.origin, to: timeBase)
        guard end > start, (try? demuxer.seek(stream: facts.stream, to: from)) != nil else { return 100 }
        demuxer.keep([facts.stream])
        let packet = try Packet()
        var bytes: Int64 = 0
        while (try? demuxer.read(into: packet)) == true {
            let stamp = packet.decoding ?? packet.presentation
            guard let time = stamp.map({ timeBase.convert($0, to: .ticks) - source.origin }) else { continue }
            if time >= end { break }
            if time >= start { bytes += Int64(packet.size) }
        }
        guard bytes > 0 else { return 100 }
        return min(150, max(60, bytes * 8 * Ticks.perSecond * 100 / (end - start) / facts.meanBitRate))
    }
}
