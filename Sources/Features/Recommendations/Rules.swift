internal import Core
public import Web

/// What is decided about recommendations. The figures here are part of the product's description (README.md).
public enum RecommendationRules {
    // MARK: Figures

    /// Seconds after which a viewing counts half for what is trending: three days.
    public static let trendingHalfLife = 259_200.0
    /// Seconds after which what somebody watched counts half for what he likes: 60 days.
    public static let tasteHalfLife = 5_184_000.0
    /// Titles of a person that count, the newest.
    public static let profile = 64
    /// Titles of a person that are asked for their neighbours when his list is made, the newest.
    public static let seeds = 40
    /// People of a title that are asked what else they watched, the newest.
    public static let audience = 500
    /// Neighbours that are kept for a title.
    public static let neighbours = 40
    /// Candidates among which variety is sought.
    public static let candidates = 150
    /// What a popular title is measured against: so many imagined people, who watched half of it.
    static let imagined = 10.0
    static let half = 0.5
    /// How much of the score is relevance, against variety.
    static let relevance = 0.85

    // MARK: Asking

    /// Levels of titles that play for somebody of this level; whoever's level is not known has the lowest.
    public static func levels(_ level: String) -> [String] {
        let all = ["free", "premium", "family"]
        let rank = all.firstIndex { $0.utf8.elementsEqual(level.utf8) } ?? 0
        return Array(all[...rank])
    }

    /// How many are wanted: `limit`, 1…100, 20 where nothing is said. There is one page.
    ///
    /// - Throws: 400.
    public static func limit(_ query: Query) throws(Problem) -> Int {
        let page = try Page(query, parts: 1)
        guard page.after == nil else { throw Problem(.badRequest, detail: "cursor is not valid.") }
        return page.limit
    }

    /// The genre that is asked for; `nil` for all.
    ///
    /// - Throws: 400 for more than 100 bytes or a NUL.
    public static func genre(_ query: Query) throws(Problem) -> String? {
        guard let genre = try query.one("genre"), !genre.isEmpty else { return nil }
        guard genre.utf8.count <= 100, !genre.utf8.contains(0) else {
            throw Problem(.badRequest, detail: "genre has at most 100 bytes.")
        }
        return genre
    }

    /// The genres in somebody's preferences: `{"genres": ["Drama", …]}`, three at most; anything else says nothing.
    public static func preferredGenres(_ preferences: String) -> [String] {
        guard let parsed = try? JSON(parsing: preferences), let listed = parsed["genres"]?.array else { return [] }
        var genres: [String] = []
        for entry in listed {
            guard genres.count < 3, let genre = entry.string, !genre.isEmpty, genre.utf8.count <= 100 else { continue }
            if !genres.contains(genre), !genre.utf8.contains(0) { genres.append(genre) }
        }
        return genres
    }

    // MARK: Scores

    /// What a trace counts for: by how much was seen, less the longer it is ago. Half after `tasteHalfLife`, a third after
    /// twice that: tastes fade, but are not forgotten as quickly as they fade at first.
    public static func weight(_ trace: Trace) -> Double {
        Double(trace.strength) / 10 * tasteHalfLife / (tasteHalfLife + max(0, trace.age))
    }

    /// How popular a title is: the square root of its viewers, times how much of it they watched on average, damped
    /// towards half (a Bayesian mean with a prior of `imagined` viewers), so that two devoted viewers are not a crowd.
    public static func popularity(viewers: Int, mass: Int) -> Double {
        guard viewers > 0 else { return 0 }
        let mean = (Double(mass) / 10 + imagined * half) / (Double(viewers) + imagined)
        return mean * Double(viewers).squareRoot()
    }

    /// How large a title is, in half octaves of the sum of squared strengths: others are measured against 2^(step / 2),
    /// which seldom changes.
    public static func step(square: Int) -> Int {
        let value = Double(square) / 100
        guard value >= 1 else { return 0 }
        return 2 * Int(value.exponent) + (value.significand * value.significand >= 2 ? 1 : 0)
    }

    /// How common a feature is: the binary digits of the number of titles that have it. Its weight is 1 / step, after
    /// Adamic and Adar (Friends and neighbors on the Web, 2003).
    public static func featureStep(titles: Int) -> Int { max(1, Int.bitWidth - max(0, titles).leadingZeroBitCount) }

