/// Reads single settings and keeps a list of what is wrong.
struct SettingsReader {
    let environment: [String: String]
    let readFile: (String) -> String?
    var mistakes: [String] = []

    init(environment: [String: String], readFile: @escaping (String) -> String?) {
        self.environment = environment
        self.readFile = readFile
    }

    mutating func mistake(_ sentence: String) { mistakes.append(sentence) }

    mutating func text(_ name: String, needed: Bool) -> String? {
        if let value = environment[name], !value.isEmpty { return value }
        if let path = environment[name + "_FILE"], !path.isEmpty {
            guard let text = readFile(path) else {
                mistake("\(name)_FILE can't be read")
                return nil
            }
            let line = text.utf8.last == 10 ? String(text.dropLast()) : text
            if !line.isEmpty { return line }
        }
        if needed { mistake("\(name) is missing") }
        return nil
    }

    mutating func directory(_ name: String, or fallback: String) -> String {
        let path = text(name, needed: false) ?? fallback
        guard path.hasPrefix("/"), path == "/" || !path.hasSuffix("/"),
            path.utf8.allSatisfy({ $0 > 32 && $0 < 127 && !"\"';{}$\\#".utf8.contains($0) })
        else {
            mistake("\(name) must be an absolute path without blanks or quotes, not ending in a slash")
            return fallback
        }
        return path
    }

    mutating func number(_ name: String, or fallback: Int64, _ range: ClosedRange<Int64>) -> Int64 {
        guard let text = text(name, needed: false) else { return fallback }
        guard let value = Digits.parse(text), range.contains(value) else {
            mistake("\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return fallback
        }
        return value
    }

    /// Bytes, also with K, M, G or T (powers of 1024) behind.
    ///
    /// - Parameter zero: whether 0 stands for no limit.
    mutating func bytes(
        _ name: String, or fallback: Int64, _ range: ClosedRange<Int64>, zero: Bool
    ) -> Int64 {
        guard let text = text(name, needed: false) else { return fallback }
        var digits = text
        var shift: Int64 = 0
        if let last = text.utf8.last, let index = Array("KMGT".utf8).firstIndex(of: last & 0xDF), last > 57 {
            digits = String(text.dropLast())
            shift = Int64(index + 1) * 10
        }
        if let value = Digits.parse(digits), value <= Int64.max >> (shift + 1) {
            let count = value << shift
            if range.contains(count) || (zero && count == 0) { return count }
        }
        mistake(
            "\(name) must be bytes from \(range.lowerBound) to \(range.upperBound)\(zero ? ", or 0" : ""), as 4294967296 or 4G"
        )
        return fallback
    }

    /// `idle`, `best-effort` (7), `best-effort:0` … `best-effort:7`, `none`.
    mutating func diskLevel(_ name: String) -> Int? {
        guard let text = text(name, needed: false), text != "best-effort" else { return 7 }
        if text == "none" { return nil }
        if text == "idle" { return 8 }
        if text.hasPrefix("best-effort:"), let level = Digits.parse(String(text.dropFirst(12))), level <= 7 {
            return Int(level)
        }
        mistake("\(name) must be idle, none, best-effort or best-effort:0 to best-effort:7")
        return 7
    }

    /// A decimal number below 1,000 with at most three digits behind the point, in thousandths; 0 stands for never.
    mutating func thousandths(_ name: String, or fallback: Int64) -> Int64 {
        guard let text = text(name, needed: false) else { return fallback }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts.count == 2 ? Array(parts[1].utf8) : []
        if let whole = Digits.parse(String(parts[0])), whole < 1000, digits.count <= 3,
            parts.count == 1 || !digits.isEmpty,
            digits.allSatisfy({ (48...57).contains($0) })
        {
            let padded = digits + [UInt8](repeating: 48, count: 3 - digits.count)
            return whole * 1000 + padded.reduce(0) { $0 * 10 + Int64($1 - 48) }
        }
        mistake("\(name) must be a number such as 2.5, below 1000")
        return fallback
    }

    mutating func flag(_ name: String, or fallback: Bool = false) -> Bool {
        switch text(name, needed: false) {
        case nil: return fallback
        case "false", "0", "no": return false
        case "true", "1", "yes": return true
        default:
            mistake("\(name) must be true or false")
            return false
        }
    }

    /// One of a few words; the first where nothing is said.
    mutating func choice(_ name: String, of words: [String]) -> String {
        guard let text = text(name, needed: false) else { return words[0] }
        guard words.contains(text) else {
            mistake("\(name) must be one of: \(words.joined(separator: ", "))")
            return words[0]
        }
        return text
    }

    /// `1080:5000,720:3000`: lines of the short side and kbit/s, falling.
    mutating func ladder(_ name: String) -> [Settings.Encoding.Step] {
        guard let text = text(name, needed: false) else { return [] }
        var steps: [Settings.Encoding.Step] = []
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let short = Digits.parse(String(parts[0])),
                let rate = Digits.parse(String(parts[1])), (144...4320).contains(short), (50...100_000).contains(rate),
                steps.count < 16, short < steps.last?.short ?? .max
            else {
                mistake(
                    "\(name) must be sizes from 4320 to 144 lines, falling, each with a rate in kbit/s: 1080:5000,720:3000"
                )
                return []
            }
            steps.append(Settings.Encoding.Step(short: Int(short), rate: rate * 1000))
        }
        return steps
    }

