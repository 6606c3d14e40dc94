internal import Core
internal import Postgres
internal import Tokens
public import Web

/// The feature's routes.
public func recommendationRoutes() -> [Route<Recommendations>] {
    let readers = Access.key(.catalog, or: .viewer, .instructor, .admin)
    return [
        Route(.get, "/api/recommendations/trending", by: readers, about: .listTrending, to: listTrending),
        Route(.get, "/api/recommendations/popular", by: readers, about: .listPopular, to: listPopular),
        Route(
            .get, "/api/recommendations/personalized", by: .key(or: .viewer, .instructor, .admin),
            about: .listPersonalized, to: listPersonalized),
        Route(.get, "/api/recommendations/similar/:title", by: readers, about: .listSimilar, to: listSimilar),
    ]
}

// MARK: GET /api/recommendations/trending

private func listTrending(_ all: Recommendations, _ request: Request) throws(Problem) -> Response {
    let limit = try RecommendationRules.limit(request.query)
    let viewer = try all.viewer(request.caller)
    return answer(try asking { () throws(DatabaseError) in try all.trending(for: viewer, limit: limit) })
}

// MARK: GET /api/recommendations/popular

private func listPopular(_ all: Recommendations, _ request: Request) throws(Problem) -> Response {
    let limit = try RecommendationRules.limit(request.query)
    let genre = try RecommendationRules.genre(request.query)
    let viewer = try all.viewer(request.caller)
    return answer(try asking { () throws(DatabaseError) in try all.popular(genre: genre, for: viewer, limit: limit) })
}

// MARK: GET /api/recommendations/personalized

private func listPersonalized(_ all: Recommendations, _ request: Request) throws(Problem) -> Response {
    let limit = try RecommendationRules.limit(request.query)
    let viewer = try all.viewer(request.caller)
    return answer(try asking { () throws(DatabaseError) in try all.personalized(for: viewer, limit: limit) })
}

// MARK: GET /api/recommendations/similar/:title

private func listSimilar(
    _ all: Recommendations, _ request: Request, _ id: ID<Title>
) throws(Problem) -> Response {
    let limit = try RecommendationRules.limit(request.query)
    let viewer = try all.viewer(request.caller)
    let found = try asking { () throws(DatabaseError) in try all.similar(to: id.rawValue, for: viewer, limit: limit) }
    guard let found else { throw Problem(.notFound) }
    return answer(found)
}

private func answer(_ list: [Recommendation]) -> Response {
    .json(
        ["items": .array(list.map(\.json)), "next_cursor": .null],
        fields: [.init("Cache-Control", "no-store")])
}
