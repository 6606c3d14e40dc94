/// A title of the demo's catalogue: all of them are invented.
struct DemoTitle {
    /// Its number, which its row's id is made of; never given to another.
    let number: Int
    /// The name.
    let name: String
    /// Two or three, the first the most fitting.
    let genres: [String]
    /// Who plays, or speaks.
    let cast: [String]
    /// What it is about, in words that titles share.
    let tags: [String]
    /// When it came out.
    let year: Int
    /// BCP 47.
    let language: String
    /// Tenths, 0…100.
    let rating: Int
    /// From which age on.
    let maturity: String
    /// Who may watch it.
    let level: String
    /// What it is about, in a sentence or two.
    let description: String

    /// - Parameters: as the properties.
    init(
        _ number: Int, _ name: String, _ genres: [String], cast: [String], tags: [String], year: Int,
        language: String = "en", rating: Int, maturity: String = "6", level: String = "free", _ description: String
    ) {
        self.number = number
        self.name = name
        self.genres = genres
        self.cast = cast
        self.tags = tags
        self.year = year
        self.language = language
        self.rating = rating
        self.maturity = maturity
        self.level = level
        self.description = description
    }

    /// The row's id: the same wherever the demo is seeded.
    var id: String { DemoID.row(.title, number) }
}

/// An episode of a series of the demo.
struct DemoEpisode {
    /// The series.
    let series: DemoTitle
    /// From 1.
    let season: Int
    /// From 1 in each season.
    let episode: Int
    /// The name.
    let name: String
    /// What happens.
    let description: String

    /// The row's id.
    var id: String { DemoID.row(.title, series.number * 1000 + season * 100 + episode) }
}

/// Ids of seeded rows: the same each time, so that seeding twice makes nothing twice.
enum DemoID {
    /// What a row is.
    enum Kind: Int { case title = 1, person, viewing }

    /// A UUID of version 8 (RFC 9562 §5.8): of our own making.
    static func row(_ kind: Kind, _ number: Int) -> String {
        let tail = String(number, radix: 16)
        return "5eed000\(kind.rawValue)-de30-8000-8000-" + String(repeating: "0", count: 12 - tail.count) + tail
    }
}
