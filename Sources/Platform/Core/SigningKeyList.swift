/// What `SIGNING_KEYS_FILE` holds: lines `<kid> <secret>`, each id once. The one whose line ends in ` signs` signs new
/// tokens; without such a line `SECRET_KEY` does. Blank lines and lines that begin with `#` count for nothing.
public struct SigningKeyList: Sendable {
    /// Secrets by key id.
    public let secrets: Secret<[String: [UInt8]]>
    /// The ids in the file's order.
    public let ids: [String]
    /// Which id new tokens are signed with, if any.
    public let signing: String?

    /// No further keys.
    public init() {
        secrets = Secret([:])
        ids = []
        signing = nil
    }

    /// Reads the file's text.
    ///
    /// - Parameter others: secrets that serve another purpose and may not stand here.
    /// - Throws: every mistake; no value among them.
    public init(parsing text: String, unlike others: [[UInt8]] = []) throws(SettingsError) {
        var keys: [String: [UInt8]] = [:]
        var order: [String] = []
        var signs: String?
        var mistakes: [String] = []
        for line in Self.lines(of: text) {
            let words = line.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
            guard let id = words.first, !id.hasPrefix("#") else { continue }
            guard (2...3).contains(words.count), Slug(id) != nil, keys[id] == nil,
                words.count == 2 || words[2] == "signs"
            else {
                mistakes = ["SIGNING_KEYS_FILE must hold lines of a key id and a secret, each id once"]
                break
            }
            let secret = Array(words[1].utf8)
            if let weakness = SettingsReader.weakness(of: words[1]) {
                mistakes.append("SIGNING_KEYS_FILE: the secret of \(id) \(weakness)")
            } else if others.contains(secret) {
                mistakes.append("SIGNING_KEYS_FILE: the secret of \(id) must differ from SECRET_KEY and JWT_SECRET")
            }
            if words.count == 3 {
                if signs != nil { mistakes.append("SIGNING_KEYS_FILE: only one key can sign") }
                signs = id
            }
            keys[id] = secret
            order.append(id)
        }
        if !mistakes.isEmpty { throw SettingsError(mistakes: mistakes) }
        secrets = Secret(keys)
        ids = order
        signing = signs
    }

    /// The file's text with one more key.
    public static func adding(_ id: String, secret: String, to text: String) -> String {
        let whole = text.isEmpty || text.utf8.last == 10 ? text : text + "\n"
        return whole + "\(id) \(secret)\n"
    }

    /// The file's text without a key; comments stay.
    public static func retiring(_ id: String, in text: String) -> String {
        edited(text) { $0.first == id ? nil : $0 }
    }

    /// The file's text with `id` as the key that signs, or none.
    public static func using(_ id: String?, in text: String) -> String {
        edited(text) { words in words.prefix(2) + (words.first == id ? ["signs"] : []) }
    }

    private static func edited(_ text: String, _ change: ([String]) -> [String]?) -> String {
        var kept = ""
        for line in lines(of: text) {
            let words = line.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
            if words.isEmpty || words[0].hasPrefix("#") {
                kept += String(decoding: line, as: UTF8.self) + "\n"
            } else if let words = change(words) {
                kept += words.joined(separator: " ") + "\n"
            }
        }
        return kept
    }

    /// Bytes decide where a line ends: to Swift, a carriage return and a line feed are one character.
    private static func lines(of text: String) -> [[UInt8]] {
        var bytes = Array(text.utf8)
        if bytes.last == 10 { bytes.removeLast() }
        return bytes.split(separator: 10, omittingEmptySubsequences: false).map { line in
            Array(line.last == 13 ? line.dropLast() : line).map { $0 == 9 ? 32 : $0 }
        }
    }
}
