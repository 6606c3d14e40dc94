internal import Core
internal import Crypto
internal import Foundation
internal import POSIX

/// The passwords of the demo's people: a line each, "address password", readable by its owner alone.
struct PasswordFile {
    private let path: String
    private var known: [(address: String, password: String)] = []
    private var isChanged = false

    /// - Parameter path: need not be there yet.
    init(_ path: String) throws {
        self.path = path
        guard FileManager.default.fileExists(atPath: path) else { return }
        let bytes = try Descriptor(reading: path).readAll(limit: 65_536)
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) where !line.hasPrefix("#")
        {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { throw Failure("\(path): a line is not \"address password\"") }
            known.append((String(parts[0]), String(parts[1])))
        }
    }

    /// Somebody's password, and whether it was made just now: 120 random bits.
    mutating func password(of address: String) throws -> (String, isNew: Bool) {
        if let found = known.first(where: { $0.address == address }) { return (found.password, false) }
        let random = try Random.bytes(15)
        let made = Base64URL.encode(random.span)
        known.append((address, made))
        isChanged = true
        return (made, true)
    }

    /// Writes what is new, whole or not at all.
    func save() throws {
        guard isChanged else { return }
        let text = known.map { "\($0.address) \($0.password)\n" }.joined()
        let bytes = Array(text.utf8)
        try Files.replace(path, with: bytes.span, mode: 0o600)
    }
}
