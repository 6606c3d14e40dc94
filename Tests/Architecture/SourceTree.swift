import Foundation

/// The repository as text: what the compiler does not check is read from the sources.
struct SourceTree {
    /// A Swift source below `Sources/`.
    struct File {
        let path: String
        let folder: String
        let target: String
        let text: String
        let imports: [String]
    }

    /// The five folders, from the top; an arrow may only point down.
    static let folders = ["Apps", "Features", "Gate", "Platform", "System"]

    static let root: URL = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    let files: [File]

    init() throws {
        let sources = Self.root.appending(path: "Sources")
        var all: [File] = []
        let listing = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
        while let url = listing?.nextObject() as? URL {
            guard url.pathExtension == "swift" else { continue }
            let path = url.path().replacingOccurrences(of: sources.path() + "/", with: "")
            let parts = path.split(separator: "/").map(String.init)
            let text = try String(contentsOf: url, encoding: .utf8)
            all.append(
                File(
                    path: path, folder: parts[0], target: parts.count > 2 ? parts[1] : parts[0], text: text,
                    imports: Self.imports(of: text)))
        }
        files = all
    }

    private static func imports(of text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ").map(String.init)[...]
            while let first = words.first,
                first.hasPrefix("@") || ["public", "internal", "private", "package"].contains(first)
            {
                words = words.dropFirst()
            }
            guard words.first == "import", let last = words.last else { return nil }
            return last.split(separator: ".").first.map(String.init)
        }
    }

    /// Code without comments and texts, line by line, so that a word in a sentence is no finding.
    static func code(_ text: String) -> [String] {
        text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { line in
            var out: [UInt8] = []
            var quoted = false
            var previous: UInt8 = 32
            for byte in line {
                if byte == UInt8(ascii: "\"") && previous != UInt8(ascii: "\\") { quoted.toggle() }
                if !quoted && byte == UInt8(ascii: "/") && previous == byte {
                    out.removeLast()
                    break
                }
                if !quoted { out.append(byte) }
                previous = byte
            }
            return String(decoding: out, as: UTF8.self)
        }
    }
}
