import Core
import Media
import Testing

private let sequence: [UInt8] = [0x67, 0x64, 0, 0x1E, 0xAC, 0xD9]
private let pictures: [UInt8] = [0x68, 0xEB, 0xE3, 0xCB]
private let code: [UInt8] = [0, 0, 0, 1]

@Suite("Segments as fragmented MP4")
struct FragmentTests {
    @Test("Parameter sets that stand in front of the rendition are not repeated in it; others stay")
    func parameterSets() {
        let slice = code + [0x65, 0x88, 0x84, 0, 0x10]
        let message = code + [0x06, 0x05, 0x02, 0xAA, 0xBB, 0x80]
        let known = code + sequence + code + pictures
        let picture = code + sequence + code + pictures + message + slice
        let found = H264.parameterSets(picture.span)
        #expect(found == known)
        let plain = H264.without(known, picture.span)
        #expect(plain == message + slice)
        let again = H264.without(known, (message + slice).span)
        #expect(again == nil)
        let other: [UInt8] = [0x68, 0xEB, 0xE3, 0xCC]
        let mixed = H264.without(known, (code + sequence + code + other + slice).span)
        #expect(mixed == code + other + slice)
        // What looks like a set inside a slice is none.
        let inside = H264.without(known, (slice + code + sequence).span)
        #expect(inside == nil)
    }

    @Test(
        "An ADTS header says what AudioSpecificConfig would",
        arguments: [
            // AAC-LC, 48 kHz, stereo, without and with a checksum.
            ([0xFF, 0xF1, 0x4C, 0x80, 0x2E, 0x7F, 0xFC, 0x21], [0x11, 0x90], 7),
            ([0xFF, 0xF0, 0x4C, 0x80, 0x2E, 0x7F, 0xFC, 0x21], [0x11, 0x90], 9),
            // 44.1 kHz, mono.
            ([0xFF, 0xF1, 0x50, 0x40, 0x2E, 0x7F, 0xFC, 0x21], [0x12, 0x08], 7),
        ] as [([UInt8], [UInt8], Int)])
    func adts(bytes: [UInt8], config: [UInt8], size: Int) {
        let header = AAC.header(bytes.span)
        #expect(header?.config == config && header?.size == size)
    }

    @Test(
        "What is no ADTS header of one block is none",
        arguments: [
            [0x21, 0x10, 0x04, 0x60, 0x8C, 0x1C, 0, 0], [0xFF, 0xF1, 0x4C, 0x80, 0x2E, 0x7F, 0xFD, 0x21],
            [0xFF, 0xF7, 0x4C, 0x80, 0x2E, 0x7F, 0xFC, 0x21], [0xFF, 0xF1, 0x7C, 0x80, 0x2E, 0x7F, 0xFC, 0x21], [0xFF],
        ] as [[UInt8]])
    func noHeader(bytes: [UInt8]) {
        let header = AAC.header(bytes.span)
        #expect(header == nil)
    }

    @Test(
        "The initialization section has the first segment's key and a vector of its own, in front of the first segment")
    func playlist() {
        let list = [SegmentFacts(number: 0, duration: 540_000, bytes: 9)]
        #expect(
            MediaPlaylist.write(list, ordinal: 1, isComplete: true, packaging: .cmaf) == """
                #EXTM3U
                #EXT-X-VERSION:7
                #EXT-X-TARGETDURATION:6
                #EXT-X-MEDIA-SEQUENCE:0
                #EXT-X-PLAYLIST-TYPE:VOD
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-KEY:METHOD=AES-128,URI="../key/65536",IV=0x000000000000000100000000ffffffff
                #EXT-X-MAP:URI="init.mp4"
                #EXT-X-KEY:METHOD=AES-128,URI="../key/65536",IV=0x00000000000000010000000000000000
                #EXTINF:6.000000,
                0.m4s
                #EXT-X-ENDLIST

                """)
    }

    @Test("A slice that begins late gets the key of the initialization section, too", arguments: Packaging.allCases)
    func keys(packaging: Packaging) throws {
        let cuts: [Ticks] = (0...60).map { Ticks($0) * 540_000 }
        let starts = Array(cuts.dropLast())
        let before: [(Ticks, Ticks)] = starts.map { ($0 - 7200, $0 - 3600) }
        let plan = SegmentPlan(boundaries: cuts, videoSegments: 60, before: before, decodeFrom: starts)
        let source = SourceFacts(container: "mp4", duration: 32_400_000, origin: 0, video: nil, audio: [], plan: plan)
        let ordinals: [UInt16] = [1, 2]
        let rungs = ordinals.map { RungJob(ordinal: $0, width: 640, height: 360, cap: 800_000, rateFactor: 20) }
        let job = MediaJob.encode(source: source, from: 42, to: 44, rungs: rungs, limits: MediaLimits())
        let order = MediaOrder(job, packaging: packaging)
        let expected: [UInt32] = packaging == .ts ? [65_538, 131_074] : [65_536, 131_072, 65_538, 131_074]
        #expect(order.keyNumbers == expected)
        #expect(try MediaOrder(parsing: order.json.bytes) == order)
    }

    @Test("Rates are announced rounded up, and a source that stands still is announced as its repeated pictures")
    func rates() {
        let list = [SegmentFacts(number: 0, duration: 540_001, bytes: 1000)]
        #expect(list.peakRate == 1334 && list.meanRate == 1334)
        var video = VideoFacts(
            stream: 0, codec: "h264", width: 1280, height: 720, frameRate: Ratio(1, 10) ?? .one, frames: 4, bytes: 1,
            end: 3_600_000, codecs: "avc1.4D401F", copy: .copy)
        func rate(_ copied: Bool) -> Int64 {
            Ladder.frameRate(short: 360, copied: copied, video, EncodingChoices()).thousandths
        }
        #expect(rate(true) == 100 && rate(false) == 1000)
        video.frameRate = Ratio(25, 1) ?? .one
        #expect(rate(false) == 25_000)
    }
}