    /// Features commoner than this find no neighbours; they only tell between those that others found.
    static let rareSteps = 8

    /// Whether a feature that so many titles have finds neighbours.
    public static func isRare(titles: Int) -> Bool { featureStep(titles: titles) <= rareSteps }

    // MARK: Lists

    /// How much of a list comes from somebody's own history: all of it once that is worth ten titles, nothing before
    /// the first.
    public static func personalShare(seeds: Int) -> Double { seeds >= 10 ? 1 : Double(seeds) / Double(seeds + 1) }

    /// The candidates in the order they are shown: maximal marginal relevance (Carbonell and Goldstein, 1998), where
    /// two titles are alike as far as they share genres and come from the same seed.
    public static func diversify(_ candidates: [Candidate], limit: Int) -> [Candidate] {
        guard let best = candidates.map(\.score).max(), best > 0 else { return [] }
        var genreNumbers: [String: Int] = [:]
        let marks = candidates.map { candidate in
            candidate.genres.reduce(into: UInt64(0)) { bits, genre in
                let number = genreNumbers[genre] ?? genreNumbers.count
                genreNumbers[genre] = number
                bits |= 1 << UInt64(number % 64)
            }
        }
        var nearest = [Double](repeating: 0, count: candidates.count)
        var left = Array(candidates.indices)
        var chosen: [Candidate] = []
        while chosen.count < limit, !left.isEmpty {
            var bestPlace = 0
            var bestValue = -Double.infinity
            for (place, index) in left.enumerated() {
                let value = relevance * candidates[index].score / best - (1 - relevance) * nearest[index]
                if value > bestValue { (bestPlace, bestValue) = (place, value) }
            }
            let taken = left.remove(at: bestPlace)
            chosen.append(candidates[taken])
            for index in left {
                let shared = Double((marks[index] & marks[taken]).nonzeroBitCount)
                let all = Double((marks[index] | marks[taken]).nonzeroBitCount)
                let sameSeed = candidates[index].because == candidates[taken].because
                nearest[index] = max(nearest[index], 0.5 * (all > 0 ? shared / all : 0) + (sameSeed ? 0.5 : 0))
            }
        }
        return chosen
    }

    /// The personal list: what history suggests, mixed with what others like as far as history says little, then what
    /// is new. Each title once.
    ///
    /// - Parameters:
    ///   - personal: by history, best first.
    ///   - share: `personalShare`.
    ///   - others: lists that take turns, each best first.
    ///   - rest: fills what is left.
    public static func mix(
        _ personal: [Pick], share: Double, others: [[Pick]], rest: [Pick], limit: Int
    ) -> [Pick] {
        var seen: Set<UUID> = []
        var list: [Pick] = []
        var own = personal[...]
        var common = interleave(others)[...]
        func take(_ queue: inout ArraySlice<Pick>) -> Bool {
            while let next = queue.popFirst() {
                guard seen.insert(next.title).inserted else { continue }
                list.append(next)
                return true
            }
            return false
        }
        var ownTaken = 0
        while list.count < limit {
            let isOwnTurn = Double(ownTaken) < share * Double(list.count + 1)
            if isOwnTurn, take(&own) {
                ownTaken += 1
            } else if !take(&common), !take(&own) {
                break
            }
        }
        var last = rest[...]
        while list.count < limit, take(&last) {}
        return list
    }

    private static func interleave(_ lists: [[Pick]]) -> [Pick] {
        let longest = lists.map(\.count).max() ?? 0
        return (0..<longest).flatMap { place in lists.filter { place < $0.count }.map { $0[place] } }
    }

    /// In what two titles are alike.
    public static func likeness(of title: Title, to other: Title, isWatchedTogether: Bool) -> Likeness {
        func shared(_ one: [String], _ two: [String]) -> [String] { one.filter { two.contains($0) } }
        return Likeness(
            id: other.id, name: other.name, genres: shared(title.genres, other.genres),
            tags: shared(title.tags, other.tags), cast: shared(title.cast, other.cast),
            isWatchedTogether: isWatchedTogether)
    }
}
