import Foundation
import Helper
import Media
import Testing

@Suite("Files that are refused", .serialized)
struct RefusalTests {
    @Test(
        "H01 H08 H10 H12 H13 H32 text that names other files, and noise, is not opened",
        arguments: [
            "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
            "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nother/index.m3u8\n",
            "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"file:///etc/hostname\"\n#EXTINF:6,\nhttp://127.0.0.1:19999/a.ts\n",
            "ffconcat version 1.0\nfile ok.ts\n", "ffconcat version 1.0\nfile /etc/passwd\n",
            "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"><BaseURL>http://127.0.0.1/</BaseURL></MPD>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"http://127.0.0.1/\"/></svg>",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "1\n00:00:01,000 --> 00:00:02,000\nHello\n",
            "", "ftyp",
        ])
    func text(content: String) throws {
        let bench = Bench()
        for name in ["mp4", "ts", "mkv"] {
            let path = bench.write("a.\(name)", Array(content.utf8))
            #expect(try bench.refusal(path) == .unreadable)
        }
    }

    @Test("H32 noise") func noise() throws {
        let bench = Bench()
        var state: UInt64 = 42
        let bytes = (0..<200_000).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        let refusal = try bench.refusal(bench.write("a.mp4", bytes))
        #expect(refusal == .unreadable || refusal == .extensionMismatch)
        #expect(try bench.refusal(bench.write("b.mp4", [UInt8](repeating: 0, count: 100_000))) == .unreadable)
    }

    @Test("H30 half a file is refused as truncated and not published as a short one")
    func truncated() throws {
        let bench = Bench()
        let picture = "testsrc2=s=640x360:r=25:d=14"
        let whole = try bench.clip("a.mp4", picture: picture, "-c:v libx264 -movflags +faststart")
        let moovLast = try bench.clip("b.mp4", picture: picture, "-c:v libx264")
        let matroska = try bench.clip("c.mkv", picture: picture, "-c:v libx264")
        let fragmented = try bench.clip(
            "d.mp4", picture: picture, "-c:v libx264 -g 25 -movflags +frag_keyframe+empty_moov")
        for (path, expected) in [
            (whole, MediaFailure.truncated), (moovLast, .unreadable), (matroska, .truncated),
        ] {
            let bytes = FileManager.default.contents(atPath: path).map { [UInt8]($0) } ?? []
            #expect(try bench.refusal(path) == nil)
            for part in [2, 4] {
                let name = "cut\(part)." + (path.hasSuffix("mkv") ? "mkv" : "mp4")
                #expect(try bench.refusal(bench.write(name, Array(bytes.prefix(bytes.count / part)))) == expected)
            }
        }
        // Its last fragment is broken off.
        let bytes = FileManager.default.contents(atPath: fragmented).map { [UInt8]($0) } ?? []
        #expect(try bench.refusal(fragmented) == nil)
        #expect(try bench.refusal(bench.write("e.mp4", Array(bytes.prefix(bytes.count / 2)))) == .truncated)
    }

    @Test("The name must agree with the content; relatives go by each other's names")
    func names() throws {
        let bench = Bench()
        let clip = try bench.clip("a.mkv", picture: "testsrc2=s=320x180:r=25:d=2", "-c:v libx264")
        #expect(try bench.refusal(clip, as: "mp4") == .extensionMismatch)
        #expect(try bench.refusal(clip, as: "exe") == .extensionMismatch)
        #expect(try bench.refusal(clip, as: "webm") == nil)
        let mp4 = try bench.clip("a.mp4", picture: "testsrc2=s=320x180:r=25:d=2", "-c:v libx264")
        #expect(try bench.inspect(mp4, as: "mov").container == "mp4")
        #expect(try bench.refusal(mp4, as: "avi") == .extensionMismatch)
    }

