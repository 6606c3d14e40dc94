import Core
import Testing

@Suite struct ScoreBoardTests {
    @Test(arguments: [
        ("", ""), ("GET /health", "GET /health"), ("a\nb\u{e9}", "a?b??"),
        (String(repeating: "x", count: 70), String(repeating: "x", count: 64)),
    ])
    func labelsArePrintableAndShort(given: String, shown: String) {
        #expect(RequestLabel(given).text == shown)
        #expect(RequestLabel(given) == RequestLabel(shown))
    }

    @Test func aFreshSlotIsIdle() throws {
        let board = try ScoreBoard(slots: 2)
        #expect(board.read(1) == ScoreBoard.Reading(began: nil, served: 0))
        #expect(board.label(1) == "")
        board.clear(7)
        #expect(board.read(7) == ScoreBoard.Reading(began: nil, served: 0))
    }

    @Test func withoutAPoolNothingHappens() throws {
        let life = try ChildLife(["REELGATE_SLOT": "3", "REELGATE_REQUEST_LIMIT": "1"])
        #expect(life.lifeline == nil)
        life.ready()
        life.began(RequestLabel("GET /health"))
        life.note(.none)
        life.ended()
    }
}
