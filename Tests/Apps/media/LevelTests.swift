import Foundation
import Helper
import Media
import Testing

/// Left and right of a file at 48 kHz, as they are.
private func stereo(_ path: String, _ bench: borrowing Bench) throws -> (left: [Float], right: [Float]) {
    let raw = "\(bench.directory)/raw.f32"
    try Bench.tool("ffmpeg", ["-v", "error", "-y", "-i", path, "-ac", "2", "-ar", "48000", "-f", "f32le", raw])
    let bytes = FileManager.default.contents(atPath: raw) ?? Data()
    var left: [Float] = []
    var right: [Float] = []
    for start in stride(from: 0, to: bytes.count - 7, by: 8) {
        func float(_ at: Int) -> Float {
            Float(
                bitPattern: UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16 | UInt32(
                    bytes[at + 3]) << 24)
        }
        left.append(float(start))
        right.append(float(start + 4))
    }
    return (left, right)
}

/// The height of a tone over the second second.
private func height(_ samples: [Float], of frequency: Double) -> Double {
    guard samples.count > 100_000 else { return -1 }
    var sine = 0.0
    var cosine = 0.0
    for index in 48_000..<96_000 {
        let angle = 2 * Double.pi * frequency * Double(index) / 48_000
        sine += Double(samples[index]) * sin(angle)
        cosine += Double(samples[index]) * cos(angle)
    }
    return 2 * (sine * sine + cosine * cosine).squareRoot() / 48_000
}

/// Integrated loudness and true peak as ffmpeg measures them.
private func measure(_ path: String) throws -> (loudness: Double, peak: Double) {
    let text = try Bench.tool(
        "ffmpeg", ["-hide_banner", "-nostats", "-i", path, "-af", "ebur128=peak=true", "-f", "null", "-"]
    ).errors
    func last(_ name: String) -> Double {
        text.split(separator: "\n").last { $0.contains(name) }.flatMap {
            $0.split(separator: " ").compactMap { Double($0) }.first
        } ?? .nan
    }
    return (last("I:"), last("Peak:"))
}

@Suite("Channels, rates and levels", .serialized)
struct LevelTests {
    private static let half = 0.7071

    @Test(
        "Every channel comes out where and as loud as the rule for mixing down says; the effects channel does not",
        arguments: [
            ("a.mkv", "5.1", "-c:a ac3 -b:a 640k", [(1, 0), (0, 1), (half, half), (0, 0), (half, 0), (0, half)]),
            ("a.mp4", "5.1", "-c:a eac3 -b:a 640k", [(1, 0), (0, 1), (half, half), (0, 0), (half, 0), (0, half)]),
            ("b.mp4", "5.1", "-c:a aac -b:a 512k", [(1, 0), (0, 1), (half, half), (0, 0), (half, 0), (0, half)]),
            (
                "b.mkv", "7.1", "-c:a flac",
                [(1, 0), (0, 1), (half, half), (0, 0), (half, 0), (0, half), (half, 0), (0, half)]
            ),
            ("c.mkv", "4.0", "-c:a flac", [(1, 0), (0, 1), (half, half), (0.5, 0.5)]),
            ("d.mkv", "2.1", "-c:a flac", [(1, 0), (0, 1), (0, 0)]),
            ("e.mov", "hexadecagonal", "-c:a pcm_s16le", [(1, 0), (0, 1), (half, half)]),
            ("f.mkv", "mono", "-c:a flac", [(1, 1)]),
            ("g.mkv", "stereo", "-c:a flac", [(1, 0), (0, 1)]),
        ] as [(String, String, String, [(Double, Double)])])
    func channels(name: String, layout: String, options: String, factors: [(Double, Double)]) throws {
        let bench = Bench()
        let count = layout == "hexadecagonal" ? 16 : factors.count
        // 60 Hz is as high as an effects channel goes.
        var tones: [Double] = []
        var waves: [String] = []
        for index in 0..<count {
            // 60 Hz is as high as an effects channel goes.
            let isEffects = layout == "2.1" ? index == 2 : count > 4 && index == 3
            let tone: Double = isEffects ? 60 : 300 + 200 * Double(index)
            tones.append(tone)
            waves.append(index < factors.count ? "0.1*sin(2*PI*\(tone)*t)" : "0")
        }
        let wave = waves.joined(separator: "|")
        let clip = try bench.clip(name, sound: "aevalsrc='\(wave)':c=\(layout):s=48000:d=4", options)
        let facts = try bench.inspect(clip)
        #expect(facts.audio.first?.channels == count && facts.audio.first?.copy.isCopy == false)
        let made = try bench.makeAll(clip, facts)
        let (left, right) = try stereo(made.joined(0), bench)
        for (tone, factor) in zip(tones, factors) {
            let found = (height(left, of: tone) / 0.1, height(right, of: tone) / 0.1)
            let off = max(abs(found.0 - factor.0), abs(found.1 - factor.1))
            #expect(off < 0.05, "\(name) \(tone): \(found) \(factor)")
        }
    }

