public import Core
internal import Tokens
public import Web

/// What is decided about history and favourites.
public enum HistoryRules {
    /// Microseconds since 1970 of the last moment that a cursor can name: the end of the year 9999.
    private static let lastMoment: Int64 = 253_402_300_799_000_000

    /// Lets pass the person himself, admins, and services that administrate.
    ///
    /// - Throws: 404: what is somebody else's is not there.
    public static func mustBe(_ user: UUID, _ caller: Caller) throws(Problem) {
        switch caller {
        case .key, .user(_, role: .admin): return
        case .user(let id, _) where id.utf8.elementsEqual(user.description.utf8): return
        case .user, .anyone: throw Problem(.notFound)
        }
    }

    /// Reads which part of a list somebody wants whose cursors are a time in microseconds and an id.
    ///
    /// - Throws: 400 for a cursor that is not one of ours.
    public static func page(_ query: Query) throws(Problem) -> Page {
        let page = try Page(query, parts: 2)
        if let after = page.after {
            guard let moment = Digits.parse(after[0]), moment <= lastMoment, UUID(after[1]) != nil else {
                throw Problem(.badRequest, detail: "cursor is not valid.")
            }
        }
        return page
    }

    /// Reads whether somebody wants only what he finished, or only the rest.
    ///
    /// - Throws: 400.
    public static func completed(_ query: Query) throws(Problem) -> Bool? {
        switch try query.one("completed") {
        case nil: nil
        case "true": true
        case "false": false
        default: throw Problem(.badRequest, detail: "completed must be true or false.")
        }
    }

    /// Reads which title somebody keeps.
    ///
    /// - Throws: 400.
    public static func favorite(_ body: JSON) throws(Problem) -> UUID {
        guard let given = body["content_id"] else {
            throw Problem(.fieldMissing, detail: "content_id is required.")
        }
        guard let id = UUID(given.string ?? "") else {
            throw Problem(.badRequest, detail: "content_id must be a title's id.")
        }
        return id
    }
}
