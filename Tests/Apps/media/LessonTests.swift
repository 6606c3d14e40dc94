import Foundation
import Helper
import Media
import Testing

private let picture = "testsrc2=s=640x360:r=25:d=14"
private let tone = "sine=f=440:r=44100:d=14"

/// What must hold of everything made of any source.
private func checkRenditions(_ made: Made, sourceFrames: [Substring]? = nil, fillers: Bool = false) throws {
    let plan = made.source.plan
    let rungs = made.source.video.map { Ladder.rungs(for: $0) } ?? []
    for rung in rungs {
        let frames = try Made.frames(made.joined(rung.ordinal))
        if let video = made.source.video, !fillers { #expect(frames.count == video.frames) }
        if rung.isCopied, let sourceFrames { #expect(frames == sourceFrames) }
        #expect(made.continuityBreaks(rung.ordinal) == 0)
        #expect(Set(made.initialisations[rung.ordinal] ?? []).count == (made.packaging == .cmaf ? 1 : 0))
        let packets = try made.packets(rung.ordinal)
        #expect(zip(packets, packets.dropFirst()).allSatisfy { $0.decoded < $1.decoded })
        #expect(packets.allSatisfy { $0.decoded <= $0.shown })
        let keys = Set(packets.filter(\.isKey).map(\.shown))
        for cut in plan.boundaries.dropLast() { #expect(keys.contains(cut), "rung \(rung.name) at \(cut)") }
        let list = made.segments[rung.ordinal] ?? []
        #expect(list.map(\.number) == Array(0..<plan.videoSegments))
        #expect(list.map(\.start) == Array(plan.boundaries.dropLast()))
        let facts = made.renditions[rung.ordinal]
        #expect(facts?.width == rung.width && facts?.height == rung.height && facts?.codecs.hasPrefix("avc1.") == true)
        // Each segment stands alone: a player may begin anywhere.
        #expect(try Made.frames("\(made.directory)/\(rung.ordinal)/index.m3u8").count == frames.count)
    }
    guard let sound = made.source.audio.first else { return }
    let ordinal = UInt16(rungs.count)
    #expect(try !Made.frames(made.joined(ordinal), "0:a").isEmpty)
    #expect(made.continuityBreaks(ordinal) == 0)
    let packets = try made.packets(ordinal)
    let steps = zip(packets, packets.dropFirst()).map { $1.shown - $0.shown }
    if sound.copy.isCopy {
        #expect(steps.allSatisfy { $0 > 0 && $0 < Ticks.perSecond / 10 })
    } else {
        #expect(steps.allSatisfy { $0 == 1920 })
        #expect((packets.last?.shown ?? 0) >= plan.start(of: plan.count) - 2 * 1920)
    }
    let total = (made.segments[ordinal] ?? []).reduce(0) { $0 + $1.duration }
    let span = (packets.last?.shown ?? 0) - (packets.first?.shown ?? 0)
    #expect(abs(total - span) < Ticks.perSecond / 20)
}

@Suite("From a file to renditions", .serialized)
struct LessonTests {
    @Test(
        "A file that can be copied is copied bit for bit, and encoded rungs cut where it cuts",
        arguments: Packaging.allCases)
    func copied(packaging: Packaging) throws {
        let bench = Bench()
        let clip = try bench.clip(
            "a.mp4", picture: picture, sound: tone, "-c:v libx264 -g 50 -bf 3 -c:a aac -ac 2 -shortest")
        let facts = try bench.inspect(clip)
        #expect(facts.container == "mp4" && facts.video?.copy == .copy && facts.audio.first?.copy == .copy)
        #expect(facts.video?.frames == 350 && facts.plan.boundaries.dropLast() == [0, 540_000, 1_080_000])
        let made = try bench.makeAll(clip, facts, packaging: packaging)
        try checkRenditions(made, sourceFrames: try Made.frames(clip))
        let copiedSound = try Made.frames(made.joined(1), "0:a").count
        #expect(copiedSound >= 603)
    }

    @Test(
        "Recovery points that only look like whole pictures are no cuts, and are taken out",
        arguments: Packaging.allCases)
    func openGroups(packaging: Packaging) throws {
        let bench = Bench()
        let clip = try bench.clip(
            "a.mp4", picture: "testsrc2=s=640x360:r=25:d=20",
            "-c:v libx264 -bf 3 -forced-idr 1 -force_key_frames expr:gte(t,n_forced*5) -x264-params open-gop=1:keyint=30:min-keyint=20"
        )
        let facts = try bench.inspect(clip)
        #expect(facts.video?.copy == .copy)
        #expect(facts.plan.boundaries.dropLast() == [0, 450_000, 900_000, 1_350_000])
        let made = try bench.makeAll(clip, facts, packaging: packaging)
        try checkRenditions(made, sourceFrames: try Made.frames(clip))
        let flagged = try Bench.tool(
            "ffprobe", ["-v", "error", "-show_entries", "packet=flags", "-of", "csv=p=0", clip]
        ).text.split(separator: "\n").filter { $0.contains("K") }.count
        #expect(flagged > 4)
        #expect(try made.packets(0).filter(\.isKey).count == 4)
    }

    @Test(
        "Containers are read by content, and what they hold comes out whole",
        arguments: [
            ("a.mkv", "mkv", "-c:v libx264 -g 50 -c:a aac -ac 2", true, true),
            ("a.ts", "ts", "-c:v libx264 -g 50 -c:a aac -ac 2", true, true),
            ("a.flv", "flv", "-c:v libx264 -g 50 -c:a aac -ac 2 -ar 44100", true, true),
            ("a.webm", "webm", "-c:v libvpx -deadline realtime -cpu-used 8 -b:v 500k -c:a libopus", false, false),
            ("a.avi", "avi", "-c:v mpeg4 -bf 2 -q:v 5 -c:a libmp3lame", false, false),
            ("a.wmv", "wmv", "-c:v wmv2 -q:v 5 -c:a wmav2", false, false),
            ("a.mpg", "mpg", "-c:v mpeg2video -q:v 5 -c:a mp2", false, false),
            ("a.mov", "mov", "-c:v mjpeg -c:a pcm_s16le", false, false),
            ("b.mov", "mov", "-c:v prores_ks -c:a alac", false, false),
            (
                "b.mp4", "mp4",
                "-c:v libx265 -preset ultrafast -x265-params log-level=error -pix_fmt yuv420p10le -c:a ac3", false,
                false
            ),
            ("c.mp4", "mp4", "-c:v libx264 -pix_fmt yuv444p -c:a libmp3lame", false, false),
        ])
    func containers(name: String, kind: String, options: String, copiesPicture: Bool, copiesSound: Bool) throws {
        let bench = Bench()
        let clip = try bench.clip(
            name, picture: "testsrc2=s=320x180:r=25:d=9", sound: "sine=f=440:r=44100:d=9", options + " -shortest")
        let facts = try bench.inspect(clip)
        #expect(facts.container == kind)
        #expect(facts.video?.copy.isCopy == copiesPicture && facts.audio.first?.copy.isCopy == copiesSound)
        for packaging in copiesPicture || kind == "mov" ? Packaging.allCases : [.ts] {
            let made = try bench.makeAll(clip, facts, folder: packaging.rawValue, packaging: packaging)
            try checkRenditions(made, sourceFrames: copiesPicture ? try Made.frames(clip) : nil)
            if !copiesPicture { #expect(made.frames == 225) }
        }
    }

    @Test(
        "Portrait, turned, odd, stretched: every size is right",
        arguments: [
            ("a.mp4", "testsrc2=s=360x640:r=25:d=7", "-c:v libx264 -g 50", ["360x640"], true),
            ("a.mov", "testsrc2=s=640x362:r=25:d=7,scale=639:361", "-c:v mjpeg -pix_fmt yuvj444p", ["636x360"], false),
            (
                "a.mp4", "testsrc2=s=720x576:r=25:d=7,setsar=64/45", "-c:v mpeg4 -q:v 4",
                ["1024x576", "852x480", "640x360"], false
            ),
            ("a.mp4", "testsrc2=s=640x360:r=25:d=7", "-c:v libx264 -metadata:s:v:0 rotate=90", ["360x640"], false),
        ])
    func sizes(name: String, source: String, options: String, sizes: [String], copied: Bool) throws {
        let bench = Bench()
        var clip = try bench.clip(name, picture: source, options)
        if options.contains("rotate") {
            clip = try bench.clip("turned.mp4", "-i DIR/a.mp4 -c copy -metadata:s:v:0 rotate=90")
        }
        let facts = try bench.inspect(clip)
        #expect(facts.video?.copy.isCopy == copied)
        let made = try bench.makeAll(clip, facts)
        try checkRenditions(made)
        for (ordinal, size) in sizes.enumerated() {
            let found = try Bench.tool(
                "ffprobe",
                [
                    "-v", "error", "-show_entries", "stream=width,height,sample_aspect_ratio", "-of", "csv=p=0:s=x",
                    made.joined(UInt16(ordinal)),
                ]
            ).text
            #expect(found.hasPrefix(size))
        }
        #expect(made.segments.count == sizes.count)
    }

    @Test(
        "H35 variable rates, long stills, late and early sound, and either alone", arguments: Packaging.allCases)
    func shapes(packaging: Packaging) throws {
        let bench = Bench()
        let vfr = try bench.clip(
            "vfr.mp4", picture: "testsrc2=s=320x180:r=25:d=14",
            "-vf select='not(mod(n,7))+not(mod(n,5))+gt(mod(n,50),40)' -vsync vfr -c:v libx264 -g 60")
        let facts = try bench.inspect(vfr)
        #expect(facts.audio.isEmpty)
        try checkRenditions(
            try bench.makeAll(vfr, facts, folder: "vfr", packaging: packaging), sourceFrames: try Made.frames(vfr))

        let sound = try bench.clip("sound.mp4", sound: tone, "-c:a libmp3lame")
        let alone = try bench.inspect(sound)
        #expect(alone.video == nil && alone.plan.videoSegments == 0 && alone.plan.count == 2)
        try checkRenditions(try bench.makeAll(sound, alone, folder: "sound", packaging: packaging))

        let slides = try bench.clip(
            "slides.mp4", picture: "testsrc2=s=320x180:r=1/10:d=40", sound: "sine=d=40", "-c:v libx264 -c:a aac")
        let slow = try bench.inspect(slides)
        #expect(slow.plan.boundaries.count == 10 && slow.video?.frames == 4)
        try checkRenditions(try bench.makeAll(slides, slow, folder: "slides", packaging: packaging), fillers: true)

        _ = try bench.clip("v.mp4", picture: "testsrc2=s=320x180:r=25:d=14", "-c:v libx264 -g 50")
        _ = try bench.clip("a.mp4", sound: tone, "-c:a aac -ac 2")
        let late = try bench.clip("late.mp4", "-i DIR/v.mp4 -itsoffset 3 -i DIR/a.mp4 -map 0:v -map 1:a -c copy")
        let lateFacts = try bench.inspect(late)
        #expect(lateFacts.audio.first?.copy == .encode(.coverage) && lateFacts.origin == 0)
        try checkRenditions(
            try bench.makeAll(late, lateFacts, folder: "late", packaging: packaging),
            sourceFrames: try Made.frames(late))

        let early = try bench.clip("early.mkv", "-itsoffset 4 -i DIR/v.mp4 -i DIR/a.mp4 -map 0:v -map 1:a -c copy")
        let earlyFacts = try bench.inspect(early)
        #expect(abs((earlyFacts.video?.firstFrame ?? 0) - 4 * Ticks.perSecond) < 9000)
        let made = try bench.makeAll(early, earlyFacts, folder: "early", packaging: packaging)
        #expect(try made.packets(0).map(\.shown).min() == 0)
        try checkRenditions(made, sourceFrames: try Made.frames(early), fillers: true)

        let tail = try bench.clip(
            "tail.mp4", picture: "testsrc2=s=320x180:r=25:d=2", sound: "sine=d=20", "-c:v libx264 -c:a aac")
        let tailFacts = try bench.inspect(tail)
        #expect(tailFacts.video?.copy == .encode(.coverage) && tailFacts.plan.videoSegments == tailFacts.plan.count)
        try checkRenditions(try bench.makeAll(tail, tailFacts, folder: "tail", packaging: packaging), fillers: true)
    }

    /// Paths of real files that can be copied, separated by colons.
    private static let realClips = (ProcessInfo.processInfo.environment["REELGATE_TEST_CLIPS"] ?? "").split(
        separator: ":"
    )
    .map { String($0) }

    @Test("Real clips are copied bit for bit", .enabled(if: !realClips.isEmpty), arguments: realClips)
    func realClip(path: String) throws {
        let bench = Bench()
        let facts = try bench.inspect(path)
        #expect(facts.video?.copy == .copy)
        var made = Made(directory: "\(bench.directory)/out", source: facts, packaging: .ts)
        try made.add(
            bench.run(
                .remux(source: facts, from: 0, to: facts.plan.count, video: 0, audio: nil, limits: MediaLimits()), path)
        )
        try made.join()
        #expect(try Made.frames(made.joined(0)) == Made.frames(path))
        #expect(made.continuityBreaks(0) == 0)
        let keys = Set(try made.packets(0).filter(\.isKey).map(\.shown))
        for cut in facts.plan.boundaries.dropLast() { #expect(keys.contains(cut)) }
    }
}
