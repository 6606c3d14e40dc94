internal import Foundation

/// A key and a certificate of it, made by the openssl program while the tests run: no private key is ever kept.
public final class TestKey: Sendable {
    /// The certificate's PEM text.
    public let certificate: String
    private let directory: URL

    /// - Parameters:
    ///   - kind: as `-newkey` takes it: `rsa:2048`, `ec`, …
    ///   - days: how long the certificate holds; negative: it no longer does.
    ///   - options: more words for `openssl req`.
    public init(_ kind: String = "rsa:2048", days: Int = 14, options: [String] = []) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "testkey-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appending(path: "certificate")
        try Self.openssl(
            ["req", "-x509", "-newkey", kind, "-nodes", "-days", "\(days)", "-subj", "/CN=test", "-keyout"]
                + [directory.appending(path: "key").path(), "-out", file.path()] + options)
        certificate = try String(contentsOf: file, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// A signature.
    ///
    /// - Parameters:
    ///   - digest: as `-sha256`.
    ///   - options: more words for `openssl dgst`.
    public func sign(_ message: String, digest: String = "-sha256", options: [String] = []) throws -> [UInt8] {
        let name = UUID().uuidString
        let (input, output) = (directory.appending(path: name), directory.appending(path: name + ".out"))
        try Data(message.utf8).write(to: input)
        try Self.openssl(
            ["dgst", digest, "-sign", directory.appending(path: "key").path(), "-out", output.path()] + options
                + [input.path()])
        return [UInt8](try Data(contentsOf: output))
    }

    private static func openssl(_ words: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw Failed(words: words) }
    }

    private struct Failed: Error {
        let words: [String]
    }
}
