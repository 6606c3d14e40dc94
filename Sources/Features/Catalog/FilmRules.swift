internal import Core
internal import Web

extension CatalogRules {
    /// A form's texts as the body they stand for: lists are JSON arrays, or words between commas; numbers are digits.
    ///
    /// - Parameter text: a text of the form by its name; `nil` when it is absent or empty.
    /// - Throws: 400.
    static func body(ofForm text: (String) throws(Problem) -> String?) throws(Problem) -> JSON {
        var members: [JSON.Member] = []
        for name in names.sorted() {
            guard let value = try text(name) else { continue }
            switch name {
            case "genres", "cast", "tags": members.append(.init(name, try list(value, name)))
            case "season", "episode", "release_year":
                guard let number = Digits.parse(value) else {
                    throw Problem(.badRequest, detail: "\(name) must be a whole number.")
                }
                members.append(.init(name, .integer(number)))
            case "rating":
                // JSON's own grammar of numbers: no hexadecimal, no infinity, no sign in front.
                guard let number = try? JSON(parsing: value), number.double != nil else {
                    throw Problem(.badRequest, detail: "rating must be a number from 0 to 10.")
                }
                members.append(.init(name, number))
            default: members.append(.init(name, .string(value)))
            }
        }
        return .object(members)
    }

    private static func list(_ text: String, _ name: String) throws(Problem) -> JSON {
        if text.utf8.first == UInt8(ascii: "[") {
            guard let list = try? JSON(parsing: text) else {
                throw Problem(.badRequest, detail: "\(name) is not a JSON array.")
            }
            return list
        }
        let space: Set<UInt8> = [32, 9, 10, 13]
        let parts = text.utf8.split(separator: UInt8(ascii: ",")).map { part in
            part.drop(while: space.contains).reversed().drop(while: space.contains).reversed()
        }
        return .array(parts.filter { !$0.isEmpty }.map { .string(String(decoding: $0, as: UTF8.self)) })
    }

    /// Where the making of a title's video stands, in one word: `none` without a video, then its newest task's state;
    /// `ready` when that is done, or where an old video never had a task.
    static func status(_ processing: Processing, taskState: String?) -> String {
        guard processing.video != nil else { return "none" }
        switch taskState {
        case "done": return "ready"
        case .some(let state): return state
        case nil: return processing.isPlayable ? "ready" : "none"
        }
    }
}
