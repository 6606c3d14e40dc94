import Foundation
import Helper
import Media
import Testing

/// Eight colours in a row, 80 samples each.
private let colours: [(red: Int, green: Int, blue: Int)] = [
    (16, 16, 16), (235, 235, 235), (128, 128, 128), (200, 30, 30), (30, 180, 40), (40, 50, 200), (220, 200, 40),
    (180, 120, 90),
]

private func bars(_ seconds: Int) -> String {
    var text = "color=black:s=640x360:r=25:d=\(seconds),format=gbrp"
    for (index, colour) in colours.enumerated() {
        let hex = String(format: "0x%02x%02x%02x", colour.red, colour.green, colour.blue)
        text += ",drawbox=x=\(index * 80):w=80:h=360:t=fill:c=\(hex)"
    }
    return text
}

/// Mean red, green and blue in the middle of each of the eight bars, in a frame near the end.
private func measure(_ path: String, _ bench: borrowing Bench, width: Int, height: Int) throws -> [[Double]] {
    let raw = "\(bench.directory)/raw.rgb"
    let made = try Bench.tool(
        "ffmpeg",
        [
            "-v", "error", "-y", "-i", path, "-vf",
            "select=gte(n\\,20),zscale=m=gbr:r=full:f=point,format=gbrp,format=rgb24", "-frames:v", "1", "-f",
            "rawvideo", raw,
        ])
    #expect(made.code == 0, "\(made.errors)")
    let bytes = FileManager.default.contents(atPath: raw).map { [UInt8]($0) } ?? []
    guard bytes.count == width * height * 3 else { return [] }
    return (0..<8).map { bar in
        var sums = [0.0, 0, 0]
        var count = 0.0
        for y in height * 2 / 5..<height * 3 / 5 {
            for x in width * (10 * bar + 3) / 80..<width * (10 * bar + 7) / 80 {
                for channel in 0..<3 { sums[channel] += Double(bytes[(y * width + x) * 3 + channel]) }
                count += 1
            }
        }
        return sums.map { $0 / count }
    }
}

private func tags(_ path: String) throws -> String {
    let text = try Bench.tool(
        "ffprobe",
        [
            "-v", "error", "-select_streams", "v", "-show_entries",
            "stream=pix_fmt,color_range,color_space,color_transfer,color_primaries", "-of", "csv=p=0", path,
        ]
    ).text
    // A transport stream is listed a second time, under its programme.
    return text.split(separator: "\n").first.map { String($0) } ?? ""
}

@Suite("Colours", .serialized)
struct ColourTests {
    @Test(
        "Colours come out as they went in, whatever the samples' form",
        arguments: [
            (
                "a.mp4",
                "-vf zscale=min=gbr:tin=709:pin=709:rin=full:m=709:p=709:t=709:r=limited,format=yuv444p -c:v libx264 -crf 5"
            ),
            (
                "b.mp4",
                "-vf zscale=min=gbr:tin=709:pin=709:rin=full:m=709:p=709:t=709:r=full,format=yuv420p -c:v libx264 -crf 5 -color_range pc -g 1000 -bf 0"
            ),
            (
                "c.mov",
                "-vf zscale=min=gbr:tin=709:pin=709:rin=full:m=709:p=709:t=709:r=limited,format=yuv422p10le -c:v prores_ks"
            ),
            ("d.mp4", "-c:v libx264rgb -crf 5"),
            (
                "e.mov",
                "-vf zscale=min=gbr:tin=709:pin=709:rin=full:m=170m:p=709:t=709:r=full,format=yuvj420p -c:v mjpeg -q:v 2"
            ),
            (
                "f.mp4",
                "-vf zscale=min=gbr:tin=709:pin=709:rin=full:m=709:p=709:t=709:r=limited,format=yuv422p10le -c:v libx265 -preset ultrafast -crf 5 -x265-params log-level=none"
            ),
            (
                "g.mkv",
                "-vf zscale=min=gbr:tin=709:pin=709:rin=full:m=2020_ncl:p=2020:t=2020_10:r=limited,format=yuv420p10le -c:v libx265 -preset ultrafast -crf 5 -x265-params log-level=none:colorprim=bt2020:transfer=bt2020-10:colormatrix=bt2020nc"
            ),
        ])
    func forms(name: String, options: String) throws {
        let bench = Bench()
        let clip = try bench.clip(name, picture: bars(2), options)
        let facts = try bench.inspect(clip)
        // Full range is what players know to show.
        let made = try bench.makeAll(clip, facts)
        let found = try measure(made.joined(0), bench, width: 640, height: 360)
        #expect(found.count == 8)
        for (bar, wanted) in zip(found, colours) {
            for (is_, should) in zip(bar, [wanted.red, wanted.green, wanted.blue]) {
                #expect(abs(is_ - Double(should)) < 5, "\(name): \(bar) for \(wanted)")
            }
        }
        #expect(try tags(made.joined(0)).contains(facts.video?.copy.isCopy == true ? "yuv" : "tv"))
    }

