/// Reads what `nginx -T` prints into a tree, byte by byte as nginx does, includes in their places.
struct NginxReader {
    private let files: [String: [UInt8]]
    private let base: String
    private static let mark = Array("# configuration file ".utf8)

    /// The tree of a dump; empty when it holds no file.
    static func tree(of dump: [UInt8]) -> NginxDirective {
        let root = NginxDirective(["main"], place: "", parent: nil)
        root.block = []
        var files: [String: [UInt8]] = [:]
        var main: String?
        var name: String?
        for line in dump.split(separator: 10, omittingEmptySubsequences: false) {
            if line.starts(with: mark), line.last == UInt8(ascii: ":") {
                let path = String(decoding: line.dropFirst(mark.count).dropLast(), as: UTF8.self)
                if main == nil { main = path }
                name = path
                files[path] = []
            } else if let name {
                files[name, default: []] += Array(line) + [10]
            }
        }
        guard let main else { return root }
        let slash = main.lastIndex(of: "/") ?? main.startIndex
        NginxReader(files: files, base: String(main[..<slash])).read(main, into: root, depth: 0)
        return root
    }

    /// Fills a block with the directives of a file.
    private func read(_ path: String, into parent: NginxDirective, depth: Int) {
        guard depth < 32 else { return }
        var words: [String] = []
        var stack = [parent]
        for word in Self.words(files[path] ?? []) {
            guard let here = stack.last else { return }
            switch word {
            case .text(let text, _): words.append(text)
            case .mark(let mark, let line):
                if mark == UInt8(ascii: "}") {
                    if stack.count > 1 { stack.removeLast() }
                    words = []
                    continue
                }
                guard !words.isEmpty else { continue }
                let node = NginxDirective(words, place: "\(path):\(line)", parent: here)
                words = []
                if node.name == "include" {
                    let pattern = node.first.hasPrefix("/") ? node.first : "\(base)/\(node.first)"
                    for name in files.keys.sorted() where Self.fits(Array(name.utf8)[...], Array(pattern.utf8)[...]) {
                        read(name, into: here, depth: depth + 1)
                    }
                    continue
                }
                here.block?.append(node)
                if mark == UInt8(ascii: "{") {
                    node.block = []
                    stack.append(node)
                }
            }
        }
    }

    /// A word, or one of `{`, `}` and `;` outside quotes.
    enum Word: Equatable {
        case text(String, line: Int)
        case mark(UInt8, line: Int)
    }

    /// The words of a file with their lines.
    static func words(_ text: [UInt8]) -> [Word] {
        let marks: Set<UInt8> = [UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ";")]
        let backslash = UInt8(ascii: "\\")
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
        var words: [Word] = []
        var index = 0
        var line = 1
        while index < text.count {
            let byte = text[index]
            if isSpace(byte) {
                if byte == 10 { line += 1 }
                index += 1
            } else if byte == UInt8(ascii: "#") {
                while index < text.count, text[index] != 10 { index += 1 }
            } else if marks.contains(byte) {
                words.append(.mark(byte, line: line))
                index += 1
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                let start = line
                var word: [UInt8] = []
                index += 1
                while index < text.count, text[index] != byte {
                    if text[index] == backslash, index + 1 < text.count {
                        let next = text[index + 1]
                        let escaped = next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") || next == backslash
                        word += escaped ? [next] : [backslash, next]
                        if next == 10 { line += 1 }
                        index += 2
                        continue
                    }
                    if text[index] == 10 { line += 1 }
                    word.append(text[index])
                    index += 1
                }
                index += 1
                words.append(.text(String(decoding: word, as: UTF8.self), line: start))
            } else {
                var word: [UInt8] = []
                while index < text.count, !isSpace(text[index]),
                    !marks.contains(text[index]) || word.last == UInt8(ascii: "$")
                {
                    if text[index] == backslash, index + 1 < text.count {
                        word.append(backslash)
                        index += 1
                    }
                    word.append(text[index])
                    index += 1
                    if word.suffix(2) == [UInt8(ascii: "$"), UInt8(ascii: "{")] {
                        while index < text.count, text[index] != UInt8(ascii: "}") {
                            word.append(text[index])
                            index += 1
                        }
                        // The brace that ends the variable's name ends no block.
                        if index < text.count { word.append(text[index]) }
                        index += 1
                    }
                }
                words.append(.text(String(decoding: word, as: UTF8.self), line: line))
            }
        }
        return words
    }

    /// Whether a path fits an include's pattern: `*` and `?` stand for anything but a slash, `[…]` for one byte.
    static func fits(_ path: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        guard let wanted = pattern.first else { return path.isEmpty }
        let slash = UInt8(ascii: "/")
        switch wanted {
        case UInt8(ascii: "*"):
            var rest = path
            while true {
                if fits(rest, pattern.dropFirst()) { return true }
                guard let byte = rest.popFirst(), byte != slash else { return false }
            }
        case UInt8(ascii: "?"):
            guard let byte = path.first, byte != slash else { return false }
            return fits(path.dropFirst(), pattern.dropFirst())
        case UInt8(ascii: "["):
            guard let end = pattern.firstIndex(of: UInt8(ascii: "]")), let byte = path.first, byte != slash else {
                return false
            }
            let set = Array(pattern[(pattern.startIndex + 1)..<end])
            var found = set.contains(byte)
            for index in set.indices.dropFirst().dropLast() where set[index] == UInt8(ascii: "-") {
                if set[index - 1] <= byte, byte <= set[index + 1] { found = true }
            }
            return found && fits(path.dropFirst(), pattern[(end + 1)...])
        default:
            return path.first == wanted && fits(path.dropFirst(), pattern.dropFirst())
        }
    }
}
