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
