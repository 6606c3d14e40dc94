/// The files of `nginx/` are configuration with gaps: `@NAME@`, a name beginning with a capital letter, stands for what
/// depends on settings. (`@rg_401` and the like are nginx's own named locations.)
enum NginxTemplate {
    /// A gap nobody fills, or a value that nginx would read as something else.
    struct Mistake: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Fills the gaps of one file.
    ///
    /// - Throws: when a name is unknown.
    static func expand(_ text: String, _ values: [String: String]) throws(Mistake) -> String {
        let source = Array(text.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(source.count)
        var index = 0
        while index < source.count {
            guard source[index] == UInt8(ascii: "@"), let name = name(in: source, from: index + 1) else {
                out.append(source[index])
                index += 1
                continue
            }
            guard let value = values[name] else { throw Mistake(description: "nothing is known for @\(name)@") }
            out.append(contentsOf: value.utf8)
            index += name.utf8.count + 2
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The name that starts here and ends before the next `@`.
    private static func name(in source: [UInt8], from start: Int) -> String? {
        guard start < source.count, source[start] >= 65, source[start] <= 90 else { return nil }
        var end = start
        while end < source.count, isWord(source[end]) { end += 1 }
        guard end < source.count, source[end] == UInt8(ascii: "@") else { return nil }
        return String(decoding: source[start..<end], as: UTF8.self)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57) || byte == 95
    }

    /// Text as it stands between quotes in a configuration file.
    ///
    /// - Parameter quote: the quote around it.
    /// - Throws: for a `$` (nginx would read a variable) or a control character.
    static func quoted(_ text: String, in quote: Character) throws(Mistake) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            guard scalar.value >= 32, scalar.value != 127, scalar != "$" else {
                throw Mistake(description: "this can't stand in nginx's configuration: \(text.debugDescription)")
            }
            if Character(scalar) == quote || scalar == "\\" { out.unicodeScalars.append("\\") }
            out.unicodeScalars.append(scalar)
        }
        return out
    }

    /// Text inside a JSON string.
    static func json(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { out.unicodeScalars.append("\\") }
            out.unicodeScalars.append(scalar)
        }
        return out
    }
}
