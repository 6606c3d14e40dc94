import Testing
import Web

@testable import Viewing

@Suite("What a report changes") struct StepTests {
    /// A film of 1,000 seconds, at 100, played, reported ten seconds ago, alone.
    static func standing(_ change: (inout Standing) -> Void = { _ in }) -> Standing {
        var standing = Standing()
        standing.position = 100
        standing.duration = 1000
        standing.sinceLast = 10
        standing.isFollowed = true
        change(&standing)
        return standing
    }

    static func step(
        _ position: Double?, _ state: ViewingState = .playing, _ change: (inout Standing) -> Void = { _ in }
    ) throws -> Step {
        try #require(ViewingRules.step(Report(position: position, state: state), from: standing(change)))
    }

    @Test(
        "J20 what was played lies between two reports, and in the server's time",
        arguments: [
            (110, 10, 10, "as it plays"), (120, 10, 20, "at twice the speed"), (121.5, 10, 20, "late by a little"),
            (123, 10, 0, "a jump"), (900, 10, 0, "a long jump"), (50, 10, 0, "back"), (100, 10, 0, "standing still"),
            (110, 0, 0, "two reports at once"), (101, 0, 0, "late, in no time"), (400, 300, 300, "a long silence"),
            (110, -5, 0, "a clock that went back"),
        ] as [(Double, Double, Double, String)])
    func played(position: Double, since: Double, wanted: Double, what: String) throws {
        let step = try Self.step(position) { $0.sinceLast = since }
        #expect(step.watched == wanted && step.position == position, "\(what)")
    }

    @Test func pausesCountNothing() throws {
        let paused = try Self.step(110) { $0.state = .paused }
        #expect(paused.watched == 0, "it stood still until now")
        let pausing = try Self.step(110, .paused)
        #expect(pausing.watched == 10, "it played until now")
        let ending = try Self.step(nil, .ended)
        #expect(ending.position == 100 && ending.watched == 0)
    }

    @Test func aSessionThatIsOverReportsNothing() {
        for state in [ViewingState.playing, .paused, .ended] {
            let step = ViewingRules.step(
                Report(position: 500, state: state), from: Self.standing { $0.state = .ended })
            #expect(step == nil)
        }
    }

    @Test(
        "J22 a view is 30 seconds that were played, or a tenth of a short title",
        arguments: [
            (19.9, 1000, false), (20, 1000, true), (1.9, 120, false), (2, 120, true), (0, 101, false), (0, 100, true),
            (0, 20, true), (19.9, 0, false), (20, 0, true),
        ] as [(Double, Double, Bool)])
    func views(before: Double, duration: Double, isView: Bool) throws {
        // Ten seconds more are played.
        let step = try Self.step(10) {
            $0.position = 0
            $0.watched = before
            $0.duration = duration
        }
        #expect(step.isView == isView, "\(before) of \(duration)")
        let jumped = try Self.step(900) { $0.watched = 0 }
        #expect(!jumped.isView)
    }

    @Test func theEnd() throws {
        #expect(try Self.step(949).isCompleted == false)
        #expect(try Self.step(950).isCompleted)
        #expect(try Self.step(10) { $0.isCompleted = true }.isCompleted, "once and for all")
        #expect(try Self.step(5000) { $0.duration = 0 }.isCompleted == false, "nobody knows where it ends")
        #expect(try Self.step(1050).position == 1000, "players round")
    }

    @Test(
        "the last one that watches decides where to go on",
        arguments: [
            (true, false, 100, true, "the one it follows"), (false, true, 100, true, "one that began later"),
            (false, false, 110, true, "an older one that plays"),
            (false, false, 100, false, "an older one that stands still"),
            (false, false, 20, false, "an older one that was wound back"),
            (false, false, 900, false, "an older one that jumped"),
        ] as [(Bool, Bool, Double, Bool, String)])
    func leads(isFollowed: Bool, isNewest: Bool, position: Double, wanted: Bool, what: String) throws {
        let step = try Self.step(position) {
            $0.isFollowed = isFollowed
            $0.isNewest = isNewest
        }
        #expect(step.leads == wanted, "\(what)")
    }

    @Test func resuming() {
        #expect(ViewingRules.resume(nil) == 0)
        #expect(ViewingRules.resume(HistoryPlace(position: 431.25, duration: 1000)) == 431.25)
        #expect(ViewingRules.resume(HistoryPlace(position: 431.25, duration: 0)) == 431.25)
        #expect(ViewingRules.resume(HistoryPlace(position: 950, duration: 1000)) == 0, "from the start")
    }
}
