public import Core
public import Postgres
internal import Tokens

/// Sessions in PostgreSQL.
public final class PostgresViewingStore: ViewingStore {
    private let connection: Connection

    /// - Parameter connection: shared with the other stores of the process.
    public init(_ connection: Connection) { self.connection = connection }

    /// See `ViewingStore`.
    public func viewer(_ user: UUID) throws(DatabaseError) -> Viewer? {
        let rows = try connection.query(
            """
            select subscription_level, disabled_at is not null as disabled from users
            where id = \(user.description)::uuid
            """)
        guard let row = rows.first else { return nil }
        return Viewer(level: try row.level("subscription_level"), isDisabled: try row.value("disabled"))
    }

    // MARK: What there is to watch

    /// See `ViewingStore`.
    public func playable(_ title: TitleReference) throws(DatabaseError) -> Playable? {
        switch title {
        case .content(let id): return try content(id)
        case .video(let reference):
            guard let found = try video(reference) else { return nil }
            if let id = found.content, let playable = try content(id) { return playable }
            return Playable(key: .lesson(found.video.id), video: found.video)
        }
    }

    private func content(_ id: UUID) throws(DatabaseError) -> Playable? {
        let rows = try connection.query(
            """
            select c.type, c.required_level, s.required_level as series_level, v.id as video_id, v.rel, v.owner,
                v.publication is not null as ready, v.duration, v.rules,
                case when c.published_from is not null and (s.id is null or s.published_from is not null)
                    then floor(extract(epoch from greatest(c.published_from, s.published_from)))::bigint end as opens,
                floor(extract(epoch from least(c.published_until, s.published_until)))::bigint as closes
            from content c left join content s on s.id = c.series_id
                left join videos v on v.id = c.video_id and v.deleted_at is null
            where c.id = \(id.description)::uuid and c.deleted_at is null and s.deleted_at is null
            """)
        guard let row = rows.first else { return nil }
        let own = try row.level("required_level")
        var level = own
        if try row.optional("series_level", as: String.self) != nil { level = max(own, try row.level("series_level")) }
        return Playable(
            key: .content(id), isSeries: try row.value("type", as: String.self) == "series", video: try video(in: row),
            level: level, opens: try row.optional("opens"), closes: try row.optional("closes"))
    }

    /// The video, and the oldest title that it plays.
    private func video(
        _ reference: VideoReference
    ) throws(DatabaseError) -> (video: PlayableVideo, content: UUID?)? {
        let (id, rel): (String?, String?) =
            switch reference {
            case .id(let id): (id.description, nil)
            case .rel(let rel): (nil, rel.description)
            }
        let rows = try connection.query(
            """
            select v.id as video_id, v.rel, v.owner, v.publication is not null as ready, v.duration, v.rules,
                (select c.id from content c where c.video_id = v.id and c.deleted_at is null
                    order by c.created_at, c.id limit 1) as content_id
            from videos v where (v.id = \(id)::uuid or v.rel = \(rel)) and v.deleted_at is null
            """)
        guard let row = rows.first, let found = try video(in: row) else { return nil }
        return (found, try row.id("content_id"))
    }

    private func video(in row: Row) throws(DatabaseError) -> PlayableVideo? {
        guard let id = try row.id("video_id") else { return nil }
        guard let rel = RelPath(stored: try row.value("rel")) else { throw .column("rel") }
        return PlayableVideo(
            id: id, rel: rel, owner: try row.value("owner"), isReady: try row.value("ready"),
            duration: try row.optional("duration"), rules: try row.optional("rules"))
    }

    /// See `ViewingStore`.
    public func place(_ title: TitleKey, of user: UUID) throws(DatabaseError) -> HistoryPlace? {
        let rows = try connection.query(
            """
            select position, duration from watch_history
            where user_id = \(user.description)::uuid and title_id = \(title.id.description)::uuid
            """)
        guard let row = rows.first else { return nil }
        return HistoryPlace(position: try row.value("position"), duration: try row.value("duration"))
    }

