import Media
import Testing

private let s = Ticks.perSecond

@Suite("What stands beside the video")
struct SidePlaylistTests {
    @Test func iFrames() {
        let text = IFramePlaylist.write(
            [
                SegmentFacts(number: 0, duration: 2 * s, bytes: 1),
                SegmentFacts(number: 1, duration: 9 * s / 2, bytes: 1),
            ], ordinal: 3)
        #expect(
            text == """
                #EXTM3U
                #EXT-X-VERSION:6
                #EXT-X-TARGETDURATION:5
                #EXT-X-MEDIA-SEQUENCE:0
                #EXT-X-PLAYLIST-TYPE:VOD
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-I-FRAMES-ONLY
                #EXT-X-KEY:METHOD=AES-128,URI="../key/196608",IV=0x00000000000000030000000000000000
                #EXTINF:2.000000,
                0.ts
                #EXT-X-KEY:METHOD=AES-128,URI="../key/196608",IV=0x00000000000000030000000000000001
                #EXTINF:4.500000,
                1.ts
                #EXT-X-ENDLIST

                """)
    }

    @Test func images() {
        let layout = TileLayout(duration: 205 * s, tile: PictureSize(width: 160, height: 90))
        #expect(
            ImagePlaylist.write(layout) == """
                #EXTM3U
                #EXT-X-VERSION:7
                #EXT-X-TARGETDURATION:200
                #EXT-X-MEDIA-SEQUENCE:0
                #EXT-X-PLAYLIST-TYPE:VOD
                #EXT-X-IMAGES-ONLY
                #EXTINF:200.000000,
                #EXT-X-TILES:RESOLUTION=160x90,LAYOUT=10x10,DURATION=2.000000
                0.jpg
                #EXTINF:5.000000,
                #EXT-X-TILES:RESOLUTION=160x90,LAYOUT=3x1,DURATION=2.000000
                1.jpg
                #EXT-X-ENDLIST

                """)
    }

    @Test func listedInTheMaster() {
        var beside = MasterPlaylist.Beside()
        #expect(beside.text(prefix: "_p/") == "")
        let list = [
            SegmentFacts(number: 0, duration: 2 * s, bytes: 1000), SegmentFacts(number: 1, duration: s, bytes: 1000),
        ]
        beside.frames = .init(
            name: "iframes", codecs: "avc1.64001E", size: PictureSize(width: 640, height: 360), segments: list)
        beside.images = .init(
            name: "sprites", codecs: "jpeg", size: PictureSize(width: 160, height: 90), segments: list)
        beside.poster = "poster"
        beside.chapters = "chapters"
        #expect(
            beside.text(prefix: "_p/") == """
                #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=8000,AVERAGE-BANDWIDTH=5334,CODECS="avc1.64001E",RESOLUTION=640x360,URI="_p/iframes/index.m3u8"
                #EXT-X-IMAGE-STREAM-INF:BANDWIDTH=8000,RESOLUTION=160x90,CODECS="jpeg",URI="_p/sprites/index.m3u8"
                #EXT-X-SESSION-DATA:DATA-ID="org.reelgate.poster",URI="_p/poster/0.jpg",FORMAT=RAW
                #EXT-X-SESSION-DATA:DATA-ID="org.reelgate.thumbnails",URI="_p/sprites/0.vtt",FORMAT=RAW
                #EXT-X-SESSION-DATA:DATA-ID="org.reelgate.chapters",URI="_p/chapters/0.vtt",FORMAT=RAW

                """)
    }

    @Test func thumbnails() {
        let layout = TileLayout(duration: 3 * s, tile: PictureSize(width: 160, height: 90))
        #expect(
            ThumbnailCues.write(layout, duration: 4 * s) == """
                WEBVTT

                00:00:00.000 --> 00:00:02.000
                0.jpg#xywh=0,0,160,90

                00:00:02.000 --> 00:00:04.000
                0.jpg#xywh=160,0,160,90

                """)
    }

    @Test("H37 a chapter's title can't open a cue, a tag or a line")
    func chapters() {
        let list = Chapter.list(
            [
                Chapter(start: 70 * s, title: "b\n\n00:00 --> 01:00\r\n<b>&x"),
                Chapter(start: -5, title: "  a\u{202E}\u{0}b "),
                Chapter(start: 70 * s + 9, title: "dropped"), Chapter(start: 3600 * s, title: ""),
                Chapter(start: 9000 * s, title: "behind the end"),
            ], duration: 4000 * s)
        #expect(
            ChapterCues.write(list, duration: 4000 * s) == """
                WEBVTT

                00:00:00.000 --> 00:01:10.000
                a b

                00:01:10.000 --> 01:00:00.000
                b 00:00 --&gt; 01:00 &lt;b&gt;&amp;x

                01:00:00.000 --> 01:06:40.000
                3

                """)
    }

    @Test("H37 a title of ten megabytes and ten thousand chapters are cut")
    func bounded() throws {
        let many = (0..<10_000).map { Chapter(start: Ticks($0) * s, title: String(repeating: "é", count: 5000)) }
        let list = Chapter.list(many, duration: 20_000 * s)
        #expect(list.count == Chapter.most)
        #expect(list.allSatisfy { $0.title.utf8.count <= Chapter.longestTitle })
        for chapter in list.prefix(3) { #expect(try Chapter(json: chapter.json) == chapter) }
    }

    @Test(
        "Only a whole baseline picture is one",
        arguments: [
            ([0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 90, 0, 160, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 2, 5, 0xFF, 0xD9], 160),
            ([0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 90, 0, 160, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 2, 5, 0xFF, 0xD8], nil),
            ([0xFF, 0xD8, 0xFF, 0xC2, 0, 11, 8, 0, 90, 0, 160, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 2, 5, 0xFF, 0xD9], nil),
            ([0xFF, 0xD8, 0xFF, 0xE1, 0, 11, 8, 0, 90, 0, 160, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 2, 5, 0xFF, 0xD9], nil),
            ([0xFF, 0xD8, 0xFF, 0xC0, 99, 11, 8, 0, 90, 0, 160, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 2, 5, 0xFF, 0xD9], nil),
            (Array("<html>".utf8), nil), ([], nil), ([0xFF, 0xD8, 0xFF, 0xD9], nil),
        ] as [([UInt8], Int?)])
    func jpeg(bytes: [UInt8], width: Int?) {
        let found = JPEG.size(of: bytes.span)
        #expect(found?.width == width)
    }
}

