internal import Core
internal import Postgres

// What wishes, orders and searches are in SQL, about rows of `content c`. Only what is asked for is written: PostgreSQL
// plans each of these statements anew, and planning a condition costs more than looking at a title.

extension TitleWish {
    /// What is asked of a title, but for the search.
    var condition: SQL {
        var all: SQL = "c.deleted_at is null"
        switch visibility {
        case .open:
            all += " and c.published_from <= now() and (c.published_until is null or c.published_until > now())"
            if mayHoldEpisodes {
                all += """
                     and (c.series_id is null or (
                        select s.deleted_at is null and s.published_from <= now()
                            and (s.published_until is null or s.published_until > now())
                        from content s where s.id = c.series_id))
                    """
            }
        case .hidden:
            all += " and (c.published_from is null or c.published_from > now() or c.published_until <= now())"
        case .all: break
        }
        if let kind {
            all += " and c.type = \(kind.rawValue)"
        } else if series == nil {
            all += " and c.type <> 'episode'"
        }
        if let series { all += " and c.series_id = \(series.description)::uuid" }
        if let genre { all += " and c.genre_keys @> array[catalog_folded(\(genre))]" }
        if let years {
            all += " and coalesce(c.release_year, 0)"
            all += " between \(years.lowerBound)::integer and \(years.upperBound)::integer"
        }
        if let language {
            all += " and (c.language = \(language) or starts_with(c.language, \(language)::text || '-'))"
        }
        if let level { all += " and c.required_level = \(level.rawValue)" }
        if let maturity { all += " and c.maturity = \(maturity)" }
        return all
    }

    /// Episodes are listed where they, or a series, are asked for.
    private var mayHoldEpisodes: Bool { kind == .episode || kind == nil && series != nil }
}

extension TitleOrder {
    /// What it sorts by, as it stands in a cursor.
    var key: SQL {
        switch self {
        case .relevance, .views: "c.popularity::text"
        case .newest: "(extract(epoch from c.created_at) * 1000000)::bigint::text"
        case .rating: "(coalesce(c.rating, 0) * 10)::integer::text"
        case .year: "coalesce(c.release_year, 0)::text"
        case .title: "c.folded_title"
        }
    }

    /// As an index has it.
    var sorting: SQL {
        switch self {
        case .relevance, .views: "c.popularity desc, c.id desc"
        case .newest: "c.created_at desc, c.id desc"
        case .rating: "coalesce(c.rating, 0) desc, c.id desc"
        case .year: "coalesce(c.release_year, 0) desc, c.id desc"
        case .title: "c.folded_title collate \"C\", c.id"
        }
    }

    /// What comes behind a place: its tier, its key, its id.
    func condition(behind place: [String]) -> SQL {
        let (key, id) = (place[1], place[2])
        return switch self {
        case .relevance, .views: "(c.popularity, c.id) < (\(key)::bigint, \(id)::uuid)"
        case .newest:
            """
            (c.created_at, c.id) < ('epoch'::timestamptz + \(key)::bigint * interval '1 microsecond', \(id)::uuid)
            """
        case .rating: "(coalesce(c.rating, 0), c.id) < (\(key)::bigint / 10.0, \(id)::uuid)"
        case .year: "(coalesce(c.release_year, 0), c.id) < (\(key)::bigint, \(id)::uuid)"
        case .title: "(c.folded_title collate \"C\", c.id) > (\(key)::text collate \"C\", \(id)::uuid)"
        }
    }
}

/// How well a title answers a search, the first that fits.
enum Tier: Int {
    /// It is called so.
    case same = 0
    /// Its title has the words.
    case title
    /// Its title has the words, the last unfinished.
    case titleBegins
    /// Title, cast, genres and tags have the words, the last unfinished.
    case names
    /// So do all its texts.
    case text
    /// Its title has the words, mistakes forgiven.
    case titleForgiven
    /// So do title, cast, genres and tags.
    case namesForgiven
    /// So do all its texts.
    case textForgiven

    /// The tiers of titles that have the words as they were written.
    static let strict: [Tier] = [.same, .title, .titleBegins, .names, .text]
    /// The tiers of those that have them when mistakes are forgiven.
    static let forgiving: [Tier] = [.titleForgiven, .namesForgiven, .textForgiven]

    /// What a title of this tier fulfils, and maybe one of a tier before it.
    func condition(_ search: Search) -> SQL {
        switch self {
        case .same: "c.folded_title collate \"C\" = \(search.plain)"
        case .title: "c.title_words @@ \(search.exact)::tsquery"
        case .titleBegins: "c.title_words @@ \(search.prefix)::tsquery"
        case .names: "c.name_words @@ \(search.prefix)::tsquery"
        case .text: "c.words @@ \(search.prefix)::tsquery"
        case .titleForgiven: "c.title_words @@ \(search.widened)::tsquery"
        case .namesForgiven: "c.name_words @@ \(search.widened)::tsquery"
        case .textForgiven: "c.words @@ \(search.widened)::tsquery"
        }
    }
}

/// Which of the titles that answer a search a statement looks for, and where it puts them.
enum Answers {
    /// Those of one tier and of none before it, in the order that was asked for.
    case of(Tier)
    /// Those that have the words, tier by tier.
    case strict
    /// Those that have them when mistakes are forgiven, tier by tier.
    case forgiving
    /// Those that have the words, in an order that asks for no tier.
    case any

    /// Whether they come tier by tier.
    var isTierByTier: Bool {
        switch self {
        case .strict, .forgiving: true
        case .of, .any: false
        }
    }

    /// What such a title fulfils.
    func condition(_ search: Search) -> SQL {
        switch self {
        case .strict, .any: Tier.text.condition(search)
        case .forgiving: "\(Tier.textForgiven.condition(search)) and not \(Tier.text.condition(search))"
        case .of(let tier):
            (Tier.strict + Tier.forgiving).prefix { $0.rawValue < tier.rawValue }.reduce(into: tier.condition(search)) {
                $0 += " and not \($1.condition(search))"
            }
        }
    }

    /// The number of a title's tier.
    func rank(_ search: Search) -> SQL {
        switch self {
        case .of(let tier): return "\(tier.rawValue)::integer"
        case .any: return "0"
        case .strict: return Self.first(of: Tier.strict, search)
        case .forgiving: return Self.first(of: Tier.forgiving, search)
        }
    }

    /// The first of these tiers that a title fulfils, where it fulfils the last.
    private static func first(of tiers: [Tier], _ search: Search) -> SQL {
        var rank: SQL = "case"
        for tier in tiers.dropLast() { rank += " when \(tier.condition(search)) then \(tier.rawValue)::integer" }
        rank += " else \(tiers[tiers.count - 1].rawValue)::integer end"
        return rank
    }
}
