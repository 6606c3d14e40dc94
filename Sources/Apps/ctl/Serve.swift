internal import Foundation
internal import POSIX

/// `reelgate serve`: becomes the pool, with the same process id, environment and arguments.
enum Serve {
    /// Comes back only when it could not.
    static func run(_ words: [String]) throws -> Int32 {
        let program = try Host.programDirectory() + "/reelgate-pool"
        guard Files.exists(program) else { throw Failure("\(program) is missing") }
        let launch = Launch(program, words, environment: ProcessInfo.processInfo.environment, descriptors: [])
        throw Failure("\(program): \(launch.replaceThisProcess())")
    }
}
