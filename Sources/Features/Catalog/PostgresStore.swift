public import Core
public import Postgres
public import Web

/// The catalogue in PostgreSQL; lists and searches are in `PostgresListing.swift`.
public final class PostgresCatalogStore: CatalogStore {
    let connection: Connection

    /// - Parameter connection: shared with the other stores of the process.
    public init(_ connection: Connection) { self.connection = connection }

    // MARK: Reading

    /// See `CatalogStore`.
    public func title(_ id: UUID, hidden: Bool) throws(DatabaseError) -> Title? {
        let rows = try connection.query(
            prepared: """
                select \(Self.columns) from shown_content c
                where c.id = \(id.description)::uuid and c.deleted_at is null and (\(hidden)::boolean or c.is_open)
                    and (c.series_id is null or exists (
                        select from shown_content s where s.id = c.series_id and s.deleted_at is null
                            and (\(hidden)::boolean or s.is_open)))
                """)
        return try rows.first.map { (row) throws(DatabaseError) in try Self.title(row) }
    }

    /// See `CatalogStore`.
    public func episodes(_ series: UUID, hidden: Bool) throws(DatabaseError) -> [Title] {
        let rows = try connection.query(
            prepared: """
                select \(Self.columns) from shown_content c
                where c.series_id = \(series.description)::uuid and c.deleted_at is null
                    and (\(hidden)::boolean or c.is_open)
                order by c.season, c.episode limit 5000
                """)
        return try rows.map { (row) throws(DatabaseError) in try Self.title(row) }
    }

    /// What a title is read from, of `shown_content c`: not the words that searches look at, which are longer than it.
    static let columns: SQL = """
        c.id, c.type, c.series_id, c.season, c.episode, c.title, c.description, c.genres, c.cast_members, c.tags,
        c.release_year, c.language, c.rating, c.maturity, c.poster, c.required_level, c.video_id, c.view_count,
        c.is_open, c.playable, c.duration, c.qualities, c.video_rel,
        extract(epoch from c.created_at)::bigint as created, extract(epoch from c.updated_at)::bigint as updated,
        extract(epoch from c.published_from)::bigint as published, extract(epoch from c.published_until)::bigint as ends
        """

    static func title(_ row: Row) throws(DatabaseError) -> Title {
        guard let id = UUID(try row.value("id", as: String.self)),
            let kind = TitleKind(rawValue: try row.value("type")),
            let level = SubscriptionLevel(rawValue: try row.value("required_level"))
        else { throw .column("type") }
        var fields = TitleFields(kind: kind)
        if let series = UUID(try row.optional("series_id", as: String.self) ?? "") {
            fields.place = EpisodePlace(
                series: series, season: try row.value("season"), episode: try row.value("episode"))
        }
        fields.title = try row.value("title")
        fields.description = try row.value("description")
        fields.genres = try row.value("genres")
        fields.cast = try row.value("cast_members")
        fields.tags = try row.value("tags")
        fields.year = try row.optional("release_year")
        fields.language = try row.value("language")
        fields.rating = try row.optional("rating", as: Double.self).flatMap { Int(exactly: ($0 * 10).rounded()) }
        fields.maturity = try row.value("maturity")
        fields.poster = try row.optional("poster")
        fields.level = level
        fields.video = UUID(try row.optional("video_id", as: String.self) ?? "")
        fields.publishedFrom = try row.optional("published", as: Int64.self).map { UnixTime($0) }
        fields.publishedUntil = try row.optional("ends", as: Int64.self).map { UnixTime($0) }
        return Title(
            id: id, fields: fields, views: try row.value("view_count"), isOpen: try row.value("is_open"),
            isPlayable: try row.optional("playable") ?? false, duration: try row.optional("duration"),
            qualities: try qualities(try row.optional("qualities")),
            rel: try row.optional("video_rel", as: String.self).flatMap { RelPath(stored: $0) },
            created: UnixTime(try row.value("created")), updated: UnixTime(try row.value("updated")))
    }

