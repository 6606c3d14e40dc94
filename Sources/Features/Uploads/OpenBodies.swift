internal import Core
internal import Crypto
internal import POSIX
internal import Web

/// How many bodies a caller has open on this host: a place is a locked file below the run directory, so that a process
/// that dies gives its place back by dying.
public struct OpenBodies: Sendable {
    /// Places a caller has.
    static let most = 4

    private let directory: String

    /// - Parameter runDirectory: where sockets live; shared by all processes of the host.
    public init(runDirectory: String) { directory = runDirectory + "/bodies" }

    /// A place that was taken; given back when it goes out of scope.
    final class Place {
        private let file: Descriptor

        init(_ file: consuming Descriptor) { self.file = file }
    }

    /// Takes a place.
    ///
    /// - Throws: 429 when the caller has four bodies open.
    func take(_ caller: Caller) throws(Problem) -> Place {
        let name: String
        switch caller {
        case .anyone: throw Problem(.credentialsMissing)
        case .key(let id, _): name = "key-" + id
        case .user(let id, _): name = "user-" + Hex.encode(SHA256.digest(Array(id.utf8).span).bytes.prefix(16))
        }
        do throws(SystemError) {
            try Files.makeDirectories(directory)
            for number in 0..<Self.most {
                let file = try Descriptor(updating: "\(directory)/\(name).\(number)")
                if file.lockIfFree() { return Place(file) }
            }
        } catch {
            throw Problem(.internalError, inside: "\(error)")
        }
        throw Problem(.tooMany, detail: "Too many uploads at once.", retryAfter: 5)
    }
}
