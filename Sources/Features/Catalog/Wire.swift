internal import Core
internal import Web

extension Title {
    /// A title as every answer has it.
    var members: [JSON.Member] {
        let place = fields.place
        return [
            .init("id", .string("\(id)")), .init("type", .string(fields.kind.rawValue)),
            .init("series_id", JSON(place?.series.description)), .init("season", JSON(place?.season)),
            .init("episode", JSON(place?.episode)), .init("title", .string(fields.title)),
            .init("description", .string(fields.description)), .init("genres", texts(fields.genres)),
            .init("cast", texts(fields.cast)), .init("tags", texts(fields.tags)),
            .init("release_year", JSON(fields.year)), .init("language", .string(fields.language)),
            .init("rating", JSON(fields.rating.map { Double($0) / 10 })), .init("maturity", .string(fields.maturity)),
            .init("poster", JSON(fields.poster)), .init("required_level", .string(fields.level.rawValue)),
            .init("video_id", JSON(fields.video?.description)), .init("playable", .bool(isPlayable)),
            .init("duration", JSON(duration)), .init("qualities", .array(qualities.map(\.json))),
            .init("view_count", .integer(views)), .init("published", .bool(isOpen)),
            .init("published_from", JSON(fields.publishedFrom?.rfc3339)),
            .init("published_until", JSON(fields.publishedUntil?.rfc3339)),
            .init("created_at", .string(created.rfc3339)), .init("updated_at", .string(updated.rfc3339)),
        ]
    }

    private func texts(_ list: [String]) -> JSON { .array(list.map { .string($0) }) }

    /// As lists have it.
    var json: JSON { .object(members) }

    /// With its seasons, where it is a series.
    func json(_ episodes: [Title]) -> JSON {
        guard fields.kind == .series else { return json }
        var seasons: [(number: Int, episodes: [JSON])] = []
        for episode in episodes {
            guard let place = episode.fields.place else { continue }
            if seasons.last?.number != place.season { seasons.append((place.season, [])) }
            seasons[seasons.count - 1].episodes.append(episode.json)
        }
        return .object(
            members + [
                .init(
                    "seasons",
                    .array(seasons.map { ["season": JSON($0.number), "episodes": .array($0.episodes)] }))
            ])
    }
}

extension Quality {
    /// As answers have it.
    var json: JSON {
        ["name": .string(name), "width": JSON(width), "height": JSON(height), "bitrate": .integer(bitrate)]
    }
}

extension [Facet] {
    /// By name, each most frequent first.
    var json: JSON {
        let names = ["genre", "type", "language", "year", "required_level", "maturity"]
        return .object(
            names.map { name in
                .init(
                    name,
                    .array(
                        filter { $0.name == name }.map { ["value": .string($0.value), "count": .integer($0.count)] }))
            })
    }
}

extension WriteOutcome {
    /// The title that was written.
    ///
    /// - Throws: why it was not.
    func id() throws(Problem) -> UUID {
        switch self {
        case .written(let id): return id
        case .unknown: throw Problem(.notFound)
        case .noSeries: throw Problem(.notFound, detail: "There is no such series.")
        case .noVideo: throw Problem(.notFound, detail: "Video not found")
        case .placeTaken: throw Problem(.conflict, detail: "The series has an episode of this number.")
        case .window: throw Problem(.badRequest, detail: "published_until must be after published_from.")
        }
    }
}