    private static func qualities(_ text: String?) throws(DatabaseError) -> [Quality] {
        guard let text else { return [] }
        guard let list = (try? JSON(parsing: text))?.array else { throw .column("qualities") }
        var qualities: [Quality] = []
        for one in list {
            guard let name = one["name"]?.string, let width = one["width"]?.integer.flatMap({ Int(exactly: $0) }),
                let height = one["height"]?.integer.flatMap({ Int(exactly: $0) })
            else { throw .column("qualities") }
            qualities.append(
                Quality(name: name, width: width, height: height, bitrate: one["bitrate"]?.integer ?? 0))
        }
        return qualities
    }

    // MARK: Writing

    /// See `CatalogStore`.
    public func refusal(of fields: TitleFields) throws(DatabaseError) -> WriteOutcome? {
        do throws(CatalogWrite) {
            try mustExist(fields)
            guard let place = fields.place else { return nil }
            let rows = try CatalogWrite.catching { () throws(DatabaseError) in
                try connection.query(
                    """
                    select from content where series_id = \(place.series.description)::uuid
                        and season = \(place.season)::integer and episode = \(place.episode)::integer
                        and deleted_at is null
                    """)
            }
            return rows.count > 0 ? .placeTaken : nil
        } catch { return try error.outcome() }
    }

    /// See `CatalogStore`.
    public func add(_ fields: TitleFields) throws(DatabaseError) -> WriteOutcome {
        do throws(CatalogWrite) {
            return try connection.transaction(as: CatalogWrite.init) { () throws(CatalogWrite) in
                try mustExist(fields)
                return try CatalogWrite.catching { () throws(DatabaseError) in .written(try insert(fields)) }
            }
        } catch { return try error.outcome() }
    }

    /// See `CatalogStore`.
    public func change(
        _ id: UUID, _ change: (TitleFields) throws(Problem) -> TitleFields
    ) throws(Problem) -> WriteOutcome {
        do throws(CatalogWrite) {
            return try connection.transaction(as: CatalogWrite.init) { () throws(CatalogWrite) in
                let old = try CatalogWrite.catching { () throws(DatabaseError) -> Title? in
                    let locked = try connection.query(
                        "select from content where id = \(id.description)::uuid and deleted_at is null for update")
                    return locked.count == 0 ? nil : try title(id, hidden: true)
                }
                guard let old else { return .unknown }
                let fields: TitleFields
                do throws(Problem) { fields = try change(old.fields) } catch { throw .refused(error) }
                try mustExist(fields)
                return try CatalogWrite.catching { () throws(DatabaseError) in
                    try update(id, fields)
                    return .written(id)
                }
            }
        } catch {
            if case .refused(let problem) = error { throw problem }
            return try asking { () throws(DatabaseError) in try error.outcome() }
        }
    }

    /// What a title points to is there, and stays until it is written.
    private func mustExist(_ fields: TitleFields) throws(CatalogWrite) {
        if let place = fields.place {
            let rows = try CatalogWrite.catching { () throws(DatabaseError) in
                try connection.query(
                    """
                    select from content where id = \(place.series.description)::uuid and type = 'series'
                        and deleted_at is null for share
                    """)
            }
            guard rows.count == 1 else { throw .ended(.noSeries) }
        }
        if let video = fields.video {
            let rows = try CatalogWrite.catching { () throws(DatabaseError) in
                try connection.query(
                    "select from videos where id = \(video.description)::uuid and deleted_at is null for key share")
            }
            guard rows.count == 1 else { throw .ended(.noVideo) }
        }
    }

    private func insert(_ fields: TitleFields) throws(DatabaseError) -> UUID {
        let rows = try connection.query(
            """
            insert into content (type, series_id, season, episode, title, description, genres, cast_members, tags,
                release_year, language, rating, maturity, poster, required_level, video_id, published_from,
                published_until)
            values (\(fields.kind.rawValue), \(fields.place?.series.description)::uuid, \(fields.place?.season)::integer,
                \(fields.place?.episode)::integer, \(fields.title), \(fields.description), \(fields.genres)::text[],
                \(fields.cast)::text[], \(fields.tags)::text[], \(fields.year)::integer, \(fields.language),
                \(fields.rating)::integer / 10.0, \(fields.maturity), \(fields.poster), \(fields.level.rawValue),
                \(fields.video?.description)::uuid, to_timestamp(\(fields.publishedFrom?.seconds)::bigint),
                to_timestamp(\(fields.publishedUntil?.seconds)::bigint))
            returning id
            """)
        guard let id = UUID(try rows.first?.value("id", as: String.self) ?? "") else { throw .column("id") }
        return id
    }

