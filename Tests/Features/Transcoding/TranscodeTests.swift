import Core
import Media
import Testing
import Web

@testable import Transcoding

@Suite("What may be asked of encoding anew") struct TranscodeTests {
    @Test("a ladder in both spellings, and the other choices") func accepted() throws {
        let text = try TranscodeRequest(["video_id": "a/b/c/d", "ladder": "720:2500,360:600", "per_title": true])
        let list = try TranscodeRequest([
            "video_id": "a/b/c/d", "per_title": true,
            "ladder": [["height": 720, "bitrate": 2_500_000], ["height": 360, "bitrate": 600_000]],
        ])
        #expect(text.wishes.description == list.wishes.description)
        let base = EncodingChoices(packaging: .cmaf, loudness: -16)
        let read = try EncodingChoices(json: text.wishes, over: base)
        #expect(read.steps.map(\.short) == [720, 360] && read.steps.map(\.rate) == [2_500_000, 600_000])
        #expect(read.perTitle && read.packaging == .cmaf && read.loudness == -16)
        let none = try TranscodeRequest(["video_id": "x", "ladder": .null])
        #expect(try EncodingChoices(json: none.wishes, over: base) == base)
    }

    @Test(
        "what makes no sense is 400",
        arguments: [
            ["ladder": "720:3000"], ["video_id": 7], ["video_id": "x", "ladder": "720"],
            ["video_id": "x", "ladder": "360:800,720:3000"], ["video_id": "x", "ladder": "100:800"],
            ["video_id": "x", "ladder": []], ["video_id": "x", "ladder": [["height": 720]]],
            ["video_id": "x", "ladder": "720:999999999999999999"], ["video_id": "x", "per_title": 1],
            ["video_id": "x", "packaging": "mkv"], ["video_id": "x", "loudness": 16], [],
        ] as [JSON])
    func refused(body: JSON) {
        let problem = #expect(throws: Problem.self) { _ = try TranscodeRequest(body) }
        #expect(problem?.refusal.status == 400)
    }
}