@Suite("The poster is a good picture")
struct PosterScoreTests {
    static let good = PictureTraits(brightness: 110, contrast: 50, detail: 90, colour: 20, flatness: 200)

    private func changed(_ change: (inout PictureTraits) -> Void) -> PictureTraits {
        var traits = Self.good
        change(&traits)
        return traits
    }

    @Test func whatSpoilsAPicture() {
        let good = PosterScore.score(Self.good, position: 200)
        #expect(good > 900)
        let worse = [
            changed { $0.brightness = 5 }, changed { $0.brightness = 250 }, changed { $0.contrast = 4 },
            changed { $0.detail = 5 }, changed { $0.flatness = 960 },
        ]
        for traits in worse { #expect(PosterScore.score(traits, position: 200) < good / 2) }
        #expect(PosterScore.score(Self.good, position: 200, movement: 80) < good / 2)
        #expect(PosterScore.score(Self.good, position: 200, movement: 3) == good)
        #expect(PosterScore.score(changed { $0.colour = 0 }, position: 200) < good)
    }

    @Test("The first tenth to third is preferred", arguments: [0, 50, 500, 950])
    func position(place: Int) {
        #expect(PosterScore.score(Self.good, position: place) < PosterScore.score(Self.good, position: 150))
        // But a good picture there beats a black one here.
        #expect(
            PosterScore.score(Self.good, position: place)
                > PosterScore.score(changed { $0.brightness = 2 }, position: 200))
    }

    @Test func choice() {
        #expect(PosterScore.best([3, 9, 9, 1]) == 1)
        #expect(PosterScore.best([]) == nil)
        #expect(PosterScore.best([3, 9, 9, 1], 3) == [1, 2, 0])
    }

    @Test func measures() {
        let plane = [UInt8](repeating: 16, count: 64 * 32)
        let grey = [UInt8](repeating: 128, count: 32 * 16)
        let black = PictureTraits(
            luma: plane.span, stride: 64, width: 64, height: 32, u: grey.span, v: grey.span, chromaStride: 32)
        #expect(black == PictureTraits(brightness: 0, contrast: 0, detail: 0, colour: 0, flatness: 1000))
        let board = (0..<64 * 32).map { UInt8(($0 + $0 / 64) % 2 == 0 ? 16 : 235) }
        let checked = PictureTraits(
            luma: board.span, stride: 64, width: 64, height: 32, u: grey.span, v: grey.span, chromaStride: 32)
        #expect(checked.contrast > 100 && checked.detail > 3000 && checked.flatness == 500)
    }
}