    @Test("Six channels at full height do not clip")
    func clipping() throws {
        let bench = Bench()
        let wave = (0..<6).map { _ in "0.95*sin(2*PI*180*t)*gt(mod(t\\,4)\\,1)" }.joined(separator: "|")
        let clip = try bench.clip("a.mkv", sound: "aevalsrc='\(wave)':c=5.1:s=48000:d=14", "-c:a flac")
        let made = try bench.makeAll(clip, try bench.inspect(clip))
        let found = try measure(made.joined(0))
        #expect(found.peak <= -1 && found.peak > -2.5, "\(found)")
        let (left, _) = try stereo(made.joined(0), bench)
        // A clipped or pumped tone would have overtones.
        #expect(height(left, of: 540) < 0.004 && height(left, of: 180) > 0.3)
    }

    @Test(
        "Any rate becomes 48 kHz, without drift",
        arguments: [
            ("a.wmv", 22_050, "-c:a wmav2"), ("b.mkv", 96_000, "-c:a flac"), ("c.mov", 192_000, "-c:a pcm_s24le"),
            ("d.avi", 8_000, "-c:a pcm_s16le"), ("e.mkv", 11_025, "-c:a libmp3lame"),
        ])
    func rates(name: String, rate: Int, options: String) throws {
        let bench = Bench()
        // libav takes an AVI without picture for another kind of file.
        let clip = try bench.clip(
            name, picture: "color=black:s=64x64:r=5:d=13", sound: "sine=f=440:r=\(rate):d=13",
            "-c:v mpeg4 \(options)")
        let facts = try bench.inspect(clip)
        #expect(facts.audio.first?.sampleRate == rate)
        let made = try bench.makeAll(clip, facts)
        let (left, _) = try stereo(made.joined(1), bench)
        #expect(abs(left.count - 13 * 48_000) < 6000)
        #expect(abs(height(left, of: 440) - 0.125) < 0.01)
        #expect(abs(height(Array(left[8 * 48_000..<11 * 48_000]), of: 440) - 0.125) < 0.01)
    }

    @Test(
        "Loudness: every track comes to the goal, its true peak under -1 dB, and slices join",
        arguments: [
            // Quiet, loud, quiet with claps that have to be held back, and six channels.
            ("a.mp4", "anoisesrc=c=pink:a=0.25:s=1:d=26:r=44100,tremolo=f=0.5:d=0.6", "-ac 2 -c:a aac -b:a 192k"),
            ("b.mkv", "anoisesrc=c=pink:a=0.9:s=2:d=26:r=48000", "-ac 1 -c:a flac"),
            (
                "c.mkv",
                "aevalsrc='0.05*sin(2*PI*400*t)+0.3*sin(2*PI*900*t)*lt(mod(t\\,5.7)\\,0.02)':s=48000:d=26",
                "-ac 2 -c:a flac"
            ),
            (
                "d.mkv", "anoisesrc=c=pink:a=0.1:s=3:d=26:r=48000,pan=5.1|c0=c0|c1=c0|c2=c0|c4=c0|c5=c0",
                "-c:a ac3 -b:a 640k"
            ),
        ])
    func loudness(name: String, sound: String, options: String) throws {
        let bench = Bench()
        let clip = try bench.clip(name, sound: sound, options)
        let source = try bench.inspect(clip)
        let measured = try #require(try bench.run(.loudness(source: source, limits: MediaLimits()), clip).facts)
        let facts = measured.levelled(to: -16)
        let track = try #require(facts.audio.first)
        #expect(track.gain != 0 && !track.copy.isCopy)
        let made = try bench.makeAll(clip, facts)
        let found = try measure(made.joined(0))
        #expect(abs(found.loudness + 16) <= 0.5, "\(name): \(found), measured \(track.loudness ?? 0)")
        #expect(found.peak <= -1, "\(name): \(found)")

        // In one slice.
        var whole = Made(directory: "\(bench.directory)/whole", source: facts, packaging: .ts)
        try whole.add(
            bench.run(
                .audio(source: facts, from: 0, to: facts.plan.count, ordinal: 0, limits: MediaLimits()), clip,
                into: "whole"))
        try whole.join()
        let one = try stereo(whole.joined(0), bench).left
        let many = try stereo(made.joined(0), bench).left
        #expect(one.count == many.count)
        // Coding differs a little where an encoder began anew, but the level has no step.
        var worst = 0.0
        for start in stride(from: 4800, to: one.count - 9600, by: 4800) {
            var powers = (0.0, 0.0)
            for index in start..<start + 4800 {
                powers.0 += Double(one[index] * one[index])
                powers.1 += Double(many[index] * many[index])
            }
            worst = max(worst, abs(10 * log10(max(powers.0, 0.01) / max(powers.1, 0.01))))
        }
        #expect(worst < 0.3, "\(name): \(worst) dB")
    }

    @Test("What is near the goal stays as it is, silence too, and nothing is raised without end")
    func gains() {
        #expect(Levels.gain(loudness: -1640, target: -16) == 0)
        #expect(Levels.gain(loudness: -1650, target: -16) == 50)
        #expect(Levels.gain(loudness: -7000, target: -16) == 0)
        #expect(Levels.gain(loudness: -6000, target: -16) == 2000)
        #expect(Levels.gain(loudness: -900, target: -16) == -700)
    }
}
