public import Core
public import Postgres
internal import Tokens
internal import Web

/// The lists, as the handlers and the operator's command ask for them.
public struct Recommendations {
    private let store: any RecommendationStore

    /// - Parameter store: what is recommended.
    public init(store: any RecommendationStore) { self.store = store }

    // MARK: For whom

    /// Who asks. A service sees what plays at any level, an admin may watch everything; of whom we have no account we know
    /// nothing.
    func viewer(_ caller: Caller) throws(Problem) -> Viewer {
        let all = RecommendationRules.levels("family")
        guard case .user(let text, let role) = caller else { return Viewer(id: nil, levels: all) }
        guard let id = UUID(text) else { return Viewer(id: nil, levels: RecommendationRules.levels("free")) }
        let found = try asking { () throws(DatabaseError) in try viewer(id) }
        return role == .admin ? Viewer(id: found.id, levels: all, genres: found.genres) : found
    }

    /// An account as a viewer.
    public func viewer(_ id: UUID) throws(DatabaseError) -> Viewer {
        let account = try store.account(id)
        return Viewer(
            id: account == nil ? nil : id, levels: RecommendationRules.levels(account?.level ?? "free"),
            genres: RecommendationRules.preferredGenres(account?.preferences ?? ""))
    }

    // MARK: The lists

    /// What many watch these days.
    public func trending(for viewer: Viewer, limit: Int) throws(DatabaseError) -> [Recommendation] {
        let hidden = try store.hidden(from: viewer, .finished)
        return try shown(store.trending(for: viewer, without: hidden, limit: limit).map { Pick($0, .trending) })
    }

    /// What many watched; where that is not enough, what is new.
    public func popular(
        genre: String?, for viewer: Viewer, limit: Int
    ) throws(DatabaseError) -> [Recommendation] {
        let hidden = try store.hidden(from: viewer, .finished)
        let found = try popular(genre, .popular(genre: genre), viewer, without: hidden, limit)
        if found.count == limit { return try shown(found) }
        let rest = try store.newest(genre: genre, for: viewer, without: hidden, limit: limit)
        return try shown(
            RecommendationRules.mix(
                found, share: 1, others: [], rest: rest.map { Pick($0, .new) }, limit: limit))
    }

    /// What somebody may like, by his own history as far as there is one, else by what he said and what others like.
    public func personalized(for viewer: Viewer, limit: Int) throws(DatabaseError) -> [Recommendation] {
        var personal: [Pick] = []
        var share = 0.0
        if let id = viewer.id {
            let seeds = try store.traces(id, limit: RecommendationRules.seeds)
                .map { Seed(title: $0.title, weight: RecommendationRules.weight($0)) }
            share = RecommendationRules.personalShare(seeds: seeds.count)
            if !seeds.isEmpty {
                let found = try store.candidates(seeds, for: viewer, limit: RecommendationRules.candidates)
                personal = RecommendationRules.diversify(found, limit: limit)
                    .map { Pick($0.title, .watched(id: $0.because, name: $0.becauseName)) }
            }
        }
        if share == 1, personal.count == limit { return try shown(personal) }
        let hidden = try store.hidden(from: viewer, .begun)
        var others: [[Pick]] = []
        for genre in viewer.genres {
            others.append(try popular(genre, .preferred(genre: genre), viewer, without: hidden, limit))
        }
        others.append(
            try store.trending(for: viewer, without: hidden, limit: limit).map { Pick($0, .trending) })
        others.append(try popular(nil, .popular(genre: nil), viewer, without: hidden, limit))
        var rest: [Pick] = []
        for genre in viewer.genres {
            rest += try store.newest(genre: genre, for: viewer, without: hidden, limit: limit)
                .map { Pick($0, .preferred(genre: genre)) }
        }
        rest += try store.newest(genre: nil, for: viewer, without: hidden, limit: limit).map { Pick($0, .new) }
        return try shown(
            RecommendationRules.mix(personal, share: share, others: others, rest: rest, limit: limit))
    }

    /// What is like a title; where that is not enough, what is popular in its genres, then what is new in them.
    ///
    /// - Returns: `nil` when there is no such title.
    public func similar(to id: UUID, for viewer: Viewer, limit: Int) throws(DatabaseError) -> [Recommendation]? {
        guard let title = try store.title(id) else { return nil }
        let hidden = try store.hidden(from: viewer, .finished)
        let found = try store.similar(to: title.id, for: viewer, without: hidden, limit: limit)
        var picks = found.map { Pick($0.title, .new) }
        if picks.count < limit {
            var others: [[Pick]] = []
            var rest: [Pick] = []
            for genre in title.genres.prefix(3) {
                others.append(
                    try popular(genre, .popular(genre: genre), viewer, without: hidden, limit + 1)
                        .filter { $0.title != title.id })
                rest += try store.newest(genre: genre, for: viewer, without: hidden, limit: limit + 1)
                    .filter { $0 != title.id }.map { Pick($0, .new) }
            }
            picks = RecommendationRules.mix(picks, share: 1, others: others, rest: rest, limit: limit)
        }
        let together = Set(found.filter(\.isWatchedTogether).map(\.title))
        return try shown(picks).map { one in
            guard one.reason == .new else { return one }
            let likeness = RecommendationRules.likeness(
                of: one.title, to: title, isWatchedTogether: together.contains(one.title.id))
            return Recommendation(one.title, .similar(likeness))
        }
    }

    private func popular(
        _ genre: String?, _ reason: Reason, _ viewer: Viewer, without hidden: [UUID], _ limit: Int
    ) throws(DatabaseError) -> [Pick] {
        try store.popular(genre: genre, for: viewer, without: hidden, limit: limit).map { Pick($0, reason) }
    }

    /// The picks with their titles, in their order.
    private func shown(_ picks: [Pick]) throws(DatabaseError) -> [Recommendation] {
        var titles: [UUID: Title] = [:]
        for title in try store.titles(picks.map(\.title)) { titles[title.id] = title }
        return picks.compactMap { pick in titles[pick.title].map { Recommendation($0, pick.reason) } }
    }
}
