import Media
import Testing

private let s = Ticks.perSecond

private func segments(_ count: Int, rate: Int64, peak: Int64? = nil) -> [SegmentFacts] {
    (0..<count).map {
        SegmentFacts(number: $0, duration: 6 * s, bytes: ($0 == 1 ? peak ?? rate : rate) * 6 / 8)
    }
}

private func video(_ name: String, rate: Int64, cap: Int64 = 1, complete: Bool = true, count: Int = 4)
    -> MasterPlaylist.Video
{
    MasterPlaylist.Video(
        name: name, codecs: "avc1.64001F", width: 1280, height: 720, frameRate: Ratio(24000, 1001) ?? .one, cap: cap,
        segments: segments(count, rate: rate), isComplete: complete)
}

@Suite("Playlists")
struct PlaylistTests {
    @Test func finished() {
        var list = segments(2, rate: 8)
        list[1].duration = 123_456
        #expect(
            MediaPlaylist.write(list, ordinal: 1, isComplete: true) == """
                #EXTM3U
                #EXT-X-VERSION:6
                #EXT-X-TARGETDURATION:6
                #EXT-X-MEDIA-SEQUENCE:0
                #EXT-X-PLAYLIST-TYPE:VOD
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-KEY:METHOD=AES-128,URI="../key/65536",IV=0x00000000000000010000000000000000
                #EXTINF:6.000000,
                0.ts
                #EXT-X-KEY:METHOD=AES-128,URI="../key/65536",IV=0x00000000000000010000000000000001
                #EXTINF:1.371733,
                1.ts
                #EXT-X-ENDLIST

                """)
    }

    @Test func growing() {
        let text = MediaPlaylist.write(segments(1, rate: 8), ordinal: 0, isComplete: false, longest: 7 * s)
        #expect(text.contains("#EXT-X-TARGETDURATION:7\n"))
        #expect(text.contains("#EXT-X-PLAYLIST-TYPE:EVENT\n"))
        #expect(text.contains("#EXT-X-START:TIME-OFFSET=0\n"))
        #expect(!text.contains("ENDLIST"))
    }

    @Test("H45 the key changes each twenty segments and the vector with each")
    func keysRotate() {
        let text = MediaPlaylist.write(segments(41, rate: 8), ordinal: 2, isComplete: true)
        for key in [131_072, 131_073, 131_074] { #expect(text.contains("\"../key/\(key)\"")) }
        #expect(Set(text.split(separator: "\n").filter { $0.hasPrefix("#EXT-X-KEY") }).count == 41)
    }

    @Test("No extension of a duration may round above the target", arguments: [5.4, 5.5, 6.49, 6.5, 11.5])
    func target(seconds: Double) {
        let list = [SegmentFacts(number: 0, duration: Ticks(seconds * Double(s)), bytes: 1)]
        let line = MediaPlaylist.write(list, ordinal: 0, isComplete: true).split(separator: "\n")[2]
        #expect(Int(line.dropFirst("#EXT-X-TARGETDURATION:".count)) == Int(seconds.rounded()))
    }

    @Test func master() {
        var top = video("720p", rate: 1_000_000)
        top.segments = segments(4, rate: 1_000_000, peak: 1_500_000)
        let audio = MasterPlaylist.Audio(
            name: "audio", codecs: "mp4a.40.2", channels: 2, language: "en\"\n#EXT", label: "\"\n#EXTINF", cap: 128_000,
            segments: segments(4, rate: 128_000), isComplete: true)
        let text = MasterPlaylist(videos: [top, video("360p", rate: 500_000)], audios: [audio], prefix: "_a-k1-d6000/")
            .text
        #expect(
            text == """
                #EXTM3U
                #EXT-X-VERSION:6
                #EXT-X-INDEPENDENT-SEGMENTS
                #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="_a-k1-d6000/audio/index.m3u8"
                #EXT-X-STREAM-INF:BANDWIDTH=1628000,AVERAGE-BANDWIDTH=1253000,CODECS="avc1.64001F,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=23.976,AUDIO="audio",CLOSED-CAPTIONS=NONE
                _a-k1-d6000/720p/index.m3u8
                #EXT-X-STREAM-INF:BANDWIDTH=628000,AVERAGE-BANDWIDTH=628000,CODECS="avc1.64001F,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=23.976,AUDIO="audio",CLOSED-CAPTIONS=NONE
                _a-k1-d6000/360p/index.m3u8

                """)
    }

    @Test func soundAlone() {
        let audio = MasterPlaylist.Audio(
            name: "audio", codecs: "mp4a.40.2", channels: 2, language: "", cap: 128_000,
            segments: segments(2, rate: 130_000), isComplete: true)
        let text = MasterPlaylist(videos: [], audios: [audio]).text
        #expect(
            text.contains(
                "#EXT-X-STREAM-INF:BANDWIDTH=130000,AVERAGE-BANDWIDTH=130000,CODECS=\"mp4a.40.2\"\naudio/index.m3u8"))
        #expect(!text.contains("EXT-X-MEDIA:"))
    }

    @Test(
        "Listed bandwidths fall strictly: what needs more than 0.9 of the rung above is left out",
        arguments: [
            ([1_000_000, 950_000, 500_000], ["a", "c"]), ([1_000_000, 900_000, 500_000], ["a", "b", "c"]),
            ([300_000, 300_000, 300_000], ["a"]), ([100, 500_000, 90], ["a", "c"]),
        ] as [([Int64], [String])])
    func listed(rates: [Int64], names: [String]) {
        let videos = zip(["a", "b", "c"], rates).map { video($0, rate: $1) }
        let listed = MasterPlaylist(videos: videos, audios: []).listed
        #expect(listed.map(\.video.name) == names)
        #expect(zip(listed, listed.dropFirst()).allSatisfy { $0.bandwidth > $1.bandwidth })
    }

    @Test func growingAnnouncesItsCap() {
        let videos = [video("a", rate: 300_000, cap: 800_000, complete: false), video("b", rate: 1, count: 0)]
        let listed = MasterPlaylist(videos: videos, audios: []).listed
        #expect(listed.map(\.bandwidth) == [800_000])
    }

    @Test func peakPassesOverSplinters() {
        var list = segments(3, rate: 1_000_000)
        list.append(SegmentFacts(number: 3, duration: s / 25, bytes: 50_000))
        #expect(list.peakRate == 1_000_000)
        #expect([list[3]].peakRate == 10_000_000)
    }

    @Test("H37 several sound tracks and captions, under names that end no line") func besidesThePicture() {
        func sound(_ name: String, _ language: String, _ label: String, descriptive: Bool = false)
            -> MasterPlaylist.Audio
        {
            MasterPlaylist.Audio(
                name: name, codecs: "mp4a.40.2", channels: 2, language: language, label: label,
                isDescriptive: descriptive, cap: 128_000,
                segments: segments(4, rate: name == "audio" ? 100_000 : 200_000),
                isComplete: true)
        }
        func captions(_ name: String, _ language: String, _ label: String, _ shown: Bool, _ sounds: Bool)
            -> MasterPlaylist.Captions
        {
            MasterPlaylist.Captions(
                name: name, language: language, label: label, isDefault: shown, describesSound: sounds)
        }
        var top = video("720p", rate: 1_000_000)
        top.hasClosedCaptions = true
        let text = MasterPlaylist(
            videos: [top, video("360p", rate: 500_000)],
            audios: [
                sound("audio", "eng", ""), sound("audio-2", "ger", "Director \"X\"\r\n"),
                sound("audio-3", "en", "", descriptive: true),
                sound("audio-4", "eng", "English"),
            ],
            captions: [
                captions("captions-de-1", "de", "German", true, false),
                captions("captions-en-2", "und", "x", true, true),
            ]
        ).text
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("#EXT-X-MEDIA") || $0.hasPrefix("#EXT-X-STREAM") }
        #expect(
            lines == [
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio/index.m3u8\"",
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"Director 'X'\",LANGUAGE=\"de\",DEFAULT=NO,AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio-2/index.m3u8\"",
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"English 2\",LANGUAGE=\"en\",DEFAULT=NO,AUTOSELECT=YES,CHARACTERISTICS=\"public.accessibility.describes-video\",CHANNELS=\"2\",URI=\"audio-3/index.m3u8\"",
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"English 3\",LANGUAGE=\"en\",DEFAULT=NO,AUTOSELECT=NO,CHANNELS=\"2\",URI=\"audio-4/index.m3u8\"",
                "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"German\",LANGUAGE=\"de\",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI=\"captions-de-1/index.m3u8\"",
                "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME=\"x\",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS=\"public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound\",URI=\"captions-en-2/index.m3u8\"",
                "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"CC1\",AUTOSELECT=YES,INSTREAM-ID=\"CC1\"",
                "#EXT-X-STREAM-INF:BANDWIDTH=1200000,AVERAGE-BANDWIDTH=1200000,CODECS=\"avc1.64001F,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=23.976,AUDIO=\"audio\",SUBTITLES=\"captions\",CLOSED-CAPTIONS=\"cc\"",
                "#EXT-X-STREAM-INF:BANDWIDTH=700000,AVERAGE-BANDWIDTH=700000,CODECS=\"avc1.64001F,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=23.976,AUDIO=\"audio\",SUBTITLES=\"captions\"",
            ])
    }

    @Test("captions inside the picture: real pairs count, stuffing does not") func closedCaptions() {
        func unit(_ pairs: [UInt8]) -> [UInt8] {
            let data: [UInt8] =
                [0xB5, 0, 0x31, 0x47, 0x41, 0x39, 0x34, 3, 0xC0 | UInt8(pairs.count / 3), 0xFF] + pairs + [0xFF]
            return [0, 0, 0, 1, 6, 4, UInt8(data.count)] + data + [0x80, 0, 0, 0, 1, 0x65, 1]
        }
        let table: [([UInt8], Bool)] = [
            (unit([0xFC, 0x94, 0x20]), true), (unit([0xFC, 0x80, 0x80]), false), (unit([0xF8, 0x94, 0x20]), false),
            (unit([0xFD, 0x94, 0x20]), false), (unit([0xFA, 0, 0, 0xFC, 0x14, 0x2C]), true), (unit([]), false),
            ([0, 0, 0, 1, 6, 4, 200, 0xB5], false), ([], false),
        ]
        for (bytes, wanted) in table { #expect(H264.hasClosedCaptions(bytes.span, lengthSize: 0) == wanted) }
    }
}
