import Foundation
import Helper
import Media
import Testing

/// Decoded sound of a joined rendition at 48 kHz, one channel.
private func samples(_ path: String, _ bench: borrowing Bench) throws -> [Double] {
    let raw = "\(bench.directory)/raw"
    try Bench.tool("ffmpeg", ["-v", "error", "-y", "-i", path, "-ac", "1", "-ar", "48000", "-f", "s16le", raw])
    let bytes = FileManager.default.contents(atPath: raw).map { [UInt8]($0) } ?? []
    return stride(from: 0, to: bytes.count - 1, by: 2).map {
        Double(Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8))
    }
}

@Suite("Sound", .serialized)
struct SoundTests {
    @Test(
        "Slices of a tone join without a step, also where the file counts milliseconds",
        arguments: [
            ("a.mp4", "-c:a libmp3lame", Packaging.ts), ("a.mkv", "-c:a ac3", .ts), ("a.webm", "-c:a libopus", .ts),
            ("a.flv", "-c:a libmp3lame -ar 44100", .ts), ("a.flv", "-c:a libmp3lame -ar 44100", .cmaf),
        ])
    func joins(name: String, options: String, packaging: Packaging) throws {
        let bench = Bench()
        let clip = try bench.clip(name, sound: "sine=f=440:r=44100:d=26", options + " -ac 2")
        let made = try bench.makeAll(clip, try bench.inspect(clip), packaging: packaging)
        let all = try samples(made.joined(0), bench)
        #expect(abs(all.count - 26 * 48_000) < 8_000)
        // The phase of the tone, each tenth of a second, against one clock.
        var phases: [Double] = []
        for start in stride(from: 24_000, to: all.count - 48_000, by: 4_800) {
            var sine = 0.0
            var cosine = 0.0
            for index in start..<start + 4_800 {
                let angle = 2 * Double.pi * 440 * Double(index) / 48_000
                sine += all[index] * sin(angle)
                cosine += all[index] * cos(angle)
            }
            phases.append(atan2(cosine, sine))
        }
        let spread = (phases.max() ?? 9) - (phases.min() ?? 0)
        // 0.2 is three and a half samples at 48 kHz.
        #expect(spread < 0.2)
    }

    @Test(
        "Picture and sound keep their distance to the end, copied or encoded, with a hole filled",
        arguments: [
            ("a.mp4", "-c:a aac -ac 2", Packaging.ts), ("a.mp4", "-c:a libmp3lame", .ts), ("a.mkv", "-c:a ac3", .ts),
            ("a.ts", "-c:a mp2", .ts), ("a.mp4", "-c:a aac -ac 2", .cmaf), ("a.mp4", "-c:a libmp3lame", .cmaf),
            ("a.ts", "-c:a aac -ac 2", .cmaf),
        ])
    func distance(name: String, options: String, packaging: Packaging) throws {
        let bench = Bench()
        let clip = try bench.clip(
            name, picture: "color=black:s=320x180:r=25:d=60,drawbox=c=white:t=fill:enable='lt(mod(t+0.001,10),0.2)'",
            sound: "aevalsrc='if(lt(mod(t,10),0.2),sin(2*PI*1000*t),0)':s=44100:d=60",
            "-c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p " + options)
        let facts = try bench.inspect(clip)
        #expect(facts.video?.copy == .copy)
        let made = try bench.makeAll(clip, facts, packaging: packaging)
        let all = try samples(made.joined(1), bench)
        let first = Double(try made.packets(1).first?.shown ?? 0) / Double(Ticks.perSecond)
        for second in [10, 30, 50] {
            // The bleep's beginning, looked for around where the flash is.
            let from = max(0, Int((Double(second) - 1 - first) * 48_000))
            let onset = all.indices.dropFirst(from).first { abs(all[$0]) > 6000 }
            let time = Double(onset ?? 0) / 48_000 + first
            #expect(abs(time - Double(second)) < 0.04, "bleep of \(second) s at \(time)")
        }
    }

