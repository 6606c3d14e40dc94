public import Core
internal import Postgres
internal import Tokens
public import Web

/// What the handlers need, and what the operator's command asks.
public struct Recommendations {
    let store: any RecommendationStore

    /// - Parameter store: what is recommended.
    public init(store: any RecommendationStore) { self.store = store }
}

/// The feature's routes.
public func recommendationRoutes() -> [Route<Recommendations>] {
    let readers = Access.key(.catalog, or: .viewer, .instructor, .admin)
    return [
        Route(.get, "/api/recommendations/trending", by: readers, to: listTrending),
        Route(.get, "/api/recommendations/popular", by: readers, to: listPopular),
        Route(
            .get, "/api/recommendations/personalized", by: .key(or: .viewer, .instructor, .admin), to: listPersonalized),
        Route(.get, "/api/recommendations/similar/:title", by: readers, to: listSimilar),
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

// MARK: What is loaded and decided

extension Recommendations {
    /// Who asks. A service sees what plays at any level; of whom we have no account we know nothing.
    func viewer(_ caller: Caller) throws(Problem) -> Viewer {
        switch caller {
        case .key, .anyone: return Viewer(id: nil, levels: RecommendationRules.levels("family"))
        case .user(let id, _):
            guard let id = UUID(id) else { return Viewer(id: nil, levels: RecommendationRules.levels("free")) }
            return try asking { () throws(DatabaseError) in try viewer(id) }
        }
    }

    /// An account as a viewer.
    public func viewer(_ id: UUID) throws(DatabaseError) -> Viewer {
        let account = try store.account(id)
        return Viewer(
            id: account == nil ? nil : id, levels: RecommendationRules.levels(account?.level ?? "free"),
            genres: RecommendationRules.preferredGenres(account?.preferences ?? ""))
    }

    /// What many watch these days.
    public func trending(for viewer: Viewer, limit: Int) throws(DatabaseError) -> [Recommendation] {
        try store.trending(for: viewer, without: .finished, limit: limit).map { Recommendation($0, .trending) }
    }

    /// What many watched; where that is not enough, what is new.
    public func popular(
        genre: String?, for viewer: Viewer, limit: Int
    ) throws(DatabaseError) -> [Recommendation] {
        let found = try store.popular(genre: genre, for: viewer, without: .finished, limit: limit)
            .map { Recommendation($0, .popular(genre: genre)) }
        if found.count == limit { return found }
        let rest = try store.newest(genre: genre, for: viewer, without: .finished, limit: limit)
        return RecommendationRules.mix(
            found, share: 1, others: [], rest: rest.map { Recommendation($0, .new) }, limit: limit)
    }

    /// What somebody may like, by his own history as far as there is one, else by what he said and what others like.
    public func personalized(for viewer: Viewer, limit: Int) throws(DatabaseError) -> [Recommendation] {
        var personal: [Recommendation] = []
        var share = 0.0
        if let id = viewer.id {
            let seeds = try store.traces(id, limit: RecommendationRules.profile)
                .map { Seed(title: $0.title, weight: RecommendationRules.weight($0)) }
            share = RecommendationRules.personalShare(seeds: seeds.count)
            if !seeds.isEmpty {
                let found = try store.candidates(seeds, for: viewer, limit: RecommendationRules.candidates)
                personal = RecommendationRules.diversify(found, limit: limit)
                    .map { Recommendation($0.title, .watched(id: $0.because, name: $0.becauseName)) }
            }
        }
        if share == 1, personal.count == limit { return personal }
        var others: [[Recommendation]] = []
        for genre in viewer.genres {
            others.append(
                try store.popular(genre: genre, for: viewer, without: .begun, limit: limit)
                    .map { Recommendation($0, .preferred(genre: genre)) })
        }
        others.append(
            try store.trending(for: viewer, without: .begun, limit: limit).map { Recommendation($0, .trending) })
        others.append(
            try store.popular(genre: nil, for: viewer, without: .begun, limit: limit)
                .map { Recommendation($0, .popular(genre: nil)) })
        var rest: [Recommendation] = []
        for genre in viewer.genres {
            rest += try store.newest(genre: genre, for: viewer, without: .begun, limit: limit)
                .map { Recommendation($0, .preferred(genre: genre)) }
        }
        rest += try store.newest(genre: nil, for: viewer, without: .begun, limit: limit)
            .map { Recommendation($0, .new) }
        return RecommendationRules.mix(personal, share: share, others: others, rest: rest, limit: limit)
    }

    /// What is like a title; where that is not enough, what is popular in its genres.
    ///
    /// - Returns: `nil` when there is no such title.
    public func similar(to id: UUID, for viewer: Viewer, limit: Int) throws(DatabaseError) -> [Recommendation]? {
        guard let title = try store.title(id) else { return nil }
        let found = try store.similar(to: title.id, for: viewer, limit: limit).map { found in
            Recommendation(
                found.title,
                .similar(
                    RecommendationRules.likeness(
                        of: found.title, to: title, isWatchedTogether: found.isWatchedTogether)))
        }
        if found.count == limit { return found }
        var others: [[Recommendation]] = []
        for genre in title.genres.prefix(3) {
            others.append(
                try store.popular(genre: genre, for: viewer, without: .finished, limit: limit + 1)
                    .filter { $0.id != title.id }.map { Recommendation($0, .popular(genre: genre)) })
        }
        return RecommendationRules.mix(found, share: 1, others: others, rest: [], limit: limit)
    }
}
