public import Core
public import Web

extension CatalogRules {
    /// What may be written about a title; anything else in a body is refused, so that nothing is believed to be
    /// written that is not.
    static let names: Set<String> = [
        "type", "series_id", "season", "episode", "title", "description", "genres", "cast", "tags", "release_year",
        "language", "rating", "maturity", "poster", "required_level", "video_id", "published_from", "published_until",
    ]

    /// Reads a new title.
    ///
    /// - Throws: 400.
    public static func newTitle(_ body: JSON) throws(Problem) -> TitleFields {
        guard let type = body["type"]?.string else { throw Problem(.fieldMissing, detail: "type is required.") }
        guard let kind = TitleKind(rawValue: type) else {
            throw Problem(.badRequest, detail: "type must be movie, series or episode.")
        }
        guard body["title"] != nil else { throw Problem(.fieldMissing, detail: "title is required.") }
        var place: EpisodePlace?
        if kind == .episode {
            guard let text = body["series_id"]?.string else {
                throw Problem(.fieldMissing, detail: "series_id is required.")
            }
            guard let series = UUID(text) else { throw wrong("series_id") }
            guard let season = body["season"], let episode = body["episode"] else {
                throw Problem(.fieldMissing, detail: "season and episode are required.")
            }
            place = EpisodePlace(
                series: series, season: try number(season, "season"), episode: try number(episode, "episode"))
        }
        return try changed(TitleFields(kind: kind, place: place), by: body)
    }

    /// A title's fields after a change: members that are there are written, `null` empties, the rest stays.
    ///
    /// - Throws: 400.
    public static func changed(_ fields: TitleFields, by body: JSON) throws(Problem) -> TitleFields {
        guard case .object(let members) = body else {
            throw Problem(.badRequest, detail: "The body must be an object.")
        }
        var fields = fields
        for member in members {
            guard names.contains(member.name) else {
                throw Problem(.badRequest, detail: "\(shown(member.name)) can't be written.")
            }
            try write(member.value, to: member.name, of: &fields)
        }
        if let from = fields.publishedFrom, let until = fields.publishedUntil, until <= from {
            throw Problem(.badRequest, detail: "published_until must be after published_from.")
        }
        return fields
    }

    private static func write(_ value: JSON, to name: String, of fields: inout TitleFields) throws(Problem) {
        switch name {
        case "type":
            guard value.string == fields.kind.rawValue else {
                throw Problem(.badRequest, detail: "type can't be changed.")
            }
        case "series_id", "season", "episode": try writePlace(value, name, &fields)
        case "title":
            fields.title = try text(value, name, 1...500)
        case "description": fields.description = try text(value, name, 0...10_000, lines: true)
        case "genres": fields.genres = try list(value, name, upTo: 20)
        case "cast": fields.cast = try list(value, name, upTo: 200)
        case "tags": fields.tags = try list(value, name, upTo: 50)
        case "release_year":
            fields.year = value == .null ? nil : try number(value, name, 1850...2200)
        case "language":
            let text = value == .null ? "" : try text(value, name, 0...LanguageTag.longest)
            guard text.isEmpty || LanguageTag(text) != nil else { throw wrong(name) }
            fields.language = LanguageTag(text)?.description ?? ""
        case "rating": fields.rating = value == .null ? nil : try tenths(value, name)
        case "maturity": fields.maturity = value == .null ? "" : try text(value, name, 0...32)
        case "poster": fields.poster = value == .null ? nil : try picture(value, name)
        case "required_level":
            guard let level = value.string.flatMap({ SubscriptionLevel(rawValue: $0) }) else {
                throw Problem(.badRequest, detail: "required_level must be free, premium or family.")
            }
            fields.level = level
        case "video_id":
            guard fields.kind != .series || value == .null else {
                throw Problem(.badRequest, detail: "A series has no video; its episodes have.")
            }
            fields.video = value == .null ? nil : try uuid(value, name)
        case "published_from": fields.publishedFrom = value == .null ? nil : try moment(value, name)
        case "published_until": fields.publishedUntil = value == .null ? nil : try moment(value, name)
        default: break
        }
    }