    @Test("A hole in the sound becomes silence of the same length")
    func hole() throws {
        let bench = Bench()
        _ = try bench.clip("one.mp4", sound: "sine=f=440:r=48000:d=5", "-c:a ac3")
        let clip = try bench.clip(
            "a.mkv", "-i DIR/one.mp4 -itsoffset 9 -i DIR/one.mp4 -map 0:a -c copy -f matroska")
        let holed = try bench.clip(
            "b.mkv", "-i \(clip) -i \(clip) -map 0:a -c copy -bsf:a setts=ts=PTS+gte(PTS\\,2500)*4000")
        let facts = try bench.inspect(holed)
        #expect(abs(facts.duration - 9 * Ticks.perSecond) < Ticks.perSecond / 5)
        let made = try bench.makeAll(holed, facts)
        let all = try samples(made.joined(0), bench)
        func loudness(_ from: Double, _ to: Double) -> Double {
            all[Int(from * 48_000)..<Int(to * 48_000)].reduce(0) { max($0, abs($1)) }
        }
        #expect(loudness(0.5, 2.3) > 1000 && loudness(2.8, 6.3) < 50 && loudness(6.8, 8.5) > 1000)
    }
}

/// When pictures begin to be white, in seconds of the file.
private func flashes(_ path: String) throws -> [Double] {
    let text = try Bench.tool(
        "ffprobe",
        [
            "-v", "error", "-f", "lavfi", "movie=\(path),signalstats", "-show_entries",
            "frame=pts_time:frame_tags=lavfi.signalstats.YAVG", "-of", "csv=p=0",
        ]
    ).text
    var times: [Double] = []
    var wasLight = false
    for line in text.split(separator: "\n") {
        let parts = line.split(separator: ",").compactMap { Double($0) }
        guard parts.count >= 2 else { continue }
        if parts[1] > 120, !wasLight { times.append(parts[0]) }
        wasLight = parts[1] > 120
    }
    return times
}

@Suite("Sound beside pictures of no fixed rate", .serialized)
struct VariableRateTests {
    @Test("Flash and bleep stay together, frame times are the source's", arguments: ["a.mkv", "a.mp4"])
    func together(name: String) throws {
        let bench = Bench()
        let clip = try bench.clip(
            name,
            picture:
                "color=black:s=320x180:r=30:d=40,drawbox=c=white:t=fill:enable='lt(mod(t+0.001,10),0.2)',select='lt(mod(n\\,300)\\,7)+gt(mod(n*n\\,11)\\,4)+lt(mod(t\\,14)\\,4)'",
            sound: "aevalsrc='if(lt(mod(t,10),0.2),sin(2*PI*1000*t),0)':s=22050:d=40",
            "-vsync vfr -c:v mpeg4 -q:v 4 -c:a libmp3lame")
        let facts = try bench.inspect(clip)
        #expect(facts.video?.copy.isCopy == false)
        let made = try bench.makeAll(clip, facts)
        #expect(made.frames == facts.video?.frames)
        let wanted = try flashes(clip)
        let found = try flashes(made.joined(0)).map { $0 - Double(Ticks.streamOffset) / Double(Ticks.perSecond) }
        #expect(wanted.count == 4 && found.count == 4)
        let first = wanted.first ?? 0
        for (one, other) in zip(wanted, found) { #expect(abs(one - first - other) < 0.002, "\(wanted) \(found)") }
        let all = try samples(made.joined(1), bench)
        let begin = Double(try made.packets(1).first?.shown ?? 0) / Double(Ticks.perSecond)
        for second in [10, 20, 30] {
            let from = max(0, Int((Double(second) - 1 - begin) * 48_000))
            let onset = all.indices.dropFirst(from).first { abs(all[$0]) > 6000 }
            #expect(abs(Double(onset ?? 0) / 48_000 + begin - Double(second)) < 0.04)
        }
    }
}
