import Core
import Helper
import Media
import POSIX
import Testing

/// Helpers that misbehave, as shell scripts: descriptors are those of the real one.
@Suite(.serialized, .timeLimit(.minutes(1))) struct HelperTests {
    private static let facts = SourceFacts(
        container: "mp4", duration: 1_080_000, origin: 0, video: nil, audio: [],
        plan: SegmentPlan(boundaries: [0, 540_000, 1_080_000], videoSegments: 0))

    private func run(
        _ script: String, seconds: Int64 = 50, silence: Int64 = 50, inspect: Bool = false, packaging: Packaging = .ts,
        watch: (HelperProgress) -> HelperOrder = { _ in .goOn }
    ) throws -> Result<HelperResult, HelperFailure> {
        let place = "/tmp/reelgate-helper-\(UUID())"
        try Files.makeDirectories(place)
        defer { try? Files.removeTree(place) }
        try Files.replace("\(place)/helper", with: Array("#!/bin/sh\n\(script)\n".utf8).span, mode: 0o700)
        try Files.replace("\(place)/input", with: [1].span)
        let job: MediaJob =
            inspect
            ? .inspect(extension: "mp4", limits: MediaLimits())
            : .audio(source: Self.facts, from: 0, to: 2, ordinal: 0, limits: MediaLimits())
        let request = HelperRequest(
            program: "\(place)/helper", job: job, input: "\(place)/input", keys: [0: [UInt8](repeating: 7, count: 16)],
            directories: [0: "\(place)/out"], packaging: packaging, seconds: seconds, silence: silence)
        do throws(HelperFailure) { return .success(try Helper.run(request, watch: watch)) } catch {
            return .failure(error)
        }
    }

    private static func frame(
        _ kind: FrameKind = .sound, ordinal: Int = 0, segment: Int = 0, start: Int = 0, duration: Int = 540_000,
        length: Int = 16
    )
        -> String
    {
        let header =
            FrameHeader(
                ordinal: UInt16(ordinal), kind: kind, segment: UInt32(segment), duration: UInt32(duration),
                start: Ticks(start), length: UInt64(length)
            ).bytes + [UInt8](repeating: 9, count: min(length, 64))
        return "printf '" + header.map { "\\\(String($0 >> 6))\(String($0 >> 3 & 7))\(String($0 & 7))" }.joined()
            + "' >&3"
    }

    @Test("a helper that keeps the agreement")
    func good() throws {
        let result = try run(
            "\(Self.frame())\n\(Self.frame(segment: 1, start: 540_000))\necho '{\"event\":\"done\",\"segments\":2,\"frames\":0}'"
        ).get()
        #expect(result.segments.map(\.number) == [0, 1])
        #expect(result.segments.map(\.bytes) == [16, 16])
    }

    @Test("an initialization section comes once a rendition, and only where one is needed")
    func initialisation() throws {
        let done = "echo '{\"event\":\"done\",\"segments\":2,\"frames\":0}'"
        let good = "\(Self.frame(.initialisation, duration: 1))\n\(Self.frame())\n\(done)"
        #expect(try run(good, packaging: .cmaf).get().segments.map(\.kind) == [.initialisation, .sound])
        let twice =
            Self.frame(.initialisation, duration: 1) + "\n" + Self.frame(.initialisation, segment: 1, start: 540_000)
        for (script, packaging) in [(twice, Packaging.cmaf), (good, .ts)] {
            guard case .failure(.broken) = try run(script, packaging: packaging) else {
                Issue.record("accepted")
                return
            }
        }
    }

    @Test("the job comes on 0, the keys on 4, the input on 5, and nothing else is open or set")
    func surroundings() throws {
        let script = """
            [ "$(head -c 1)" = "{" ] || exit 3
            [ "$(wc -c <&4)" = 20 ] || exit 4
            [ "$(wc -c <&5)" = 1 ] || exit 5
            for n in 6 7 8 9 10 11 12; do [ -e /proc/$$/fd/$n ] && [ $n -lt 10 ] && exit 6; done
            [ -z "$DATABASE_URL$SECRET_KEY$HOME" ] || exit 7
            echo '{"event":"done","segments":0,"frames":0}'
            """
        #expect(try run(script).get().segments.isEmpty)
    }

    @Test(
        "H38 what a helper must not say or write ends it",
        arguments: [
            ("endless JSON without a line's end", "exec cat /dev/zero"),
            ("endless lines", "exec yes '{\"event\":\"progress\",\"segment\":1,\"frames\":1}'"),
            ("no JSON", "echo '{\"event\":'"), ("no event of ours", "echo '{\"event\":\"hello\"}'"),
            ("a number beyond all numbers", "echo '{\"event\":\"done\",\"segments\":1e400,\"frames\":0}'"),
            ("a number that is a text", "echo '{\"event\":\"done\",\"segments\":\"nan\",\"frames\":0}'"),
            ("a name twice", "echo '{\"event\":\"done\",\"event\":\"done\",\"segments\":0,\"frames\":0}'"),
            ("a segment that was not asked for", frame(segment: 2)),
            ("a rendition that was not asked for", frame(ordinal: 1)),
            ("a segment twice", frame() + "\n" + frame()), ("a length of nothing", frame(length: 0)),
            ("a length that is no cipher's", frame(length: 17)), ("a length of 2^62", frame(length: 1 << 62)),
            ("a time outside the plan", frame(start: 9_000_000)), ("a duration of nothing", frame(duration: 0)),
            ("no header", "printf 'this is no segment but thirty-two bytes' >&3"),
            ("more done than written", "echo '{\"event\":\"done\",\"segments\":2,\"frames\":0}'"),
            (
                "done in the middle of a segment",
                frame(length: 1024) + "\necho '{\"event\":\"done\",\"segments\":0,\"frames\":0}'"
            ),
            ("no result", "true"),
        ])
    func broken(what: String, script: String) throws {
        guard case .failure(.broken) = try run(script) else {
            Issue.record("accepted: \(what)")
            return
        }
    }

    @Test("H39 a helper that hangs is killed with its children")
    func hangs() throws {
        let began = Clocks.monotonicNanoseconds()
        #expect(try run("trap '' TERM\nsleep 100 &\nsleep 100", seconds: 1) == .failure(.timedOut))
        #expect(try run("exec >&- 2>&- 3>&-\nsleep 100", seconds: 1) == .failure(.timedOut))
        #expect(try run("echo; sleep 100", silence: 1) == .failure(.timedOut))
        #expect(Clocks.monotonicNanoseconds() - began < 10_000_000_000)
    }

    @Test(
        "H40 a helper that dies",
        arguments: [("kill -SEGV $$", ChildEnd.killed(11)), ("kill -9 $$", .killed(9)), ("exit 3", .exited(3))])
    func dies(script: String, end: ChildEnd) throws {
        guard case .failure(.died(end, _)) = try run("echo why >&2\n" + script) else {
            Issue.record("not seen")
            return
        }
    }

    @Test("a refusal carries its code")
    func refused() throws {
        let script = "echo '{\"event\":\"failed\",\"code\":\"truncated\",\"detail\":\"x\"}'; exit 1"
        #expect(try run(script, inspect: true) == .failure(.refused(.truncated, detail: "x")))
    }

    @Test("watch stops it")
    func stops() throws {
        #expect(try run("sleep 100", watch: { _ in .stop }) == .failure(.stopped))
    }

    @Test("H44 a link where a segment belongs is refused")
    func link() throws {
        let script = "ln -s /etc/passwd \"$(dirname $0)/out/0.ts\"\n\(Self.frame())\nsleep 5"
        guard case .failure(.system) = try run(script) else {
            Issue.record("followed")
            return
        }
    }

    private static let film: SourceFacts = {
        var facts = HelperTests.facts
        facts.plan = SegmentPlan(
            boundaries: [0, 540_000, 1_080_000], videoSegments: 2, before: [(0, 0), (0, 0)], decodeFrom: [0, 540_000])
        facts.video = VideoFacts(
            stream: 0, codec: "h264", width: 320, height: 180, frameRate: .one, frames: 12, bytes: 1, end: 1_080_000,
            copy: .copy, keys: [0, 540_000])
        return facts
    }()

    private static func still(
        _ ordinal: Int, _ kind: FrameKind, _ number: Int = 0, start: Int = 0, duration: Int = 540_000,
        length: Int = 16, body: [UInt8] = [UInt8](repeating: 9, count: 16)
    ) -> String {
        let bytes =
            FrameHeader(
                ordinal: UInt16(ordinal), kind: kind, segment: UInt32(number), duration: UInt32(duration),
                start: Ticks(start), length: UInt64(length)
            ).bytes + body
        return "printf '" + bytes.map { "\\\(String($0 >> 6))\(String($0 >> 3 & 7))\(String($0 & 7))" }.joined()
            + "' >&3"
    }

    @Test(
        "H38 of a film's pictures only those that were asked for are taken, of the size that was planned",
        arguments: [
            ("a picture too many", still(0, .wholePicture, 2)), ("a sheet too many", still(1, .image, 1)),
            ("a poster too many", still(2, .image, 1)), ("a clear picture", still(0, .image)),
            ("an encrypted sheet", still(1, .wholePicture)), ("text for a sheet", still(1, .text)),
            ("another time", still(0, .wholePicture, start: 90_000)),
            ("another duration", still(0, .wholePicture, duration: 90_000)),
            ("a length that is no cipher's", still(0, .wholePicture, length: 17)),
            ("a sheet of a gigabyte", still(1, .image, duration: 1_080_000, length: 1 << 30)),
            ("a page for a sheet", still(1, .image, duration: 1_080_000, body: Array("<script>1</scrip".utf8))),
            (
                "a sheet of another size",
                still(
                    1, .image, duration: 1_080_000, length: 22,
                    body: [
                        0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 90, 0, 160, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 2, 5, 0xFF, 0xD9,
                    ])
            ),
            (
                "fewer than planned",
                still(0, .wholePicture) + "\necho '{\"event\":\"done\",\"segments\":1,\"frames\":0}'"
            ),
        ])
    func stills(what: String, script: String) throws {
        let place = "/tmp/reelgate-helper-\(UUID())"
        try Files.makeDirectories(place)
        defer { try? Files.removeTree(place) }
        try Files.replace("\(place)/helper", with: Array("#!/bin/sh\n\(script)\n".utf8).span, mode: 0o700)
        try Files.replace("\(place)/input", with: [1].span)
        let request = HelperRequest(
            program: "\(place)/helper",
            job: .stills(
                source: Self.film, wanted: StillsJob(frames: 0, images: 1, poster: 2), limits: MediaLimits()),
            input: "\(place)/input", keys: [0: [UInt8](repeating: 7, count: 16)],
            directories: [0: "\(place)/0", 1: "\(place)/1", 2: "\(place)/2"], seconds: 20, silence: 20)
        do throws(HelperFailure) {
            _ = try Helper.run(request) { _ in .goOn }
            Issue.record("accepted: \(what)")
        } catch {
            guard case .broken = error else {
                Issue.record("\(what): \(error)")
                return
            }
        }
    }
}
