import Core
import Media
import Testing

private let facts = SourceFacts(
    container: "mp4", duration: 900_000, origin: -5,
    video: VideoFacts(
        stream: 0, codec: "h264", width: 1280, height: 720, frameRate: Ratio(24, 1) ?? .one, frames: 240,
        bytes: 1_000_000, end: 900_000, codecs: "avc1.4D401F", copy: .copy),
    audio: [
        AudioFacts(
            stream: 1, codec: "mp3", channels: 2, sampleRate: 44100, language: "eng", start: 0, end: 900_000, bytes: 5,
            copy: .encode(.codec))
    ],
    plan: SegmentPlan(
        boundaries: [0, 540_000, 900_000], videoSegments: 2, before: [(-7500, -3750), (532_500, 536_250)],
        decodeFrom: [-7500, 532_500]))

@Suite("Messages between worker and helper")
struct MessageTests {
    @Test(arguments: [
        MediaJob.inspect(extension: "mp4", limits: MediaLimits()),
        .remux(source: facts, from: 0, to: facts.plan.count, video: 0, audio: nil, limits: MediaLimits()),
        .encode(
            source: facts, from: 0, to: 2,
            rungs: [RungJob(ordinal: 1, width: 854, height: 480, cap: 1_500_000, rateFactor: 21)],
            limits: MediaLimits()),
        .audio(source: facts, from: 1, to: 2, ordinal: 3, limits: MediaLimits()),
    ])
    func jobsComeBack(job: MediaJob) throws {
        #expect(try MediaJob(parsing: job.json.bytes) == job)
    }

    @Test(arguments: [
        MediaEvent.jail(JailReport(limits: true, noNewPrivileges: true, landlock: 3, seccomp: true)),
        .facts(facts), .progress(segment: 3, frames: 9), .done(segments: 2, frames: 240),
        .rendition(RenditionFacts(ordinal: 1, codecs: "avc1.64001F", width: 854, height: 480)),
        .failed(.truncated, detail: "x\n\"y"),
    ])
    func eventsComeBack(event: MediaEvent) throws {
        let text = event.json.description
        #expect(!text.utf8.contains(10))
        #expect(try MediaEvent(parsing: Array(text.utf8)) == event)
    }

    @Test(
        "H38 messages that are not as agreed are refused, not guessed at",
        arguments: [
            "", "{}", #"{"event":"done","segments":1e400,"frames":0}"#, #"{"event":"done","segments":-1,"frames":0}"#,
            #"{"event":"done","segments":"nan","frames":0}"#, #"{"event":"failed","code":"other","detail":""}"#,
            #"{"event":"rendition","rendition":{"ordinal":0,"codecs":"avc1\"\n#EXT","width":2,"height":2}}"#,
            #"{"event":"facts","source":{"container":"mp4"}}"#,
        ])
    func badEvents(text: String) {
        #expect(throws: MediaMessageError.self) { try MediaEvent(parsing: Array(text.utf8)) }
    }

    @Test func badJobs() {
        let slice = MediaJob.encode(source: facts, from: 1, to: 3, rungs: [], limits: MediaLimits())
        #expect(throws: MediaMessageError("to")) { try MediaJob(parsing: slice.json.bytes) }
        var short = facts
        short.plan.decodeFrom = [0]
        let job = MediaJob.remux(
            source: short, from: 0, to: short.plan.count, video: 0, audio: nil, limits: MediaLimits())
        #expect(throws: MediaMessageError("decode_from")) { try MediaJob(parsing: job.json.bytes) }
    }

    @Test func frameHeaders() {
        let header = FrameHeader(
            ordinal: 258, kind: .sound, segment: 7, duration: 540_000, start: -1920, length: 1 << 33)
        #expect(header.bytes.count == FrameHeader.size)
        #expect(Array(header.bytes.prefix(8)) == [0x52, 0x47, 0x46, 0x31, 1, 2, 0, 1])
        #expect(FrameHeader(header.bytes) == header)
        #expect(FrameHeader(Array(header.bytes.dropLast())) == nil)
        #expect(FrameHeader([0] + header.bytes.dropFirst()) == nil)
    }

    @Test("H45 no key is shared by renditions and no vector repeats under a key")
    func keys() {
        var seen: Set<[UInt8]> = []
        for ordinal in [UInt16(0), 1, 4] {
            for segment in UInt32(0)..<100 {
                let number = KeyPlan.number(ordinal: ordinal, segment: segment)
                #expect(number >> 16 == UInt32(ordinal))
                #expect(seen.insert(KeyPlan.vector(ordinal: ordinal, segment: segment)).inserted)
            }
        }
        #expect(KeyPlan.number(ordinal: 2, segment: 41) == 131_074)
        #expect(KeyPlan.vector(ordinal: 258, segment: 3) == [0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 3])
        #expect(KeyPlan.numbers(ordinal: 1, segments: 19..<21) == [65_536, 65_537])
        #expect(KeyPlan.numbers(ordinal: 1, segments: 5..<5) == [])
    }
}
