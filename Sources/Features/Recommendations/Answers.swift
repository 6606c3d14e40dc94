public import Core

extension Recommendation {
    /// The title as lists show it, with the reason.
    public var json: JSON {
        guard case .object(let members) = title.json else { return .null }
        return .object(members + [.init("reason", reason.json)])
    }
}

extension Title {
    /// As lists show it.
    var json: JSON {
        [
            "id": .string(id.description), "type": .string(type), "series_id": .null, "season": .null, "episode": .null,
            "title": .string(name), "description": .string(description), "genres": texts(genres), "cast": texts(cast),
            "tags": texts(tags), "release_year": year.map { JSON($0) } ?? .null, "language": .string(language),
            "rating": rating.map { .number($0) } ?? .null, "maturity": .string(maturity), "poster": JSON(poster),
            "required_level": .string(level), "video_id": JSON(video?.description),
            "playable": .bool(picture.isPlayable), "duration": picture.duration.map { .number($0) } ?? .null,
            "qualities": .array(picture.qualities), "view_count": .integer(views), "published": true,
            "published_from": JSON(published.from?.rfc3339), "published_until": JSON(published.until?.rfc3339),
            "created_at": .string(written.created.rfc3339), "updated_at": .string(written.updated.rfc3339),
        ]
    }

    private func texts(_ list: [String]) -> JSON { .array(list.map { .string($0) }) }
}

extension Reason {
    /// What kind it is, as clients tell it apart.
    var kind: String {
        switch self {
        case .trending: "trending"
        case .popular: "popular"
        case .preferred: "preferred_genre"
        case .new: "new"
        case .similar: "similar"
        case .watched: "because_you_watched"
        }
    }

    /// The reason for a person.
    public var sentence: String {
        switch self {
        case .trending: "Many people are watching it these days."
        case .popular(nil): "Popular with everyone."
        case .popular(let genre?): "Popular in \(genre)."
        case .preferred(let genre): "You like \(genre)."
        case .new: "New in the catalogue."
        case .watched(_, let name): "Because you watched “\(name)”."
        case .similar(let likeness): likeness.sentence
        }
    }

    /// Kind and sentence, and what the sentence speaks of.
    var json: JSON {
        var members: [JSON.Member] = [.init("kind", .string(kind)), .init("text", .string(sentence))]
        switch self {
        case .trending, .popular(nil), .new: break
        case .popular(let genre?), .preferred(let genre): members.append(.init("genre", .string(genre)))
        case .watched(let id, let name):
            members.append(.init("title", ["id": .string(id.description), "title": .string(name)]))
        case .similar(let likeness):
            members += [
                .init("title", ["id": .string(likeness.id.description), "title": .string(likeness.name)]),
                .init("genres", .array(likeness.genres.map { .string($0) })),
                .init("tags", .array(likeness.tags.map { .string($0) })),
                .init("cast", .array(likeness.cast.map { .string($0) })),
                .init("watched_together", .bool(likeness.isWatchedTogether)),
            ]
        }
        return .object(members)
    }
}

extension Likeness {
    /// The likeness for a person: the rarest kind of common feature first, two of a kind at most.
    var sentence: String {
        var parts: [String] = []
        if !cast.isEmpty { parts.append("with \(Self.list(cast))") }
        if !tags.isEmpty { parts.append("about \(Self.list(tags))") }
        if parts.isEmpty, !genres.isEmpty { parts.append("in \(Self.list(genres))") }
        let also = isWatchedTogether ? "People who watched it watched this too." : ""
        if parts.isEmpty {
            return isWatchedTogether ? "People who watched “\(name)” watched this too." : "Like “\(name)”."
        }
        return "Like “\(name)”: \(parts.joined(separator: ", "))." + (also.isEmpty ? "" : " \(also)")
    }

    private static func list(_ names: [String]) -> String { names.prefix(2).joined(separator: " and ") }
}
