import Crypto
import Foundation
import Helper
import Media
import Testing

/// Pictures taken out of films, by the real helper. The picture's brightness is the time: 16 + 2 a second.
@Suite("Stills are taken out of films", .serialized) struct StillsTests {
    static let wanted = StillsJob(frames: 5, images: 6, poster: 7)

    /// The mean brightness, 0…255, of a picture that ffmpeg reads, or of a part of it.
    private static func brightness(_ path: String, _ filter: String = "null") throws -> Int {
        let done = try Bench.tool(
            "ffmpeg",
            [
                "-v", "error", "-i", path, "-vf",
                "\(filter),scale=1:1:out_range=pc,format=gray,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-",
                "-frames:v", "1", "-f", "null", "-",
            ])
        return done.text.split(separator: "=").last.flatMap { Double($0.split(separator: "\n")[0]) }.map { Int($0) }
            ?? -1
    }

    private static func clip(_ bench: borrowing Bench, _ name: String, seconds: Int, _ options: String) throws -> String
    {
        let picture =
            "color=black:s=640x360:r=25:d=\(seconds),geq=lum='if(gt(X,600)*gt(Y,300),mod(X*7+Y*13,200),16+2*floor(T*25+0.5)/25)':cb=128:cr=128"
        return try bench.clip(name, picture: picture, options)
    }

    @Test(
        "Sheets, pictures for winding and poster are there, of the size and time that was planned",
        arguments: [
            ("near.mp4", "-c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p"),
            ("far.mp4", "-c:v libx264 -preset veryfast -g 1000 -sc_threshold 0 -bf 3 -pix_fmt yuv420p"),
            ("frames.ts", "-c:v mpeg2video -q:v 3 -g 40 -bf 2"),
            ("open.mkv", "-c:v libx264 -preset ultrafast -bf 3 -x264-params open-gop=1:keyint=60 -pix_fmt yuv420p"),
            ("plain.avi", "-c:v mpeg4 -q:v 3 -g 120"), ("light.webm", "-c:v libvpx -deadline realtime -b:v 2M -g 90"),
        ])
    func all(name: String, options: String) throws {
        let bench = Bench()
        let clip = try Self.clip(bench, name, seconds: 31, options)
        let source = try bench.inspect(clip)
        let plan = try #require(StillsPlan(source))
        let job = MediaJob.stills(source: source, wanted: Self.wanted, limits: MediaLimits())
        let result = try bench.run(job, clip)
        #expect(result.segments.filter { $0.ordinal == 5 }.map(\.start) == plan.frames)
        #expect(result.segments.filter { $0.ordinal == 6 }.count == 1)
        #expect(result.renditions.map(\.ordinal).sorted() == [5, 6, 7])
        for (number, time) in plan.frames.enumerated() {
            let path = "\(bench.directory)/out/5/\(number).ts"
            let bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
            let key = Bench.key(KeyPlan.number(ordinal: 5, segment: UInt32(number)))
            let plain = try AES128CBC.decrypt(
                bytes.span, key: key.span, iv: KeyPlan.vector(ordinal: 5, segment: UInt32(number)).span)
            let open = bench.write("picture.ts", plain)
            let facts = try Bench.tool(
                "ffprobe",
                [
                    "-v", "error", "-show_entries", "frame=pict_type,key_frame,pts,width,height", "-of", "csv=p=0",
                    open,
                ]
            ).text.split(separator: "\n")
            #expect(facts.count == 1, "\(facts)")
            #expect(facts.first?.hasPrefix("1,\(time + Ticks.streamOffset),640,360,I") == true, "\(facts)")
            let seen = try Self.brightness(open, "crop=64:64:0:0")
            let meant = Int(2 * Double(time) / Double(Ticks.perSecond) * 255 / 219)
            #expect(abs(seen - meant) <= 3, "picture \(number) at \(time): \(seen) for \(meant)")
        }
        let sheet = "\(bench.directory)/out/6/0.jpg"
        for tile in 0..<plan.tiles.count {
            let place = plan.tiles.place(of: tile)
            let seen = try Self.brightness(sheet, "crop=32:32:\(place.x + 8):\(place.y + 8)")
            let meant = Int(2 * Double(plan.tiles.middle(of: tile)) / Double(Ticks.perSecond) * 255 / 219)
            #expect(abs(seen - meant) <= 4, "tile \(tile): \(seen) for \(meant)")
        }
        let poster = FileManager.default.contents(atPath: "\(bench.directory)/out/7/0.jpg").map { [UInt8]($0) } ?? []
        let size = JPEG.size(of: poster.span)
        #expect(size == PictureSize(width: 640, height: 360))
    }