    /// What a tone curve of this shape (Mobius, straight up to half of paper white) makes of a colour whose 255 is paper
    /// white, worked out here for the brightest of the three.
    private static func curved(_ colour: [Double], peak: Double) -> [Double] {
        let light = colour.map { pow($0 / 255, 2.4) }
        let top = light.max() ?? 0
        let knee = 0.5
        if top <= knee { return colour }
        let a = -knee * knee * (peak - 1) / (knee * knee - 2 * knee + peak)
        let b = (knee * knee - 2 * knee * peak + peak) / (peak - 1)
        let bent = (b * b + 2 * b * knee + knee * knee) / (b - a) * (top + a) / (top + b)
        return light.map { 255 * pow($0 * bent / top, 1 / 2.4) }
    }

    @Test(
        "High dynamic range becomes BT.709: what was graded stays, paper white stands at 89 %",
        arguments: [
            (
                "a.mp4", "smpte2084", 400,
                "-c:v libx265 -preset ultrafast -crf 4 -x265-params log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=400,100"
            ),
            (
                "b.mkv", "smpte2084", 1000,
                "-c:v libx265 -preset ultrafast -crf 4 -x265-params log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
            ),
            (
                "c.webm", "arib-std-b67", 1000,
                "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -crf 4 -b:v 0 -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc"
            ),
            (
                "d.mp4", "smpte2084", 1000,
                "-c:v libsvtav1 -preset 10 -crf 8 -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc"
            ),
        ])
    func highDynamicRange(name: String, transfer: String, peak: Int, options: String) throws {
        let bench = Bench()
        let clip = try bench.clip(
            name, picture: bars(8),
            "-vf zscale=min=gbr:tin=709:pin=709:rin=full:m=2020_ncl:p=2020:t=\(transfer):r=limited:npl=203,format=yuv420p10le "
                + options)
        let facts = try bench.inspect(clip)
        let colour = try #require(facts.video?.colour)
        #expect(colour.isHDR && colour.tonePeak == max(406, peak) || colour.tonePeak == 400)
        let made = try bench.makeAll(clip, facts)
        #expect(made.frames == 200)
        let found = try measure(made.joined(0), bench, width: 640, height: 360)
        #expect(found.count == 8)
        for (bar, wanted) in zip(found, colours) {
            let should = Self.curved(
                [Double(wanted.red), Double(wanted.green), Double(wanted.blue)],
                peak: max(2, Double(peak) / 203))
            for (is_, value) in zip(bar, should) {
                #expect(abs(is_ - value) < 6, "\(name): \(bar) for \(should)")
            }
        }
        #expect(try tags(made.joined(0)) == "yuv420p,tv,bt709,bt709,bt709")
    }

    @Test("Paper white of PQ and of HLG, by their standards' code values", arguments: [(16, 573), (18, 721)])
    func white(transfer: Int, code: Int) throws {
        let bench = Bench()
        let name = transfer == 16 ? "smpte2084" : "arib-std-b67"
        let clip = try bench.clip(
            "a.mp4", picture: "color=black:s=320x180:r=25:d=1,format=yuv420p10le,geq=lum=\(code):cb=512:cr=512",
            "-c:v libx265 -preset ultrafast -crf 4 -x265-params log-level=none:colorprim=bt2020:transfer=\(name):colormatrix=bt2020nc"
        )
        let made = try bench.makeAll(clip, try bench.inspect(clip))
        let raw = "\(bench.directory)/raw.y"
        try Bench.tool(
            "ffmpeg",
            ["-v", "error", "-i", made.joined(0), "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "rawvideo", raw])
        let bytes = FileManager.default.contents(atPath: raw).map { [UInt8]($0) } ?? []
        let luma = Double(bytes.prefix(320 * 180).reduce(0) { $0 + Int($1) }) / Double(320 * 180)
        #expect(abs(luma - (16 + 219 * 0.894)) < 1.5, "\(luma)")
    }
}
