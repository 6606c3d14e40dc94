public import Core
internal import Tokens
public import Web

/// What is decided about the catalogue.
public enum CatalogRules {
    /// Bytes of the longest search.
    static let longestSearch = 200

    /// Whether the caller keeps the catalogue: he sees drafts and writes.
    public static func keeps(_ caller: Caller) -> Bool {
        switch caller {
        case .key(_, let scopes): scopes.contains(.catalog) || scopes.contains(.admin)
        case .user(_, let role): role == .admin
        case .anyone: false
        }
    }

    /// Reads which titles somebody wants to see.
    ///
    /// - Throws: 400 for a parameter that stands twice or has another form; 403 when drafts are asked for by somebody
    ///   who may not see them.
    public static func wish(_ query: Query, _ caller: Caller) throws(Problem) -> TitleWish {
        var wish = TitleWish()
        wish.kind = try choice("type", query)
        wish.level = try choice("required_level", query)
        if let text = try query.one("series_id") {
            guard let series = UUID(text) else { throw Problem(.badRequest, detail: "series_id is not valid.") }
            wish.series = series
        }
        wish.genre = try short("genre", query)
        wish.maturity = try short("maturity", query)
        wish.years = try years(query)
        if let text = try query.one("language") {
            guard let tag = LanguageTag(text) else {
                throw Problem(.badRequest, detail: "language must be a BCP 47 tag, such as en or pt-BR.")
            }
            wish.language = tag.description
        }
        wish.search = try search(query)
        wish.order = wish.search == nil ? .newest : .relevance
        if let order: TitleOrder = try choice("sort", query) {
            guard order != .relevance || wish.search != nil else {
                throw Problem(.badRequest, detail: "sort=relevance takes a search.")
            }
            wish.order = order
        }
        if let visibility: TitleWish.Visibility = try choice("status", query) {
            guard visibility == .open || keeps(caller) else { throw Problem(.scope) }
            wish.visibility = visibility
        }
        return wish
    }

    /// Whether facets are wanted.
    public static func wantsFacets(_ query: Query) throws(Problem) -> Bool {
        switch try query.one("facets") ?? "false" {
        case "true": return true
        case "false": return false
        default: throw Problem(.badRequest, detail: "facets must be true or false.")
        }
    }

    /// One of a closed list of words.
    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ query: Query
    ) throws(Problem) -> Choice? {
        guard let text = try query.one(name) else { return nil }
        for choice in Choice.allCases where choice.rawValue.utf8.elementsEqual(text.utf8) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem(.badRequest, detail: "\(name) must be one of \(known).")
    }

    private static func short(_ name: String, _ query: Query) throws(Problem) -> String? {
        guard let text = try query.one(name) else { return nil }
        guard (1...100).contains(text.utf8.count), !hasControls(text) else {
            throw Problem(.badRequest, detail: "\(name) has 1 to 100 bytes, without control characters.")
        }
        return text
    }

    /// `year`, or `year_from` and `year_to`.
    private static func years(_ query: Query) throws(Problem) -> ClosedRange<Int>? {
        func year(_ name: String) throws(Problem) -> Int? {
            guard let value = try query.number(name) else { return nil }
            guard (1...9999).contains(value) else { throw Problem(.badRequest, detail: "\(name) is not a year.") }
            return Int(value)
        }
        if let one = try year("year") {
            guard try query.one("year_from") == nil, try query.one("year_to") == nil else {
                throw Problem(.badRequest, detail: "year stands alone.")
            }
            return one...one
        }
        let (first, last) = (try year("year_from"), try year("year_to"))
        guard first != nil || last != nil else { return nil }
        let (low, high) = (first ?? 1, last ?? 9999)
        guard low <= high else { throw Problem(.badRequest, detail: "year_from is after year_to.") }
        return low...high
    }

    /// What is searched for: 1 to 200 bytes; control characters are spaces, as a paste may hold them.
    private static func search(_ query: Query) throws(Problem) -> String? {
        guard let text = try query.one("search") else { return nil }
        guard text.utf8.count <= longestSearch, !text.utf8.contains(0) else {
            throw Problem(.badRequest, detail: "search has at most \(longestSearch) bytes.")
        }
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { plain.append(scalar.value < 32 || scalar.value == 127 ? " " : scalar) }
        return plain.allSatisfy { $0 == " " } ? nil : String(plain)
    }

    static func hasControls(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value < 32 || (127..<160).contains($0.value) }
    }

    /// A cursor is a tier, the key of its order, and an id: each must be readable as that.
    ///
    /// - Throws: 400.
    static func check(_ page: Page, _ order: TitleOrder) throws(Problem) {
        guard let after = page.after else { return }
        func isNumber(_ text: String) -> Bool { Digits.parse(text).map { $0 < 1 << 53 } == true }
        guard isNumber(after[0]), order == .title || isNumber(after[1]), UUID(after[2]) != nil else {
            throw Problem(.badRequest, detail: "cursor is not valid.")
        }
    }

    // MARK: Watching

    /// Whether somebody may watch a title, and how many streams he may have at once.
    ///
    /// - Parameters:
    ///   - viewer: `nil`: a site's user whom we have no account of; he has the lowest level.
    ///   - streams: how many a level allows.
    /// - Throws: 403 `suspended` or `not_entitled`; 404 `not_ready` while there is nothing to play.
    public static func mayWatch(
        _ title: Title, _ viewer: Viewer?, _ caller: Caller, streams: (SubscriptionLevel) -> Int
    ) throws(Problem) -> (rel: RelPath, streams: Int) {
        if viewer?.isDisabled == true { throw Problem(.suspended) }
        let level = viewer?.level ?? .free
        switch caller {
        case .key, .user(_, role: .admin): break
        case .user, .anyone:
            guard level >= title.fields.level else {
                throw Problem(.notEntitled, detail: "This title takes the level \(title.fields.level.rawValue).")
            }
        }
        guard let rel = title.rel, title.isPlayable else { throw Problem(.notReady) }
        return (rel, streams(level))
    }
}

extension CatalogRules {
    /// Who watches, and whether in an app: a person himself; a service says for whom.
    ///
    /// - Throws: 400 for a parameter that is missing or has another form; 403 for somebody else.
    public static func watcher(_ query: Query, _ caller: Caller) throws(Problem) -> (user: String, isMobile: Bool) {
        let isMobile: Bool
        switch try query.one("platform") ?? "web" {
        case "web": isMobile = false
        case "mobile": isMobile = true
        default: throw Problem(.badRequest, detail: "platform must be web or mobile.")
        }
        let named = try query.one("user_id")
        switch caller {
        case .user(let id, _):
            guard named.map({ $0.utf8.elementsEqual(id.utf8) }) ?? true else { throw Problem(.notEntitled) }
            return (id, isMobile)
        case .key:
            guard let named else { throw Problem(.fieldMissing, detail: "user_id is required.") }
            guard PlaybackToken.isName(named) else { throw Problem(.badRequest, detail: "user_id is not valid.") }
            return (named, isMobile)
        case .anyone: throw Problem(.credentialsMissing)
        }
    }
}
