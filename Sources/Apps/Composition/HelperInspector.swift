internal import Core
internal import Helper
internal import Media
internal import Storage
internal import Uploads

/// Judges files with the media helper, for at most ten seconds.
final class HelperInspector: Inspector {
    private let program: String
    private let memory: Int64
    private let demand: Settings.Sandbox
    private let log: Log
    /// Looked at when the first file comes: most processes never see one.
    private lazy var sandbox = HelperSandbox.look(at: program)

    init(programs: String, memory: Int64, demand: Settings.Sandbox, log: Log) {
        self.memory = memory
        program = programs + "/reelgate-media"
        self.demand = demand
        self.log = log
    }

    func inspect(_ path: String, claiming kind: FileExtension) -> Inspection {
        if demand == .require, !sandbox.missing.isEmpty {
            return undecided("SANDBOX=require, but not in force: \(sandbox.missing.joined(separator: ", "))")
        }
        let request = HelperRequest(
            program: program, job: .inspect(extension: kind.rawValue, limits: MediaLimits(memory: memory)), input: path,
            seconds: 10,
            silence: 10, enclosure: sandbox.enclosure)
        do throws(HelperFailure) {
            let result = try Helper.run(request) { _ in .goOn }
            if let facts = result.facts { return .fine(facts) }
            return undecided("no facts")
        } catch {
            if case .refused(let failure, let detail) = error, let refusal = failure.refusal {
                return .refused(refusal, inside: "\(failure.rawValue): \(detail)")
            }
            return undecided("\(error)")
        }
    }

    private func undecided(_ reason: String) -> Inspection {
        log.warning("inspection_undecided", ["reason": .string(reason)])
        return .undecided(inside: reason)
    }
}