    private static func writePlace(_ value: JSON, _ name: String, _ fields: inout TitleFields) throws(Problem) {
        guard fields.place != nil else {
            if value == .null { return }
            throw Problem(.badRequest, detail: "\(name) is of an episode alone.")
        }
        switch name {
        case "series_id": fields.place?.series = try uuid(value, name)
        case "season": fields.place?.season = try number(value, name)
        default: fields.place?.episode = try number(value, name)
        }
    }

    // MARK: Values

    private static func wrong(_ name: String) -> Problem { Problem(.badRequest, detail: "\(name) is not valid.") }

    /// A name of the client's, fit to be repeated.
    private static func shown(_ name: String) -> String {
        name.utf8.count <= 64 && !hasControls(name) ? name : "A member"
    }

    private static func text(
        _ value: JSON, _ name: String, _ length: ClosedRange<Int>, lines: Bool = false
    ) throws(Problem) -> String {
        guard let text = value.string, length.contains(text.utf8.count) else {
            throw Problem(
                .badRequest, detail: "\(name) must be text of \(length.lowerBound) to \(length.upperBound) bytes.")
        }
        let rest = lines ? String(text.unicodeScalars.filter { $0 != "\n" && $0 != "\r" && $0 != "\t" }) : text
        guard !hasControls(rest) else { throw Problem(.badRequest, detail: "\(name) holds a control character.") }
        guard length.lowerBound == 0 || text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw wrong(name)
        }
        return text
    }

    /// Names, each once.
    private static func list(_ value: JSON, _ name: String, upTo count: Int) throws(Problem) -> [String] {
        guard let values = value.array, values.count <= count else {
            throw Problem(.badRequest, detail: "\(name) must be a list of at most \(count) texts.")
        }
        var texts: [String] = []
        for value in values {
            let text = try text(value, name, 1...100)
            if !texts.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { texts.append(text) }
        }
        return texts
    }

    private static func number(
        _ value: JSON, _ name: String, _ range: ClosedRange<Int64> = 0...10_000
    ) throws(Problem) -> Int {
        guard let number = value.integer, range.contains(number) else {
            throw Problem(
                .badRequest,
                detail: "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return Int(number)
    }

    private static func tenths(_ value: JSON, _ name: String) throws(Problem) -> Int {
        guard let number = value.double, (0...10).contains(number), let whole = Int(exactly: (number * 10).rounded())
        else { throw Problem(.badRequest, detail: "\(name) must be a number from 0 to 10.") }
        return whole
    }

    private static func uuid(_ value: JSON, _ name: String) throws(Problem) -> UUID {
        guard let id = value.string.flatMap({ UUID($0) }) else { throw wrong(name) }
        return id
    }

    private static func moment(_ value: JSON, _ name: String) throws(Problem) -> UnixTime {
        guard let time = value.string.flatMap({ UnixTime(rfc3339: $0) }) else {
            throw Problem(.badRequest, detail: "\(name) must be a time as in RFC 3339, from 1970 to 2200.")
        }
        return time
    }

    /// A web address, or an absolute path of this host: what a page may put into `src`.
    private static func picture(_ value: JSON, _ name: String) throws(Problem) -> String {
        let text = try text(value, name, 1...2048)
        let bytes = Array(text.utf8)
        let isPlain = bytes.allSatisfy {
            $0 > 32 && $0 < 127 && $0 != 34 && $0 != 39 && $0 != 60 && $0 != 62 && $0 != 92
        }
        let isPath = bytes.first == 47 && (bytes.count == 1 || bytes[1] != 47)
        let isAddress = bytes.span.starts(with: "https://") || bytes.span.starts(with: "http://")
        guard isPlain, isPath || isAddress else {
            throw Problem(.badRequest, detail: "\(name) must be an http(s) URL or a path of this host.")
        }
        return text
    }
}