    @Test("H17 H18 H23 H25 H26 decoders off the list, too many streams, frames, pixels, hours, bytes")
    func limits() throws {
        let bench = Bench()
        let rare = try bench.clip("a.avi", picture: "testsrc2=s=320x180:r=25:d=1", "-c:v magicyuv")
        #expect(try bench.refusal(rare) == .codec)
        let clip = try bench.clip(
            "a.mp4", picture: "testsrc2=s=320x180:r=25:d=8", sound: "sine=d=8", "-c:v libx264 -g 50 -c:a aac")
        #expect(try bench.refusal(clip, limits: MediaLimits(streams: 1)) == .tooManyStreams)
        #expect(try bench.refusal(clip, limits: MediaLimits(pixels: 57_599)) == .tooManyPixels)
        #expect(try bench.refusal(clip, limits: MediaLimits(frames: 199)) == .tooManyFrames)
        #expect(try bench.refusal(clip, limits: MediaLimits(duration: 7 * Ticks.perSecond)) == .tooLong)
        let far = try bench.clip("far.mkv", picture: "testsrc2=s=320x180:r=1/90000:d=180000", "-c:v libx264")
        #expect(try bench.refusal(far) == .tooLong)
        let facts = try bench.inspect(clip)
        #expect(throws: HelperFailure.refused(.tooMuchOutput, detail: "1000")) {
            _ = try bench.run(
                .remux(
                    source: facts, from: 0, to: facts.plan.count, video: 0, audio: nil,
                    limits: MediaLimits(outputBytes: 1000)), clip)
        }
    }

    @Test("A file that is not the one inspected is noticed")
    func changed() throws {
        let bench = Bench()
        let one = try bench.clip("a.mp4", picture: "testsrc2=s=320x180:r=25:d=8", "-c:v libx264 -g 50")
        let other = try bench.clip("b.mp4", picture: "testsrc2=s=320x180:r=25:d=4", "-c:v libx264 -g 50")
        let facts = try bench.inspect(one)
        var codes: [MediaFailure] = []
        for input in [other, bench.write("c.mp4", [1, 2, 3])] {
            do {
                _ = try bench.run(
                    .remux(source: facts, from: 0, to: facts.plan.count, video: 0, audio: nil, limits: MediaLimits()),
                    input)
            } catch HelperFailure.refused(let code, _) { codes.append(code) }
        }
        #expect(codes == [.changed, .changed])
    }

    @Test("H33 damaged copies of a good file end with a plan or a refusal, never with a crash")
    func damaged() throws {
        let bench = Bench()
        let clip = try bench.clip(
            "a.mp4", picture: "testsrc2=s=160x90:r=25:d=4", sound: "sine=d=4",
            "-c:v libx264 -g 25 -c:a aac -movflags +faststart")
        let good = FileManager.default.contents(atPath: clip).map { [UInt8]($0) } ?? []
        var state: UInt64 = 7
        func random(_ below: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % below
        }
        for _ in 0..<60 {
            var bytes = good
            // Half of the damage goes into the tables in front.
            for _ in 0..<20 {
                bytes[random(2) == 0 ? random(bytes.count) : random(min(6000, bytes.count))] = UInt8(random(256))
            }
            do {
                let path = bench.write("d.mp4", bytes)
                let facts = try bench.inspect(path)
                if facts.video != nil {
                    let rungs = [RungJob(ordinal: 1, width: 160, height: 90, cap: 300_000, rateFactor: 23)]
                    _ = try? bench.run(
                        .encode(source: facts, from: 0, to: 1, rungs: rungs, limits: MediaLimits()), path,
                        into: "x\(random(1 << 30))")
                }
            } catch HelperFailure.refused(_, _) {
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    @Test("The jail is reported, whatever the kernel has") func jail() throws {
        let bench = Bench()
        let clip = try bench.clip("a.mp4", picture: "testsrc2=s=320x180:r=25:d=1", "-c:v libx264")
        let report = try #require(try bench.run(.inspect(extension: "mp4", limits: MediaLimits()), clip).jail)
        #expect(report.limits && report.noNewPrivileges && report.seccomp)
    }
}