    // MARK: Sessions

    /// See `ViewingStore`.
    public func start(_ viewing: NewViewing) throws(DatabaseError) {
        try connection.query(
            """
            insert into viewings (id, user_id, content_id, video_id, device, platform, started_at, updated_at, position,
                duration)
            values (\(viewing.id.description), \(viewing.user.description)::uuid,
                \(viewing.key.content?.description)::uuid, \(viewing.video.id.description)::uuid, \(viewing.wish.device),
                \(viewing.wish.platform.rawValue), clock_timestamp(), clock_timestamp(),
                \(viewing.position)::double precision, \(viewing.video.duration ?? 0)::double precision)
            """)
    }

    /// See `ViewingStore`.
    public func viewing(_ id: UUID, of user: UUID) throws(DatabaseError) -> Viewing? {
        let rows = try connection.query(
            """
            select content_id, video_id, platform, ended_at is not null as ended from viewings
            where id = \(id.description) and user_id = \(user.description)::uuid
            """)
        guard let row = rows.first else { return nil }
        guard let platform = Platform(rawValue: try row.value("platform")) else { throw .column("platform") }
        let title: TitleReference
        if let content = try row.id("content_id") {
            title = .content(content)
        } else if let video = try row.id("video_id") {
            title = .video(.id(video))
        } else {
            // The lesson was removed for good.
            return nil
        }
        return Viewing(title: title, platform: platform, isEnded: try row.value("ended"))
    }

    /// See `ViewingStore`.
    public func report(
        _ report: Report, of id: UUID, of user: UUID, duration: Double?, step decide: (Report, Standing) -> Step?
    ) throws(DatabaseError) -> ViewingPlace? {
        // Locks are taken in one order: the session, its history, its title.
        try connection.transaction { () throws(DatabaseError) -> ViewingPlace? in
            guard let found = try lock(id, of: user) else { return nil }
            let key = found.key
            var standing = found.standing
            if standing.state == .ended {
                guard report.state == .ended else { return nil }
                return ViewingPlace(
                    state: .ended, position: standing.position, watched: standing.watched,
                    isCompleted: standing.isCompleted)
            }
            if let duration, duration > 0 { standing.duration = duration }
            try follow(id, key, of: user, &standing)
            guard let step = decide(report, standing) else { return nil }
            try save(step, report.state, id, standing)
            var counts = false
            if step.isView, !standing.hasCounted { counts = try count(id, key, of: user) }
            try saveHistory(step, id, key, of: user, duration: standing.duration, counts: counts)
            return ViewingPlace(
                state: report.state, position: step.position, watched: step.watched, isCompleted: step.isCompleted)
        }
    }

    /// Locks the session and reads how it stands.
    private func lock(_ id: UUID, of user: UUID) throws(DatabaseError) -> (standing: Standing, key: TitleKey)? {
        let rows = try connection.query(
            """
            select content_id, video_id, state, position, duration, watched, completed, viewed_at is not null as counted
            from viewings where id = \(id.description) and user_id = \(user.description)::uuid for update
            """)
        guard let row = rows.first else { return nil }
        guard let state = ViewingState(rawValue: try row.value("state")) else { throw .column("state") }
        let content = try row.id("content_id").map { TitleKey.content($0) }
        let lesson = try row.id("video_id").map { TitleKey.lesson($0) }
        guard let key = content ?? lesson else { return nil }
        var standing = Standing()
        standing.state = state
        standing.position = try row.value("position")
        standing.duration = try row.value("duration")
        standing.watched = try row.value("watched")
        standing.isCompleted = try row.value("completed")
        standing.hasCounted = try row.value("counted")
        return (standing, key)
    }

