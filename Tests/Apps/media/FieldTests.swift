import Foundation
import Helper
import Media
import Testing

/// Frames that ffmpeg's `idet` takes for fields woven together, and those it takes for whole ones.
private func combing(_ path: String) throws -> (woven: Int, whole: Int) {
    let text = try Bench.tool("ffmpeg", ["-hide_banner", "-i", path, "-vf", "idet", "-f", "null", "-"]).errors
    guard let line = text.split(separator: "\n").last(where: { $0.contains("Multi frame detection") }) else {
        return (0, 0)
    }
    let numbers = line.split { !$0.isNumber && $0 != ":" }.joined().split(separator: ":").compactMap { Int($0) }
    guard numbers.count >= 3 else { return (0, 0) }
    return (numbers[numbers.count - 4] + numbers[numbers.count - 3], numbers[numbers.count - 2])
}

/// The worst frame's likeness (SSIM of luma) of two films of the same length.
private func likeness(_ one: String, _ other: String, _ filter: String = "null") throws -> Double {
    let text = try Bench.tool(
        "ffmpeg",
        [
            "-v", "error", "-i", one, "-i", other, "-lavfi",
            "[0:v]\(filter),settb=1/25,setpts=N[a];[1:v]settb=1/25,setpts=N[b];[a][b]ssim=stats_file=-", "-f", "null",
            "-",
        ]
    ).text
    let values = text.split(separator: "\n").compactMap { line in
        line.split(separator: " ").first { $0.hasPrefix("Y:") }.flatMap { Double($0.dropFirst(2)) }
    }
    return values.min() ?? 0
}

@Suite("Fields", .serialized)
struct FieldTests {
    private static let moving =
        "testsrc=s=480x360:r=50:d=9,scroll=h=0.01,tinterlace=interleave_top,setfield=tff,setsar=4/3"

    @Test(
        "Fields become whole pictures, one for each frame, and slices join",
        arguments: [
            ("a.mpg", "-c:v mpeg2video -flags +ilme+ildct -q:v 2 -g 12 -bf 2"),
            ("a.ts", "-c:v libx264 -preset veryfast -crf 12 -flags +ilme+ildct -g 60 -bf 3"),
            ("a.mp4", "-c:v libx264 -preset veryfast -crf 12 -flags +ilme+ildct -g 25"),
            ("a.avi", "-c:v mpeg4 -flags +ilme+ildct -q:v 2 -g 25"),
            ("a.mov", "-c:v prores_ks -flags +ilme+ildct -top 1"),
        ])
    func fields(name: String, options: String) throws {
        let bench = Bench()
        let clip = try bench.clip(
            name, picture: Self.moving, "-pix_fmt \(name == "a.mov" ? "yuv422p10le" : "yuv420p") " + options)
        let facts = try bench.inspect(clip)
        #expect(facts.video?.interlaced == true && facts.video?.copy.isCopy == false)
        let source = try combing(clip)
        #expect(source.woven > 200)
        let made = try bench.makeAll(clip, facts)
        #expect(made.frames == 225)
        let result = try combing(made.joined(0))
        #expect(result.woven < 10, "\(result)")
        let size = try Bench.tool(
            "ffprobe",
            ["-v", "error", "-show_entries", "stream=width,height,field_order", "-of", "csv=p=0", made.joined(0)]
        ).text
        #expect(size.hasPrefix("640,360,progressive"))
        // Every frame, those at the slices' borders too, is what one pass over the whole file would have made of it.
        let worst = try likeness(clip, made.joined(0), "bwdif=mode=send_frame,scale=640:360:flags=bicubic")
        #expect(worst > 0.96, "\(worst)")
    }

    @Test("Pictures that are whole pass as they are, whatever the rest of the stream may be")
    func whole() throws {
        let bench = Bench()
        let clip = try bench.clip(
            "a.mp4", picture: "testsrc=s=480x360:r=25:d=7,scroll=h=0.01",
            "-c:v libx264 -preset veryfast -crf 12 -x264-params fake-interlaced=1")
        let facts = try bench.inspect(clip)
        let made = try bench.makeAll(clip, facts)
        #expect(made.frames == 175)
        let worst = try likeness(clip, made.joined(0))
        #expect(worst > 0.96, "\(worst)")
    }
}
