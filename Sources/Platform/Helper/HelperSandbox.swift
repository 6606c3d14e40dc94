internal import Core
public import Media
internal import POSIX

/// What protects this host from the helper, as found by starting it.
public struct HelperSandbox: Equatable, Sendable {
    /// What stands round the helper; `nil` where bubblewrap is missing or does not work.
    public let enclosure: Enclosure?
    /// Why there is none; empty when there is one.
    public let obstacle: String
    /// What the helper said of its jail; `nil` when it could not be started.
    public let report: JailReport?

    /// - Parameters: as the properties.
    public init(enclosure: Enclosure?, obstacle: String, report: JailReport?) {
        self.enclosure = enclosure
        self.obstacle = obstacle
        self.report = report
    }

    /// Starts the helper on an empty file, with bubblewrap round it if that is installed and works.
    ///
    /// - Parameters:
    ///   - program: the helper's file.
    ///   - places: where bubblewrap may lie.
    public static func look(at program: String, places: [String] = Enclosure.places) -> HelperSandbox {
        var obstacle = "bubblewrap is not installed"
        if let bubblewrap = places.first(where: { Files.exists($0) }) {
            do throws(SystemError) {
                let enclosure = try Enclosure(bubblewrap, round: program)
                let (report, words) = probe(program, enclosure)
                if let report { return HelperSandbox(enclosure: enclosure, obstacle: "", report: report) }
                obstacle = words.isEmpty ? "bubblewrap does not start the helper" : words
            } catch { obstacle = error.description }
        }
        return HelperSandbox(enclosure: nil, obstacle: obstacle, report: probe(program, nil).report)
    }

    private static func probe(_ program: String, _ enclosure: Enclosure?) -> (report: JailReport?, words: String) {
        let request = HelperRequest(
            program: program, job: .inspect(extension: "mp4", limits: MediaLimits()), input: "/dev/null", seconds: 30,
            silence: 30, enclosure: enclosure)
        guard let child = try? HelperChild(request) else { return (nil, "\(program) can't be started") }
        var talk = HelperTalk(request)
        let deadline = Clocks.monotonicNanoseconds() + request.seconds * 1_000_000_000
        let followed: Void? = try? talk.follow(child, until: deadline) { _ in .goOn }
        if followed == nil || child.end(by: deadline) == nil { child.kill() }
        let words = String(decoding: talk.log, as: UTF8.self).split(separator: "\n").last.map { String($0) } ?? ""
        guard var report = talk.events.jail else { return (nil, words) }
        report.bubblewrap = enclosure != nil
        return (report, words)
    }

    /// The layers that are not in force, by name.
    public var missing: [String] {
        guard let report else { return ["all: the helper can't be started"] }
        var names: [String] = []
        if !report.limits { names.append("limits") }
        if !report.noNewPrivileges { names.append("no_new_privileges") }
        if report.landlock == 0 { names.append("landlock") }
        if !report.seccomp { names.append("seccomp") }
        if enclosure == nil { names.append("bubblewrap (\(obstacle))") }
        return names
    }

    /// The layers that are in force, in words.
    public var active: [String] {
        guard let report else { return [] }
        var names: [String] = []
        if report.limits { names.append("limits") }
        if report.noNewPrivileges { names.append("no_new_privileges") }
        if report.landlock > 0 { names.append("landlock \(report.landlock)") }
        if report.seccomp { names.append("seccomp") }
        if enclosure != nil { names.append("bubblewrap") }
        return names
    }
}