    /// `off`, or LUFS from -31 to -5.
    mutating func loudness(_ name: String) -> Int? {
        guard let text = text(name, needed: false), text != "off" else { return nil }
        guard text.utf8.first == 45, let value = Digits.parse(String(text.dropFirst())), (5...31).contains(value) else {
            mistake("\(name) must be off, or LUFS from -31 to -5")
            return nil
        }
        return -Int(value)
    }

    /// A secret of at least 32 bytes that is none of the examples people copy.
    mutating func secret(_ name: String, needed: Bool) -> [UInt8]? {
        guard let text = text(name, needed: needed) else { return nil }
        if let weakness = Self.weakness(of: text) {
            mistake("\(name) \(weakness)")
            return nil
        }
        return Array(text.utf8)
    }

    static func weakness(of secret: String) -> String? {
        let bytes = Array(secret.utf8)
        if bytes.count < 32 { return "is weak: it has fewer than 32 bytes" }
        if Set(bytes).count < 8 { return "is weak: it repeats a few characters" }
        let lower = secret.lowercased()
        for example in [
            "changeme", "change-me", "change_me", "your-secret", "your_secret", "example", "secretsecret",
            "0123456789abcdef0123456789abcdef", "supersecret",
        ]
        where lower.contains(example) { return "is weak: it is a known example" }
        return nil
    }

    mutating func masterKeys(_ name: String, needed: Bool) -> [Int64: [UInt8]] {
        guard let text = text(name, needed: needed) else { return [:] }
        var keys: [Int64: [UInt8]] = [:]
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = entry.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let version = Digits.parse(String(parts[0])), version >= 1, version <= 1_000_000,
                keys[version] == nil, let secret = Hex.decode(String(parts[1])), secret.count == 32
            else {
                mistake("\(name) must be 1:<64 hexadecimal digits>, further versions after commas")
                return [:]
            }
            if Set(secret).count < 8 {
                mistake("\(name) is weak: it repeats a few bytes")
                return [:]
            }
            keys[version] = secret
        }
        return keys
    }

    /// A file that a setting names.
    func path(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Further signing keys; see `SigningKeyList`.
    mutating func signingKeys(_ path: String?, unlike others: [[UInt8]]) -> SigningKeyList {
        guard let path else { return SigningKeyList() }
        guard let text = readFile(path) else {
            mistake("SIGNING_KEYS_FILE can't be read")
            return SigningKeyList()
        }
        do throws(SettingsError) { return try SigningKeyList(parsing: text, unlike: others) } catch {
            mistakes += error.mistakes
            return SigningKeyList()
        }
    }

    /// Origins as in `ALLOWED_REFERRERS`; the word `none` among them stands for an absent referrer.
    mutating func mobileReferrers(_ name: String) -> (origins: [Origin]?, mayMiss: Bool) {
        guard let text = text(name, needed: false) else { return (nil, true) }
        let entries = text.split(separator: ",").map { $0.split(separator: " ").joined() }
        var origins: [Origin] = []
        for entry in entries where entry != "none" {
            guard let origin = Origin(entry) else {
                mistake("\(name) must be a list of scheme://host[:port], and none for apps that send no referrer")
                continue
            }
            origins.append(origin)
        }
        return (origins, entries.contains("none"))
    }

    mutating func baseURL(_ name: String, needed: Bool) -> (text: String, origin: Origin)? {
        guard let text = text(name, needed: needed) else { return nil }
        let trimmed = text.utf8.last == UInt8(ascii: "/") ? String(text.dropLast()) : text
        guard let origin = Origin(trimmed), !origin.isWildcard else {
            mistake("\(name) must be http(s)://host[:port]")
            return nil
        }
        return (trimmed, origin)
    }

    mutating func origins(_ name: String, alias: String?, wildcards: Bool) -> [Origin]? {
        var value = text(name, needed: false)
        if value == nil, let alias { value = text(alias, needed: false) }
        guard let value else { return nil }
        var all: [Origin] = []
        for entry in value.split(separator: ",") {
            let trimmed = entry.split(separator: " ").joined()
            guard let origin = Origin(trimmed), wildcards || !origin.isWildcard else {
                mistake("\(name) must be a list of scheme://host[:port]")
                continue
            }
            if !all.contains(origin) { all.append(origin) }
        }
        return all
    }
}
