import Core
import Media
import Testing

private func cues(_ text: String) throws -> [Cue] { try CaptionFile(Array(text.utf8)).cues }

@Suite("Files of captions")
struct CaptionFileTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let file: String
        let cues: [Cue]

        init(_ name: String, _ file: String, _ cues: [Cue]) {
            testDescription = name
            self.file = file
            self.cues = cues
        }
    }

    static let good = [
        Case(
            "SRT as editors write it",
            "1\n00:00:01,000 --> 00:00:02,500\nOne\nTwo\n\n2\n00:01:00,000 --> 01:00:00,001\nx\n",
            [Cue(start: 1000, end: 2500, text: "One\nTwo"), Cue(start: 60_000, end: 3_600_001, text: "x")]),
        Case("CRLF", "1\r\n00:00:01,000 --> 00:00:02,000\r\na\r\nb\r\n", [Cue(start: 1000, end: 2000, text: "a\nb")]),
        Case("CR alone", "1\r00:00:01,000 --> 00:00:02,000\ra\r", [Cue(start: 1000, end: 2000, text: "a")]),
        Case("no numbers, dots, short times", "0:00:01.5 --> 1:02.25\na", [Cue(start: 1500, end: 62_250, text: "a")]),
        Case(
            "a blank line and a number inside a cue",
            "1\n00:00:01,000 --> 00:00:02,000\na\n\n1984\n\n2\n00:00:03,000 --> 00:00:04,000\nb",
            [Cue(start: 1000, end: 2000, text: "a\n1984"), Cue(start: 3000, end: 4000, text: "b")]),
        Case(
            "out of order, at the same time, of no length",
            """
            00:00:05,000 --> 00:00:06,000
            late
            00:00:01,000 --> 00:00:09,000
            long
            00:00:01,000 --> 00:00:02,000
            short
            00:00:03,000 --> 00:00:03,000
            never
            """,
            [
                Cue(start: 1000, end: 2000, text: "short"), Cue(start: 1000, end: 9000, text: "long"),
                Cue(start: 5000, end: 6000, text: "late"),
            ]),
        Case(
            "SRT's tags",
            "00:00:01,000 --> 00:00:02,000 X1:40 X2:600\n<I>a<b>b</i>c <font color=\"red\">d</font> 1<2 & <3",
            [Cue(start: 1000, end: 2000, text: "<i>a<b>b</b></i>c d 1&lt;2 &amp; &lt;3")]),
        Case(
            "SRT's places",
            "00:00:01,000 --> 00:00:02,000\n{\\an7}top {\\b1}left\n00:00:02,000 --> 00:00:03,000\n{\\an2}a {b}",
            [
                Cue(start: 1000, end: 2000, settings: "line:0 align:start", text: "top left"),
                Cue(start: 2000, end: 3000, text: "a {b}"),
            ]),
        Case(
            "text with an arrow", "00:00:01,000 --> 00:00:02,000\na --> b",
            [Cue(start: 1000, end: 2000, text: "a --&gt; b")]),
        Case(
            "WebVTT with everything",
            """
            WEBVTT - a title
            X-TIMESTAMP-MAP=MPEGTS:1,LOCAL:00:00:00.000

            STYLE
            ::cue { background: url(http://evil.example/) }

            REGION
            id:r

            NOTE
            00:00 is no time

            id-1
            00:01.000 --> 00:00:02.000 region:r line:10%,start position:101% size:50% align:center align:end x:y
            <v.loud Mr. <X> & Co>Hello</v> <c.yellow.bg_blue>w</c> <00:01.500>on <00:09.000>now <script>alert(1)</script>

            100:00.000 --> 100:01.000
            x
            """.replacing("100:", with: "10:"),
            [
                Cue(
                    start: 1000, end: 2000, settings: "line:10%,start size:50% align:center",
                    text:
                        "<v.loud Mr. &lt;X> &amp; Co&gt;Hello</v> <c.yellow.bg_blue>w</c> <00:00:01.500>on now alert(1)"
                ), Cue(start: 600_000, end: 601_000, text: "x"),
            ]),
        Case(
            "entities stay", "WEBVTT\n\n00:01.000 --> 00:02.000\n&lt;&amp;&nbsp;&copy;",
            [Cue(start: 1000, end: 2000, text: "&lt;&amp;&nbsp;&amp;copy;")]),
        Case(
            "an open tag at the end", "WEBVTT\n\n00:01.000 --> 00:02.000\n<b>a<i>b\n<i",
            [Cue(start: 1000, end: 2000, text: "<b>a<i>b\n<i></i></i></b>")]),
        Case(
            "nothing to be seen", "WEBVTT\n\n00:01.000 --> 00:02.000\n<i> </i>\n\n00:03.000 --> 00:04.000\na",
            [Cue(start: 3000, end: 4000, text: "a")]),
    ]

    @Test("read as people meant them", arguments: good) func reads(_ example: Case) throws {
        #expect(try cues(example.file) == example.cues)
    }

    @Test("what is written is read back the same", arguments: good) func stays(_ example: Case) throws {
        let once = try cues(example.file)
        let text = CaptionFile.write(once)
        #expect(try cues(text) == once)
        #expect(!once.contains { $0.text.contains("-->") || $0.text.contains("\n\n") })
    }

    static let bad: [(String, CaptionFault.Kind, Int)] = [
        ("", .format, 0), ("hello\n", .format, 1), ("WEBVTT\n", .format, 0), ("\u{0}\u{1}", .format, 1),
        ("1\n\n{\"json\":1}", .format, 3),
        ("1\n-00:00:01,000 --> 00:00:02,000\na", .time, 2), ("1\n00:00:03,000 --> 00:00:02,000\na", .time, 2),
        ("1\n00:60:00,000 --> 00:61:00,000\na", .time, 2), ("1\n100:00:00,000 --> 100:00:01,000\na", .time, 2),
        ("1\n99999999999999999999:00:00,000 --> 0:00:01,000\na", .time, 2),
        ("1\n00:00:01,000 --> soon\na", .format, 2), ("1\n00:00:01;000 --> 00:00:02;000\na", .format, 2),
        ("WEBVTT\n\n00:00:01,000 --> 00:00:02,000\na", .format, 3),
        ("WEBVTT\n\na\n0:01.000 --> 0:02.000\na", .format, 4),
        ("WEBVTT\n\n00:01.000 --> 00:02.000align:start\na", .format, 3),
        ("WEBVTT\n\n00:01.000 --> -00:02.000\na", .time, 3), ("WEBVTTX\n\n00:01.000 --> 00:02.000\na", .format, 1),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n" + String(repeating: "x", count: 4097), .amount, 3),
        (String(repeating: "00:00:01,000 --> 00:00:02,000\nx\n", count: 20_001), .amount, 40_001),
        (String(repeating: "00:00:01,000 --> 99:00:02,000\nx\n", count: 20), .amount, 0),
        (String(repeating: "\n", count: 2 << 20) + "x", .amount, 0),
    ]

    @Test("refused with what is wrong and where", arguments: bad.indices) func refuses(_ index: Int) {
        let (text, kind, line) = Self.bad[index]
        do throws(CaptionFault) {
            let file = try CaptionFile(Array(text.utf8))
            Issue.record("taken: \(file.cues.prefix(3))")
        } catch {
            #expect(error.kind == kind && error.line == line, "\(text.prefix(60)): \(error)")
        }
    }

    @Test func encodings() throws {
        let text = "1\n00:00:01,000 --> 00:00:02,000\nGrüße – “x”\n"
        let wanted = [Cue(start: 1000, end: 2000, text: "Grüße – “x”")]
        var little: [UInt8] = [0xFF, 0xFE]
        var big: [UInt8] = [0xFE, 0xFF]
        for unit in text.utf16 {
            little += [UInt8(unit & 255), UInt8(unit >> 8)]
            big += [UInt8(unit >> 8), UInt8(unit & 255)]
        }
        let old = text.unicodeScalars.map { scalar -> UInt8 in
            switch scalar {
            case "–": 0x96
            case "“": 0x93
            case "”": 0x94
            default: UInt8(scalar.value)
            }
        }
        let all: [([UInt8], CaptionFile.Encoding)] = [
            (Array(text.utf8), .utf8), ([0xEF, 0xBB, 0xBF] + text.utf8, .utf8), (little, .utf16), (big, .utf16),
            (old, .windows1252),
        ]
        for (bytes, encoding) in all {
            let file = try CaptionFile(bytes)
            #expect(file.cues == wanted && file.encoding == encoding && file.format == .subRip)
        }
        for broken in [[0xEF, 0xBB, 0xBF, 0xFF], [0xFF, 0xFE, 0x00], [0xFF, 0xFE, 0x00, 0xD8]] as [[UInt8]] {
            #expect(throws: CaptionFault.self) { try CaptionFile(broken) }
        }
    }
}