    @Test("The poster is neither the black beginning nor a fade")
    func poster() throws {
        let bench = Bench()
        let clip = try bench.clip(
            "film.mp4", picture: "testsrc2=s=1920x1080:r=25:d=24",
            "-vf fade=in:st=3:d=2,drawbox=enable='lt(t\\,3)':color=black:t=fill -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p"
        )
        let source = try bench.inspect(clip)
        _ = try bench.run(.stills(source: source, wanted: Self.wanted, limits: MediaLimits()), clip)
        let path = "\(bench.directory)/out/7/0.jpg"
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        let size = JPEG.size(of: bytes.span)
        #expect(size == PictureSize(width: 1280, height: 720))
        #expect(try Self.brightness(path) > 60)
    }

    @Test("A turned, anamorphic and woven picture stands upright in its shape")
    func shapes() throws {
        let bench = Bench()
        let woven = try bench.clip(
            "dv.mpg", picture: "testsrc2=s=720x576:r=50:d=8",
            "-vf tinterlace=interleave_top,setsar=16/11 -c:v mpeg2video -flags +ildct+ilme -q:v 3 -g 12")
        let plain = try bench.clip(
            "p.mp4", picture: "testsrc2=s=640x360:r=25:d=8", "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p")
        _ = try Bench.tool(
            "ffmpeg",
            ["-v", "error", "-i", plain, "-c", "copy", "-metadata:s:v:0", "rotate=90", "\(bench.directory)/turned.mp4"])
        for (clip, width, height) in [(woven, 1024, 576), ("\(bench.directory)/turned.mp4", 360, 640)] {
            let source = try bench.inspect(clip)
            let folder = "\(width)"
            _ = try bench.run(.stills(source: source, wanted: Self.wanted, limits: MediaLimits()), clip, into: folder)
            let path = "\(bench.directory)/\(folder)/7/0.jpg"
            let bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
            let size = JPEG.size(of: bytes.span)
            #expect(size == PictureSize(width: width, height: height))
        }
    }

    @Test("H37 chapters of a file are kept, cleaned")
    func chapters() throws {
        let bench = Bench()
        let text = bench.write(
            "chapters.txt",
            Array(
                """
                ;FFMETADATA1
                [CHAPTER]
                TIMEBASE=1/1000
                START=0
                END=4000
                title=One <b> & two
                [CHAPTER]
                TIMEBASE=1/1000
                START=4000
                END=8000
                title=Zwei #EXTM3U
                """.utf8))
        let plain = try bench.clip(
            "p.mp4", picture: "testsrc2=s=320x180:r=25:d=8", "-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p")
        for name in ["c.mp4", "c.mkv"] {
            let path = "\(bench.directory)/\(name)"
            let made = try Bench.tool(
                "ffmpeg", ["-v", "error", "-i", plain, "-i", text, "-map_metadata", "1", "-c", "copy", path])
            #expect(made.code == 0, "\(made.errors)")
            let found = try bench.inspect(path).chapters
            #expect(found.map(\.title) == ["One <b> & two", "Zwei #EXTM3U"], "\(name)")
            #expect(found.map(\.start) == [0, 4 * Ticks.perSecond])
        }
    }
}
