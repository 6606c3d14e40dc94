import Helper
import Media
import Testing

@testable import Transcoding

@Suite struct ShelfTests {
    private func made(_ slice: Slice) -> Slice {
        var slice = slice
        slice.attempt = 1
        slice.made = slice.ordinals.flatMap { ordinal in
            slice.range.map {
                MadeSegment(ordinal: ordinal, number: $0, start: Ticks($0) * 540_000, duration: 540_000, bytes: 160_000)
            }
        }
        return slice
    }

    private func shelf(_ facts: SourceFacts, done: (Slice) -> Bool, isClosed: Bool = false) -> Shelf {
        let plan = WorkPlan(facts)
        let renditions = plan.renditions.map { rendition in
            var rendition = rendition
            rendition.facts = RenditionFacts(
                ordinal: rendition.ordinal, codecs: "x", width: rendition.width, height: rendition.height)
            return rendition
        }
        return Shelf(
            facts, renditions: renditions, slices: plan.slices.map { done($0) ? made($0) : $0 }, isClosed: isClosed)
    }

    private func listed(_ shelf: Shelf) -> [String] {
        // "+" grows, "=" is whole and waits for what grows.
        shelf.rows.filter(\.isListed).map { "\($0.rendition.name)\($0.isHeld ? "=" : $0.isComplete ? "" : "+")" }
    }

    @Test("copied: playable before any encoding") func copied() {
        let shelf = shelf(Sample.facts()) { $0.kind == .copy }
        #expect(shelf.isPlayable && !shelf.isComplete)
        #expect(listed(shelf) == ["720p", "audio"])
    }

    @Test("a long film plays when its first minutes are copied, and ends whole") func longCopy() {
        let facts = Sample.facts(seconds: 3600)
        let first = shelf(facts) { $0.kind == .copy && $0.range.lowerBound == 0 }
        #expect(first.isPlayable && !first.isComplete)
        #expect(listed(first) == ["720p+", "audio+"])
        #expect(listed(shelf(facts) { $0.kind == .copy }) == ["720p", "audio"])
    }

    @Test("growing sound is listed from its third segment") func growingSound() {
        let facts = Sample.facts(copyAudio: false)
        #expect(!shelf(facts) { $0.kind == .copy }.isPlayable)
        let playable = shelf(facts) { $0.number <= 1 }
        #expect(playable.isPlayable)
        #expect(listed(playable) == ["720p=", "audio+"])
    }

    @Test("growing picture waits for three segments, whatever was made behind a gap") func growingPicture() {
        let facts = Sample.facts(copyVideo: false, copyAudio: true)
        let gap = shelf(facts) { $0.kind == .copy || ($0.ordinals.contains(2) && $0.range.lowerBound != 0) }
        #expect(!gap.isPlayable)
        let three = shelf(facts) { $0.kind == .copy || ($0.ordinals == [2] && $0.range.upperBound <= 3) }
        #expect(three.isPlayable)
        #expect(listed(three) == ["360p+", "audio="])
    }

    @Test("no playlist is closed while another that plays grows; then all are") func closedTogether() {
        let facts = Sample.facts(copyVideo: false, copyAudio: true)
        let growing = shelf(facts) { $0.kind == .copy || ($0.ordinals == [2] && $0.range.upperBound <= 3) }
        #expect(growing.rows.allSatisfy { !$0.isClosed })
        let grown = shelf(facts) { $0.kind == .copy || $0.ordinals.contains(2) }
        #expect(listed(grown) == ["360p", "audio"])
        #expect(grown.rows.filter(\.isListed).allSatisfy { $0.isClosed })
    }

    @Test("a short clip is playable when it is whole") func short() {
        let facts = Sample.facts(seconds: 7, copyVideo: false, copyAudio: false)
        #expect(!shelf(facts) { $0.range.lowerBound == 0 && $0.ordinals.count == 1 && $0.kind == .video }.isPlayable)
        #expect(shelf(facts) { $0.ordinals == [2] || $0.kind == .audio }.isPlayable)
        #expect(shelf(facts) { _ in true }.isComplete)
    }

    @Test("closed: what grew ends where it is") func closed() {
        let facts = Sample.facts(copyVideo: false, copyAudio: false)
        let shelf = shelf(
            facts, done: { $0.ordinals == [2] && $0.range.upperBound <= 3 || $0.range == 0..<5 }, isClosed: true)
        #expect(listed(shelf) == ["360p", "audio"])
    }

    @Test("progress is media time") func progress() throws {
        let plan = Sample.facts(seconds: 60).plan
        let sums = Progress.seconds(
            [
                .init(ordinals: [0, 1], range: 0..<5, fraction: 1),
                .init(ordinals: [0, 1], range: 5..<10, fraction: 0.5),
                .init(ordinals: [2], range: 0..<10, fraction: 7),
            ], plan: plan)
        #expect(try #require(sums[0]) == (60, 45))
        #expect(try #require(sums[2]) == (60, 60))
    }

    @Test("what stands beside the picture is made after what plays, listed when it is there, and awaited")
    func beside() throws {
        var facts = Sample.facts()
        facts.video?.keys = (0..<100).map { Ticks($0) * 540_000 }
        facts.chapters = [Chapter(start: 0, title: "one")]
        let plan = WorkPlan(facts)
        #expect(plan.renditions.suffix(4).map(\.kind) == [.iframes, .images, .poster, .chapters])
        #expect(Set(plan.renditions.map(\.ordinal)).count == plan.renditions.count)
        let stills = try #require(plan.slices.last)
        let priority = try #require(stills.priority)
        #expect(stills.kind == .stills && priority > WorkPlan.later && priority < WorkPlan.soon / 2)
        let early = shelf(facts) { $0.kind == .copy }
        #expect(early.isPlayable && listed(early) == ["720p", "audio", "chapters"])
        #expect(early.master(facts, prefix: "p/").text.hasSuffix("URI=\"p/chapters/0.vtt\",FORMAT=RAW\n"))
        #expect(!shelf(facts) { $0.kind != .stills }.isComplete)
        let whole = shelf(facts) { _ in true }
        #expect(whole.isComplete)
        #expect(whole.master(facts, prefix: "p/").beside.images?.name == "sprites")
    }
}