@Suite("Captions inside files")
struct EmbeddedCueTests {
    @Test(
        "what lies in a packet, as text",
        arguments: [
            ("mov_text", "\u{0}\u{5}a <b>styl", "a &lt;b&gt;", ""), ("mov_text", "\u{0}\u{0}", nil, ""),
            ("mov_text", "x", nil, ""),
            ("subrip", "<i>a</i>\r\n\r\nb\u{0}", "<i>a</i>\nb", ""), ("text", "a & b", "a &amp; b", ""),
            ("webvtt", "<v X>a</v><x>", "<v X>a</v>", ""),
            ("ass", "0,0,Default,,0,0,0,,{\\i1}a{\\i0}\\Nb, c\\h{\\an8}d<e", "a\nb, c&nbsp;d&lt;e", "line:0"),
            ("ass", "0,0,Default,,0,0,0,,{\\p1}m 0 0 l 1 1", nil, ""), ("ass", "no fields", nil, ""),
            ("subrip", String(repeating: "x", count: 4097), nil, ""), ("subrip", "\u{1}", nil, ""),
        ] as [(String, String, String?, String)])
    func packets(_ codec: String, _ packet: String, _ text: String?, _ settings: String) {
        let cue = EmbeddedCue.read(Array(packet.utf8), codec: codec, start: -100, end: 2000)
        #expect(cue == text.map { Cue(start: 0, end: 2000, settings: settings, text: $0) })
        #expect(EmbeddedCue.read(Array(packet.utf8), codec: codec, start: 5, end: 5) == nil)
    }
}

