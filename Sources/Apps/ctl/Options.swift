/// The words behind a command: `--name value`, `--flag`, and the rest in order.
struct Options {
    private var values: [String: String] = [:]
    private var flags: Set<String> = []
    /// Words that belong to no option.
    private(set) var rest: [String] = []

    /// - Parameters:
    ///   - words: as the operator wrote them.
    ///   - names: options that take a value.
    ///   - flags: options that take none.
    ///   - usage: shown with what is wrong.
    init(_ words: [String], names: Set<String> = [], flags: Set<String> = [], usage: String) throws(WrongWords) {
        var left = words[...]
        while let word = left.popFirst() {
            if names.contains(word) {
                guard let value = left.popFirst(), values[word] == nil else {
                    throw WrongWords(description: "\(word) takes one value\nusage: \(usage)")
                }
                values[word] = value
            } else if flags.contains(word) {
                self.flags.insert(word)
            } else if word.hasPrefix("-") {
                throw WrongWords(description: "what is \(word)?\nusage: \(usage)")
            } else {
                rest.append(word)
            }
        }
    }

    /// The option's value, if it was given.
    subscript(_ name: String) -> String? { values[name] }

    /// Whether the flag was given.
    func has(_ flag: String) -> Bool { flags.contains(flag) }
}
