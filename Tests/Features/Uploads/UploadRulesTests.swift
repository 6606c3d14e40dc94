import Core
import Storage
import Testing
import Tokens
import Web

@testable import Uploads

@Suite("Upload rules") struct UploadRulesTests {
    @Test(
        "G06 G07 only names with an extension of the list are taken",
        arguments: [
            ("a.mp4", .mp4), ("A.MP4", .mp4), ("a.b.mkv", .mkv), ("../../etc/x.ts", .ts), (".webm", .webm),
            ("a.mp4 ", nil),
            ("a.mp4\u{0}.php", nil), ("a.php", nil), ("a.m3u8", nil), ("a.mpd", nil), ("a.svg", nil), ("a.html", nil),
            ("a.txt", nil), ("a.ffconcat", nil), ("a.sdp", nil), ("a.swift", nil), ("mp4", nil), ("", nil), ("a.", nil),
            ("a.m\u{440}4", nil), ("a.mp4\u{301}", nil),
        ] as [(String, FileExtension?)])
    func kinds(name: String, kind: FileExtension?) { #expect(UploadRules.kind(ofFileNamed: name) == kind) }

    @Test(
        "G06 J23 a client's file name is fit to be shown",
        arguments: [
            ("../../etc/cron.d/x.mp4", "x.mp4"), ("a\u{0}.mp4", "a.mp4"), ("..\\x.mp4", "x.mp4"),
            ("CON.mp4", "CON.mp4"),
            ("-i.mp4", "-i.mp4"), ("a\u{202E}4pm.exe", "a4pm.exe"), ("a\nb.mp4", "ab.mp4"),
            ("\u{1b}[31mx.mp4", "[31mx.mp4"),
            ("caf\u{e9}.mp4", "caf\u{e9}.mp4"),
        ])
    func names(name: String, shown: String) { #expect(UploadRules.shownName(name) == shown) }

    @Test("G06 a long name is cut at a character") func long() {
        #expect(UploadRules.shownName(String(repeating: "\u{e9}", count: 300)).utf8.count == 200)
    }

    @Test(
        "G07 a file that begins as another kind is of another type",
        arguments: [
            ("\u{0}\u{0}\u{0}\u{20}ftypisom", .mp4, true), ("\u{0}\u{0}\u{0}\u{20}ftypqt  ", .mov, true),
            ("#EXTM3U\n#EXTINF", .mp4, false), ("<?php echo 1;", .mp4, false),
            ("RIFF\u{1}\u{2}\u{3}\u{4}AVI LIST", .avi, true),
            ("RIFF\u{1}\u{2}\u{3}\u{4}WAVEfmt ", .avi, false), ("FLV\u{1}", .flv, true), ("", .ts, false),
            ("G", .ts, true),
            ("#EXTM3U", .ts, false), ("ffconcat version 1.0", .mkv, false), ("x", .mpg, false),
        ] as [(String, FileExtension, Bool)])
    func fronts(text: String, kind: FileExtension, fits: Bool) {
        let bytes = Array(text.utf8)
        #expect(UploadRules.begins(bytes.span, as: kind) == fits)
    }

    static let callbacks: [(String, Bool, Refusal?)] = [
        ("https://example.com/hook?x=1", false, nil), ("https://example.com:8443/", false, nil),
        ("http://example.com/", false, .callbackUrl), ("http://127.0.0.1:9/", true, nil),
        ("ftp://example.com/", true, .callbackUrl),
        ("https://user@example.com/", false, .callbackUrl), ("https://", false, .callbackUrl),
        ("", false, .callbackUrl),
        ("https://example.com/\r\nX: y", false, .callbackUrl), ("https://127.0.0.1/", false, .callbackAddress),
        ("https://10.1.2.3/", false, .callbackAddress), ("https://169.254.169.254/latest", false, .callbackAddress),
        ("https://172.31.0.1/", false, .callbackAddress), ("https://172.32.0.1/", false, nil),
        ("https://192.168.1.1/", false, .callbackAddress), ("https://8.8.8.8/", false, nil),
        ("https://2130706433/", false, .callbackAddress), ("https://0x7f.1/", false, .callbackAddress),
        ("https://0177.0.0.1/", false, .callbackAddress), ("https://localhost/", false, .callbackAddress),
        ("https://a.localhost/", false, .callbackAddress), ("https://[::1]/", false, .callbackUrl),
        ("https://example.com/" + String(repeating: "x", count: 3000), false, .callbackUrl),
    ]

    @Test("a callback's address is looked at, and never fails an upload", arguments: callbacks)
    func callback(url: String, allowPrivate: Bool, refusal: Refusal?) {
        let kept = UploadRules.callbacks(success: url, error: nil, allowPrivate: allowPrivate)
        #expect(kept == Callbacks(success: refusal == nil ? url : nil, error: nil, refused: refusal))
    }

    @Test("J12 J13 who may manage a lesson or a presentation") func owners() throws {
        let trainer = try #require(Slug("t1"))
        func passes(_ body: () throws(Problem) -> Void) -> Bool {
            do throws(Problem) { try body() } catch { return error.refusal != .notFound }
            return true
        }
        let cases: [(Caller, Bool, Bool)] = [
            (.key(id: "k", scopes: [.upload]), true, true), (.user(id: "x", role: .admin), true, true),
            (.user(id: "t1", role: .instructor), true, true), (.user(id: "t2", role: .instructor), false, false),
            (.user(id: "t1", role: .viewer), false, false), (.anyone, false, false),
        ]
        for (caller, lesson, presentation) in cases {
            #expect(passes { () throws(Problem) in try caller.mustManage(trainer) } == lesson)
            #expect(
                passes { () throws(Problem) in try UploadRules.mayPresent(trainers: ["t1"], caller) } == presentation)
        }
        let own = Caller.user(id: "t1", role: .instructor)
        #expect(!passes { () throws(Problem) in try UploadRules.mayPresent(trainers: ["t1", "t2"], own) })
        #expect(!passes { () throws(Problem) in try UploadRules.mayPresent(trainers: [], own) })
    }
}