@Suite("Captions in segments")
struct CaptionSegmentTests {
    private let plan = SegmentPlan(boundaries: [0, 540_000, 1_080_000, 1_350_000], videoSegments: 0)

    @Test("a cue stands in every segment it reaches into, with its own times") func cut() throws {
        let head = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n"
        let cues = [
            Cue(start: 1000, end: 6000, text: "a"), Cue(start: 5999, end: 6001, text: "b"),
            Cue(start: 6000, end: 20_000, text: "c"), Cue(start: 15_000, end: 16_000, text: "too late"),
        ]
        let b = "00:00:05.999 --> 00:00:06.001\nb\n\n"
        let c = "00:00:06.000 --> 00:00:20.000\nc\n\n"
        #expect(
            CaptionSegments.write(cues, plan: plan, offset: Ticks.streamOffset) == [
                head + "00:00:01.000 --> 00:00:06.000\na\n\n" + b, head + b + c, head + c,
            ])
    }

    @Test func playlist() {
        #expect(
            CaptionSegments.playlist(plan) == """
                #EXTM3U
                #EXT-X-VERSION:6
                #EXT-X-TARGETDURATION:6
                #EXT-X-MEDIA-SEQUENCE:0
                #EXT-X-PLAYLIST-TYPE:VOD
                #EXTINF:6.000000,
                0.vtt
                #EXTINF:6.000000,
                1.vtt
                #EXTINF:3.000000,
                2.vtt
                #EXT-X-ENDLIST

                """)
    }
}

@Suite("Names of languages and tracks")
struct NameTests {
    @Test(arguments: [
        ("eng", "en", "English"), ("ger", "de", "German"), ("deu", "de", "German"),
        ("pt-br", "pt-BR", "Portuguese (BR)"),
        ("zh-hant", "zh-Hant", "Chinese (Hant)"), ("nah", "nah", "nah"), ("en", "en", "English"),
    ]) func languages(_ said: String, _ tag: String, _ name: String) throws {
        let found = try #require(Languages.tag(said))
        #expect(found.description == tag && Languages.name(found) == name)
    }

    @Test(arguments: ["", "und", "mul", "zxx", "qaa", "e", "en_US", "\n", "english language"])
    func noLanguage(_ said: String) { #expect(Languages.tag(said) == nil) }

    @Test("H37 nothing of a title can end its line or its quotes") func clean() {
        let table: [(String, String?)] = [
            ("Director's cut", "Director's cut"), ("say \"hi\"\r\n#x", "say 'hi' #x"), ("a\u{0}b\u{202E}c", "abc"),
            ("x\n#EXTM3U\n", nil), ("#ext-x-key", nil), ("", nil), (" \t\n", nil), ("Ton 🎬", "Ton 🎬"),
        ]
        for (text, wanted) in table { #expect(PlaylistName.clean(text) == wanted, "\(text)") }
        let long = PlaylistName.clean(String(repeating: "é", count: 1_000_000))
        #expect(long?.utf8.count == 100)
        #expect(PlaylistName.distinct(["a", "a", "b", "a 2"]) == ["a", "a 2", "b", "a 2 2"])
    }
}
