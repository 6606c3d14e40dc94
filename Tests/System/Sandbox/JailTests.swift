import POSIX
import Testing

/// Runs the stand-in for a helper gone bad and says how it ended.
private func ends(_ attempt: String) throws -> ChildEnd {
    let directory = try Host.programDirectory()
    let process = try Launch(
        "\(directory)/jailed", [attempt], environment: ["SWIFT_BACKTRACE": "enable=no"], descriptors: []
    ).start()
    return Children.wait(for: process)
}

private let badSystemCall: Int32 = 31

@Suite("The jail")
struct JailTests {
    @Test(
        "H41 a helper gone bad opens nothing, talks to nobody and starts nothing",
        arguments: [
            ("nothing", .exited(0)), ("thread", .exited(0)), ("read", .exited(9)), ("write", .exited(9)),
            ("relative", .exited(9)), ("rename", .killed(badSystemCall)), ("socket", .killed(badSystemCall)),
            ("unix", .killed(badSystemCall)), ("exec", .killed(badSystemCall)), ("spawn", .killed(badSystemCall)),
            ("kill", .killed(badSystemCall)), ("thread-open", .exited(9)), ("threads", .exited(9)),
        ] as [(String, ChildEnd)])
    func attempts(attempt: String, end: ChildEnd) throws { #expect(try ends(attempt) == end) }

    @Test(
        "H27 H40 memory and processor time have an end",
        arguments: [
            ("memory", [.exited(9)]), ("spin", [.killed(24), .killed(9)]),
        ] as [(String, [ChildEnd])])
    func limits(attempt: String, expected: [ChildEnd]) throws { #expect(expected.contains(try ends(attempt))) }
}