    private func update(_ id: UUID, _ fields: TitleFields) throws(DatabaseError) {
        try connection.query(
            """
            update content set series_id = \(fields.place?.series.description)::uuid,
                season = \(fields.place?.season)::integer, episode = \(fields.place?.episode)::integer,
                title = \(fields.title), description = \(fields.description), genres = \(fields.genres)::text[],
                cast_members = \(fields.cast)::text[], tags = \(fields.tags)::text[],
                release_year = \(fields.year)::integer, language = \(fields.language),
                rating = \(fields.rating)::integer / 10.0, maturity = \(fields.maturity), poster = \(fields.poster),
                required_level = \(fields.level.rawValue), video_id = \(fields.video?.description)::uuid,
                published_from = to_timestamp(\(fields.publishedFrom?.seconds)::bigint),
                published_until = to_timestamp(\(fields.publishedUntil?.seconds)::bigint), updated_at = now()
            where id = \(id.description)::uuid
            """)
    }

    /// See `CatalogStore`.
    public func remove(_ id: UUID) throws(DatabaseError) -> Bool {
        try connection.transaction { () throws(DatabaseError) in
            let rows = try connection.query(
                """
                update content set deleted_at = now(), updated_at = now()
                where id = \(id.description)::uuid and deleted_at is null
                """)
            try connection.query(
                """
                update content set deleted_at = now(), updated_at = now()
                where series_id = \(id.description)::uuid and deleted_at is null
                """)
            return rows.affected == 1
        }
    }

    // MARK: Watching

    /// See `CatalogStore`.
    public func viewer(_ user: String) throws(DatabaseError) -> Viewer? {
        guard let id = UUID(user) else { return nil }
        let rows = try connection.query(
            """
            select subscription_level, disabled_at is not null as disabled from users
            where id = \(id.description)::uuid
            """)
        return try rows.first.map { (row) throws(DatabaseError) in
            guard let level = SubscriptionLevel(rawValue: try row.value("subscription_level")) else {
                throw .column("subscription_level")
            }
            return Viewer(level: level, isDisabled: try row.value("disabled"))
        }
    }

    /// See `CatalogStore`.
    public func countView(_ title: UUID, by viewer: String) throws(DatabaseError) {
        try connection.query("select count_view(\(title.description)::uuid, \(viewer))")
    }

    /// See `CatalogStore`.
    public func processing(_ id: UUID) throws(DatabaseError) -> Processing? {
        let rows = try connection.query(
            """
            select video_id, coalesce(playable, false) as playable, task_id from shown_content
            where id = \(id.description)::uuid and deleted_at is null
            """)
        return try rows.first.map { (row) throws(DatabaseError) in
            Processing(
                video: UUID(try row.optional("video_id", as: String.self) ?? ""),
                isPlayable: try row.value("playable"),
                task: UUID(try row.optional("task_id", as: String.self) ?? ""))
        }
    }
}

/// How a write ends that is not done.
private enum CatalogWrite: Error {
    case database(DatabaseError)
    case ended(WriteOutcome)
    case refused(Problem)

    init(_ error: DatabaseError) { self = .database(error) }

    static func catching<R>(_ body: () throws(DatabaseError) -> R) throws(CatalogWrite) -> R {
        do throws(DatabaseError) { return try body() } catch { throw .database(error) }
    }

    /// What a caller hears of it; constraints by the names the schema gives them.
    func outcome() throws(DatabaseError) -> WriteOutcome {
        switch self {
        case .ended(let outcome): return outcome
        case .database(.constraint("an episode's place is its own")): return .placeTaken
        case .database(.constraint("a title is published before it ends")): return .window
        case .database(let error): throw error
        case .refused(let problem): throw .failed(state: "", detail: problem.detail)
        }
    }
}
