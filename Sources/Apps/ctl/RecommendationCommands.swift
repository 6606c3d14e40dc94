internal import Core
internal import Foundation
internal import Postgres
internal import Recommendations

/// `reelgate recommendations …`: what is recommended, and what that is made from.
enum RecommendationCommands {
    static func rebuild(_ words: [String]) throws -> Int32 {
        let usage = "reelgate recommendations rebuild [--touched]\nWith --touched only what was touched is made anew."
        let options = try Options(words, flags: ["--touched"], usage: usage)
        guard options.rest.isEmpty else { throw WrongWords(description: "usage: \(usage)") }
        let index = PostgresRecommendationIndex(try Surroundings.database())
        if !options.has("--touched") { try index.touchAll() }
        var (people, titles, lists) = (0, 0, 0)
        loop: while true {
            switch try index.step({ true }) {
            case .went(.tastes(let count)): people += count
            case .went(.features(let count)): titles += count
            case .went(.neighbours(let count)): lists += count
            case .done, .lost: break loop
            }
        }
        print("people \(people), titles \(titles), lists of neighbours \(lists)")
        return 0
    }

    static func show(_ words: [String]) throws -> Int32 {
        let usage = """
            reelgate recommendations show trending|popular [--genre GENRE] [--user ID] [--limit N]
            reelgate recommendations show personalized|similar ID|--stdin [--limit N]
            The answer is a line of JSON; with --stdin one for each user or title whose id is a line of standard input.
            """
        let options = try Options(words, names: ["--genre", "--user", "--limit"], flags: ["--stdin"], usage: usage)
        let limit = try options["--limit"].map { (text) throws(WrongWords) in
            guard let value = Digits.parse(text), (1...100).contains(value) else {
                throw WrongWords(description: "a limit is 1…100\nusage: \(usage)")
            }
            return Int(value)
        }
        let store = PostgresRecommendationStore(try Surroundings.database())
        let request = Show(
            recommendations: Recommendations(store: store), genre: options["--genre"], user: options["--user"],
            limit: limit ?? 20)
        switch (options.rest.first, options.rest.dropFirst().first) {
        case ("trending", nil) where !options.has("--stdin"): try request.print(try request.trending())
        case ("popular", nil) where !options.has("--stdin"): try request.print(try request.popular())
        case (let list?, nil) where options.has("--stdin"):
            while let id = readLine() { try request.print(try request.about(id, list, usage)) }
        case (let list?, let id?) where options.rest.count == 2: try request.print(try request.about(id, list, usage))
        default: throw WrongWords(description: "usage: \(usage)")
        }
        return 0
    }

    /// One call of `show`.
    private struct Show {
        let recommendations: Recommendations
        let genre: String?
        let user: String?
        let limit: Int

        func print(_ list: [Recommendation]) throws {
            let line = JSON.array(list.map(\.json)).description + "\n"
            FileHandle.standardOutput.write(Data(line.utf8))
        }

        /// Somebody, or a viewer whom everything plays for.
        func viewer() throws -> Viewer {
            guard let user else { return Viewer(id: nil, levels: RecommendationRules.levels("family")) }
            return try recommendations.viewer(try id(user))
        }

        func id(_ text: String) throws -> Core.UUID {
            guard let id = Core.UUID(text) else { throw Failure("\(text) is not an id") }
            return id
        }

        func trending() throws -> [Recommendation] { try recommendations.trending(for: try viewer(), limit: limit) }

        func popular() throws -> [Recommendation] {
            try recommendations.popular(genre: genre, for: try viewer(), limit: limit)
        }

        func about(_ text: String, _ list: String, _ usage: String) throws -> [Recommendation] {
            let id = try id(text)
            switch list {
            case "personalized":
                return try recommendations.personalized(for: try recommendations.viewer(id), limit: limit)
            case "similar":
                guard let found = try recommendations.similar(to: id, for: try viewer(), limit: limit) else {
                    throw Failure("there is no title \(id)")
                }
                return found
            default: throw WrongWords(description: "usage: \(usage)")
            }
        }
    }
}
