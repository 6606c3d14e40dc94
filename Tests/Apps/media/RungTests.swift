import Foundation
import Helper
import Media
import Testing

@Suite("Rungs")
struct RungTests {
    @Test("H35 every second picture of a fast source is left out, cuts stay where they are and times rise")
    func halvedFrameRate() throws {
        let bench = Bench()
        let path = try bench.clip(
            "fast.mp4", picture: "testsrc2=s=192x108:r=60:d=15", "-c:v libx264 -preset ultrafast -level 5.1 -bf 2")
        let source = try bench.inspect(path)
        let video = try #require(source.video)
        #expect(!video.copy.isCopy && video.frameRate.thousandths == 60_000)
        let rungs = [false, true].enumerated().map { index, halves in
            RungJob(
                ordinal: UInt16(index), width: 96, height: 54, cap: 200_000, rateFactor: 30, effort: .light,
                halvesFrameRate: halves)
        }
        var made = Made(directory: "\(bench.directory)/out", source: source, packaging: .ts)
        for from in 0..<source.plan.count {
            try made.add(
                try bench.run(
                    .encode(source: source, from: from, to: from + 1, rungs: rungs, limits: MediaLimits()), path))
        }
        try made.join()
        let whole = try made.packets(0)
        let half = try made.packets(1)
        let cuts = source.plan.boundaries.dropLast()
        #expect(whole.count == 900 && cuts.count >= 2)
        // One more for each segment with an odd number of pictures.
        #expect((450...450 + cuts.count).contains(half.count))
        for packets in [whole, half] {
            #expect(zip(packets, packets.dropFirst()).allSatisfy { $0.decoded < $1.decoded })
            #expect(packets.allSatisfy { $0.decoded <= $0.shown })
            #expect(Set(cuts).isSubset(of: packets.filter(\.isKey).map(\.shown)))
        }
        #expect(Set(half.map(\.shown)).isSubset(of: whole.map(\.shown)))
        #expect(try Made.frames(made.joined(1)).count == half.count)
    }

    /// Where a slice begins within a group of pictures, those before it are decoded only as far as others lean on them.
    @Test(
        "Slices of one segment show what the source shows, wherever decoding has to begin",
        arguments: [
            ("pyramid.mp4", "-c:v libx264 -preset ultrafast -level 5.1 -bf 3 -b-pyramid normal -g 400"),
            ("flat.mkv", "-c:v libx264 -preset ultrafast -level 5.1 -bf 3 -b-pyramid none -g 400"),
            ("fields.mp4", "-c:v libx264 -preset ultrafast -flags +ildct+ilme -x264-params tff=1 -bf 2 -g 400"),
            ("hevc.mp4", "-c:v libx265 -preset ultrafast -x265-params log-level=none:bframes=3:keyint=400"),
            ("parts.mp4", "-c:v mpeg4 -q:v 2 -bf 2 -g 400"), ("program.mpg", "-c:v mpeg2video -q:v 2 -bf 2 -g 400"),
            ("web.webm", "-c:v libvpx -b:v 2M -deadline realtime -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 8 -g 400"),
        ])
    func slicesInGroups(name: String, options: String) throws {
        let bench = Bench()
        let path = try bench.clip(name, picture: "testsrc2=s=192x108:r=25:d=15,noise=alls=4:allf=t", options)
        let source = try bench.inspect(path)
        let video = try #require(source.video)
        #expect(!video.copy.isCopy && source.plan.count >= 4)
        #expect(source.plan.decodeFrom.last.map { $0 < source.plan.start(of: source.plan.count - 1) } == true)
        let rung = RungJob(
            ordinal: 0, width: 192, height: 108, cap: 20_000_000, rateFactor: 12, effort: .light)
        func made(_ folder: String, _ borders: [Int]) throws -> [String] {
            var made = Made(directory: "\(bench.directory)/\(folder)", source: source, packaging: .ts)
            for (from, to) in zip(borders, borders.dropFirst()) {
                try made.add(
                    bench.run(
                        .encode(source: source, from: from, to: to, rungs: [rung], limits: MediaLimits()), path,
                        into: folder))
            }
            try made.join()
            let compared = try Bench.tool(
                "ffmpeg",
                [
                    "-v", "error", "-i", made.joined(0), "-i", path, "-lavfi",
                    "[0:v]settb=1/25,setpts=N[a];[1:v]settb=1/25,setpts=N[b];[a][b]ssim=stats_file=-", "-f", "null",
                    "-",
                ])
            return compared.text.split(separator: "\n").compactMap { line in
                line.range(of: "All:").map { String(line[$0.upperBound...].prefix(4)) }
            }
        }
        let whole = try made("whole", [0, source.plan.count])
        let sliced = try made("sliced", Array(0...source.plan.count))
        #expect(whole.count == 375 && sliced.count == 375)
        // Encoded anew at each border they are not the same to the bit; another picture would be far off.
        for (number, pair) in zip(whole, sliced).enumerated() {
            let (one, other) = (Double(pair.0) ?? 0, Double(pair.1) ?? 0)
            #expect(abs(one - other) < 0.03, "picture \(number): \(one), \(other)")
        }
    }

    @Test(
        "Every effort and any number of threads makes all pictures of a slice",
        arguments: EncodingEffort.allCases, [1, 3])
    func efforts(effort: EncodingEffort, threads: Int) throws {
        let bench = Bench()
        let path = try bench.clip(
            "plain.mp4", picture: "testsrc2=s=320x180:r=25:d=7", "-c:v libx264 -preset ultrafast -level 5.1 -bf 2")
        let source = try bench.inspect(path)
        var made = Made(directory: "\(bench.directory)/out", source: source, packaging: .ts)
        let rungs = [(0, 320, 180), (1, 160, 90)].map {
            RungJob(ordinal: $0.0, width: $0.1, height: $0.2, cap: 150_000, rateFactor: 22, effort: effort)
        }
        try made.add(
            try bench.run(
                .encode(
                    source: source, from: 0, to: source.plan.count, rungs: rungs, limits: MediaLimits(threads: threads)),
                path))
        try made.join()
        for ordinal in [UInt16(0), 1] { #expect(try Made.frames(made.joined(ordinal)).count == 175) }
    }

    @Test("A probe says what each rung needs: little where nothing moves")
    func probe() throws {
        let bench = Bench()
        let still = try bench.clip(
            "still.mp4", picture: "color=gray:s=320x180:r=25:d=13", "-c:v libx264 -preset ultrafast -level 5.1")
        let noise = try bench.clip(
            "noise.mp4", picture: "testsrc2=s=320x180:r=25:d=13,noise=alls=40:allf=t",
            "-c:v libx264 -preset ultrafast -level 5.1")
        var needs: [[Int64]] = []
        for path in [still, noise] {
            let source = try bench.inspect(path)
            let video = try #require(source.video)
            let rungs = [(180, 320), (90, 160)].enumerated().map {
                RungJob(
                    ordinal: UInt16($0.offset), width: $0.element.1, height: $0.element.0, cap: 500_000, rateFactor: 23)
            }
            #expect(!video.copy.isCopy)
            let places = PerTitle.places(in: source.plan)
            let found = try #require(
                try bench.run(.probe(source: source, places: places, rungs: rungs, limits: MediaLimits()), path).probe)
            #expect(found.samples.count == places.count * 2)
            needs.append(try [180, 90].map { try #require(found.need(short: $0)).mean })
        }
        #expect(needs[0].allSatisfy { $0 < 20_000 } && needs[1][0] > 300_000 && needs[1][1] < needs[1][0])
    }
}