    /// Locks the history's row, made where there is none, and looks which session it follows. The clock is read after the
    /// locks are had.
    private func follow(
        _ id: UUID, _ key: TitleKey, of user: UUID, _ standing: inout Standing
    ) throws(DatabaseError) {
        try connection.query(
            """
            insert into watch_history (user_id, content_id, video_id, viewing_id, first_at, watched_at)
            values (\(user.description)::uuid, \(key.content?.description)::uuid, \(key.lesson?.description)::uuid,
                \(id.description), clock_timestamp(), clock_timestamp())
            on conflict (user_id, title_id) do nothing
            """)
        try connection.query(
            """
            select from watch_history where user_id = \(user.description)::uuid and title_id = \(key.id.description)::uuid
            for update
            """)
        let rows = try connection.query(
            """
            select h.viewing_id = v.id as followed, coalesce(f.started_at < v.started_at, true) as newest,
                extract(epoch from clock_timestamp() - v.updated_at)::double precision as since
            from viewings v join watch_history h on h.user_id = v.user_id and h.title_id = \(key.id.description)::uuid
                left join viewings f on f.id = h.viewing_id
            where v.id = \(id.description)
            """)
        guard let row = rows.first else { return }
        standing.isFollowed = try row.value("followed")
        standing.isNewest = try row.value("newest")
        standing.sinceLast = max(0, try row.value("since"))
    }

    private func save(
        _ step: Step, _ state: ViewingState, _ id: UUID, _ standing: Standing
    ) throws(DatabaseError) {
        try connection.query(
            """
            update viewings set state = \(state.rawValue), position = \(step.position)::double precision,
                duration = \(standing.duration)::double precision, watched = \(step.watched)::double precision,
                completed = \(step.isCompleted)::boolean, updated_at = clock_timestamp(),
                ended_at = case when \(state == .ended)::boolean then clock_timestamp() end
            where id = \(id.description)
            """)
    }

    /// Counts the session as a view, unless one of the same person and title counted a short while ago.
    private func count(_ id: UUID, _ key: TitleKey, of user: UUID) throws(DatabaseError) -> Bool {
        let counted = try connection.query(
            """
            update viewings set viewed_at = clock_timestamp() where id = \(id.description) and not exists (
                select from viewings o where o.user_id = \(user.description)::uuid
                    and o.started_at > now() - interval '2 days'
                    and coalesce(o.content_id, o.video_id) = \(key.id.description)::uuid
                    and o.viewed_at > now() - make_interval(secs => \(ViewingRules.viewWindow)::int))
            """
        ).affected
        return counted == 1
    }

    private func saveHistory(
        _ step: Step, _ id: UUID, _ key: TitleKey, of user: UUID, duration: Double, counts: Bool
    ) throws(DatabaseError) {
        try connection.query(
            """
            update watch_history set
                position = case when \(step.leads)::boolean then \(step.position)::double precision else position end,
                viewing_id = case when \(step.leads)::boolean then \(id.description) else viewing_id end,
                watched_at = case when \(step.leads)::boolean then clock_timestamp() else watched_at end,
                duration = \(duration)::double precision, completed = completed or \(step.isCompleted)::boolean,
                views = views + \(counts ? 1 : 0)::integer
            where user_id = \(user.description)::uuid and title_id = \(key.id.description)::uuid
            """)
        guard counts, let content = key.content else { return }
        try connection.query(
            "update content set view_count = view_count + 1 where id = \(content.description)::uuid")
    }
}

extension Row {
    /// A subscription level.
    fileprivate func level(_ name: String) throws(DatabaseError) -> SubscriptionLevel {
        guard let level = SubscriptionLevel(rawValue: try value(name)) else { throw .column(name) }
        return level
    }

    /// A UUID, or `nil` for NULL.
    func id(_ name: String) throws(DatabaseError) -> UUID? {
        guard let text = try optional(name, as: String.self) else { return nil }
        guard let id = UUID(text) else { throw .column(name) }
        return id
    }
}
